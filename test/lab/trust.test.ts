import { execFileSync } from 'node:child_process';
import {
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { readOfLab } from '../../src/lab/files/read-file.ts';
import { writeNamed, writeWhole } from '../../src/lab/files/write-file.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { doubtOf, isTrusted, type Part, walkTo } from '../../src/lab/trust/trust.ts';

const me = 1000;
const other = 1001;
const folder = (mode: number, uid = me, gid = uid): Part => ({ path: '/x', kind: 'folder', uid, gid, mode });

describe('a part of a path', () => {
  const above = true;
  test.each<[string, Part, boolean, string | null]>([
    ["the caller's own", folder(0o755), above, null],
    ["root's", folder(0o755, 0), above, null],
    ["somebody else's", folder(0o755, other), above, 'owner'],
    ["somebody else's, sticky", folder(0o1777, other), above, 'owner'],
    ['open to all', folder(0o777), above, 'writable'],
    ['/tmp', folder(0o1777, 0), above, null],
    ['a sticky folder as the lab itself', folder(0o1777, 0), false, 'writable'],
    ['open to a group of others', folder(0o775, me, 50), above, 'group'],
    ['open to a group of others, as the lab itself', folder(0o2775, me, 50), false, 'group'],
    ['open to a group and to all', folder(0o777, me, 50), false, 'writable'],
    ["open to the user's own group", folder(0o775), above, null],
    ["root's, open to root's group", folder(0o775, 0, 0), above, null],
    ["root's, open to a group of others", folder(0o775, 0, 50), above, 'writable'],
    ['a file open to all', { ...folder(0o666), kind: 'other' }, false, 'writable'],
    ['a link, whose mode is 0777 always', { ...folder(0o777), kind: 'link' }, above, null],
    ["somebody else's link", { ...folder(0o777, other), kind: 'link' }, above, 'owner'],
    ['of a user whom this namespace does not know, on the way', folder(0o755, 65534), above, null],
    ['of such a user, at the end', folder(0o755, 65534), false, 'owner'],
    ['of such a user, and open to all', folder(0o777, 65534), above, 'writable'],
  ])('doubtOf judges a part of a path: %s', (_, part, isAbove, why) => {
    expect(doubtOf(part, { uid: me, unmapped: 65534 }, isAbove)?.why ?? null).toBe(why);
  });

  it('a part of an unknown user belongs to another user where all users are known', () => {
    expect(doubtOf(folder(0o755, 65534), { uid: me }, true)?.why).toBe('owner');
  });
});

/** Only root can give files to other users. */
describe.skipIf(process.getuid?.() !== 0)('as root, among folders of another user (needs root)', () => {
  const student = 54_321;
  let home = '';
  const at = (...names: string[]) => join(home, ...names);
  const give = (path: string) => chownSync(path, student, student);
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rw-'));
    mkdirSync(at('theirs'));
    writeFileSync(at('theirs/plain'), 'theirs');
    for (const path of ['theirs', 'theirs/plain']) give(at(path));
    mkdirSync(at('mine'), { mode: 0o755 });
    writeFileSync(at('mine/secret'), 'secret', { mode: 0o600 });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("root's walk names the part that is not trusted, and stops at a link", () => {
    expect(walkTo(at('mine/secret'))).toMatchObject({ doubt: null, link: null, there: true });
    expect(walkTo(at('theirs/plain'))).toMatchObject({ doubt: { path: at('theirs'), why: 'owner', uid: student } });
    symlinkSync(at('mine'), at('theirs/way')); // root's own link, in a folder where its owner may put it elsewhere
    expect(walkTo(at('theirs/way/secret'))).toMatchObject({ link: at('theirs/way'), real: at('theirs/way') });
    expect(isTrusted(at('theirs/way/secret'))).toBe(false);
  });

  it("root's walk follows root's own links, and ends also in a ring", () => {
    symlinkSync('../mine', at('mine/way'));
    expect(walkTo(at('mine/way/secret'))).toMatchObject({ real: at('mine/secret'), doubt: null });
    symlinkSync('b', at('mine/a'));
    symlinkSync('a', at('mine/b'));
    expect(walkTo(at('mine/a')).doubt?.why).toBe('unseen');
  });

  it.each<[string, (path: string) => void]>([
    ['a link to a secret', (path) => symlinkSync(at('mine/secret'), path)],
    ['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path)],
    ['a fifo', (path) => void execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    ['a hard link to a secret', (path) => linkSync(at('mine/secret'), path)],
    ['a device', (path) => void execFileSync('mknod', [path, 'c', '1', '5'])],
    [
      'a file of 100 GB',
      (path) => {
        execFileSync('truncate', ['-s', '100G', path]);
        give(path);
      },
    ],
    ['a link to itself', (path) => symlinkSync(path, path)],
    ['a link to a file of /proc', (path) => symlinkSync('/proc/self/environ', path)],
  ])("root refuses to read %s in another user's folder", (_, make) => {
    const path = at('theirs/file');
    make(path);
    const read = readOfLab(path, 1024);
    const said = read.kind === 'refused' ? `refused: ${read.why}` : JSON.stringify(read);
    expect(said).toMatch(/^refused: /);
    expect(said).not.toContain('secret');
  });

  it("root reads a plain file in another user's folder", () => {
    expect(readOfLab(at('theirs/plain'), 1024)).toMatchObject({ kind: 'bytes', bytes: Buffer.from('theirs') });
    expect(readOfLab(at('theirs/none/x'), 1024)).toEqual({ kind: 'absent' });
  });
});

describe('what is written', () => {
  let home = '';
  const at = (name: string) => join(home, name);
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rw-'));
    writeFileSync(at('precious'), 'precious');
  });
  afterEach(() => {
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
    rmSync(home, { recursive: true, force: true });
  });

  it('writeWhole replaces a link, and does not follow it', () => {
    symlinkSync(at('precious'), at('link'));
    writeWhole(at('link'), 'ours');
    expect(readFileSync(at('link'), 'utf8')).toBe('ours');
  });

  it('writeWhole leaves no file when it fails', () => {
    mkdirSync(at('folder'));
    expect(() => writeWhole(at('folder'), 'ours')).toThrow();
    expect(readdirSync(home).sort()).toEqual(['folder', 'precious']);
  });

  it('writeNamed writes no device, fifo or folder that the learner has named', () => {
    execFileSync('mkfifo', [at('fifo')]);
    for (const path of [at('fifo'), '/dev/null', home]) expect(() => writeNamed(path, 'ours')).toThrow(ProblemError);
  });

  it("writeNamed writes through the learner's own link", () => {
    writeFileSync(at('report'), 'old');
    symlinkSync('report', at('named'));
    writeNamed(at('named'), 'new');
    expect(readFileSync(at('report'), 'utf8')).toBe('new');
  });
});
