/**
 * goto, reset and snapshot restore on a half-broken lab: each succeeds, or refuses with a sentence and changes nothing,
 * and undo brings the broken state back as it was.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { readLab } from '../../src/lab/folder.ts';
import { cacheFolder, openCache } from '../../src/lab/prepared/cache.ts';
import { prepareStates } from '../../src/learner/operations/prepared-states.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { everything } from '../everything.ts';
import { temporaryLab } from '../proof/lab.ts';
import { brokenLab, childrenOf, pidOf, serversBelow, suspend } from './broken-lab.ts';

const broken = brokenLab();
const { outer, dir, env, run, works } = broken;
const rep = (...names: string[]) => join(dir, 'rep', ...names);
const [master, slave] = [rep('master_data'), rep('slave_data')];

let idle: ChildProcess | undefined; // a process of this user that is no server
beforeAll(async () => {
  idle = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await works('goto', ['3']);
  const { plan } = readLab(dir) ?? {};
  const cache = openCache(cacheFolder(env));
  if (!plan || !cache) throw new Error('no lab or no cache');
  const secrets = {
    servers: Object.fromEntries(plan.servers.map(({ name, password }) => [name, password])),
    replication: plan.replication.password,
  };
  await using lab = await temporaryLab({ major: 15, secrets });
  const two = lessonsFor(lessons, readerHere(plan), plan).slice(0, 2);
  await prepareStates(lab, two, cache, () => undefined, new AbortController().signal);
  writeFileSync(rep('master_data/pg_hba.conf'), '# mine\n', { flag: 'a' });
  await works('snapshot', ['save', 'good']);
});
afterAll(async () => {
  idle?.kill();
  await broken[Symbol.asyncDispose]();
});

type Breakage = {
  readonly breaks: () => Promise<void> | void;
  readonly running?: true; // the servers run, so their own files change
  readonly ends?: () => void; // what has to be taken back so that the folder can be removed
  readonly refused?: RegExp; // the operations refuse, with this sentence
  readonly mended?: RegExp; // what the opening itself puts right, and says so
  readonly skip?: () => string | undefined;
};

const dead = () => Number(execFileSync('sh', ['-c', 'echo $$']));
const pidFile = (pid: number) =>
  writeFileSync(
    join(master, 'postmaster.pid'),
    `${pid}\n${master}\n1700000000\n5432\n${join(dir, 'run')}\n127.0.0.1\n  1 1\nready   \n`,
  );
const root = () => (process.getuid?.() === 0 ? undefined : 'needs root');

const breakages: Readonly<Record<string, Breakage>> = {
  'the postmaster is stopped': { running: true, breaks: () => suspend([pidOf(master)]) },
  "the postmaster's children are stopped": { running: true, breaks: () => suspend(childrenOf(pidOf(master))) },
  'all processes of both servers are stopped': {
    running: true,
    breaks() {
      for (const pid of [master, slave].map(pidOf)) suspend([pid, ...childrenOf(pid)]);
    },
  },
  'the postmaster was killed while its children were stopped': {
    running: true,
    breaks() {
      suspend(childrenOf(pidOf(master)));
      process.kill(pidOf(master), 'SIGKILL');
    },
  },
  'postmaster.pid of a running server is gone': {
    running: true,
    breaks: () => rmSync(join(master, 'postmaster.pid')),
  },
  'the files of a running server are gone': {
    running: true,
    breaks: () => readdirSync(master).forEach((name) => void rmSync(join(master, name), { recursive: true })),
  },
  'the folder of a running server is gone': { running: true, breaks: () => rmSync(master, { recursive: true }) },
  'the folder of a running server was renamed': {
    running: true,
    breaks: () => renameSync(master, rep('other_data')),
  },
  'rep was renamed while its servers ran': {
    running: true,
    breaks: () => renameSync(rep(), join(dir, 'other')),
    ends: () => rmSync(join(dir, 'other'), { recursive: true }),
  },
  'the data directory is empty': {
    breaks: () => readdirSync(master).forEach((name) => void rmSync(join(master, name), { recursive: true })),
  },
  'the data directory has no PG_VERSION': { breaks: () => rmSync(join(master, 'PG_VERSION')) },
  'the data directory is a file': {
    breaks() {
      rmSync(master, { recursive: true });
      writeFileSync(master, 'mine');
    },
  },
  'rep is a file': {
    breaks() {
      rmSync(rep(), { recursive: true });
      writeFileSync(rep(), 'mine');
    },
    refused: /a file/,
  },
  'rep is gone': { breaks: () => rmSync(rep(), { recursive: true }) },
  'a data directory is a link that leads nowhere': {
    breaks() {
      rmSync(slave, { recursive: true });
      symlinkSync('/nowhere/data', slave);
    },
  },
  'a file is a link that leads nowhere': {
    breaks() {
      unlinkSync(join(master, 'pg_hba.conf'));
      symlinkSync('/nowhere/pg_hba.conf', join(master, 'pg_hba.conf'));
    },
  },
  'files belong to another user': {
    skip: root,
    breaks: () => execFileSync('chown', ['-R', '1234:1234', slave]) && undefined,
  },
  'rep belongs to another user': { skip: root, breaks: () => chownSync(rep(), 1234, 1234) },
  'files and folders are read-only': {
    breaks() {
      for (const path of [join(master, 'pg_hba.conf'), join(master, 'base'), master, rep()]) chmodSync(path, 0o500);
    },
  },
  'a file may not be changed by anybody': {
    skip: () => {
      writeFileSync(join(outer, 'try'), '');
      try {
        execFileSync('chattr', ['+i', join(outer, 'try')], { stdio: 'ignore' });
        execFileSync('chattr', ['-i', join(outer, 'try')], { stdio: 'ignore' });
        return undefined;
      } catch {
        return 'this file system has no such attribute';
      }
    },
    breaks: () => void execFileSync('chattr', ['+i', rep()]),
    ends: () => void execFileSync('chattr', ['-i', rep()]),
    refused: /permission was denied/,
  },
  'the data directory is open to all': { breaks: () => chmodSync(master, 0o777) },
  'postmaster.pid names a dead process': { breaks: () => pidFile(dead()) },
  'postmaster.pid names a process that is no server': { breaks: () => pidFile(idle?.pid ?? 0) },
  'postmaster.pid names a process of root': { breaks: () => pidFile(1) },
  'postmaster.pid is nonsense': { breaks: () => writeFileSync(join(master, 'postmaster.pid'), 'nonsense') },
  'postmaster.pid is a folder': { breaks: () => mkdirSync(join(master, 'postmaster.pid')) },
  'a backup_label is left over': {
    breaks: () =>
      writeFileSync(join(master, 'backup_label'), 'START WAL LOCATION: 0/9000028 (file 000000010000000000000009)\n'),
  },
  'a lock of a socket is left over': {
    breaks() {
      const [one] = readLab(dir)?.plan.servers ?? [];
      writeFileSync(join(dir, `run/.s.PGSQL.${one?.port}.lock`), `${dead()}\n${master}\n1\n${one?.port}\n${dir}/run\n`);
    },
  },
  'a lock of a socket names a process that is no server': {
    breaks() {
      const [one] = readLab(dir)?.plan.servers ?? [];
      const path = join(dir, `run/.s.PGSQL.${one?.port}.lock`);
      rmSync(path, { force: true });
      writeFileSync(path, `${idle?.pid}\n${master}\n1\n${one?.port}\n${dir}/run\n`);
    },
  },
  'logs is a file': {
    breaks() {
      rmSync(join(dir, 'logs'), { recursive: true });
      writeFileSync(join(dir, 'logs'), 'mine');
    },
    refused: /a file/,
  },
  'progress.json is a folder': {
    breaks() {
      rmSync(join(dir, 'progress.json'), { recursive: true, force: true });
      mkdirSync(join(dir, 'progress.json'));
    },
    mended: /^progress/,
  },
  'lab.json is nonsense': { breaks: () => writeFileSync(join(dir, 'lab.json'), 'nonsense') },
};

/** Of files that no server writes: kind, mode, owner and content. */
function fingerprint({ running, mended }: Breakage): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (path: string) => {
    const stat = lstatSync(join(dir, path), { throwIfNoEntry: false });
    if (!stat || mended?.test(path)) return;
    const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'file';
    const learners = /^(rep|progress\.json|journal\.json|logs|rep\/[^/]+(\/(.*\.conf|PG_VERSION|backup_label))?)$/.test(
      path,
    );
    if (path !== 'rep' && (!running || learners)) {
      // each opening makes rep/, for the servers' user to pass through
      const content = stat.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(dir, path)))
            .digest('hex')
            .slice(0, 12)
        : stat.isSymbolicLink()
          ? readlinkSync(join(dir, path))
          : '';
      found[path] = `${kind} ${(stat.mode & 0o7777).toString(8)} ${stat.uid} ${content}`;
    }
    if (stat.isDirectory()) for (const name of readdirSync(join(dir, path)).sort()) walk(join(path, name));
  };
  for (const part of ['rep', 'progress.json', 'journal.json']) walk(part);
  return found;
}

