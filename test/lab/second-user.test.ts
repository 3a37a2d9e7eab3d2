/**
 * Attempts of a second user against a lab of root's and one of an ordinary user. Root runs the programs of all users.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/lab/connect.ts';
import { userOf } from '../../src/lab/machine/processes.ts';
import { until } from '../../src/lab/machine/until.ts';
import { livePostmaster } from '../../src/lab/native/server/postmaster.ts';
import { socketFolder } from '../../src/lab/native/user/socket-folder.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { secretsOf } from '../../src/lab/secrets/secrets.ts';
import { everything, leftOut } from '../everything.ts';
import { type Attempt, begin, cannotBeOthers, openUsers, runAs, tryAs, type User, workshop } from './stranger/users.ts';

const learnerUid = 1; // "daemon" everywhere: initdb needs a user with an entry, and nothing else runs as it
const strangerUid = 64_002;
const tally = new Map<string, number>(); // kind of attempt → how often
const count = (what: string, times: number) => tally.set(what, (tally.get(what) ?? 0) + times);

const planOf = (lab: string): LabPlan => JSON.parse(readFileSync(join(lab, 'lab.json'), 'utf8')).plan;
const serversOf = (lab: string) => planOf(lab).servers.map((server) => ({ ...server, data: join(lab, server.data) }));
const pidsOf = (lab: string): readonly number[] =>
  serversOf(lab).flatMap(({ data }) => {
    const pid = livePostmaster(data)?.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  });
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** All files and folders of a lab that root can see. */
function allIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...allIn(path)] : [path];
  });
}

const reason = cannotBeOthers ? 'needs root' : everything ? '' : leftOut;

