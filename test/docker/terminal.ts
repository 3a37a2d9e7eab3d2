/** Terminals in which a learner's commands are typed, because psql in a container needs a real one. */
import type { Lab } from '../../src/lab/lab.ts';
import { openInTerminal } from '../bench/terminal.ts';

export type Terminal = {
  /** Types lines of SQL. Resolves when psql shows its prompt, or when `waits` returns that the statement waits. */
  type(sql: string, waits: () => Promise<boolean>): Promise<void>;
  /** Types Ctrl-C; resolves when psql shows its prompt. */
  interrupt(): Promise<void>;
  /** Resolves when a psql with -c ends; types Ctrl-C when it waits. */
  ends(waits: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
};

const deadlineMs = 20_000;
const asks = /^\S+=[#>]$/; // psql's prompt for a new statement
const ctrlC = '\x03';

/** Returns the command line that runs a script in a shell, as the learner. */
export type Argv = (shell: 'sh' | 'bash', script: string) => readonly string[];

/**
 * Runs the text of a fence in a shell of the lab, on its own terminal. bash survives a Ctrl-C that its program has
 * handled.
 */
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
