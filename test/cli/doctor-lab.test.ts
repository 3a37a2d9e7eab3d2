/** What doctor and check report about a lab that was interrupted, moved, closed or deleted, and what to do then. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { type Cli, openCli } from './run.ts';

type Finding = { readonly about: string; readonly ok: boolean; readonly says: string; readonly fix?: string };
const finding = async (cli: Cli, about: string): Promise<Finding> =>
  JSON.parse((await cli.run('doctor', '--json')).out).findings.find((one: Finding) => one.about === about);

async function killed(cli: Cli, args: readonly string[], when: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [resolve('dist/repl-workshop.cjs'), '--lab', cli.dir, ...args], {
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.on('exit', done));
  expect(await until(when, { deadlineMs: 60_000, everyMs: 2 })).toBe(true);
  child.kill('SIGKILL');
  await ended;
}

it('doctor reports a goto that was killed, and an opening recovers the lab', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  expect(await finding(cli, 'deeds')).toMatchObject({ ok: true });
  await killed(cli, ['reset', '--yes'], () => !existsSync(join(cli.dir, 'progress.json')));
  expect(await finding(cli, 'deeds')).toMatchObject({ ok: false, says: expect.stringContaining('was interrupted') });
  expect(await cli.run('check')).toMatchObject({ status: 3, err: expect.stringContaining('repl-workshop up') });
  expect((await cli.run('status')).err).toContain('was interrupted');
  expect(await cli.run('up')).toMatchObject({ status: 0, err: expect.stringContaining('as it was before') });
  expect(await finding(cli, 'deeds')).toMatchObject({ ok: true });
  expect(await cli.run('check', '2')).toMatchObject({ status: 0, err: '' });
});

it('undo after a killed goto takes back that goto, and nothing else', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  await cli.run('goto', '2', '--yes');
  mkdirSync(join(cli.dir, 'rep'), { recursive: true });
  writeFileSync(join(cli.dir, 'rep/mine.txt'), 'mine');
  await killed(cli, ['goto', '3', '--yes'], () => !existsSync(join(cli.dir, 'progress.json')));
  const undone = await cli.run('undo', '--dry-run');
  expect(undone.out).toContain('goto 3'); // a look does not recover
  expect(await cli.run('undo', '--yes')).toMatchObject({
    status: 0,
    err: expect.stringContaining('as it was before it'),
    out: expect.stringContaining('before "goto 2", run undo again'),
  });
  expect(readFileSync(join(cli.dir, 'rep/mine.txt'), 'utf8')).toBe('mine');
  expect(await cli.run('undo', '--yes')).toMatchObject({
    status: 0,
    out: expect.stringContaining('as it was before "goto 2"'),
  });
  expect(await cli.run('check', '2')).toMatchObject({ status: 0 });
});

it('doctor names the servers of a moved or deleted lab with pid and port', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const { plan } = JSON.parse(readFileSync(join(cli.dir, 'lab.json'), 'utf8'));
  const pidOf = (name: string) =>
    Number(readFileSync(join(cli.dir, `rep/${name}_data/postmaster.pid`), 'utf8').split('\n')[0]);
  const pids = [pidOf('master'), pidOf('slave')];
  const others = () => finding(cli, 'other servers'); // this machine may have further ones
  expect((await others()).says).not.toContain(cli.dir);
  const elsewhere = `${cli.dir}-moved`;
  renameSync(cli.dir, elsewhere);
  await cli.run('--plain');
  const found = await others();
  expect(found.says).toContain(`process ${pids[0]} on port ${plan.servers[0].port} of the lab ${cli.dir}`);
  expect(found.fix).toMatch(/kill -QUIT|--lab .*-moved down/);
  rmSync(elsewhere, { recursive: true });
  const gone = await others();
  expect(gone.says).toMatch(new RegExp(`process ${pids[0]}[^;]*, which (was deleted|is no longer there)`));
  expect(gone.fix).toMatch(/kill -QUIT/);
  for (const pid of pids) process.kill(pid, 'SIGQUIT');
  expect(await until(async () => !(await others()).says.includes(cli.dir), { deadlineMs: 30_000 })).toBe(true);
});

it('a lab whose folder was renamed starts, and says what it has changed', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  await cli.run('down');
  const before = `${cli.dir}-before`;
  renameSync(cli.dir, before);
  await cli.run('--plain'); // makes a new lab in the old place
  await cli.run('down', '--remove', '--yes');
  rmSync(cli.dir, { recursive: true });
  renameSync(before, cli.dir);
  const conf = join(cli.dir, 'rep/master_data/postgresql.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace(`${cli.dir}/run`, '/nowhere/lab/run'));
  const up = await cli.run('up');
  expect(up).toMatchObject({ status: 0, err: expect.stringContaining('This lab was in /nowhere/lab before') });
  expect(readFileSync(conf, 'utf8')).toContain(`unix_socket_directories = '${cli.dir}/run'`);
  expect((await cli.run('up')).err).toBe('');
});

it('a socket folder that the learner chose stays', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  await cli.run('down');
  const conf = join(cli.dir, 'rep/master_data/postgresql.conf');
  writeFileSync(conf, readFileSync(conf, 'utf8').replace(`${cli.dir}/run`, '/tmp'));
  expect(await cli.run('up')).toMatchObject({ status: 0, err: '' });
  expect(readFileSync(conf, 'utf8')).toContain("unix_socket_directories = '/tmp'");
});

it('up waits for a server that another program has just started', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  await cli.run('down');
  await killed(cli, ['up'], () => existsSync(join(cli.dir, 'rep/master_data/postmaster.pid')));
  expect(await cli.run('up')).toMatchObject({ status: 0, out: expect.stringMatching(/master.*up, primary/) });
});

it('an opening removes all files that killed programs left half-written', async () => {
  await using cli = openCli();
  await cli.run('goto', '2', '--yes');
  const pid = Number(execFileSync('sh', ['-c', 'echo $$']));
  const left = [
    `lab.json.${pid}.new`,
    `progress.json.${pid}-0123456789ab.new`,
    `.deed.lock.${pid}`,
    'rep/slave_data/postgresql.conf.repl-workshop',
    `rep/slave_data/pg_hba.conf.${pid}-0123456789ab.new`,
  ];
  mkdirSync(join(cli.dir, 'rep/slave_data'), { recursive: true });
  for (const name of left) writeFileSync(join(cli.dir, name), '');
  symlinkSync(`${pid}:1:0123456789abcdef`, join(cli.dir, '.deed.lock'));
  mkdirSync(join(cli.dir, `.initdb-${pid}-aB3dE6`));
  mkdirSync(join(cli.dir, 'backups/.0009-goto-3.making'), { recursive: true });
  const kept = [`lab.json.${process.pid}.new`, 'mine.new', `notes.${pid}.txt`, 'backups/mine'];
  mkdirSync(join(cli.dir, 'backups/mine'));
  for (const name of kept.slice(0, 3)) writeFileSync(join(cli.dir, name), 'mine');
  await cli.run('up');
  const all = [...left, '.deed.lock', `.initdb-${pid}-aB3dE6`, 'backups/.0009-goto-3.making'];
  expect(all.filter((name) => existsSync(join(cli.dir, name)))).toEqual([]);
  expect(kept.filter((name) => !existsSync(join(cli.dir, name)))).toEqual([]);
});

it('a closed folder is named with the command that opens it', async ({ skip }) => {
  if (process.getuid?.() === 0) return skip('nothing is shut to root');
  await using cli = openCli();
  await cli.run('goto', '2', '--yes');
  mkdirSync(join(cli.dir, 'rep/slave_data'), { recursive: true });
  chmodSync(join(cli.dir, 'rep/slave_data'), 0);
  expect(await finding(cli, 'folders')).toMatchObject({ ok: false, fix: expect.stringContaining('chmod -R u+rwX') });
  chmodSync(join(cli.dir, 'rep/slave_data'), 0o700);
});
