/**
 * Labs of other users that were made to harm a user who looks at them: an instructor who is root, or another ordinary
 * user. Each form is looked at by every command that looks. A canary shows whether anything was run, followed,
 * written, signalled or called, whether a secret was shown, and whether a look hung. Only root can give files to other
 * users, so an ordinary user skips this file.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareOf } from '../campaign.ts';
import { everything } from '../everything.ts';

const isRoot = process.getuid?.() === 0;
const student = 54_321;
const neighbour = 54_322;
const deadlineMs = 60_000; // a look takes about 1 s on a busy machine
const secret = `the-secret-${process.pid}`;

const program = resolve('dist/repl-workshop.cjs');
const scene = isRoot ? mkdtempSync(join(tmpdir(), 'rw-hostile-')) : '';
const at = (...names: string[]): string => join(scene, ...names);
const base = at('base'); // a lab as a student leaves it
const own = at('own'); // files that only root may read
const canary = at('canary'); // hostile programs write their names there
let tried = 0;
let harmed = 0;

type Said = { readonly status: number | null; readonly text: string };

function say(uid: number, args: readonly string[]): Promise<Said> {
  const as = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const [command = '', ...rest] = [...as, process.execPath, program, ...args];
  const env = { PATH: process.env.PATH, HOME: at(`home-${uid}`), LANG: 'C.UTF-8', COLUMNS: '100' };
  return new Promise((done) => {
    const options = { env, timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 } as const;
    const child = execFile(command, rest, options, (_, out, err) =>
      done({ status: child.exitCode, text: `${out}\n${err}` }),
    );
    child.stdin?.end();
  });
}

/** The first one comes to everything that a look reads, so each form gets it; the others come to it by other ways. */
const looks = (lab: string, out: string): readonly (readonly string[])[] =>
  [
    ['check', '--json'],
    ['status'],
    ['report', '--md', join(out, 'report.md'), '--html', join(out, 'report.html')],
    ['doctor'],
    ['goto', '3', '--dry-run'],
    ['check', '--all'],
    ['check', '--junit', join(out, 'junit.xml')],
    ['status', '--json'],
    ['observe'],
    ['list'],
    ['hint'],
    ['report', '--json'],
    ['logs', 'master'],
    ['solve', '--dry-run'],
  ].map((args) => ['--lab', lab, ...args]);

const shareMs = everything ? 1000 : 0; // of looks, for each form and viewer

const forged = ['two-servers/master-runs', 'what-it-costs/near', 'what-it-costs/far'];

const deeds = [
  [],
  ['goto', '3', '--yes'],
  ['solve', '--yes'],
  ['reset', '--all', '--yes'],
  ['undo', '--yes'],
  ['up'],
  ['down'],
  ['down', '--remove', '--yes'],
  ['next'],
  ['answer', 'writes', 'b'],
  ['measure'],
  ['shell'],
  ['edit', 'master'],
  ['psql', 'master'],
  ['report'],
  ['client', 'initdb', '-D', 'rep/master_data'],
  ['client', 'pg_ctl', '-D', 'rep/master_data', 'stop'],
] as const;

/** The state of a folder that a write would change. */
const tree = (folder: string): string =>
  execFileSync('find', [folder, '-printf', '%p %y %U %G %m %s %T@ %l\n'], { encoding: 'utf8' });

const give = (...paths: string[]): void => void execFileSync('chown', ['-hR', `${student}:${student}`, ...paths]);
const edit = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));
const evilProgram = (path: string): void => {
  writeFileSync(path, `#!/bin/sh\necho "$0 $*" >> '${canary}/ran'\necho "postgres (PostgreSQL) 18.4"\n`);
  chmodSync(path, 0o755);
};
const fifo = (path: string): void => void execFileSync('mkfifo', [path]);
const replaced = (path: string, make: (path: string) => void): void => {
  rmSync(path, { recursive: true, force: true });
  make(path);
};

/** Makes a lab hostile. A disposable result is disposed of at the end. */
type Form = (lab: string) => unknown;
const planned = (lab: string, change: (plan: Record<string, unknown>, file: Record<string, unknown>) => void): void =>
  edit(join(lab, 'lab.json'), (text) => {
    const file = JSON.parse(text);
    change(file.plan, file);
    return JSON.stringify(file);
  });
const master = (plan: Record<string, unknown>) => (plan.servers as Record<string, unknown>[])[0] ?? {};
const data = (lab: string, ...names: string[]): string => join(lab, 'rep/master_data', ...names);

