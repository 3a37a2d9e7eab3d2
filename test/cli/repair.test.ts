/** repair mends what a machine or a killed program has broken, says why, and leaves alone what lessons teach. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLab } from '../../src/lab/folder.ts';
import { isAlive } from '../../src/lab/lock/alive.ts';
import { until } from '../../src/lab/machine/until.ts';
import { brokenLab, childrenOf, pidOf, suspend } from './broken-lab.ts';

const broken = brokenLab();
const { dir, run, works } = broken;
const [master, slave] = ['master', 'slave'].map((name) => join(dir, `rep/${name}_data`)) as [string, string];
let idle: ChildProcess | undefined; // a process that is no server

beforeAll(async () => {
  idle = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await works('goto', ['3']);
});
afterAll(async () => {
  idle?.kill();
  await broken[Symbol.asyncDispose]();
});

const serverLines = async () => JSON.parse((await run('status', [], { json: true })).out).servers;
const killed = async (data: string) => {
  const pids = [pidOf(data), ...childrenOf(pidOf(data))];
  process.kill(pidOf(data), 'SIGKILL');
  await until(() => pids.every((pid) => !isRunning(pid)), { deadlineMs: 20_000 });
};
const isRunning = (pid: number) =>
  isAlive(pid) && !/\) Z /.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z ');
const ports = () => readLab(dir)?.plan.servers.map(({ port }) => port) ?? [];
const lock = (port = 0) => join(dir, `run/.s.PGSQL.${port}.lock`);
const inPidFile = (pid: number | string) =>
  writeFileSync(join(master, 'postmaster.pid'), `${pid}\n${master}\n1700000000\n5432\n`, { mode: 0o600 });

type Fault = { readonly breaks: () => Promise<unknown> | unknown; readonly says: readonly RegExp[] };
const faults: Readonly<Record<string, Fault>> = {
  'a server that SIGSTOP has stopped': {
    breaks: () => suspend([pidOf(master), ...childrenOf(pidOf(master))]),
    says: [/continue master .*SIGSTOP/],
  },
  'children that SIGSTOP has stopped': {
    breaks: () => suspend(childrenOf(pidOf(slave))),
    says: [/continue slave/],
  },
  'children of a killed postmaster': {
    async breaks() {
      suspend(childrenOf(pidOf(master)));
      const pid = pidOf(master);
      process.kill(pid, 'SIGKILL');
      await until(() => !isRunning(pid), { deadlineMs: 20_000 });
    },
    says: [/end processes .*postmaster was killed/, /remove rep\/master_data\/postmaster.pid/, /start master/],
  },
  'a server that was killed': {
    breaks: () => killed(master),
    says: [/remove rep\/master_data\/postmaster.pid/, /start master: it ran/],
  },
  'postmaster.pid with the pid of another program': {
    async breaks() {
      await killed(master);
      inPidFile(idle?.pid ?? 0);
    },
    says: [/which is no server of this data directory/, /start master/],
  },
  'postmaster.pid with nonsense': {
    async breaks() {
      await works('down');
      inPidFile('nonsense');
    },
    says: [/names no process/],
  },
  'a running server without postmaster.pid': {
    breaks: () => rmSync(join(master, 'postmaster.pid')),
    says: [/end master and start it again: its postmaster.pid is gone/],
  },
  'a running server without its socket': {
    breaks: () => rmSync(lock(ports()[0]).replace(/\.lock$/, '')),
    says: [/end master and start it again: the socket/],
  },
  'the lock of a socket of another program': {
    async breaks() {
      await works('down');
      writeFileSync(lock(ports()[1]), `${idle?.pid}\n`);
    },
    says: [/remove the lock of the socket/],
  },
  'a data directory open to all': {
    async breaks() {
      await works('down');
      chmodSync(slave, 0o755);
    },
    says: [/set rep\/slave_data to mode 0700: it has 0755/],
  },
  'lab.json that cannot be read': {
    breaks: () => writeFileSync(join(dir, 'lab.json'), 'nonsense'),
    says: [/set lab.json aside/],
  },
  'an operation that was killed': {
    breaks() {
      const file = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8'));
      const moving = { backup: 'backups/0099-goto-3', mark: '1-00', what: 'goto 3' };
      writeFileSync(join(dir, 'lab.json'), JSON.stringify({ ...file, moving }));
    },
    says: [/finish or take back what was begun: "goto 3" was interrupted/],
  },
};

it.for(Object.entries(faults))('%s is repaired', async ([, { breaks, says }]) => {
  await works('up');
  await breaks();
  const before = readdirSync(master).sort().join();
  const planned = await works('repair', [], { yes: false, 'dry-run': true });
  for (const words of says) expect(planned.out).toMatch(words);
  expect(readdirSync(master).sort().join()).toBe(before);
  await works('repair');
  expect((await works('repair')).out).toContain('nothing to repair');
  await works('up');
  expect(await serverLines()).toMatchObject([{ state: 'up' }, { state: 'up' }]);
});

it('a half-made data directory is put aside, and undo brings it back', async () => {
  await works('down');
  rmSync(slave, { recursive: true });
  for (const name of ['base', 'global', 'pg_wal']) mkdirSync(join(slave, name), { recursive: true });
  expect(await works('repair')).toMatchObject({ out: expect.stringContaining('rename rep/slave_data') });
  expect(existsSync(slave)).toBe(false);
  expect(existsSync(`${slave}.old`)).toBe(true);
  await works('undo');
  expect(readdirSync(slave).sort()).toEqual(['base', 'global', 'pg_wal']);
  await works('reset', ['3']);
});

it('what a lesson is about is left alone', async () => {
  await works('up');
  const left: Readonly<Record<string, () => unknown>> = {
    'a wrong line in pg_hba.conf': () => appendFileSync(join(master, 'pg_hba.conf'), 'nonsense\n'),
    'a wrong setting': () => appendFileSync(join(master, 'postgresql.conf'), 'no_such_setting = 1\n'),
    'a signal file': () => writeFileSync(join(slave, 'standby.signal.txt'), ''),
    'stopped servers': () => works('down'),
    'a server that its configuration keeps from starting': () => run('up'),
    'files beside the data directories': () => writeFileSync(join(dir, 'rep/mine.txt'), 'mine'),
    'no data directory': async () => {
      await works('down');
      rmSync(slave, { recursive: true });
    },
    'a data directory with a file of the learner': () => {
      mkdirSync(slave, { mode: 0o700 });
      writeFileSync(join(slave, 'notes.txt'), 'mine');
    },
  };
  for (const [what, breaks] of Object.entries(left)) {
    await breaks();
    const said = await works('repair');
    expect(said.out, what).toContain('nothing to repair');
  }
});
