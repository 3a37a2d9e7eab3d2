/**
 * No lock is held twice, and none blocks forever. `REPL_WORKSHOP_LOCKS=200000` sets how often it is taken, else it is
 * taken for a share of time.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isHolder, isTakenByOthers, sweepLocks, takeLock } from '../../src/lab/lock/lock.ts';
import { everything } from '../everything.ts';

const wanted = Number(process.env.REPL_WORKSHOP_LOCKS ?? Infinity);
const shareMs = wanted < Infinity ? Infinity : everything ? 10_000 : 1_000;
const processes = 4;

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rw-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const deadPid = (): number => spawnSync('true').pid;
const here = (): readonly string[] => readdirSync(dir);

type Counted = { readonly taken: number; readonly heldTwice: number };

function worker(takes: number, ms: number, share: number) {
  const script = resolve('test/lab/lock-worker.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, dir, String(takes), String(ms), String(deadPid()), String(share)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<Counted | undefined>((done) =>
    child.on('close', () => done(said ? JSON.parse(said) : undefined)),
  );
  return { child, ended };
}

it(`a lock is never held twice by ${processes} processes, with a third of its takes left by dead holders`, async () => {
  const workers = Array.from({ length: processes }, () => worker(wanted / processes, shareMs, 0.3));
  const counted = await Promise.all(workers.map(({ ended }) => ended));
  const taken = counted.map((one) => one?.taken ?? 0);
  const takes = taken.reduce((sum, one) => sum + one);
  console.log(`Attacked: a lock: ${takes} takes`);
  expect(takes).toBeGreaterThan(0);
  expect(counted.map((one) => one?.heldTwice)).toEqual(taken.map(() => 0));
}, 3_600_000);

it('a lock is never held twice when its takers are killed', async () => {
  const rounds = 12;
  const lasting = worker(1500, Infinity, 0.3);
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    const { child, ended } = worker(Infinity, Infinity, 0.3);
    await new Promise((soon) => setTimeout(soon, 600 + 40 * round)); // killed at another point of its work each time
    killed += child.kill('SIGKILL') ? 1 : 0;
    await ended;
  }
  expect(killed).toBe(rounds);
  expect(await lasting.ended).toMatchObject({ heldTwice: 0 });
  sweepLocks(dir);
  const free = takeLock(dir, 'deed');
  expect(isHolder(free)).toBe(false);
  if (!isHolder(free)) free[Symbol.dispose]();
  sweepLocks(dir);
  expect(here().filter((name) => name.startsWith('.'))).toEqual([]);
});

it('a lock tells others its holder, and leaves no file', () => {
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) throw new Error('taken');
  expect(takeLock(dir, 'deed')).toMatchObject({ pid: process.pid });
  expect(isTakenByOthers(dir, 'deed')).toBe(false);
  lock[Symbol.dispose]();
  expect(here()).toEqual([]);
});

const spoilt: Readonly<Record<string, (path: string) => void>> = {
  'with a pid below zero': (path) => writeFileSync(path, '{"pid":-1}'),
  'with the pid zero': (path) => writeFileSync(path, '{"pid":0,"started":"1"}'),
  'that is empty': (path) => writeFileSync(path, ''),
  'that is no JSON': (path) => writeFileSync(path, '\0\xff garbage'),
  'with null': (path) => writeFileSync(path, 'null'),
  'that is a link': (path) => symlinkSync('/etc/passwd', path),
  'that is a link to itself': (path) => symlinkSync('.deed.lock', path),
  'of a dead process of an earlier version': (path) =>
    writeFileSync(path, JSON.stringify({ pid: deadPid(), started: '17' })),
  'of a pid that another process has by now': (path) =>
    writeFileSync(path, JSON.stringify({ pid: process.ppid, started: '17' })),
};

it.each(Object.keys(spoilt))('a lock is taken over from one %s', (how) => {
  spoilt[how]?.(join(dir, '.deed.lock'));
  expect(isTakenByOthers(dir, 'deed')).toBe(false);
  const lock = takeLock(dir, 'deed');
  expect(isHolder(lock)).toBe(false);
  if (!isHolder(lock)) lock[Symbol.dispose]();
  expect(here()).toEqual([]);
});

it('a lock of a running workshop of an earlier version is respected', () => {
  writeFileSync(join(dir, '.screen.lock'), JSON.stringify({ pid: process.ppid, started: null }));
  expect(takeLock(dir, 'screen')).toMatchObject({ pid: process.ppid });
  expect(isTakenByOthers(dir, 'screen')).toBe(true);
});

const inTheWay: Readonly<Record<string, (path: string) => void>> = {
  'a folder': (path) => mkdirSync(path),
  'a file of 1 MB': (path) => writeFileSync(path, 'x'.repeat(1_000_000)),
  'a pipe': (path) => void spawnSync('mkfifo', [path]),
};

it.each(Object.keys(inTheWay))('a lock is taken where there is %s, which is kept under another name', (how) => {
  inTheWay[how]?.(join(dir, '.deed.lock'));
  expect(isTakenByOthers(dir, 'deed')).toBe(false);
  const lock = takeLock(dir, 'deed');
  expect(isHolder(lock)).toBe(false);
  if (!isHolder(lock)) lock[Symbol.dispose]();
  expect(here()).toEqual([expect.stringMatching(/^\.deed\.lock\.unreadable-/)]);
});

it('a lock leaves no files of programs that were killed while they removed one', () => {
  const dead = `${deadPid()}:17:0123456789abcdef`;
  symlinkSync(dead, join(dir, '.deed.lock.0123456789abcdef'));
  writeFileSync(join(dir, `.screen.lock.${deadPid()}`), '{}');
  writeFileSync(join(dir, '.deed.lock.mine'), "somebody else's");
  sweepLocks(dir);
  expect(here()).toEqual(['.deed.lock.mine']);
});
