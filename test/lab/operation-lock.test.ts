/** Openings wait for operations and do not disturb them. The other programs are real processes that hold the lock. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFolder, readLab, saveLab } from '../../src/lab/folder.ts';
import { rememberVersion } from '../../src/lab/lab-binaries.ts';
import { changeLab, makeComplete, withOperationLock } from '../../src/lab/lock/operation-lock.ts';
import { until } from '../../src/lab/machine/until.ts';
import { isPaused } from '../../src/lab/native/server/postmaster.ts';
import { freeUid } from '../../src/lab/native/user/free-uid.ts';

let dir = '';
let holder: ChildProcess;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rw-deed-'));
  holder = spawn('cat', { stdio: 'pipe' });
});
afterEach(() => {
  holder.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const lock = () => join(dir, '.deed.lock');
const hold = () => symlinkSync(`${holder.pid}::0123456789abcdef`, lock());
const isRoot = process.getuid?.() === 0;

it('an opening waits for another program before it adds what is missing, and adds nothing otherwise', async () => {
  hold();
  let made = 0;
  const make = async () => ++made;
  const opening = makeComplete(dir, () => false, make);
  expect(await makeComplete(dir, () => true, make)).toBe(undefined);
  expect(made).toBe(0);
  unlinkSync(lock());
  expect(await opening).toBe(1);
});

it('an opening that waits ends when it is aborted, and names the program at work', async () => {
  hold();
  const ending = new AbortController();
  const waiting = withOperationLock(dir, async () => 'done', ending.signal);
  ending.abort();
  await expect(waiting).rejects.toThrow(`process ${holder.pid}) is at work on this lab`);
});

it('a goto under way is waited for longer than ten seconds, unless it is stopped with Ctrl-Z', async () => {
  await openFolder(dir, { anyPorts: true });
  await changeLab(dir, (file) => ({ ...file, moving: { backup: 'backups/0001-goto-3', mark: 'x' } }));
  hold();
  const begun = performance.now();
  const waited = withOperationLock(dir, async () => performance.now() - begun);
  // Other waits end after 10 s.
  expect(await until(() => performance.now() - begun > 11_000, { deadlineMs: 20_000 })).toBe(true);
  unlinkSync(lock());
  expect(await waited).toBeGreaterThan(11_000);
  hold();
  holder.kill('SIGSTOP');
  expect(await until(() => isPaused(holder.pid ?? 0), { deadlineMs: 5_000 })).toBe(true);
  await expect(withOperationLock(dir, async () => 'done')).rejects.toThrow('is stopped (Ctrl-Z)');
});

it('an opening does not change lab.json during an operation that is recorded there', async () => {
  await openFolder(dir, { anyPorts: true });
  const before = readFileSync(join(dir, 'lab.json'), 'utf8');
  hold();
  rememberVersion(dir, '99.1');
  expect(readFileSync(join(dir, 'lab.json'), 'utf8')).toBe(before);
  const adopting = changeLab(dir, (file) => ({ ...file, elsewhere: { rep: '/mnt/data' } }));
  const file = readLab(dir);
  if (file) saveLab(dir, { ...file, moving: { backup: 'backups/0001-goto-3', mark: 'x' } }); // a pending operation
  unlinkSync(lock());
  await adopting;
  expect(readLab(dir)).toMatchObject({ elsewhere: { rep: '/mnt/data' }, moving: { mark: 'x' } });
});

it('an opening keeps the mode of a folder that another program makes into a lab', async () => {
  hold();
  chmodSync(dir, 0o710);
  await openFolder(dir, { anyPorts: true });
  expect(statSync(dir).mode & 0o777).toBe(0o710);
});

it.skipIf(!isRoot)(
  "a lab's servers keep their user while rep/ is away and a program of that user starts (root) (needs root)",
  async () => {
    const uid = await freeUid(dir);
    expect(uid).toBeDefined();
    chownSync(dir, 0, uid ?? 0);
    // Like initdb and a starting server, this process does not work in its data directory yet.
    const starting = spawn('setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'cat'], { cwd: '/' });
    try {
      const runs = () =>
        /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${starting.pid}/status`, 'utf8'))?.[1] === String(uid);
      expect(await until(runs, { deadlineMs: 5_000 })).toBe(true);
      expect(await freeUid(dir)).toBe(uid);
      mkdirSync(join(dir, 'rep'));
      writeFileSync(join(dir, 'rep/mine.txt'), 'the learner made it');
      expect(await freeUid(dir)).toBe(uid);
    } finally {
      starting.kill('SIGKILL');
    }
  },
);
