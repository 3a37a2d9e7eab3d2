/** Several programs at the same time, on several labs and on one lab. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { everything } from '../everything.ts';
import { type Cli, openCli } from './run.ts';

const plan = (cli: Cli) => JSON.parse(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).plan;
const ports = (cli: Cli): readonly number[] => plan(cli).servers.map(({ port }: { port: number }) => port);
const portInFile = (cli: Cli, name: string) =>
  Number(/^port = (\d+)/m.exec(readFileSync(join(cli.dir, `rep/${name}_data/postgresql.conf`), 'utf8'))?.[1]);

/** A foreign program that has a port. */
async function listening(port: number): Promise<AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return { [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) };
}

it.each(everything ? [1, 2, 3] : [1])(
  'five new labs that start at the same time all get to lesson 3, time %i',
  async () => {
    await using one = openCli();
    await using two = openCli();
    await using three = openCli();
    await using four = openCli();
    await using five = openCli();
    const labs = [one, two, three, four, five];
    const said = await Promise.all(labs.map((cli) => cli.run('goto', '3', '--yes')));
    expect(said.map(({ status, err }) => ({ status, err: status === 0 ? '' : err }))).toEqual(
      labs.map(() => ({ status: 0, err: '' })),
    );
    if (process.platform === 'linux')
      // there each port is claimed by the program that has chosen it
      for (const { out, err } of said) expect(`${out}${err}`).not.toContain('in the meantime');
    const all = labs.flatMap(ports);
    expect(new Set(all).size).toBe(all.length);
    for (const cli of labs) {
      const [master = 0, slave] = ports(cli);
      expect(slave).toBe(master + 1);
      expect([portInFile(cli, 'master'), portInFile(cli, 'slave')]).toEqual([master, slave]);
    }
    for (const cli of labs) expect(await cli.run('check', '2')).toMatchObject({ status: 0 });
  },
);

it('master and slave get neighbouring ports where the usual port of one is taken', async () => {
  await using cli = openCli();
  await using _taken = await listening(5432);
  await cli.run('list');
  expect(await cli.run('goto', '2', '--yes')).toMatchObject({ status: 0 });
  const [master = 0, slave] = ports(cli);
  expect([master > 5432, slave]).toEqual([true, master + 1]);
});

it('a server that never started gets another port, in plan and file, when its own is taken', async () => {
  await using cli = openCli();
  await cli.run('goto', '2', '--yes');
  const [before = 0] = ports(cli);
  const made = spawn(join(cli.dir, 'bin/initdb'), ['-D', join(cli.dir, 'rep/master_data')], { stdio: 'ignore' });
  await new Promise((done) => made.on('exit', done));
  expect(portInFile(cli, 'master')).toBe(before);
  await using _taken = await listening(before);
  expect((await cli.run('up')).err).toContain(`Port ${before} was taken in the meantime`);
  expect(portInFile(cli, 'master')).not.toBe(before);
  expect(ports(cli)[0]).toBe(portInFile(cli, 'master'));
});

it('a lab that undo restores has its old ports, and psql and status find its servers', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const before = ports(cli);
  const psql = (sql: string) => cli.say(sql, 'psql', 'master');
  expect((await psql("CREATE TABLE mine (note text); INSERT INTO mine VALUES ('it is there');\n")).out).toContain(
    'INSERT',
  );
  await cli.run('reset', '--all', '--yes');
  {
    await using _taken = await listening(before[0] ?? 0);
    expect((await cli.run('up')).err).toContain('was taken in the meantime');
  }
  expect(ports(cli)).not.toEqual(before);
  expect((await cli.run('undo', '--yes')).out).toContain(`As at that time, master has port ${before[0]}`);
  expect(ports(cli)).toEqual(before);
  expect((await psql('SELECT note FROM mine;\n')).out).toContain('it is there');
  expect((await cli.run('status')).out).toContain(`master :${before[0]} `);
  expect(await cli.run('check', '2')).toMatchObject({ status: 0 });
});

it('programs that open a new lab at the same time make one lab', async () => {
  await using cli = openCli();
  const said = await Promise.all([cli.run('--plain'), cli.run('goto', '2', '--yes'), cli.run('next')]);
  expect(said.map(({ status, err }) => [status < 2, err.includes('own')])).toEqual(said.map(() => [true, false]));
  expect(readdirSync(cli.dir).filter((name) => /\.(lock|new)/.test(name))).toEqual([]);
});

it('an operation is completed when its output is closed', async () => {
  await using cli = openCli();
  const program = `"${process.execPath}" "${resolve('dist/repl-workshop.cjs')}" --lab "${cli.dir}" goto 3 --yes | head -1`;
  const shell = spawn('bash', ['-c', `set -o pipefail; ${program}`], { stdio: 'ignore' });
  expect(await new Promise((done) => shell.on('exit', done))).toBe(0);
  expect(existsSync(join(cli.dir, 'rep/master_data/PG_VERSION'))).toBe(true);
  expect(JSON.parse(readFileSync(join(cli.dir, 'progress.json'), 'utf8')).lesson).toBe('a-role-for-the-standby');
});
