/** Backups as files: their order, which are dropped, and which folders are never dropped. Without servers. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withoutLinks } from '../../src/lab/backup/backup-driver.ts';
import {
  incomplete,
  listBackups,
  listSteps,
  mostBytesOfSteps,
  nextBackup,
} from '../../src/lab/backup/backup-folder.ts';
import { backupOperations } from '../../src/lab/backup/backups.ts';
import { copyFiles, removeFiles } from '../../src/lab/files/copy-files.ts';
import { setAside } from '../../src/lab/store/store.ts';
import { plan } from '../lesson/plan.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rw-backups-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true });
});

const none = async () => undefined;
const keeper = () =>
  backupOperations({
    dir,
    plan,
    servers: [],
    start: none,
    copy: copyFiles,
    remove: removeFiles,
    engineState: async () => ({}),
    copyEngineState: async () => 0,
    reinstate: none,
    setAside: async () => 0,
    restoreSetAside: none,
    forget: none,
    freeze: async () => ({ [Symbol.asyncDispose]: none }),
    unfreeze: none,
    ...withoutLinks,
  });

const work = (text: string) => {
  mkdirSync(join(dir, 'rep'), { recursive: true });
  writeFileSync(join(dir, 'rep/mine.txt'), text);
};
const mine = () => readFileSync(join(dir, 'rep/mine.txt'), 'utf8');
const folders = () => (existsSync(join(dir, 'backups')) ? readdirSync(join(dir, 'backups')).sort() : []);
const clock = (iso: string) => vi.useFakeTimers({ now: new Date(iso), toFake: ['Date'] });

/** Makes a step of undo as a goto does; with a size, as if it took so much of the disk. */
async function aside(about: string, text: string, bytes?: number): Promise<string> {
  work(text);
  const path = nextBackup(dir, about);
  await keeper().putAside(path, about, []);
  const file = join(dir, path, 'snapshot.json');
  if (bytes !== undefined) writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), bytes }));
  await keeper().dropOldBackups(path);
  return path;
}

const large = mostBytesOfSteps / 2; // of two such steps there is room for no more

const jumps = ['2026-11-30', '2027-01-01', '1970-01-01', '2026-11-29', '2106-02-07', '1971-01-01', '2026-11-30'];

it('the newest backup comes first, whatever the clock says, and its own operation does not drop it', async () => {
  for (const [at, day] of jumps.entries()) {
    clock(`${day}T12:00:00Z`);
    const path = await aside(`goto ${at}`, String(at), large);
    expect(listBackups(dir)[0]?.path).toBe(path);
    expect(readFileSync(join(dir, path, 'rep/mine.txt'), 'utf8')).toBe(String(at));
  }
  expect(listBackups(dir).map(({ about }) => about)).toEqual(['goto 6', 'goto 5', 'goto 4']);
  for (const wanted of ['6', '5', '4']) {
    const [newest] = listBackups(dir);
    await keeper().bringBack(newest?.path ?? '');
    expect(mine()).toBe(wanted);
  }
  expect(folders()).toEqual([]);
});

it('as many steps are kept as there is room for, and three at least', async () => {
  for (let n = 0; n < 12; n++) await aside(`goto ${n}`, String(n), mostBytesOfSteps / 10);
  expect(listSteps(dir, 'undo')).toHaveLength(10);
  await aside('goto 12', '12', mostBytesOfSteps);
  expect(listSteps(dir, 'undo').map(({ about }) => about)).toEqual(['goto 12', 'goto 11', 'goto 10']);
});

it('neither a named snapshot nor its size takes the room of a step', async () => {
  work('named');
  await keeper().copyAside(nextBackup(dir, 'mine'), 'mine', 'named');
  for (let n = 0; n < 5; n++) await aside(`goto ${n}`, String(n), large);
  expect(listBackups(dir).filter(({ kind }) => kind === 'named')).toHaveLength(1);
  const [named] = listBackups(dir).filter(({ kind }) => kind === 'named');
  rmSync(join(dir, 'rep'), { recursive: true, force: true });
  for (let times = 0; times < 2; times++) {
    await keeper().place(named?.path ?? '');
    expect(mine()).toBe('named');
  }
});

it('of states that are kept for a short time only the newest stays', async () => {
  work('one');
  const paths = [await keeper().snapshot('a'), await keeper().snapshot('b')];
  expect(listBackups(dir).map(({ path }) => path)).toEqual(paths.slice(1));
});