const jsonFiles = ['lab.json', 'progress.json', 'journal.json', 'settings.json', 'starts.json'] as const;
const instead: Readonly<Record<string, (path: string) => void>> = {
  'a link to a secret': (path) => symlinkSync(join(own, 'secret.json'), path),
  'a hard link to a secret': (path) => linkSync(join(own, 'secret.json'), path),
  'a fifo': fifo,
  'a folder': (path) => void mkdirSync(path),
  'a link to /dev/zero': (path) => symlinkSync('/dev/zero', path),
  'a link to a file of the looking process': (path) => symlinkSync('/proc/self/environ', path),
  '100 GB': (path) => void execFileSync('truncate', ['-s', '100G', path]),
};

/** A server of the attacker's, which records each connection and sends without end. */
function listening(where: { port: number } | { path: string }): Disposable {
  const server: Server = createServer((socket) => {
    appendFileSync(join(canary, 'called'), 'a look called\n');
    socket.on('error', () => undefined);
    const send = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'R')));
    };
    socket.on('drain', send);
    send();
  });
  server.listen(where);
  return { [Symbol.dispose]: () => void server.close() };
}

/** A process of root's in the data directory, which records each signal that could end it. */
function working(cwd: string, command: string): ChildProcess & Disposable {
  const script = `for s in HUP INT QUIT TERM CONT USR1; do trap "echo $s >> '${canary}/signalled'" $s; done; while :; do read line; done`;
  const fd = spawn('sleep', ['600'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const child = spawn(command, ['-c', script], { cwd, stdio: [fd.stdout, 'ignore', 'ignore'] });
  return Object.assign(child, {
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
      fd.kill('SIGKILL');
    },
  });
}

const pidFile = (lab: string, pid: number, port: number, sockets: string): void =>
  writeFileSync(
    data(lab, 'postmaster.pid'),
    `${pid}\n${data(lab)}\n1764000000\n${port}\n${sockets}\n127.0.0.1\n1 1\nready   \n`,
  );

const forms: Readonly<Record<string, Form>> = {
  'nothing but its owner': () => undefined,
  'bindir with programs of its own': (lab) => {
    mkdirSync(join(lab, 'evil'));
    for (const name of ['postgres', 'initdb', 'pg_ctl', 'pg_controldata', 'psql', 'pg_basebackup'])
      evilProgram(join(lab, 'evil', name));
    planned(lab, (_, file) => {
      file.bindir = join(lab, 'evil');
    });
  },
  'scripts in bin/ and shell/, and what programs like to find in a folder': (lab) => {
    for (const folder of ['bin', 'shell', '.git', '.git/hooks', 'node_modules', 'node_modules/.bin'])
      mkdirSync(join(lab, folder), { recursive: true });
    for (const name of ['psql', 'initdb', 'unshare', 'setpriv', 'node', 'docker', 'git', 'cp'])
      for (const folder of ['bin', 'node_modules/.bin']) evilProgram(join(lab, folder, name));
    for (const name of ['shell/bashrc', 'shell/.zshenv', '.envrc', '.git/hooks/post-checkout', 'pg_service.conf'])
      evilProgram(join(lab, name));
    writeFileSync(join(lab, '.npmrc'), 'node-options=--require ./evil.js\n');
    writeFileSync(join(lab, 'package.json'), '{"type":"module"}');
    writeFileSync(join(lab, 'docker-compose.yml'), `services: {master: {image: "x", volumes: ["/:/host"]}}\n`);
    writeFileSync(join(lab, '.env'), `DOCKER_HOST=tcp://127.0.0.1:1\nNODE_OPTIONS=--require ${lab}/evil.js\n`);
  },
  ...Object.fromEntries(
    jsonFiles.flatMap((name) =>
      Object.entries(instead).map(([what, make]): [string, Form] => [
        `${name} is ${what}`,
        (lab) => replaced(join(lab, name), make),
      ]),
    ),
  ),
  'the four files are of a wrong kind inside': (lab) => {
    for (const name of jsonFiles.slice(1))
      writeFileSync(join(lab, name), '{"schema":1,"done":null,"events":[],"theme":{}}');
  },
  'progress and journal hold control characters': (lab) => {
    const evil = '\u001b]52;c;aGFja2Vk\u0007\u001b[2J\u009b31m\u202e';
    writeFileSync(
      join(lab, 'progress.json'),
      JSON.stringify({
        schema: 1,
        lesson: 'two-servers',
        done: { 'what-replication-is/who-writes': { at: '2026-11-01T00:00:00Z', seen: evil } },
        hints: {},
        opened: { 'two-servers': '2026-11-01T00:00:00Z' },
      }),
    );
  },
  'paths of the plan lead out of it': (lab) =>
    planned(lab, (plan) => {
      Object.assign(master(plan), { data: '../../own', log: '../own/secret.json' });
    }),
  'paths of the plan are absolute': (lab) =>
    planned(lab, (plan) => {
      Object.assign(master(plan), { data: own, log: '/proc/self/environ' });
    }),
  'the plan has 10,000 servers': (lab) =>
    planned(lab, (plan) => {
      const one = master(plan);
      plan.servers = [
        ...(plan.servers as unknown[]),
        ...Array.from({ length: 10_000 }, (_, n) => ({ ...one, name: `s${n}`, data: `rep/s${n}`, port: 20_000 + n })),
      ];
    }),
  'the plan names a host elsewhere, and a port of a server that sends without end': (lab) => {
    planned(lab, (plan) => {
      plan.host = 'localhost.evil.example';
      master(plan).port = 55_991;
    });
    return listening({ port: 55_991 });
  },
  'server names with escapes': (lab) =>
    planned(lab, (plan) => {
      master(plan).name = 'master\u001b]0;evil\u0007';
    }),
  'a plan for Docker with a host, a context, an image and a network of its own': (lab) =>
    planned(lab, (plan) => {
      plan.engine = 'docker';
      plan.docker = {
        network: 'x/../../../images/json?',
        image: '--privileged',
        storage: 'folder',
        user: null,
        host: 'tcp://127.0.0.1:55992',
        context: 'evil',
        DOCKER_HOST: 'tcp://127.0.0.1:55992',
      };
      for (const server of plan.servers as Record<string, unknown>[]) server.container = 'a/../../../info';
    }),
  'a plan for Docker like any other': (lab) =>
    planned(lab, (plan) => {
      plan.engine = 'docker';
      plan.docker = { network: 'rep', image: 'postgres:18', storage: 'folder', user: null };
      for (const server of plan.servers as Record<string, unknown>[]) server.container = server.name;
    }),
  'data is a link to a folder of root': (lab) => replaced(data(lab), (path) => symlinkSync(own, path)),
  'rep is a link to a folder of root': (lab) => replaced(join(lab, 'rep'), (path) => symlinkSync(own, path)),
  'a log is a link to a secret': (lab) =>
    replaced(join(lab, 'logs/master.log'), (path) => symlinkSync(join(own, 'secret.json'), path)),
  'a log is a fifo': (lab) => replaced(join(lab, 'logs/master.log'), fifo),
  'configuration files include a secret, a fifo, all of / and themselves': (lab) => {
    fifo(data(lab, 'fifo.conf'));
    appendFileSync(
      data(lab, 'postgresql.conf'),
      `include '${own}/secret.json'\ninclude_dir '/'\ninclude 'fifo.conf'\ninclude 'postgresql.conf'\ninclude '/etc/shadow'\n`,
    );
    appendFileSync(
      data(lab, 'pg_hba.conf'),
      `include ${own}/secret.json\nhost @${own}/secret.json all 0/0 trust\nhost @fifo.conf all 0/0 trust\n`,
    );
  },
  'each file of a data directory is a fifo, a device or a link': (lab) => {
    for (const name of ['PG_VERSION', 'pg_hba.conf', 'backup_label', 'postmaster.pid']) replaced(data(lab, name), fifo);
    replaced(data(lab, 'postgresql.auto.conf'), (path) => void execFileSync('mknod', [path, 'c', '1', '5']));
    replaced(data(lab, 'postgresql.conf'), (path) => symlinkSync(join(own, 'secret.json'), path));
    replaced(data(lab, 'standby.signal'), (path) => symlinkSync('/dev/stdin', path));
  },
  'postmaster.pid names a process of root that works in the data directory': (lab) => {
    const process_ = working(data(lab), 'sh');
    pidFile(lab, process_.pid ?? 0, 5432, lab);
    return process_;
  },
  'postmaster.pid names such a process that is called postgres': (lab) => {
    copyFileSync('/bin/sh', at('postgres'));
    const process_ = working(data(lab), at('postgres'));
    pidFile(lab, process_.pid ?? 0, 5432, lab);
    return process_;
  },
  'a false server on a socket of its own, without end': (lab) => {
    pidFile(lab, process.pid, 5432, lab);
    return listening({ path: join(lab, '.s.PGSQL.5432') });
  },
  'the lab folder is a link to a lab of root': (lab) => replaced(lab, (path) => symlinkSync(join(own, 'lab'), path)),
  'the lab folder is root’s, in a folder of the student': (lab) => {
    const kept = `${lab}.root`;
    cpSync(join(own, 'lab'), kept, { recursive: true });
    rmSync(lab, { recursive: true });
    renameSync(kept, lab);
  },
  'backups lead to a folder of root': (lab) => replaced(join(lab, 'backups'), (path) => symlinkSync(own, path)),
  'a deed seems to be under way, and a measurement': (lab) =>
    planned(lab, (_, file) => {
      file.moving = { backup: 'backups/x', mark: '1', running: ['master'] };
      file.undo = { settings: [{ on: 'master', name: 'x', value: null }] };
    }),
};

beforeAll(async () => {
  if (!isRoot) return;
  chmodSync(scene, 0o755);
  for (const folder of ['canary', 'own', 'own/lab', 'students', 'home-0']) mkdirSync(at(folder), { mode: 0o755 });
  chmodSync(own, 0o700);
  chmodSync(canary, 0o777);
  writeFileSync(join(own, 'secret.json'), `{"schema":1,"${secret}":"${secret}"}\n`, { mode: 0o600 });
  writeFileSync(join(own, 'PG_VERSION'), '18\n');
  writeFileSync(join(own, 'postgresql.conf'), `port = 5432\ncluster_name = '${secret}'\n`);
  for (const uid of [student, neighbour]) {
    mkdirSync(at(`home-${uid}`));
    execFileSync('chown', [`${uid}:${uid}`, at(`home-${uid}`)]);
  }
  give(at('students'));
  const lab = at('students/base');
  expect((await say(student, ['--lab', lab, 'next'])).status).toBe(1);
  renameSync(lab, base);
  for (const folder of ['rep/master_data/global', 'logs', 'backups'])
    mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(data(base, 'PG_VERSION'), '18\n');
  writeFileSync(data(base, 'postgresql.conf'), 'port = 5432\n');
  writeFileSync(data(base, 'pg_hba.conf'), 'local all all trust\n');
  writeFileSync(join(base, 'logs/master.log'), '2026-11-30 07:32:55 UTC [1] LOG:  starting PostgreSQL 18.4\n');
  const opened = { 'two-servers': '2026-11-01T00:00:00Z' };
  writeFileSync(
    join(base, 'progress.json'),
    JSON.stringify({ schema: 1, lesson: 'two-servers', done: {}, hints: {}, opened }),
  );
  writeFileSync(join(base, 'journal.json'), JSON.stringify({ schema: 1, answers: {}, measurements: [], events: {} }));
  cpSync(base, join(own, 'lab'), { recursive: true });
  planned(join(own, 'lab'), (plan) => {
    plan.id = secret;
  });
});

afterAll(() => {
  if (!isRoot) return;
  rmSync(scene, { recursive: true, force: true });
  const { length } = Object.keys(forms);
  process.stdout.write(`\nAttacked: hostile labs: ${length} forms, ${tried} commands, ${harmed} let in or lost\n`);
});

/** A student's lab, made hostile by this form. */
function madeInto(form: Form): { readonly lab: string } & Disposable {
  const lab = at('students/lab');
  rmSync(lab, { recursive: true, force: true });
  cpSync(base, lab, { recursive: true });
  const kept = form(lab);
  give(at('students'));
  return {
    lab,
    [Symbol.dispose]() {
      if (typeof kept === 'object' && kept && Symbol.dispose in kept) (kept as Disposable)[Symbol.dispose]();
      rmSync(lab, { recursive: true, force: true });
    },
  };
}

/**
 * Runs the commands and expects that nothing was run, called, signalled, written or revealed, and that all of them
 * ended.
 */
async function harmless(uid: number, lab: string, all: readonly (readonly string[])[]): Promise<readonly Said[]> {
  const before = [tree(at('students')), tree(own)];
  const said = await Promise.all(all.map((args) => say(uid, args)));
  const harm = said.flatMap(({ status, text }, n) => {
    const which = all[n]?.slice(2).join(' ');
    return [
      ...(status === null || status > 3 ? [`${which}: hung, or died`] : []),
      ...(text.includes(secret) ? [`${which}: tells a secret`] : []),
      ...(text.includes("an error of the workshop's own") ? [`${which}: ${text}`] : []),
    ];
  });
  for (const trace of ['ran', 'called', 'signalled']) {
    if (existsSync(join(canary, trace))) harm.push(`${trace}: ${readFileSync(join(canary, trace), 'utf8')}`);
    rmSync(join(canary, trace), { force: true });
  }
  if (existsSync(join(lab, 'report.md')) || before.join() !== [tree(at('students')), tree(own)].join())
    harm.push('something was written');
  tried += all.length;
  harmed += harm.length;
  expect(harm).toEqual([]);
  return said;
}

describe.skipIf(!isRoot)('the lab of somebody else (needs root)', () => {
  describe.each([
    ['root', 0],
    ['another user', neighbour],
  ])('looked at by %s', (_, uid) => {
    it.each(Object.keys(forms))(`a look by uid ${uid} is not harmed by a hostile lab: %s`, async (name) => {
      using made = madeInto(forms[name] as Form);
      const [first = [], ...others] = looks(made.lab, at(`home-${uid}`));
      await harmless(uid, made.lab, [first]);
      for (const look of shareOf(others, shareMs, `${name} ${uid}`)) await harmless(uid, made.lab, [look]);
    });
  });

  it('a look at a foreign lab says whose it is, and what it could not see is unknown', async () => {
    using made = madeInto(() => undefined);
    const [check, status] = await harmless(0, made.lab, [
      ['--lab', made.lab, 'check', '--json'],
      ['--lab', made.lab, 'status'],
    ]);
    const { tasks } = JSON.parse(check?.text ?? '') as { tasks: { task: string; verdict: { kind: string } }[] };
    const kinds = tasks.map(({ task, verdict }) => `${task}: ${verdict.kind}`);
    expect(kinds.slice(0, 2)).toEqual(['two-servers/master-runs: unknown', 'two-servers/slave-runs: unknown']);
    expect(check?.status).toBe(3);
    expect(status).toMatchObject({ status: 3, text: expect.stringContaining(`belongs to uid ${student}`) });
    expect(status?.text).toContain(`sudo -u "#${student}" repl-workshop --lab`);
  });

  it("a look at a foreign lab does not believe the lab's own progress file", async () => {
    const lessonsOf = async (lab: string) => JSON.parse((await say(0, ['--lab', lab, 'list', '--json'])).text);
    using made = madeInto((lab) =>
      edit(join(lab, 'progress.json'), (text) => {
        const file = JSON.parse(text);
        const claim = { at: '2026-11-01T00:00:00Z', seen: 'verified on the servers\u009b31m' };
        for (const key of forged) file.done[key] = claim;
        return JSON.stringify({ ...file, lesson: 'what-it-costs' });
      }),
    );
    const { lessons, unseen } = await lessonsOf(made.lab);
    expect(unseen.what).toContain(`belongs to uid ${student}`);
    expect(lessons.at(-1).here).toBe(true);
    const [check, junit, list] = await harmless(0, made.lab, [
      ['--lab', made.lab, 'check', '--json'],
      ['--lab', made.lab, 'check', '--all'],
      ['--lab', made.lab, 'list', '--json'],
    ]);
    const said = JSON.parse(check?.text ?? '');
    expect(said.unseen.what).toContain(`belongs to uid ${student}`);
    for (const { task, verdict } of said.tasks)
      if (forged.includes(task)) expect(verdict, task).toMatchObject({ kind: 'unknown' });
    expect(said.tasks[0]).toMatchObject({
      done: {},
      verdict: { problem: { what: expect.stringContaining('own record') } },
    });
    expect([check?.status, junit?.status]).toEqual([3, 3]);
    expect(junit?.text).toContain('and was not checked');
    for (const one of [check, junit, list]) expect(one?.text).not.toContain('\u009b');
  });

  it.each([
    ['root', 0],
    ['another user', neighbour],
  ])('commands of %s that change a lab do not change a foreign one', async (_, uid) => {
    using made = madeInto(() => undefined);
    const said = await harmless(
      uid,
      made.lab,
      deeds.map((args) => ['--lab', made.lab, ...args]),
    );
    for (const [n, { status, text }] of said.entries()) {
      expect(`${deeds[n]?.join(' ')}: ${status}`).toMatch(/: [23]$/);
      expect(text).toMatch(/belongs to uid|belongs to another user/);
    }
  });

  it('a foreign lab is an ordinary lab to its owner', async () => {
    using made = madeInto(() => undefined);
    const said = await say(student, ['--lab', made.lab, 'check', '--json']);
    expect(JSON.parse(said.text).tasks[0].verdict.kind).toBe('fail');
  });

  it('a foreign lab is an ordinary lab once no other user can write to the folders above it', async () => {
    using made = madeInto(() => undefined);
    chmodSync(at('students'), 0o777);
    const open = await say(student, ['--lab', made.lab, 'next']);
    expect(open.text).toContain(`chmod go-w ${at('students')}`);
    chmodSync(at('students'), 0o755);
    expect((await say(student, ['--lab', made.lab, 'next'])).status).toBe(1);
  });
});
