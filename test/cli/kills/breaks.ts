/** What a machine, or a killed program, can break in a lab, and `repair` mends. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { livePostmaster } from '../../../src/lab/native/server/postmaster.ts';
import { childrenOf, suspend } from '../broken-lab.ts';
import { give, type Person } from './person.ts';

export type Break = { readonly name: string; readonly make: (who: Person, dir: string) => void };

const dataOf = (dir: string, server: string): string => join(dir, `rep/${server}_data`);

function kill(data: string): void {
  const pid = livePostmaster(data)?.pid;
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** Of a server that runs. */
const running = (name: string, server: string, make: (pid: number, data: string) => void): Break => ({
  name,
  make(_who, dir) {
    const pid = livePostmaster(dataOf(dir, server))?.pid;
    if (pid !== undefined) make(pid, dataOf(dir, server));
  },
});

/** Of a server that was killed. */
const killed = (name: string, server: string, make: (who: Person, data: string, dir: string) => void): Break => ({
  name,
  make(who, dir) {
    const data = dataOf(dir, server);
    kill(data);
    if (existsSync(data)) make(who, data, dir);
  },
});

export const breaks: readonly Break[] = [
  killed('the master was killed', 'master', () => undefined),
  running('the master is stopped in mid-work', 'master', (pid) => suspend([pid, ...childrenOf(pid)])),
  running('children of a killed postmaster', 'master', (pid) => {
    suspend(childrenOf(pid));
    process.kill(pid, 'SIGKILL');
  }),
  killed('postmaster.pid with nonsense', 'master', (who, data) => {
    writeFileSync(join(data, 'postmaster.pid'), 'nonsense\n');
    give(who, join(data, 'postmaster.pid'));
  }),
  running('no postmaster.pid', 'master', (_pid, data) => rmSync(join(data, 'postmaster.pid'))),
  killed('a lock of a socket of another process', 'slave', (who, _data, dir) => {
    const { port } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan.servers[1];
    const lock = join(dir, `run/.s.PGSQL.${port}.lock`);
    writeFileSync(lock, `${process.pid}\n`);
    give(who, lock);
  }),
  killed('an open data directory', 'slave', (_who, data) => chmodSync(data, 0o755)),
  killed('half a data directory', 'slave', (who, data) => {
    rmSync(data, { recursive: true });
    const names = ['', 'base', 'global', 'pg_wal'].map((name) => join(data, name));
    for (const name of names) mkdirSync(name, { mode: 0o700 });
    writeFileSync(join(data, 'postgresql.conf'), '');
    give(who, ...names, join(data, 'postgresql.conf'));
  }),
];
