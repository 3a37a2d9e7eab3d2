/** Operations that are stopped, killed or undone on native servers: nothing of the learner's is lost. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { isPaused } from '../../src/lab/native/server/postmaster.ts';
import { type Cli, openCli } from './run.ts';

const file = (cli: Cli, name: string) => readFileSync(join(cli.dir, name), 'utf8');
const status = async (cli: Cli) => JSON.parse((await cli.run('status', '--json')).out).servers;

/** Starts an operation, and sends it a signal when `when` returns true. */
async function interrupted(cli: Cli, args: readonly string[], signal: NodeJS.Signals, when: () => boolean) {
  const child = spawn(process.execPath, [resolve('dist/repl-workshop.cjs'), '--lab', cli.dir, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((done) => child.on('exit', done));
  await until(() => when() || child.exitCode !== null, { deadlineMs: 20_000, everyMs: 2 });
  expect(child.exitCode, `it was over before its moment came: ${said}`).toBeNull();
  child.kill(signal);
  return { status: await ended, said };
}

const moments: Readonly<Record<string, (dir: string) => boolean>> = {
  'at once': () => true,
  'while all is moved away': (dir) => !existsSync(join(dir, 'progress.json')),
  'while a server is made': (dir) =>
    !existsSync(join(dir, 'progress.json')) && existsSync(join(dir, 'rep/slave_data/base')),
  'while the slave is cloned': (dir) =>
    !existsSync(join(dir, 'progress.json')) && existsSync(join(dir, 'rep/slave_data.old')),
};

it.each(Object.keys(moments))('a goto that is stopped %s leaves the lab as it was', async (moment) => {
  await using cli = openCli();
  await cli.run('goto', '4', '--yes');
  const [progress, [before]] = [file(cli, 'progress.json'), await status(cli)];
  const backups = readdirSync(join(cli.dir, 'backups'));
  const stopped = await interrupted(cli, ['goto', '8', '--yes'], 'SIGINT', () => moments[moment]?.(cli.dir) ?? true);
  if (moment !== 'at once')
    expect(stopped).toMatchObject({ status: 3, said: expect.stringContaining('as it was before') });
  expect(file(cli, 'progress.json')).toBe(progress);
  expect((await status(cli))[0]).toMatchObject({ state: 'up', systemIdentifier: before.systemIdentifier });
  expect(readdirSync(join(cli.dir, 'backups'))).toEqual(backups);
  expect(JSON.parse(file(cli, 'lab.json')).moving).toBeNull();
  expect(await cli.run('check', '3')).toMatchObject({ status: 0 });
});

it('a solve keeps sessions and servers running, and undo takes it back', async () => {
  await using cli = openCli();
  await cli.run('goto', '4', '--yes');
  const hba = file(cli, 'rep/master_data/pg_hba.conf');
  const [progress, pid] = [file(cli, 'progress.json'), file(cli, 'rep/master_data/postmaster.pid')];
  expect(await cli.run('solve', '--yes')).toMatchObject({ status: 0, err: '' });
  expect(file(cli, 'rep/master_data/postmaster.pid')).toBe(pid);
  expect(file(cli, 'rep/master_data/pg_hba.conf')).not.toBe(hba);
  expect(await cli.run('undo', '--yes')).toMatchObject({ status: 0, out: expect.stringContaining('solve 4') });
  expect(file(cli, 'rep/master_data/pg_hba.conf')).toBe(hba);
  expect(file(cli, 'progress.json')).toBe(progress);
  expect((await status(cli))[0]).toMatchObject({ state: 'up', role: 'primary' });
  expect(await cli.run('check', '3')).toMatchObject({ status: 0 });
});

it('a solve that is stopped leaves the lab as it was', async () => {
  await using cli = openCli();
  await cli.run('goto', '5', '--yes');
  const progress = file(cli, 'progress.json');
  const aside = () => existsSync(join(cli.dir, 'rep/slave_data.old'));
  expect(await interrupted(cli, ['solve', '--yes'], 'SIGINT', aside)).toMatchObject({ status: 3 });
  expect(aside()).toBe(false);
  expect(file(cli, 'progress.json')).toBe(progress);
  expect(await status(cli)).toMatchObject([{ state: 'up' }, { state: 'up' }]);
});

it('a solve that is killed leaves its backup for undo, and no frozen server', async () => {
  await using cli = openCli();
  await cli.run('goto', '5', '--yes');
  const aside = () => existsSync(join(cli.dir, 'rep/slave_data.old'));
  await interrupted(cli, ['solve', '--yes'], 'SIGKILL', aside);
  expect((await cli.run('up')).err).toContain('"repl-workshop undo" brings back what was before it');
  expect(await cli.run('undo', '--yes')).toMatchObject({ status: 0 });
  expect(aside()).toBe(false);
  expect(await status(cli)).toMatchObject([{ state: 'up' }, { state: 'up' }]);
});

it.each(['SIGINT', 'SIGKILL'] as const)(
  '%s while a solve follows steps: what was before is back or can be',
  async (sent) => {
    await using cli = openCli();
    await cli.run('goto', '4', '--yes');
    await cli.run('down');
    const progress = file(cli, 'progress.json');
    const starts = () => existsSync(join(cli.dir, 'rep/master_data/postmaster.pid'));
    await interrupted(cli, ['solve', '--yes'], sent, starts);
    if (sent === 'SIGKILL') {
      const undone = await cli.run('undo', '--yes');
      expect(undone).toMatchObject({ status: 0, err: expect.stringContaining('"solve 4" was interrupted on its way') });
    }
    expect(await status(cli)).toMatchObject([{ state: 'stopped' }, { state: 'stopped' }]);
    expect(file(cli, 'progress.json')).toBe(progress);
    expect(JSON.parse(file(cli, 'lab.json')).moving).toBeNull();
  },
);

it('servers that a killed solve has frozen are unfrozen', async () => {
  await using cli = openCli();
  await cli.run('goto', '5', '--yes');
  const pid = Number(file(cli, 'rep/master_data/postmaster.pid').split('\n')[0]);
  expect(await interrupted(cli, ['solve', '--yes'], 'SIGKILL', () => isPaused(pid))).toMatchObject({ status: null });
  expect(isPaused(pid)).toBe(true);
  await cli.run('up');
  expect(isPaused(pid)).toBe(false);
  expect(await status(cli)).toMatchObject([{ state: 'up' }, { state: 'up' }]);
});