it('backups of an earlier version keep their order, are the oldest, and count among those to drop', async () => {
  for (const day of ['2026-01-02', '2026-03-01', '2099-01-01']) {
    const folder = join(dir, 'backups', `${day}T00-00-00-000-goto-1`);
    mkdirSync(folder, { recursive: true });
    const at = `${day}T00:00:00.000Z`;
    const snapshot = { schema: 1, about: `old ${day}`, at, running: [], parts: [], bytes: large };
    writeFileSync(join(folder, 'snapshot.json'), JSON.stringify(snapshot));
  }
  expect(listBackups(dir).map(({ about }) => about)).toEqual(['old 2099-01-01', 'old 2026-03-01', 'old 2026-01-02']);
  expect(await aside('goto 5', 'x', large)).toBe('backups/0001-goto-5');
  expect(listBackups(dir).map(({ about }) => about)).toEqual(['goto 5', 'old 2099-01-01', 'old 2026-03-01']);
});

it('folders in backups/ that the workshop did not make stay', async () => {
  const strange = [
    '2020-01-01T00-00-00-mine',
    '2020-01-01T00-00-00-000-goto-1',
    '0001-goto-3',
    '0002-mine',
    'notes',
    'a file',
  ];
  for (const name of strange) mkdirSync(join(dir, 'backups', name), { recursive: true });
  writeFileSync(join(dir, 'backups/notes/snapshot.json'), '{"schema":1}');
  writeFileSync(join(dir, 'backups/0002-mine/snapshot.json'), 'mine');
  for (let n = 0; n < 6; n++) await aside(`goto ${n}`, String(n), large);
  expect(folders()).toEqual(expect.arrayContaining(strange));
  expect(folders()).toHaveLength(strange.length + 3);
});

it("a backup whose making or removal was killed is known as the workshop's own", async () => {
  const path = await aside('goto 1', 'x');
  rmSync(join(dir, path, 'snapshot.json'));
  mkdirSync(join(dir, 'backups/.0007-goto-3.making'));
  mkdirSync(join(dir, 'backups/.0003-goto-3.going/rep'), { recursive: true });
  expect([...incomplete(dir)].sort()).toEqual(
    ['backups/.0003-goto-3.going', 'backups/.0007-goto-3.making', path].sort(),
  );
  expect(await keeper().dropOldBackups(null)).toEqual([]);
  expect(folders()).toEqual([]);
});

it('an old backup is removed even if its folders are closed', async () => {
  const first = await aside('goto 0', '0', large);
  chmodSync(join(dir, first, 'rep'), 0);
  for (let n = 1; n < 4; n++) await aside(`goto ${n}`, String(n), large);
  expect(folders()).toHaveLength(3);
});

it('a file that is set aside twice at one time of the clock is kept twice', () => {
  const path = join(dir, 'lab.json');
  const names = ['one', 'two', 'three'].map((text) => {
    writeFileSync(path, text);
    return setAside(path, new Date('1970-01-01T00:00:00Z'));
  });
  expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(['one', 'two', 'three']);
});

/** Mounts a file system in the folder, so that even root cannot remove the folder. */
async function withMount(folder: string, skip: (why: string) => never, use: () => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  if (status !== 0) return skip('no right to mount here');
  const mounts = () =>
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(dir));
  try {
    await use();
  } finally {
    for (const path of mounts()) spawnSync('umount', [path]);
  }
}

it('an old backup that cannot be removed is a warning, and no later backup is lost', ({ skip }) =>
  withMount(join(dir, 'rep/foreign'), skip, async () => {
    for (let n = 0; n < 3; n++) await aside(`goto ${n}`, String(n), large);
    const path = nextBackup(dir, 'goto 3');
    work('3');
    await keeper().putAside(path, 'goto 3', []);
    const warnings = await keeper().dropOldBackups(path);
    expect(warnings).toEqual([
      { what: expect.stringContaining('it is in use'), fix: expect.stringContaining('rm -rf') },
    ]);
    expect(listBackups(dir).map(({ about }) => about)).toEqual(['goto 3', 'goto 2', 'goto 1']);
  }));

it('bringing a backup back does not fail because of a file in its place that cannot be removed', async ({ skip }) => {
  const path = await aside('goto 1', 'before');
  work('after');
  await withMount(join(dir, 'rep/foreign'), skip, async () => {
    expect(await keeper().bringBack(path)).toHaveLength(1);
    expect(mine()).toBe('before');
  });
});
