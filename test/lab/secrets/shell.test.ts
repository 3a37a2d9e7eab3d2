/**
 * In the lab's shell the superuser's password is not typed, and no password is used for other roles by mistake. With
 * PostgreSQL's own clients, and with ours.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyJournal } from '../../../src/check/journal.ts';
import { runs } from '../../../src/check/server/running.ts';
import { shellSpec } from '../../../src/cli/commands/lab/shell.ts';
import { run } from '../../../src/lab/machine/run.ts';
import { installedBinaries } from '../../../src/lab/native/binaries.ts';
import type { NativeLab } from '../../../src/lab/native/lab.ts';
import { commandWords } from '../../../src/lesson/commands.ts';
import { fill } from '../../../src/lesson/format/fill.ts';
import { everything, leftOut } from '../../everything.ts';
import { temporaryLab } from '../../proof/lab.ts';

const installed = (await installedBinaries()).find(({ bindir }) => existsSync(join(bindir, 'psql')));
const why = installed ? leftOut : 'it is not on this machine';
if (!installed || !everything) it("the password file works with PostgreSQL's own psql", ({ skip }) => skip(why));
const wishes = [
  ['our own', {}],
  ...(installed && everything ? [["PostgreSQL's own", { bindir: installed.bindir }] as const] : []),
] as const;

const sh = (lab: NativeLab, line: string) => lab.exec(['sh', '-c', fill(line, lab.plan)]);
const asks = (lab: NativeLab, on: string, host = '{{host}}') =>
  sh(lab, `psql -w -h ${host} -p {{${on}.port}} -U postgres -d postgres -tAc 'SHOW data_directory'`);
/** psql logs in to both servers, and each time to the intended one. */
const comesIn = async (lab: NativeLab) => {
  for (const on of ['master', 'slave'])
    for (const host of ['{{host}}', 'localhost'])
      expect(await asks(lab, on, host)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`${on}_data`),
        stderr: '',
      });
};
const startBoth = async (lab: NativeLab) => {
  for (const on of ['master', 'slave']) {
    expect(await sh(lab, `initdb -D {{${on}.data}} -U postgres`)).toMatchObject({ status: 0 });
    expect(await sh(lab, `pg_ctl -D {{${on}.data}} start`)).toMatchObject({ status: 0 });
  }
};
const letIn = async (lab: NativeLab) => {
  const { user, password } = lab.plan.replication;
  await sh(
    lab,
    `psql -p {{master.port}} -U postgres -c "CREATE ROLE ${user} LOGIN REPLICATION PASSWORD '${password}'"`,
  );
  await sh(lab, "echo 'host replication {{user}} {{near}} scram-sha-256' >> {{master.data}}/pg_hba.conf");
  await lab.server('master').reload();
};

describe.each(wishes)('the password file, with %s clients', (whose, wish) => {
  it(`the password file lets ${whose} psql into both servers, also after a clone by hand`, async () => {
    await using lab = await temporaryLab(wish);
    await startBoth(lab);
    await comesIn(lab);
    await letIn(lab);
    expect(await sh(lab, 'pg_ctl -D {{slave.data}} stop && mv {{slave.data}} {{slave.data}}.old')).toMatchObject({
      status: 0,
    });
    expect(await sh(lab, commandWords({ do: 'clone', from: 'master', to: 'slave' }, lab.plan))).toMatchObject({
      status: 0,
    });
    await sh(lab, 'echo "port = {{slave.port}}" >> {{slave.data}}/postgresql.conf');
    expect(await sh(lab, 'pg_ctl -D {{slave.data}} start')).toMatchObject({ status: 0 });
    await comesIn(lab); // without a look in between
    await sh(lab, 'pg_ctl -D {{slave.data}} stop && rm -r {{slave.data}} && mv {{slave.data}}.old {{slave.data}}');
    expect(await sh(lab, 'pg_ctl -D {{slave.data}} start')).toMatchObject({ status: 0 });
    await comesIn(lab); // the slave has its own password again
    await lab.server('slave').stop('fast');
    rmSync(join(lab.dir, 'rep/slave_data'), { recursive: true });
    await lab.server('slave').copyFrom('master', ['postmaster.pid']);
    await sh(lab, 'echo "port = {{slave.port}}" >> {{slave.data}}/postgresql.conf');
    await lab.server('slave').start();
    await comesIn(lab);
  });

  it(`the password file for ${whose} psql follows a known superuser password, and leaves out others`, async () => {
    await using lab = await temporaryLab(wish);
    await startBoth(lab);
    await lab.server('master').sql("ALTER ROLE postgres PASSWORD 'master_pass'");
    expect((await asks(lab, 'master')).status).not.toBe(0);
    expect((await lab.observe()).servers.master?.sql).toMatchObject({ inRecovery: false });
    await comesIn(lab);
    await lab.server('master').sql("ALTER ROLE postgres PASSWORD 'of my own choice'");
    await lab.observe();
    expect(readFileSync(join(lab.dir, 'shell/pgpass'), 'utf8')).not.toContain(`:${lab.plan.servers[0]?.port}:`);
    expect((await asks(lab, 'master')).stderr).toContain('no password supplied');
  });

  it(`the password file gives ${whose} pg_basebackup nothing: it needs its own password`, async () => {
    await using lab = await temporaryLab(wish);
    await startBoth(lab);
    await letIn(lab);
    const copy = (password: string) =>
      sh(lab, `${password}pg_basebackup -w -h {{host}} -p {{master.port}} -U {{user}} -D copy -X stream -c fast`);
    expect(await copy('')).toMatchObject({ status: 1, stderr: expect.stringContaining('no password supplied') });
    expect(await copy('PGPASSWORD={{master.password}} ')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('password authentication failed'),
    });
    expect(await copy('PGPASSWORD={{password}} ')).toMatchObject({ status: 0 });
  });
});

