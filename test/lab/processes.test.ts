/** A look through the processes of this machine, while processes end, and at processes that may not be seen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/lab/lock/alive.ts';
import * as readers from '../../src/lab/machine/processes.ts';
import { until } from '../../src/lab/machine/until.ts';
import { postmasters, strays } from '../../src/lab/native/astray/strays.ts';
import { serverProcesses } from '../../src/lab/native/server/family.ts';
import {
  isPostgres,
  isRunning,
  isServerOf,
  postmasterIn,
  processesIn,
} from '../../src/lab/native/server/postmaster.ts';

const root = mkdtempSync(join(tmpdir(), 'rw-processes-'));
const data = join(root, 'rep/master_data');
const children: ChildProcess[] = [];
const begin = (command: string, args: readonly string[], cwd = root): ChildProcess => {
  const child = spawn(command, args, { cwd, stdio: 'ignore' });
  children.push(child);
  return child;
};
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const childrenOf = (pid: number) => readers.allPids().filter((one) => readers.statOf(one)?.parent === pid);

describe.runIf(process.platform === 'linux')('on a system with /proc', () => {
  let server: ChildProcess; // has the name of a server, a child, and a data directory as its cwd
  beforeAll(async () => {
    mkdirSync(data, { recursive: true });
    copyFileSync('/bin/bash', join(root, 'postgres'));
    server = begin(join(root, 'postgres'), ['-c', 'sleep 1000; exit'], data);
    await until(() => childrenOf(server.pid ?? 0).length > 0, { deadlineMs: 10_000 });
  });
  afterAll(() => {
    for (const pid of childrenOf(server.pid ?? 0)) process.kill(pid, 'SIGKILL');
  });

  it('no reader throws at a process that has ended, is a zombie, or belongs to nobody', async () => {
    const ended = begin('true', []);
    await once(ended, 'exit');
    const untilItIsSleep = '(until [ "$(< /proc/$$/comm)" = sleep ]; do :; done) & exec sleep 1000';
    const mother = begin('bash', ['-c', untilItIsSleep]); // which never reaps its child
    const isZombie = (pid: number) => readers.statOf(pid)?.state === 'Z';
    expect(await until(() => childrenOf(mother.pid ?? 0).some(isZombie), { deadlineMs: 10_000 })).toBe(true);
    const pids = [ended.pid ?? 0, ...childrenOf(mother.pid ?? 0), 2 ** 22 + 1, 0, -1, Number.NaN];
    const { allPids: _, ...ofOne } = readers;
    expect(Object.keys(ofOne).length).toBeGreaterThan(9);
    for (const [name, read] of Object.entries(ofOne))
      for (const pid of pids) expect(() => read(pid, root), `${name}(${pid})`).not.toThrow();
    for (const pid of pids) expect([isRunning(pid), isServerOf(pid, data)], `${pid}`).toEqual([false, false]);
  });

  it('processes that end during a look hide no other one', { timeout: 120_000 }, async () => {
    const pid = server.pid ?? 0;
    const churn = Array.from({ length: 2 }, () => begin('bash', ['-c', 'while :; do /bin/true & /bin/true; done']));
    let ended = 0; // seen in the list, and gone when they were looked at
    const walks: Readonly<Record<string, () => Promise<unknown> | unknown>> = {
      'all pids': () => readers.allPids().includes(pid),
      'in a folder': () => processesIn(data).some((one) => one.pid === pid),
      'the postmaster in a folder': () => postmasterIn(data) === pid,
      postmasters: () => postmasters().includes(pid),
      strays: () => Array.isArray(strays([])),
      'a server and its children': async () => (await serverProcesses(pid)).length === 2,
      'names, users and places of all': () => {
        const pids = readers.allPids();
        for (const one of pids) {
          isPostgres(one);
          for (const read of [readers.userOf, readers.placeOf, readers.environmentOf, readers.listeningPorts])
            read(one);
        }
        ended += pids.filter((one) => !isAlive(one)).length;
        return pids.includes(pid);
      },
    };
    const isEnough = async () => {
      for (const [name, walk] of Object.entries(walks)) expect(await walk(), name).toBe(true);
      return ended >= 20;
    };
    expect(await until(isEnough, { deadlineMs: 100_000, everyMs: 1 })).toBe(true);
    for (const child of churn) child.kill('SIGKILL');
    expect(readdirSync(data)).toEqual([]);
  });
});