const moves: readonly (readonly [string, readonly string[], object])[] = [
  ['reset', ['3'], {}],
  ['goto', ['2'], {}],
  ['reset', [], { all: true }],
  ['snapshot', ['restore', 'good'], {}],
];

it.for(Object.entries(breakages))('%s: operations work, and undo brings that back', async ([title, one], { skip }) => {
  const { breaks, running = false, ends, refused } = one;
  const why = one.skip?.();
  if (why) return skip(why);
  const some = moves.filter((_, at) => everything || at === Object.keys(breakages).indexOf(title) % moves.length);
  for (const [name, args, options] of some) {
    await works(running ? 'up' : 'down');
    await breaks();
    const before = fingerprint(one);
    try {
      const said = await run(name, args, options);
      expect(said, `${name} ${args}: ${said.err}`).toMatchObject(
        refused ? { status: 3, err: expect.stringMatching(refused) } : { status: 0 },
      );
      if (!refused) await works('undo');
      expect(fingerprint(one), `after ${name} ${args}`).toEqual(before);
    } finally {
      ends?.();
      for (const path of [rep(), slave, join(dir, 'logs')])
        if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) unlinkSync(path);
      await works('snapshot', ['restore', 'good']);
    }
  }
  expect(serversBelow(outer)).toHaveLength(2);
});