describe("the lab's shell", () => {
  it("the lab's shell has the lab's password file and no PGPASSWORD, whatever the user's start-up file says", async () => {
    await using lab = await temporaryLab();
    const home = mkdtempSync(join(tmpdir(), 'rw-'));
    try {
      writeFileSync(join(home, '.bashrc'), 'export PGPASSWORD=left_over PGPASSFILE=$HOME/.pgpass\n');
      const { command, args, env, cwd } = shellSpec(lab, { SHELL: '/bin/bash' });
      const shell = { command, args, cwd, env: { ...env, HOME: home } };
      const { stdout } = await run(shell, { input: 'env | grep ^PG\nexit\n' });
      expect(stdout.trim().split('\n').sort()).toEqual([
        `PGHOST=${lab.plan.host}`,
        `PGPASSFILE=${join(lab.dir, 'shell/pgpass')}`,
        'PGREQUIREAUTH=!password,!md5', // so that a false server gets no password in clear text
      ]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it("the lab's password file is closed to others, and rewritten when it was changed", async () => {
    await using lab = await temporaryLab();
    const file = join(lab.dir, 'shell/pgpass');
    const text = readFileSync(file, 'utf8');
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    writeFileSync(file, text.replace(/:postgres:.*/g, ':postgres:x'));
    await lab.observe();
    expect(readFileSync(file, 'utf8')).toBe(text);
    chmodSync(file, 0o644);
    await lab.server('master').create();
    await lab.server('master').start();
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  });

  it("a server that the lab's shell starts does not get the shell's PG* settings", async ({ skip }) => {
    await using lab = await temporaryLab();
    await lab.server('master').create();
    expect(await sh(lab, 'pg_ctl -D {{master.data}} start')).toMatchObject({ status: 0 });
    const pid = (await lab.observe()).servers.master?.process.pid;
    if (!existsSync(`/proc/${pid}/environ`)) return skip('this system has no /proc to look into');
    expect((await lab.exec(['cat', `/proc/${pid}/environ`])).stdout).not.toMatch(/PGPASS|PGHOST/);
  });
});

describe('the workshop itself', () => {
  it("the tutorial's own password locks out neither the workshop nor psql, even without a socket", async () => {
    await using lab = await temporaryLab();
    const master = lab.server('master');
    await master.create();
    await master.start();
    await master.sql("ALTER ROLE postgres PASSWORD 'master_pass'");
    await master.stop('fast');
    await master.writeFile('postgresql.auto.conf', "unix_socket_directories = ''\n");
    await master.start();
    const { now, journal } = { now: await lab.observe(), journal: emptyJournal };
    expect(now.servers.master?.sql).toMatchObject({ through: 'tcp' });
    expect(runs('master')({ now, journal })).toMatchObject({
      kind: 'pass',
      warning: expect.stringContaining('master_pass, the password of postgres, stands in the tutorial'),
    });
    expect(await asks(lab, 'master')).toMatchObject({ status: 0 });
  });
});
