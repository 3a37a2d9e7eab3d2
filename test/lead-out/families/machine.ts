/** Files, data directories and processes: what the machine, other programs and a learner's shell do to them. */
import { createServer } from 'node:net';
import { until } from '../../../src/lab/machine/until.ts';
import type { Random } from '../../postgres/against/random.ts';
import { familyOf, postmastersIn, titleOf } from '../processes.ts';
import { type Name, NotHere, type World } from '../world.ts';
import { type After, afterwards, both, type Kind, type Mutation, shellLine } from './kind.ts';

const after = (random: Random): After => random.pick(['nothing', 'reload', 'restart', 'restart']);

/** A line for the shell about one server's files ({data}), and what is done then. */
const inFolder = (on: Name, text: string, then: After): Mutation => ({
  name: `${on}: ${text}; ${then}`,
  async apply(world) {
    await shellLine(text.replaceAll('{data}', world.data(on))).apply(world);
    await afterwards(world, on, then);
  },
});

const fileDeeds = [
  'rm {data}/pg_hba.conf',
  'printf "" > {data}/pg_hba.conf',
  'rm {data}/pg_hba.conf && mkdir {data}/pg_hba.conf',
  'rm {data}/pg_hba.conf && ln -s ../nowhere {data}/pg_hba.conf',
  'chmod 000 {data}/pg_hba.conf',
  'chmod 000 {data}/postgresql.conf',
  'rm {data}/postgresql.conf',
  'printf "" > {data}/postgresql.conf',
  'rm {data}/postgresql.conf && mkdir {data}/postgresql.conf',
  'echo garbage here >> {data}/postgresql.auto.conf',
  'rm {data}/postgresql.auto.conf',
  'rm {data}/pg_ident.conf',
  'echo a b >> {data}/pg_ident.conf',
  'chmod 755 {data}',
  'chmod 750 {data}',
  'chmod 777 {data}',
  'chmod 000 {data}/global/pg_control',
  'touch {data}/notes.txt',
  'printf "" > {data}/postmaster.pid',
  'rm {data}/postmaster.pid',
  'touch {data}/backup_label.txt',
  'rm -f {data}/backup_label {data}/backup_label.old',
];
const versionDeeds = [
  'echo 12 > {data}/PG_VERSION',
  'echo 99 > {data}/PG_VERSION',
  'rm {data}/PG_VERSION',
  'printf x > {data}/PG_VERSION',
];
const folderDeeds = [
  'mv {data} {data}.moved',
  'mv {data} {data}.old',
  'rm -rf {data}',
  'mv {data} {data}.moved && mkdir {data}',
  'rm -rf {dir}/elsewhere && mv {data} {dir}/elsewhere && ln -s {dir}/elsewhere {data}',
  'cp -a {data} {data}.copy',
  'rm -rf {data}/pg_wal',
  'rm -rf {data}/base',
  'rm {data}/global/pg_control',
  'rm -rf {data}/pg_tblspc',
  'mkdir {data}/data',
  'mv {data}/global {data}/global.away',
];

const postmasterOf = (world: World, on: Name): number => {
  const [pid] = postmastersIn(world.data(on));
  if (pid === undefined) throw new NotHere(`${on} does not run`);
  return pid;
};
const childOf = (world: World, on: Name, title: RegExp): number => {
  const pid = familyOf(postmasterOf(world, on)).find((one) => title.test(titleOf(one)));
  if (pid === undefined) throw new NotHere(`no ${title} on ${on}`);
  return pid;
};
const signalled = (on: Name, name: string, whom: (world: World) => number, signal: NodeJS.Signals): Mutation => ({
  name: `${signal} to ${name} of ${on}`,
  async apply(world) {
    const pid = whom(world);
    process.kill(pid, signal);
    if (signal !== 'SIGSTOP' && name === 'the postmaster')
      await until(() => !postmastersIn(world.dir).includes(pid), { deadlineMs: 5000 });
  },
});

const toPostmaster = (on: Name, signal: NodeJS.Signals): Mutation =>
  signalled(on, 'the postmaster', (world) => postmasterOf(world, on), signal);
const toChild = (on: Name, name: string, title: RegExp, signal: NodeJS.Signals): Mutation =>
  signalled(on, name, (world) => childOf(world, on, title), signal);

/** A smart shutdown that waits for a session. */
const smart = (on: Name): Mutation => ({
  name: `pg_ctl stop -m smart of ${on}, and a session that stays`,
  async apply(world) {
    const client = await world.session(on);
    void client.query('SELECT pg_sleep(600)').catch(() => undefined);
    process.kill(postmasterOf(world, on), 'SIGTERM');
  },
});

const stopped = (on: Name, how: string): Mutation => shellLine(`pg_ctl -D {${on}} -m ${how} stop`);

