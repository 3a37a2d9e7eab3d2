/**
 * Paths with another kind of file than a command expects, from another user or the system: each command ends soon,
 * with a sentence.
 */
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../cli/run.ts';

const isRoot = process.getuid?.() === 0;
const student = 54_321;
let home = '';
const at = (...names: string[]): string => join(home, ...names);
const say = (...args: string[]) => runProgram(args, { HOME: home });
const line = '2026-11-30 07:32:55 UTC [1] FATAL:  password authentication failed for user "slave"\n';

beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'rw-paths-')));
  chmodSync(home, 0o755);
  mkdirSync(at('theirs'));
  writeFileSync(at('secret'), 'the-secret\n', { mode: 0o600 });
  writeFileSync(at('theirs/log'), line);
  symlinkSync(at('secret'), at('theirs/link'));
  symlinkSync('loop', at('theirs/loop'));
  writeFileSync(at('theirs/zeros'), '');
  truncateSync(at('theirs/zeros'), 100 * 1024 ** 3);
  linkSync(at('secret'), at('theirs/second-name'));
  writeFileSync(at('theirs/by-root'), line, { mode: 0o600 });
  for (const [folder, mode] of [
    ['mine', 0o755],
    ['of-a-group', 0o775],
  ] as const) {
    mkdirSync(at(folder));
    writeFileSync(at(folder, 'by-another'), line);
    if (!isRoot) continue;
    chownSync(at(folder, 'by-another'), student, student);
    chownSync(at(folder), 0, student);
    chmodSync(at(folder), mode);
  }
  if (isRoot) for (const name of ['', 'log', 'zeros']) chownSync(at('theirs', name), student, student);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('explain', () => {
  // Logs by another user are also in root's own lab, whose servers run as another user, and in /var/log/postgresql.
  const logs = ['theirs/log', 'theirs/by-root', ...(isRoot ? ['mine/by-another', 'of-a-group/by-another'] : [])];
  it.each(logs)('explain reads %s, whoever wrote it', async (name) => {
    const { status, out } = await say('explain', at(name));
    expect(out).toContain('password authentication failed');
    expect(status).toBe(0);
  });

  const named = ['loop', 'loop/x', 'zeros', 'log/x', 'nowhere', 'x'.repeat(300), '.'];
  const theirs = ['link', 'second-name'];
  it.each([...named, ...(isRoot ? theirs : [])])('explain says in a sentence why it does not read %s', async (name) => {
    const { status, out, err } = await say('explain', at('theirs', name));
    expect(`${out}${err}`).not.toContain('the-secret');
    expect(err).toMatch(/^repl-workshop: .*\n {2}→ /);
    expect(err).not.toContain("an error of the workshop's own");
    expect(status).toBe(2);
  });

  it("explain reads through the user's own link", async () => {
    symlinkSync(at('theirs/log'), at('link-of-mine'));
    expect(await say('explain', at('link-of-mine'))).toMatchObject({ status: 0 });
  });
});

describe('--lab', () => {
  const places = [
    ...(process.platform === 'linux' ? ['/proc/x', '/proc/x/y', '/proc/1/root/x', '/sys/x/y/z'] : []),
    ...['/dev/null/x', '/dev/null/x/y'],
  ];
  it.each(places)('--lab %s is refused in a sentence', async (place) => {
    const { status, err } = await say('--lab', place, 'goto', '2', '--yes');
    expect(err).toMatch(/repl-workshop: .*\n {2}→ /);
    expect(err).not.toContain("an error of the workshop's own");
    expect(status).toBeGreaterThan(1);
    expect((await say('--lab', place, 'status')).err).not.toContain("an error of the workshop's own");
  });

  it.runIf(process.platform === 'linux')('a command with its cache below /proc ends too (needs Linux)', async () => {
    const { status } = await runProgram(['--lab', at('lab'), 'status'], { HOME: home, XDG_CACHE_HOME: '/proc/x/y' });
    expect(status).toBe(0);
  });
});
