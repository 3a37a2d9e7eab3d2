/** A lab of the bench, in a folder of its own, and what is asked of it. It is removed at the end, also on Ctrl-C. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { timeOf } from '../numbers.ts';
import { program, run, runToEnd, scratch } from '../workshop.ts';

/** Starts with a synchronous pair: the solutions of lessons 2 to 10 are done. */
export const lesson = '11';

/** `newLab`: options for a lab that does not exist yet. `sql`: asks a server of it. */
export type LabKind = {
  readonly newLab: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  sql(lab: BenchLab, server: 'master' | 'slave', text: string): Promise<string>;
};

export type BenchLab = AsyncDisposable & {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  command(...args: readonly string[]): Promise<string>;
  /** Resolves with false where the program does not have this command. */
  tried(...args: readonly string[]): Promise<boolean>;
  /** Resolves with the time of a goto or a reset to the lesson. Rejects when the lab is not there then. */
  timeTo(how: 'goto' | 'reset'): Promise<number>;
  /** Rejects unless the pair is synchronous by now, and a commit comes to the standby. */
  proves(): Promise<void>;
};

/** `more`: environment variables. */
export function benchLab(kind: LabKind, more: NodeJS.ProcessEnv = {}): BenchLab {
  const outer = mkdtempSync(join(scratch, 'lab-'));
  const dir = join(outer, 'lab');
  const env = { ...kind.env, ...more, CI: 'true' };
  const [node = '', ...front] = program;
  const ask = (by: typeof run, args: readonly string[]) =>
    by(node, [...front, '--lab', dir, ...(existsSync(dir) ? [] : kind.newLab), ...args], env);
  const lab: BenchLab = {
    dir,
    env,
    command: async (...args) => (await ask(run, args)).stdout,
    async tried(...args) {
      try {
        await ask(run, args);
        return true;
      } catch (error) {
        const { code, stderr } = error as { code?: unknown; stderr?: string };
        if (code === 2 && stderr?.includes('There is no command')) return false;
        throw error;
      }
    },
    async timeTo(how) {
      const time = await timeOf(() => ask(run, [how, lesson, '--yes']));
      await lab.proves();
      return time;
    },
    async proves() {
      const state = await kind.sql(lab, 'master', 'SELECT sync_state FROM pg_stat_replication');
      if (state !== 'sync') throw new Error(`The lab is said to be there, and its standby is "${state}", not "sync".`);
      const count = 'SELECT count(*) FROM visits';
      await kind.sql(lab, 'master', "INSERT INTO visits (who) VALUES ('the bench')");
      const wanted = await kind.sql(lab, 'master', count);
      for (const deadline = Date.now() + 5000; (await kind.sql(lab, 'slave', count)) !== wanted; await rest(20))
        if (Date.now() > deadline) throw new Error('A commit has not come to the standby in 5 s.');
    },
    async [Symbol.asyncDispose]() {
      if (existsSync(join(dir, 'lab.json'))) await ask(runToEnd, ['down', '--remove', '--yes']);
      rmSync(outer, { recursive: true, force: true });
    },
  };
  return lab;
}

type Server = { readonly name: string; readonly port: number; readonly container?: string };

export const serversOf = ({ dir }: BenchLab): readonly Server[] =>
  (JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as { plan: { servers: Server[] } }).plan.servers;

/** The least time for asking: the pair must be synchronous when a command has ended, not a moment later. */
export const nativeLabs = (bindir: string): LabKind => ({
  newLab: ['--engine', 'native', '--bindir', bindir],
  env: process.env,
  async sql(lab, server, text) {
    const port = serversOf(lab).find(({ name }) => name === server)?.port;
    const to = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', 'master'];
    const env = { ...lab.env, PGPASSFILE: join(lab.dir, 'shell/pgpass') };
    return (await run(join(bindir, 'psql'), ['-XAtqw', ...to, '-c', text], env)).stdout.trim();
  },
});