const foreignPid = (on: Name, port: boolean): Mutation => ({
  name: `${on} is stopped, and its postmaster.pid names another program${port ? ', with its own lines below' : ''}`,
  async apply(world) {
    const path = `${world.data(on)}/postmaster.pid`;
    const before = world.read(path);
    if (before === undefined) throw new NotHere(`${on} does not run`);
    await stopped(on, 'fast').apply(world);
    const { pid } = world.background(['sleep', '3600']);
    world.write(path, `${pid}\n${port ? before.split('\n').slice(1).join('\n') : ''}`);
  },
});

/** Another program takes the port of a server that is stopped. */
const portTaken = (on: Name): Mutation => ({
  name: `another program listens on the port of ${on}; it is started again`,
  async apply(world) {
    await world.shell(`pg_ctl -D ${world.data(on)} -m fast stop`);
    const script = `require('net').createServer(s => s.end()).listen(${world.port(on)}, '${world.host}')`;
    world.background([process.execPath, '-e', script]);
    await until(async () => !(await isFree(world.host, world.port(on))), { deadlineMs: 5000 });
    await world.shell(`pg_ctl -D ${world.data(on)} -t 5 start`, 8000);
  },
});

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((found) => {
    const probe = createServer();
    probe.once('error', () => found(false));
    probe.listen(port, host, () => probe.close(() => found(true)));
  });

export const machineKinds: readonly Kind[] = [
  {
    family: 'files',
    lessons: [2, 12],
    make: (random) => inFolder(random.pick(both), random.pick(fileDeeds), after(random)),
  },
  {
    family: 'directories',
    lessons: [2, 12],
    make: (random) =>
      inFolder(
        random.pick(both),
        random.pick(folderDeeds).replaceAll('{dir}', '{dir}'),
        random.pick(['nothing', 'nothing', 'restart']),
      ),
  },
  {
    family: 'directories',
    lessons: [6, 12],
    make: (random) =>
      shellLine(
        random
          .pick([
            'pg_ctl -D {slave} -m fast stop; rm -rf {slave} && cp -a {master} {slave}',
            'pg_ctl -D {slave} -m fast stop; rm -rf {slave} && cp -a {master} {slave}; rm {slave}/postmaster.pid',
            'pg_ctl -D {slave} -m fast stop; mv {slave} {slave}.old && initdb -D {slave} -U postgres',
            'pg_ctl -D {slave} -m fast stop; rm -rf {slave}/* && ls -d {slave}',
            'pg_ctl -D {master} -m fast stop; mv {master} {dir}/rep/m && mv {slave} {master} && mv {dir}/rep/m {slave}',
          ])
          .replace('-m fast stop;', '-m fast stop || true;'),
      ),
  },
  {
    family: 'processes',
    lessons: [2, 12],
    make: (random) => {
      const on = random.pick(both);
      return random.pick([
        () => toPostmaster(on, 'SIGKILL'),
        () => toPostmaster(on, 'SIGSTOP'),
        () => toPostmaster(on, 'SIGQUIT'),
        () => toPostmaster(on, 'SIGINT'),
        () => toChild(on, 'the checkpointer', /checkpointer/, random.pick(['SIGSTOP', 'SIGKILL'])),
        () => smart(on),
        () => stopped(on, random.pick(['fast', 'immediate'])),
        () => foreignPid(on, random.chance(0.5)),
        () => portTaken(on),
        () => inFolder(on, 'rm {data}/postmaster.pid', 'nothing'),
      ])();
    },
  },
  {
    family: 'processes',
    lessons: [9, 12],
    make: (random) =>
      random.pick([
        () => toChild('slave', 'the startup process', /startup/, 'SIGSTOP'),
        () => toChild('slave', 'the receiver', /walreceiver/, random.pick(['SIGTERM', 'SIGSTOP', 'SIGKILL'])),
        () => toChild('master', 'the sender', /walsender/, random.pick(['SIGTERM', 'SIGSTOP', 'SIGKILL'])),
        () => pausedReplay(random.chance(0.5)),
        () => promoted,
      ])(),
  },
  {
    family: 'versions',
    lessons: [2, 12],
    make: (random) => inFolder(random.pick(both), random.pick(versionDeeds), after(random)),
  },
];

const pausedReplay = (receiverEnds: boolean): Mutation => ({
  name: `pg_wal_replay_pause() on slave${receiverEnds ? ', after the master was restarted; then its receiver ends' : ''}`,
  async apply(world) {
    if (receiverEnds) {
      await afterwards(world, 'master', 'restart');
      await until(() => familyOf(postmasterOf(world, 'slave')).some((pid) => /walreceiver/.test(titleOf(pid))), {
        deadlineMs: 8000,
      });
    }
    await world.sql('slave', 'SELECT pg_wal_replay_pause()');
    if (receiverEnds) process.kill(childOf(world, 'slave', /walreceiver/), 'SIGTERM');
  },
});

const promoted: Mutation = shellLine('pg_ctl -D {slave} promote');
