/** The user's secrets: made once, closed to others, and never read from a place that another user can write to. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookUpSecrets, userSecrets } from '../../../src/lab/secrets/kept.ts';
import { easyCharacters, newSecrets, type Secrets, tailLength } from '../../../src/lab/secrets/secrets.ts';
import { runProgram } from '../../cli/run.ts';

const isRoot = process.getuid?.() === 0;
const stranger = 54_321;
let home: string;
const env = () => ({ XDG_CONFIG_HOME: home });
const folder = () => join(home, 'repl-workshop');
const file = () => join(folder(), 'secrets.json');
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const kept = (): Secrets => {
  const { servers, replication } = JSON.parse(readFileSync(file(), 'utf8'));
  return { servers, replication };
};
const written = (secrets: object) => {
  mkdirSync(folder(), { mode: 0o700 });
  writeFileSync(file(), JSON.stringify({ schema: 1, ...secrets }), { mode: 0o600 });
};
/** The lab gets new secrets, which are neither another user's nor saved. */
const ofItsOwn = (known: Secrets | null, says: RegExp) => {
  const given = userSecrets(env());
  expect(given.says.join('\n')).toMatch(says);
  expect(given.says.join('\n')).toContain('So this lab has passwords of its own.');
  if (known) expect(given.secrets).not.toEqual(known);
  expect(lookUpSecrets(env())).toBeUndefined();
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a secret', () => {
  it("a secret is the tutorial's word with a random tail of easy characters", () => {
    const { servers, replication } = newSecrets();
    const tail = `[${easyCharacters}]{${tailLength}}$`;
    expect(servers.master).toMatch(new RegExp(`^master_${tail}`));
    expect(servers.slave).toMatch(new RegExp(`^slave_${tail}`));
    expect(replication).toMatch(new RegExp(`^slave_${tail}`));
    expect(new Set([servers.master, servers.slave, replication]).size).toBe(3);
    expect(easyCharacters).not.toMatch(/[01oil]/);
    expect(tailLength * Math.log2(new Set(easyCharacters).size)).toBeGreaterThan(39); // bits
  });
});

describe('the secrets of a user', () => {
  it('the secrets of a user are made once, and closed to others', () => {
    const first = userSecrets(env());
    expect(first.says).toEqual([]);
    expect([mode(folder()), mode(file())]).toEqual(['700', '600']);
    expect(userSecrets(env())).toEqual(first);
    expect(kept()).toEqual(first.secrets);
    expect(lookUpSecrets(env())).toEqual(first.secrets);
    expect(readdirSync(folder())).toEqual(['secrets.json']);
  });

  it('the secrets of a user are below HOME without an absolute XDG_CONFIG_HOME', () => {
    userSecrets({ HOME: home, XDG_CONFIG_HOME: 'config' });
    expect(mode(join(home, '.config', 'repl-workshop', 'secrets.json'))).toBe('600');
  });

  it('looking up the secrets of a user makes none', () => {
    expect(lookUpSecrets(env())).toBeUndefined();
    expect(existsSync(folder())).toBe(false);
  });

  it('five programs that make their labs at the same time get the same secrets', async () => {
    const labs = Array.from({ length: 5 }, (_, index) => join(home, `lab${index}`));
    const said = await Promise.all(labs.map((dir) => runProgram(['--engine', 'native', '--lab', dir, 'up'], env())));
    expect(said.map(({ err }) => err).join('')).not.toMatch(/password|error/i);
    const plans = labs.map((dir) => JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan);
    for (const { servers, replication } of plans) {
      expect(replication.password).toBe(kept().replication);
      expect(servers.map((server: { password: string }) => server.password)).toEqual(Object.values(kept().servers));
    }
    expect(labs.map((dir) => mode(join(dir, 'lab.json')))).toEqual(Array(5).fill('600'));
    expect(readdirSync(folder())).toEqual(['secrets.json']);
  });

  it('a file of secrets that others could read is closed, and the user is told', () => {
    const { secrets } = userSecrets(env());
    chmodSync(file(), 0o644);
    chmodSync(folder(), 0o755);
    const again = userSecrets(env());
    expect(again.secrets).toEqual(secrets);
    expect(again.says.join('\n')).toMatch(/open to other users.*\n.*could be read by other users/);
    expect([mode(folder()), mode(file())]).toEqual(['700', '600']);
  });

  it.each([
    ['half a file', '{"schema": 1, "servers": {"mas'],
    ['no object', 'null'],
    ['a number for a password', JSON.stringify({ schema: 1, servers: { master: 1, slave: 2 }, replication: 3 })],
    ['a password that is a line', JSON.stringify({ schema: 1, ...newSecrets(), replication: "x'; DROP ROLE y; --\n" })],
    ['a newer version', JSON.stringify({ schema: 2, ...newSecrets() })],
  ])('a secrets file with %s is set aside, and new secrets are made', (_, text) => {
    mkdirSync(folder(), { mode: 0o700 });
    writeFileSync(file(), text, { mode: 0o600 });
    const { secrets, says } = userSecrets(env());
    expect(says.join('\n')).toContain('could not be read. It is kept as');
    expect(kept()).toEqual(secrets);
    const aside = readdirSync(folder()).find((name) => name.includes('.unreadable-'));
    expect(readFileSync(join(folder(), aside ?? ''), 'utf8')).toBe(text);
  });
});

