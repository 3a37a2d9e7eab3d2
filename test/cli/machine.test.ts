/**
 * A lack of the machine or the environment is reported with what to do, and settings of other programs change nothing.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../src/lab/machine/run.ts';
import { findTool } from '../../src/lab/machine/tool.ts';
import { openCli, type Said } from './run.ts';

const isSentence = ({ out, err }: Said): void => {
  expect(`${out}${err}`).not.toMatch(/\n\s+at |error of the workshop's own/);
};

/** Runs the program through another one: `ulimit`, `unshare`, `env -i`. */
async function behind(argv: readonly string[], lab: string, ...args: readonly string[]): Promise<Said> {
  const all = [...argv, process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', lab, ...args];
  const { status, stdout, stderr } = await run({ command: all[0] ?? '', args: all.slice(1) });
  return { status: status ?? -1, out: stdout, err: stderr };
}

it('the program ignores PG* in the environment, for looks and for operations', async () => {
  const hostile = {
    PGSSLMODE: 'require',
    PGSSLNEGOTIATION: 'direct',
    PGREPLICATION: 'database',
    PGOPTIONS: '-c search_path=nowhere -c default_transaction_read_only=on',
    PGHOST: '192.0.2.1',
    PGPORT: '1',
    PGUSER: 'stranger',
    PGDATABASE: 'nowhere',
    PGPASSWORD: 'wrong',
    PGSERVICE: 'none',
    PGPASSFILE: '/nowhere',
    PGAPPNAME: 'stranger',
    PGCLIENTENCODING: 'LATIN1',
    PGTZ: 'Nowhere/Nowhere',
    PGDATA: '/nowhere',
    PGCONNECT_TIMEOUT: '1',
    NODE_PG_FORCE_NATIVE: '1',
  };
  await using cli = openCli(hostile);
  expect(await cli.run('goto', '9', '--yes')).toMatchObject({ status: 0 });
  const { servers } = JSON.parse((await cli.run('status', '--json')).out);
  expect(servers).toMatchObject([{ role: 'primary', standbys: [{ state: 'streaming' }] }, { role: 'standby' }]);
  expect(servers[0].standbys).toHaveLength(1);
  const checked = await cli.run('check', '8');
  expect(checked).toMatchObject({ status: 0, err: '' });
});

it.each([
  ["it's a lab", '"quoted", with a comma'],
  ['back\\slash #1', '$HOME `and` é ü 日本'],
])('the program works in a folder called %j/%j', async (...names) => {
  await using cli = openCli();
  const lab = join(cli.dir, ...names);
  const said = (...args: string[]) => behind([], lab, ...args);
  try {
    const made = await said('goto', '9', '--yes');
    expect(made, made.err).toMatchObject({ status: 0 });
    expect((await said('check', '8')).status).toBe(0);
    const { servers } = JSON.parse((await said('observe')).out);
    expect(servers.master.sql.through).toBe('socket');
  } finally {
    await said('down');
  }
});

it("the program finds the system's programs where PATH is empty", async () => {
  await using cli = openCli();
  const made = await behind([findTool('env') ?? 'env', 'PATH='], cli.dir, 'goto', '3', '--yes');
  expect(made, made.err).toMatchObject({ status: 0 });
  const solved = await behind([findTool('env') ?? 'env', 'PATH='], cli.dir, 'solve', '--yes');
  expect(solved, solved.err).toMatchObject({ status: 0 });
});

it('the program needs no TMPDIR for a lab, and no HOME with --lab', async () => {
  await using cli = openCli({ TMPDIR: '/nowhere' });
  expect(await cli.run('goto', '3', '--yes')).toMatchObject({ status: 0 });
  const homeless = await behind(['env', '-u', 'HOME'], cli.dir, 'status');
  expect(homeless).toMatchObject({ status: 0, err: '' });
});

it('the program says when too few files may be open', async () => {
  await using cli = openCli();
  for (const most of ['20', '24', '28']) {
    const said = await behind(['sh', '-c', `ulimit -n ${most}; exec "$@"`, 'sh'], cli.dir, 'goto', '3', '--yes');
    isSentence(said);
    if (said.status !== 0) expect(said.err).toMatch(/→/);
  }
});

it('the program says when there is no 127.0.0.1', async ({ skip }) => {
  const alone = ['unshare', '--user', '--map-root-user', '--net'];
  const tried = await run({ command: alone[0] ?? '', args: [...alone.slice(1), 'true'] }).catch(() => null);
  if (tried?.status !== 0) return skip('no network namespace can be had here');
  const dir = mkdtempSync(join(tmpdir(), 'rw-'));
  try {
    const said = await behind(alone, join(dir, 'lab'), 'goto', '3', '--yes', '--engine', 'native');
    isSentence(said);
    expect(said).toMatchObject({ status: 3, err: expect.stringMatching(/no 127\.0\.0\.1.*ip link set lo up/s) });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it("the program says when the lab's bin/ is not writable", async ({ skip }) => {
  await using cli = openCli();
  expect((await cli.run('next')).status).toBe(1);
  const mounted = await run({ command: 'mount', args: ['-t', 'tmpfs', '-o', 'ro', 'none', join(cli.dir, 'bin')] });
  if (mounted.status !== 0) return skip('no right to mount here');
  try {
    const said = await cli.run('up');
    expect(said).toMatchObject({ status: 3, err: expect.stringMatching(/bin.*read-only/) });
    isSentence(said);
  } finally {
    await run({ command: 'umount', args: [join(cli.dir, 'bin')] });
  }
});

it('the program starts servers without /dev/shm, or says what is missing', async ({ skip }) => {
  const alone = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o ro,size=4k none /dev/shm && exec "$@"', 'sh'];
  const tried = await run({ command: alone[0] ?? '', args: [...alone.slice(1), 'true'] }).catch(() => null);
  if (tried?.status !== 0) return skip('no mount namespace can be had here');
  const dir = mkdtempSync('/tmp/rw-');
  mkdirSync(join(dir, 'lab'));
  try {
    const said = await behind(alone, join(dir, 'lab'), 'goto', '3', '--yes', '--engine', 'native');
    isSentence(said);
    expect(said, said.err).toMatchObject({ status: 0 });
    await behind(alone, join(dir, 'lab'), 'down');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
