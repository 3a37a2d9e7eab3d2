/** Terminals in which a learner's commands are typed: psql in a container wants a real one. */
import type { Lab } from '../../src/lab/lab.ts';
import { openInTerminal } from '../bench/terminal.ts';

export type Terminal = {
  /** Lines of SQL. Resolves when psql asks for the next, or when `waits` says that the server lets it wait. */
  type(sql: string, waits: () => Promise<boolean>): Promise<void>;
  interrupt(): Promise<void>; // Ctrl-C; resolves when psql asks for the next
  ends(waits: () => Promise<boolean>): Promise<void>; // of a psql with -c: Ctrl-C where it waits
  close(): Promise<void>;
};

const deadlineMs = 20_000;
const asks = /^\S+=[#>]$/; // psql, ready for the next statement
const ctrlC = '\x03';

/** As whom a script is run, and by which shell. */
export type Argv = (shell: 'sh' | 'bash', script: string) => readonly string[];

/** Runs the text of a fence in a shell of the lab, on a terminal of its own. bash outlives a Ctrl-C that a program of it has taken. */
export function openTerminal(lab: Lab, argv: Argv, fence: string): Terminal {
  const { env, cwd } = lab.command([]);
  const screen = openInTerminal(argv('bash', `cd '${cwd}'\n( set -e\n${fence}\n)\necho "ended with $?"`), {
    columns: 250,
    rows: 100,
    env,
  });
  const shown = (): readonly string[] => screen.text().trimEnd().split('\n');
  const last = (): string => shown().at(-1)?.trim() ?? '';
  const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
    for (const end = performance.now() + deadlineMs; !(await holds()); )
      if (performance.now() > end) throw new Error(`"${fence}" in a terminal: not ${what}:\n${shown().join('\n')}`);
      else await new Promise((again) => setTimeout(again, 30));
  };
  const ended = () => /^ended with \d+$/.test(last());
  return {
    async type(sql, waits) {
      await until('ready for SQL', () => asks.test(last()));
      const typed = sql.trim().split('\n');
      for (const line of typed) {
        screen.type(`${line}\r`);
        await until('echoed', () => shown().some((seen) => seen.endsWith(line.trimEnd())));
      }
      await until('answered', async () => asks.test(last()) || (await waits()));
    },
    async interrupt() {
      screen.type(ctrlC);
      await until('free again', () => asks.test(last()));
    },
    async ends(waits) {
      await until('over or waiting', async () => ended() || (await waits()));
      const interrupted = !ended();
      if (interrupted) screen.type(ctrlC);
      await until('over', ended);
      if (interrupted || last() === 'ended with 0') return;
      throw new Error(`"${fence}" in a terminal ${last()}:\n${shown().join('\n')}`);
    },
    async close() {
      if (asks.test(last())) {
        screen.type('\\q\r');
        await until('over', ended);
      }
      await screen.close();
    },
  };
}