describe('a place that cannot be trusted', () => {
  const theirs = newSecrets();

  it('the secrets are not read through a link in place of the folder', () => {
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    writeFileSync(join(elsewhere, 'secrets.json'), JSON.stringify({ schema: 1, ...theirs }), { mode: 0o600 });
    symlinkSync(elsewhere, folder());
    ofItsOwn(theirs, /is a link/);
    expect(lstatSync(folder()).isSymbolicLink()).toBe(true);
  });

  it('the secrets are not read through a link in place of the file, and its target stays', () => {
    mkdirSync(folder(), { mode: 0o700 });
    writeFileSync(join(home, 'theirs'), JSON.stringify({ schema: 1, ...theirs }), { mode: 0o600 });
    symlinkSync(join(home, 'theirs'), file());
    ofItsOwn(theirs, /is a link/);
    expect(lstatSync(file()).isSymbolicLink()).toBe(true);
  });

  it('the secrets are not kept where the folder is a file, or the file is a folder', () => {
    writeFileSync(folder(), '');
    ofItsOwn(null, /is a file where a folder/);
    rmSync(folder());
    mkdirSync(file(), { recursive: true, mode: 0o700 });
    ofItsOwn(null, /is no ordinary file/);
  });

  it('the secrets are not kept without a home folder', () => {
    const { says } = userSecrets({ HOME: 'nowhere' });
    expect(says.join('\n')).toMatch(/no home folder.*passwords of its own/);
  });

  it.skipIf(!isRoot)("the secrets are not kept in another user's home (needs root)", () => {
    chownSync(home, stranger, stranger);
    ofItsOwn(null, /belongs to another user/);
    expect(existsSync(folder())).toBe(false);
  });

  it.skipIf(!isRoot)("the secrets are not read from another user's folder or file (needs root)", () => {
    written(theirs);
    chownSync(file(), stranger, stranger);
    ofItsOwn(theirs, /belongs to another user/);
    chownSync(file(), 0, 0);
    chownSync(folder(), stranger, stranger);
    ofItsOwn(theirs, /belongs to another user/);
  });

  it('the secrets are not kept in a home that is not writable', async () => {
    const dir = join(home, 'lab');
    const config = isRoot ? '/proc/1' : join(home, 'shut'); // root can write everywhere except in /proc
    if (!isRoot) mkdirSync(config, { mode: 0o500 });
    const { status, err } = await runProgram(['--engine', 'native', '--lab', dir, 'up'], { XDG_CONFIG_HOME: config });
    expect(status).toBe(0);
    expect(err).toMatch(/Passwords could not be kept in .*So this lab has passwords of its own\./);
    const { replication } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan;
    expect(replication.password).toMatch(/^slave_.{8}$/);
  });
});
