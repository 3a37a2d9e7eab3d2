import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../../src/lab/folder.ts';
import { binariesOf } from '../../src/lab/lab-binaries.ts';
import { until } from '../../src/lab/machine/until.ts';
import { maskObservation } from '../../src/lab/mask.ts';
import { installedBinaries } from '../../src/lab/native/binaries.ts';
import { openNativeLab } from '../../src/lab/native/lab.ts';
import { processView } from '../../src/lab/native/server/process.ts';
import { isProblem } from '../../src/lab/problem.ts';
import { secretsOf } from '../../src/lab/secrets/secrets.ts';
import { parseLog } from '../../src/postgres/log/log.ts';
import { program, temporaryLab } from '../proof/lab.ts';
import { engineContract } from './contract.ts';

const installed = await installedBinaries();
const majors = [18, ...installed.map(({ major }) => major).filter((major) => major !== 18 && major >= 13)];
for (const major of new Set(majors)) engineContract(`native, PostgreSQL ${major}`, () => temporaryLab({ major }));

describe('the native engine', () => {
  it('the native engine adopts a server that the learner started by hand', async () => {
    await using lab = await temporaryLab();
    const server = lab.server('master');
    await server.create();
    const user = await lab.tools.user();
    const log = join(lab.dir, 'by-hand.log');
    writeFileSync(log, '');
    if (user.owner) chownSync(log, user.owner.uid, user.owner.gid);
    const options = ['-D', join(lab.dir, 'rep/master_data'), '-l', log, '-w', 'start'];
    const { command, args } = user.as(join(lab.tools.binaries.bindir, 'pg_ctl'), options);
    expect(await lab.exec([command, ...args])).toMatchObject({ status: 0 });
    const { process, log: seen, sql } = (await lab.observe()).servers.master ?? {};
    expect(process).toMatchObject({ state: 'up' });
    expect(seen?.file).toBe('by-hand.log');
    expect(sql).toMatchObject({ inRecovery: false });
    await server.stop('fast');
  });

  it("the learner's initdb and pg_ctl run with the lab's additions", async () => {
    await using lab = await temporaryLab();
    const made = await lab.exec(['initdb', '-D', 'rep/master_data', '-U', 'postgres']);
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining('The lab added, for master') });
    expect(made.stdout).toContain(`superuser "postgres" has the password ${lab.plan.servers[0]?.password};`);
    const started = await lab.exec(['pg_ctl', '-D', 'rep/master_data', 'start']);
    expect(started).toMatchObject({ status: 0, stdout: expect.stringContaining('logs/master.log') });
    expect((await lab.observe()).servers.master?.process.state).toBe('up');
    const again = await lab.exec(['initdb', '-D', 'rep/master_data']);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('exists but is not empty');
  });

  it.runIf(process.platform === 'linux')(
    'a native server starts after the parent has collected the exit of the last one (needs Linux)',
    async () => {
      await using lab = await temporaryLab();
      const server = lab.server('master');
      await server.create();
      const user = await lab.tools.user();
      const { command, args } = user.as(join(lab.tools.binaries.bindir, 'postgres'), [
        '-D',
        join(lab.dir, 'rep/master_data'),
      ]);
      const script = '"$@" >/dev/null 2>&1 & exec sleep 100'; // sleep does not wait for its children
      const parent = spawn('sh', ['-c', script, 'sh', command, ...args], { cwd: lab.dir, stdio: 'ignore' });
      expect(await until(() => server.isRunning(), { deadlineMs: 20_000 })).toBe(true);
      const pid = (await lab.observe()).servers.master?.process.pid;
      await server.kill();
      const state = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2];
      expect(await until(() => state() === 'Z', { deadlineMs: 5000, everyMs: 1 })).toBe(true);
      const started = server.start();
      parent.kill();
      await started;
      expect((await lab.observe()).servers.master?.process).toMatchObject({ state: 'up' });
      await server.stop('fast');
    },
  );

  it('a server that pg_ctl starts does not get PG* settings', async ({ skip }) => {
    await using lab = await temporaryLab();
    await lab.server('master').create();
    const { status } = await lab.exec(['sh', '-c', 'PGPASSWORD=leak PGPORT=1 pg_ctl -D rep/master_data start']);
    expect(status).toBe(0);
    const pid = (await lab.observe()).servers.master?.process.pid;
    if (!existsSync(`/proc/${pid}/environ`)) return skip('this system has no /proc to look into');
    const environment = await lab.exec(['cat', `/proc/${pid}/environ`]);
    expect(environment.stdout).not.toContain('PGPASSWORD');
  });

  it('a look shows a paused process, and that it answers again', async () => {
    await using lab = await temporaryLab();
    await lab.server('master').create();
    await lab.server('master').start();
    const pid = (await lab.observe()).servers.master?.process.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const paused = async () => (await lab.observe()).servers.master?.process.state === 'paused';
      expect(await until(paused, { deadlineMs: 10_000 })).toBe(true);
      expect(isProblem((await lab.observe()).servers.master?.sql)).toBe(true);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await until(async () => !isProblem((await lab.observe()).servers.master?.sql), { deadlineMs: 10_000 })).toBe(
      true,
    );
  });

  it('a look uses the socket when the learner locked all users out over TCP', async () => {
    await using lab = await temporaryLab();
    const server = lab.server('master');
    await server.create();
    await server.writeFile('pg_hba.conf', `local all all trust\nhost all all all reject\n`);
    await server.start();
    expect((await lab.observe()).servers.master?.sql).toMatchObject({ through: 'socket' });
    await server.writeFile('pg_hba.conf', 'local all all reject\nhost all all all reject\n');
    await server.reload();
    const shut = () =>
      lab
        .observe()
        .then(({ servers }) => isProblem(servers.master?.sql) && servers.master.sql.what.includes('pg_hba.conf'));
    expect(await until(shut, { deadlineMs: 10_000 })).toBe(true);
    expect((await lab.observe()).servers.master?.disk).toMatchObject({
      hba: { rules: [{ method: 'reject' }, { method: 'reject' }] },
    });
  });

  it('an observation is plain JSON, and its masked form has no secret', async () => {
    await using lab = await temporaryLab();
    await lab.server('master').create();
    await lab.server('master').start();
    const { password } = lab.plan.replication;
    await lab.server('master').sql(`CREATE ROLE slave LOGIN REPLICATION PASSWORD '${password}'`);
    const seen = await lab.observe();
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
    const text = JSON.stringify(maskObservation(seen));
    expect(text).toContain('"slave"');
    expect(text).not.toMatch(/SCRAM-SHA-256\$\d/);
    for (const secret of secretsOf(lab.plan)) expect(text).not.toContain(secret);
    const again = await lab.observe();
    expect({ ...again, at: '', servers: 0 }).toEqual({ ...seen, at: '', servers: 0 });
    expect(again.servers.master?.disk).toEqual(seen.servers.master?.disk);
  });

  it('a lab works in a folder with a path too long for a socket, and with spaces and quotes', async () => {
    const outer = mkdtempSync(join(tmpdir(), 'rw-'));
    const dir = join(outer, "a learner's very long folder name ".repeat(4).trim());
    const { file } = await openFolder(dir, { anyPorts: true });
    const binaries = await binariesOf(file);
    await using lab = await openNativeLab(dir, file.plan, binaries, program);
    try {
      expect((await lab.exec(['initdb', '-D', 'rep/master_data'])).status).toBe(0);
      await lab.server('master').start();
      expect((await lab.observe()).servers.master?.sql).toMatchObject({ through: 'socket' });
      expect(
        await lab.exec(['psql', '-p', String(file.plan.servers[0]?.port), '-U', 'postgres', '-tAc', 'SELECT 1']),
      ).toMatchObject({ status: 0, stdout: '1\n' });
    } finally {
      for (const server of lab.servers) await server.stop('immediate');
      rmSync(outer, { recursive: true, force: true });
      rmSync(lab.tools.socketDir, { recursive: true, force: true });
    }
  });

  it('a snapshot that does not fit on the disk replaces nothing', async ({ skip }) => {
    await using lab = await temporaryLab();
    const small = join(lab.dir, 'backups');
    mkdirSync(small);
    if ((await lab.exec(['mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small])).status !== 0)
      return skip('no right to mount a small disk here');
    try {
      await lab.server('master').create();
      await lab.server('master').start();
      await expect(lab.snapshot('too big')).rejects.toThrow(/the disk is full/);
      await lab.server('master').start();
      expect((await lab.observe()).servers.master?.process.state).toBe('up');
    } finally {
      await lab.exec(['umount', small]);
    }
  });

  it('a look finds that files belong to another user', async ({ skip }) => {
    await using lab = await temporaryLab();
    await lab.server('master').create();
    const file = join(lab.dir, 'rep/master_data/PG_VERSION');
    if (process.getuid?.() !== 0) return skip('only root can give a file away');
    const { chownSync } = await import('node:fs');
    chownSync(file, 12345, 12345);
    expect((await lab.observe()).servers.master?.disk).toMatchObject({ foreignOwner: 'PG_VERSION' });
    chownSync(file, statSync(lab.dir).uid, statSync(lab.dir).gid);
  });

  it("a learner's file in the place of a folder of the lab is kept", async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rw-'));
    writeFileSync(join(dir, 'rep'), 'mine');
    const { file } = await openFolder(dir, { anyPorts: true });
    const binaries = await binariesOf(file);
    await expect(openNativeLab(dir, file.plan, binaries, program)).rejects.toThrow(/rep/);
    rmSync(dir, { recursive: true });
  });

  it('the failed first start of a copy is distinguished from the log of the cluster before it', async () => {
    await using lab = await temporaryLab();
    await lab.server('slave').create();
    const { disk } = (await lab.observe()).servers.slave ?? {};
    if (!disk || isProblem(disk)) throw new Error('no cluster');
    const run = parseLog('2026-11-23 14:00:05.000 UTC [77] FATAL:  could not create any TCP/IP sockets\n');
    const stateOf = (copiedAt: string) => processView(disk, undefined, run, new Date(copiedAt)).state;
    expect(stateOf('2026-11-23T14:00:00Z')).toBe('failed');
    expect(stateOf('2026-11-23T14:00:10Z')).toBe('created');
  });
});
