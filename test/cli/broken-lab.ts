/** A lab of PostgreSQL 15 that tests break: commands run in this process, with a cache and passwords of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { realFolder } from '../../src/lab/folders/real-folder.ts';
import { placeOf } from '../../src/lab/machine/processes.ts';
import { postmasters } from '../../src/lab/native/astray/strays.ts';
import { signalProcess } from '../../src/lab/native/server/family.ts';
import { inProcess } from './in-process.ts';
import type { Said } from './run.ts';

/** `outer`: the folder for all that belongs to it, which is made where no other is named. */
export function brokenLab(outer = realFolder(mkdtempSync(join(tmpdir(), 'rw-broken-')))) {
  const dir = join(outer, 'lab');
  const env = {
    XDG_CACHE_HOME: join(outer, 'cache'),
    XDG_CONFIG_HOME: join(outer, 'config'),
    REPL_WORKSHOP_PREPARE: 'off',
  };
  const run = (name: string, args: readonly string[] = [], options = {}): Promise<Said> =>
    inProcess(dir, name, args, { yes: true, pg: '15', engine: 'native', ...options }, env);
  return {
    outer,
    dir,
    env,
    run,
    async works(name: string, args: readonly string[] = [], options = {}): Promise<Said> {
      const said = await run(name, args, options);
      expect(said, `${name} ${args}: ${said.err}`).toMatchObject({ status: 0 });
      return said;
    },
    async [Symbol.asyncDispose]() {
      await run('down');
      rmSync(outer, { recursive: true, force: true });
    },
  };
}

export const pidOf = (data: string): number =>
  Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);

export const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

export function suspend(pids: readonly number[]): void {
  for (const pid of pids) signalProcess(pid, 'SIGSTOP');
}

/** Postmasters, and children that have lost theirs. */
export const serversBelow = (folder: string): readonly number[] =>
  postmasters().filter((pid) => placeOf(pid)?.path.startsWith(folder));