describe.skipIf(reason !== '')(`a second user of the machine${reason && ` (${reason})`}`, { timeout: 240_000 }, () => {
  const world = cannotBeOthers ? undefined : openUsers([learnerUid, strangerUid]);
  const base = world?.base ?? '';
  const [learner, stranger] = (world?.users ?? []) as [User, User];
  const root: User = { uid: 0, home: join(base, 'home-root') };
  const labs = [
    { whose: 'root', owner: root, lab: join(base, 'lab-of-root') },
    { whose: 'an ordinary user', owner: learner, lab: join(learner?.home ?? '', 'lab') },
  ];

  beforeAll(async () => {
    mkdirSync(root.home);
    for (const { owner, lab } of labs) {
      const made = await workshop(owner, lab, 'goto', '9', '--yes', '--engine', 'native');
      expect(made, made.stderr).toMatchObject({ status: 0 });
      await workshop(owner, lab, 'report');
      await workshop(owner, lab, 'check', '--junit', join(lab, 'junit.xml'));
    }
  }, 240_000);

  afterAll(async () => {
    for (const { owner, lab } of labs) await workshop(owner, lab, 'down');
    world?.[Symbol.dispose]();
    const all = [...tally].map(([what, times]) => `${times} × ${what}`);
    const sum = [...tally.values()].reduce((total, times) => total + times, 0);
    console.log(`| a second user | ${all.join(', ')} | ${sum} | 0 |`); // the row in test/README.md
  });

  it.each(labs)('a second user reads, writes and lists nothing in the lab of $whose', async ({ owner, lab }) => {
    const config = join(owner.home, '.config/repl-workshop');
    const paths = [...allIn(lab), config, ...allIn(config)];
    const sockets = paths.filter((path) => lstatSync(path).isSocket());
    const attempts: Attempt[] = [
      ...paths.flatMap((path): Attempt[] => [
        { kind: 'read', path },
        { kind: 'append', path },
      ]),
      ...[lab, ...paths].flatMap((path): Attempt[] => [
        { kind: 'list', path },
        { kind: 'make', path },
      ]),
      ...sockets.map((path): Attempt => ({ kind: 'socket', path })),
      ...serversOf(lab).map(({ port }): Attempt => ({ kind: 'listen', path: join(lab, 'run', `.s.PGSQL.${port}0`) })),
    ];
    expect(sockets).toHaveLength(2);
    expect(paths.some((path) => path.endsWith('report.html'))).toBe(true);
    expect(paths.some((path) => path.endsWith('junit.xml'))).toBe(true);
    count('files, folders and sockets', attempts.length);
    expect(await tryAs(stranger, attempts)).toEqual([]);
  });

  it.each(labs)('a second user cannot log in to the servers of $whose with a well-known password', async ({ lab }) => {
    const words = [
      '',
      'master_pass',
      'slave_pass',
      'postgres',
      'password',
      'slave',
      'master',
      'secret',
      '123456',
      'admin',
    ];
    const users = ['postgres', 'slave', 'root', 'master', String(strangerUid)];
    const ways = [{ database: 'postgres' }, { database: 'master' }, { database: 'postgres', replication: 'true' }];
    const hosts = ['127.0.0.1', 'localhost', ...serversOf(lab).map(() => join(lab, 'run'))];
    const attempts = serversOf(lab).flatMap(({ port }) =>
      [...new Set(hosts)].flatMap((host) =>
        users.flatMap((user) =>
          words.flatMap((password) =>
            ways.map((way): Attempt => ({ kind: 'login', host, port, user, password, ...way })),
          ),
        ),
      ),
    );
    count('logins over TCP and sockets', attempts.length);
    expect(await tryAs(stranger, attempts)).toEqual([]);
    const [server] = serversOf(lab);
    const own: Attempt = {
      kind: 'login',
      host: '127.0.0.1',
      port: server?.port ?? 0,
      user: 'postgres',
      password: server?.password ?? '',
      database: 'postgres',
    };
    expect(await tryAs(stranger, [own])).toHaveLength(1); // a control: an attempt with the secret succeeds
  });

  it.each(labs)(
    'a second user finds no secret in /proc of the processes of $whose, and cannot signal them',
    async ({ lab }) => {
      const pids = pidsOf(lab);
      expect(pids.length).toBeGreaterThan(6);
      const attempts = pids.flatMap((pid): Attempt[] => [
        ...['environ', 'maps', 'auxv', 'io'].map((name): Attempt => ({ kind: 'read', path: `/proc/${pid}/${name}` })),
        ...['root', 'cwd', 'exe', 'fd/2'].map((name): Attempt => ({ kind: 'link', path: `/proc/${pid}/${name}` })),
        { kind: 'memory', path: `/proc/${pid}/mem` }, // has the same permission check as ptrace
        { kind: 'list', path: `/proc/${pid}/fd` },
        { kind: 'list', path: `/proc/${pid}/root/tmp` },
        { kind: 'signal', pid },
      ]);
      count('/proc, signals and memory of processes', attempts.length);
      expect(await tryAs(stranger, attempts)).toEqual([]);
      const open = ['cmdline', 'status', 'stat', 'comm'];
      const seen = await tryAs(
        stranger,
        pids.flatMap((pid) => open.map((name): Attempt => ({ kind: 'read', path: `/proc/${pid}/${name}` }))),
      );
      const secrets = secretsOf(planOf(lab));
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.filter(({ got }) => secrets.some((secret) => got.includes(secret)))).toEqual([]);
      const shared = readdirSync('/dev/shm').filter((name) => name.startsWith('PostgreSQL.'));
      expect(
        await tryAs(
          stranger,
          shared.map((name): Attempt => ({ kind: 'read', path: join('/dev/shm', name) })),
        ),
      ).toEqual([]);
    },
  );

  it.each(labs)(
    'a second user gets no password of $whose on a port where no server listens yet',
    async ({ owner, lab }) => {
      await workshop(owner, lab, 'down');
      try {
        for (const how of ['3', '5']) {
          const [server] = serversOf(lab);
          const argv = [process.execPath, resolve('test/lab/stranger/false-server.mjs'), String(server?.port), how];
          using false_ = begin(stranger, argv);
          expect(await until(() => false_.said().includes('listens'), { deadlineMs: 10_000 })).toBe(true);
          for (const command of ['check', 'status', 'observe', 'doctor', 'up', 'hint', 'next'])
            await workshop(owner, lab, command);
          const door = {
            through: 'tcp',
            host: '127.0.0.1',
            port: server?.port ?? 0,
            password: server?.password ?? '',
          } as const;
          await expect(connect([door], { database: 'postgres' })).rejects.toThrow(/answers only scram-sha-256/);
          const heard = false_
            .said()
            .split('\n')
            .map((line) => Buffer.from(line, 'hex').toString('latin1'));
          expect(heard.filter((text) => text.startsWith('p'))).toEqual([]); // 'p' is a password or a hash of it
          expect(heard.filter((text) => secretsOf(planOf(lab)).some((secret) => text.includes(secret)))).toEqual([]);
          count('commands with a false server on the port', 8);
        }
      } finally {
        await workshop(owner, lab, 'up');
      }
    },
  );

  it.each(labs)('a second user cannot keep a lab of $whose from its sockets by folders in /tmp', async ({ owner }) => {
    const lab = join(owner.home, 'a-path-that-is-too-long-for-a-socket'.repeat(3), 'lab');
    expect((await workshop(owner, lab, 'next')).status).toBe(1); // makes the lab; 1: a task is to be done
    // The stranger cannot know this folder, because the id is in lab.json.
    const first = socketFolder(lab, planOf(lab).id, existsSync);
    expect(first).toMatch(/^\/tmp\//);
    rmSync(first, { recursive: true });
    try {
      expect((await runAs(stranger, ['mkdir', '-m', '777', first])).status).toBe(0);
      const made = await workshop(owner, lab, 'goto', '3', '--yes');
      expect(made, made.stderr).toMatchObject({ status: 0 });
      const [server] = serversOf(lab);
      const used = livePostmaster(server?.data ?? '')?.socketDir ?? '';
      expect(used).not.toBe(first);
      expect(readdirSync(first)).toEqual([]);
      expect(lstatSync(used).mode & 0o007).toBe(0);
      const socket = join(used, `.s.PGSQL.${server?.port}`);
      const attempts: Attempt[] = [
        { kind: 'list', path: used },
        { kind: 'make', path: used },
        { kind: 'socket', path: socket },
        { kind: 'listen', path: `${socket}0` },
      ];
      count('folders in /tmp', attempts.length + 2);
      expect(await tryAs(stranger, attempts)).toEqual([]);
      // The system empties /tmp, and the stranger has seen the name while it was in use.
      await workshop(owner, lab, 'down');
      rmSync(used, { recursive: true });
      await runAs(stranger, ['mkdir', '-m', '777', used]);
      expect(await workshop(owner, lab, 'up')).toMatchObject({ status: 0 });
      expect(readdirSync(used)).toEqual([]);
      rmSync(used, { recursive: true });
    } finally {
      await workshop(owner, lab, 'down', '--remove', '--yes');
      rmSync(first, { recursive: true, force: true });
    }
  });

  it("a second user gets no root rights and no files of root's as superuser in a server of root's", async () => {
    const home = join('/root', `rw-second-user-${process.pid}`); // below a closed folder
    mkdirSync(home, { mode: 0o700 });
    const below = { uid: 0, home };
    try {
      for (const lab of [labs[0]?.lab ?? '', join(home, 'lab')]) {
        if (!existsSync(lab))
          expect((await workshop(below, lab, 'goto', '3', '--yes', '--engine', 'native')).status).toBe(0);
        const [server] = serversOf(lab);
        const program = (command: string) => `COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; ${command}'`;
        const [db] = [
          {
            host: '127.0.0.1',
            port: server?.port ?? 0,
            user: 'postgres',
            password: server?.password ?? '',
            database: 'postgres',
          },
        ];
        const { client } = await connect([{ through: 'tcp', ...db }], { database: 'postgres' });
        try {
          const uid = userOf(livePostmaster(server?.data ?? '')?.pid ?? 0);
          expect(uid).toBeGreaterThan(0);
          expect(uid).not.toBe(65_534);
          const commands = [
            'cat /etc/shadow',
            'ls /root',
            `ls ${home}`,
            'touch /etc/repl-workshop-was-here',
            'touch /root/repl-workshop-was-here',
            `cat ${lab}/lab.json`,
            `ls ${lab}`,
            `touch ${lab}/logs/was-here`,
            `ln -s /etc/shadow ${lab}/logs/link`,
            `ln -s /etc ${lab}/rep/link`,
            'kill -0 1',
            'cat /proc/1/environ',
            'nsenter -t 1 -m true',
            'unshare --mount true',
            'setpriv --reuid=0 true',
            'chown 0 .',
          ];
          for (const command of commands)
            await expect(client.query(program(command)), command).rejects.toThrow(/program ".*" failed/);
          await client.query(program('true'));
          count("programs as a superuser of root's servers", commands.length);
          const state = `grep -E "^(Uid|Groups|CapEff|CapBnd|NoNewPrivs)" /proc/self/status > seen`;
          await client.query(program(state));
          expect(
            readFileSync(join(server?.data ?? '', 'seen'), 'utf8')
              .replaceAll(/[\t ]+/g, ' ')
              .trim()
              .split('\n'),
          ).toEqual([
            `Uid: ${uid} ${uid} ${uid} ${uid}`,
            'Groups: ',
            'CapEff: 0000000000000000',
            'CapBnd: 0000000000000000',
            'NoNewPrivs: 1',
          ]);
        } finally {
          await client.end();
        }
      }
    } finally {
      await workshop(below, join(home, 'lab'), 'down');
      rmSync(home, { recursive: true, force: true });
    }
  });

  it("a second user gains nothing by links in a server's folders when root gives files to the server", async () => {
    const lab = labs[0]?.lab ?? '';
    const [server] = serversOf(lab);
    const uid = lstatSync(server?.data ?? '').uid;
    const asServer = { uid, home: '/' };
    const mine = join(base, 'of-root');
    mkdirSync(mine, { mode: 0o700 });
    const plant = [
      'sh',
      '-c',
      `cd ${server?.data} && ln -s ${mine} a-folder && ln -s /etc/shadow a-file && ln -s /etc/shadow postmaster.opts.x`,
    ];
    expect(await runAs(asServer, plant)).toMatchObject({ status: 0 });
    for (const command of ['down', 'up']) expect((await workshop(root, lab, command)).status).toBe(0);
    expect(lstatSync('/etc/shadow').uid).toBe(0);
    expect(lstatSync(mine).uid).toBe(0);
    count('links for root to follow', 3);
  });
});