it('with a full disk, copies are refused with numbers before they begin, and what only renames works', async ({
  skip,
}) => {
  const small = brokenLab(join(outer, 'small'));
  mkdirSync(small.outer);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=180m,mode=700', 'none', small.outer], { stdio: 'ignore' });
  } catch {
    return skip('no right to mount here');
  }
  try {
    await small.works('goto', ['3']);
    await small.works('down');
    const mine = join(small.dir, 'rep/mine.txt');
    writeFileSync(mine, 'mine');
    const { bavail, bsize } = statfsSync(small.dir);
    writeFileSync(join(small.outer, 'ballast'), Buffer.alloc(bavail * bsize - 3_000_000));
    for (const [name, args] of [['solve'], ['snapshot', ['save', 'x']]] as const) {
      const said = await small.run(name, args);
      expect(said).toMatchObject({ status: 3, err: expect.stringMatching(/takes \d+ MB, and \d MB are free/) });
      expect(readdirSync(join(small.dir, 'backups')), name).toHaveLength(1);
    }
    await small.works('reset', [], { all: true });
    expect(existsSync(mine)).toBe(false);
    await small.works('undo');
    expect(readFileSync(mine, 'utf8')).toBe('mine');
  } finally {
    await small.run('down');
    execFileSync('umount', [small.outer]);
  }
});
