/** The user that root's servers run as, on machines that allow more or less. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabFile } from '../../src/lab/folder.ts';
import { userOf } from '../../src/lab/machine/processes.ts';
import { run } from '../../src/lab/machine/run.ts';
import { until } from '../../src/lab/machine/until.ts';
import { livePostmaster } from '../../src/lab/native/server/postmaster.ts';
import { give } from '../../src/lab/native/user/give.ts';

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("root's servers (needs root)", { timeout: 120_000 }, () => {
  let base = '';
  let lab = '';
  beforeEach(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'rw-'))); // closed to others: 0700
    lab = join(base, 'lab');
  });
  afterEach(async () => {
    await workshop([], 'down');
    rmSync(base, { recursive: true, force: true });
  });

  const workshop = async (behind: readonly string[], ...args: readonly string[]) => {
    const [command = '', ...rest] = [
      ...behind,
      process.execPath,
      resolve('dist/repl-workshop.cjs'),
      '--lab',
      lab,
      ...args,
    ];
    return run({ command, args: rest, env: { ...(process.env as Record<string, string>), HOME: base } });
  };
  const inShell = (line: string) =>
    run({
      command: 'sh',
      args: ['-c', line],
      cwd: lab,
      env: { ...(process.env as Record<string, string>), PATH: `${lab}/bin:${process.env.PATH}`, HOME: base },
    });
  const file = (): LabFile => JSON.parse(readFileSync(join(lab, 'lab.json'), 'utf8'));
  const data = (name = 'master') => join(lab, `rep/${name}_data`);
  const uidOf = (name = 'master') => userOf(livePostmaster(data(name))?.pid ?? 0);

  it("root's servers run as an unused user, below a folder that is closed to it (needs root)", async () => {
    expect(await workshop([], 'goto', '3', '--yes', '--engine', 'native')).toMatchObject({ status: 0 });
    expect(uidOf()).toBeGreaterThanOrEqual(65_520);
    expect((await workshop([], 'doctor')).stdout).toContain(`${base} is closed to it`);
  });

  it("root's servers run in a user namespace where mounting is forbidden, and say so (needs root)", async ({
    skip,
  }) => {
    const poor = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
    const namespace = await run({
      command: 'setpriv',
      args: [...poor.slice(1), 'unshare', '--user', '--map-user=65534', 'true'],
    });
    if (namespace.status !== 0) return skip('no user namespaces without CAP_SYS_ADMIN here');
    const made = await workshop(poor, 'goto', '3', '--yes', '--engine', 'native');
    expect(made, made.stderr).toMatchObject({ status: 0 });
    const status = readFileSync(`/proc/${livePostmaster(data())?.pid}/status`, 'utf8');
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect((await workshop(poor, 'doctor')).stdout).toMatch(
      /servers run in a user namespace: they seem to run as "nobody", but may read and write what root may/,
    );
  });

  it("root's servers are not started where there is no safe way, with a sentence (needs root)", async () => {
    const tools = join(base, 'tools');
    mkdirSync(tools);
    writeFileSync(join(tools, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const said = await workshop(
      ['env', `PATH=${tools}:${process.env.PATH}`],
      'goto',
      '3',
      '--yes',
      '--engine',
      'native',
    );
    expect(said).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/may not pass through .*--lab \/srv\/repl-workshop/s),
    });
    expect(said.stderr).not.toMatch(/\n\s+at /);
  });

  it("root's servers of an earlier version keep running, and get their files at the next start (needs root)", async ({
    skip,
  }) => {
    expect(await workshop([], 'goto', '3', '--yes', '--engine', 'native')).toMatchObject({ status: 0 });
    await workshop([], 'down');
    // The state of an earlier version: all files belong to root, and the server runs in a user namespace.
    await run({ command: 'chown', args: ['-R', '0:0', lab] });
    await run({ command: 'chmod', args: ['-R', 'g-rwx', join(lab, 'rep')] });
    const before = ['unshare', '--user', '--map-user=65534', '--map-group=65534'];
    if ((await run({ command: 'unshare', args: [...before.slice(1), 'true'] })).status !== 0)
      return skip('no user namespaces here');
    const log = openSync(join(lab, 'logs/master.log'), 'a');
    const argv = [...before.slice(1), join(file().bindir, 'postgres'), '-D', data()];
    const old = spawn('unshare', argv, { detached: true, stdio: ['ignore', log, log] });
    old.unref();
    expect(await until(() => livePostmaster(data())?.status === 'ready', { deadlineMs: 20_000 })).toBe(true);
    expect(uidOf()).toBe(0);

    const opened = await workshop([], 'next');
    expect(opened.stderr).toContain("PostgreSQL's files in this lab belonged to another user");
    expect(uidOf()).toBe(0); // a running server is not changed
    expect((await workshop([], 'status')).stdout).toMatch(/master.*up, primary/);
    expect((await inShell('pg_ctl -D rep/master_data reload')).status).toBe(0);
    const again = await inShell('pg_ctl -D rep/master_data restart');
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('runs as another user') });
    expect(uidOf()).toBeGreaterThanOrEqual(65_520);
    expect(lstatSync(data()).uid).toBe(uidOf());
    expect((await workshop([], 'up')).status).toBe(0);
    expect(lstatSync(data('slave')).uid).toBe(uidOf());
    expect((await workshop([], 'next')).stderr).not.toContain('belonged to another user');
  });

  it("root's servers read files that root has made in their directory by hand (needs root)", async () => {
    expect(await workshop([], 'goto', '3', '--yes', '--engine', 'native')).toMatchObject({ status: 0 });
    await workshop([], 'down');
    const made = await inShell(
      'umask 077; cp rep/master_data/pg_hba.conf x && mv x rep/master_data/pg_hba.conf && pg_ctl -D rep/master_data start',
    );
    expect(made, made.stderr).toMatchObject({ status: 0 });
    const third = await inShell(
      'initdb -D rep/third && pg_ctl -D rep/third -l rep/third/log -o "-p 17654" start && pg_ctl -D rep/third stop',
    );
    expect(third, third.stdout + third.stderr).toMatchObject({ status: 0 });
    expect(existsSync(join(lab, 'rep/third/log'))).toBe(true);
  });
});

describe.skipIf(!isRoot)('files that are given to the servers (needs root)', () => {
  it("only root's files with one name and no links are given to the servers (needs root)", () => {
    const base = mkdtempSync(join(tmpdir(), 'rw-'));
    try {
      const given = join(base, 'data');
      mkdirSync(join(given, 'below'), { recursive: true });
      const outside = join(base, 'outside');
      writeFileSync(outside, 'mine');
      mkdirSync(join(base, 'folder'));
      writeFileSync(join(base, 'folder/file'), 'mine');
      writeFileSync(join(given, 'below/plain'), '');
      writeFileSync(join(given, 'others'), '');
      chownSync(join(given, 'others'), 1234, 1234);
      linkSync(outside, join(given, 'second-name'));
      symlinkSync(outside, join(given, 'link'));
      symlinkSync(join(base, 'folder'), join(given, 'link-to-folder'));
      chmodSync(join(given, 'below/plain'), 0o600);
      give(given, { uid: 65_520, gid: 65_520 });
      const uid = (path: string) => lstatSync(join(base, path)).uid;
      expect(['data', 'data/below', 'data/below/plain', 'data/link'].map(uid)).toEqual([
        65_520, 65_520, 65_520, 65_520,
      ]);
      expect(['outside', 'data/second-name', 'folder', 'folder/file'].map(uid)).toEqual([0, 0, 0, 0]);
      expect(uid('data/others')).toBe(1234);
      symlinkSync(join(base, 'folder'), join(base, 'top'));
      give(join(base, 'top'), { uid: 65_520, gid: 65_520 });
      expect(['folder', 'folder/file'].map(uid)).toEqual([0, 0]);
    } finally {
      rmSync(base, { recursive: true });
    }
  });
});
