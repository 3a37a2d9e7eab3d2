/** The passwords of a lab: `secret` shows them to the lab's owner, and no other output has them. */
import { appendFileSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/lab/machine/run.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { secretsOf } from '../../src/lab/secrets/secrets.ts';
import { type Cli, openCli } from './run.ts';

const planOf = ({ dir }: Cli): LabPlan => JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan;
const passwordOf = (plan: LabPlan, name: string) => plan.servers.find((server) => server.name === name)?.password;
const isRoot = process.getuid?.() === 0;

describe('secret', () => {
  it('secret lists the passwords of a lab, and prints each one alone on its line', async () => {
    await using cli = openCli();
    await cli.run('goto', '4', '--yes');
    const plan = planOf(cli);
    const names = await cli.run('secret');
    expect(names).toMatchObject({ status: 0, err: '' });
    expect(names.out.match(/^\w+/gm)).toEqual(['master', 'slave', 'replication']);
    for (const secret of secretsOf(plan)) expect(names.out).not.toContain(secret);
    expect(await cli.run('secret', 'master')).toEqual({ status: 0, out: `${passwordOf(plan, 'master')}\n`, err: '' });
    const slave = await cli.run('secret', 'slave');
    expect(slave).toMatchObject({ status: 0, out: `${passwordOf(plan, 'slave')}\n` });
    expect(slave.err).toContain('secret replication');
    expect(await cli.run('secret', 'replication')).toEqual({
      status: 0,
      out: `${plan.replication.password}\n`,
      err: '',
    });
    expect(await cli.run('secret', 'slave2')).toMatchObject({ status: 2, out: '' });
  });

  it("secret gives the master's password for the slave after the clone, or says that it knows none", async () => {
    await using cli = openCli();
    await cli.run('goto', '9', '--yes');
    const plan = planOf(cli);
    expect(await cli.run('secret', 'slave')).toMatchObject({ status: 0, out: `${passwordOf(plan, 'master')}\n` });
    const sql = ['-h', '127.0.0.1', '-p', `${plan.servers[0]?.port}`, '-U', 'postgres', '-c'];
    const env = { ...process.env, PGPASSFILE: join(cli.dir, 'shell/pgpass') } as Record<string, string>;
    const psql = (text: string) => run({ command: join(cli.dir, 'bin/psql'), args: [...sql, text], env });
    expect(await psql("ALTER ROLE postgres PASSWORD 'of my own choice'")).toMatchObject({ status: 0 });
    const unknown = await cli.run('secret', 'master');
    expect(unknown).toMatchObject({ status: 3, out: '' });
    const [, again = ''] = /set the lab's again: (.*)/.exec(unknown.err) ?? [];
    expect(await run({ command: 'sh', args: ['-c', `PATH=${join(cli.dir, 'bin')}:$PATH; ${again}`] })).toMatchObject({
      status: 0,
    });
    expect(await cli.run('secret', 'master')).toMatchObject({ status: 0, out: `${passwordOf(plan, 'master')}\n` });
  });

  it('secret says that there is no lab, and makes none', async () => {
    await using cli = openCli();
    expect(await cli.run('secret', 'master')).toMatchObject({ status: 3, out: '' });
    expect(existsSync(cli.dir)).toBe(false);
    expect(existsSync(join(dirname(cli.dir), 'config'))).toBe(false);
  });

  it.skipIf(!isRoot)("secret shows nothing of another user's lab (needs root)", async () => {
    await using cli = openCli();
    await cli.run('up');
    const theirs = join(dirname(cli.dir), 'theirs');
    cpSync(cli.dir, theirs, { recursive: true });
    for (const path of [theirs, join(theirs, 'lab.json')]) chownSync(path, 54_321, 54_321);
    const said = await cli.run('--lab', theirs, 'secret', 'replication');
    expect(said).toMatchObject({ status: 3, out: '' });
    expect(said.err).toContain('belongs to uid 54321');
  });
});

describe('the steps of check --json', () => {
  type Part = string | { readonly secret: string };
  type JsonStep = {
    do: string;
    on: string;
    file?: string;
    line?: number | 'new';
    text: string;
    parts: Part[];
    command?: Part[];
  };

  /** The steps of the first task that fails, as a program gets them: no password, but its name. */
  async function nextSteps(cli: Cli, lesson: string): Promise<readonly JsonStep[]> {
    const { out } = await cli.run('check', lesson, '--json');
    for (const secret of secretsOf(planOf(cli))) expect(out).not.toContain(secret);
    const tasks: { verdict: { kind: string; next?: JsonStep[] } }[] = JSON.parse(out).tasks;
    return tasks.find(({ verdict }) => verdict.kind === 'fail')?.verdict.next ?? [];
  }
  const joined = async (cli: Cli, parts: readonly Part[]): Promise<string> => {
    const texts = await Promise.all(
      parts.map(async (part) =>
        typeof part === 'string' ? part : (await cli.run('secret', part.secret)).out.trimEnd(),
      ),
    );
    return texts.join('');
  };
  /** As in the shell of the lab. */
  async function type(cli: Cli, command: string): Promise<void> {
    const script = `cd ${cli.dir} && PATH=${join(cli.dir, 'bin')}:$PATH && PGPASSFILE=${join(cli.dir, 'shell/pgpass')} && export PGPASSFILE && ${command}`;
    expect(await run({ command: 'sh', args: ['-c', script] })).toMatchObject({ status: 0 });
  }
  const passes = async (cli: Cli, task: string) => {
    const { tasks } = JSON.parse((await cli.run('check', '--all', '--json')).out);
    expect(tasks.find((one: { task: string }) => one.task === task)).toMatchObject({ verdict: { kind: 'pass' } });
  };

  it('rebuilt from their parts and the passwords that secret prints, do what they say', async () => {
    await using cli = openCli();
    await cli.run('goto', '3', '--yes');
    const [create] = await nextSteps(cli, '3');
    expect(create).toMatchObject({ do: 'sql', text: expect.stringContaining("PASSWORD '********'") });
    expect(create?.parts).toContainEqual({ secret: 'replication' });
    await type(cli, await joined(cli, create?.command ?? []));
    await passes(cli, 'a-role-for-the-standby/role');

    await cli.run('goto', '5', '--yes');
    for (const step of await nextSteps(cli, '5')) await type(cli, await joined(cli, step.parts));
    for (const step of await nextSteps(cli, '5')) await type(cli, await joined(cli, step.parts));
    const clone = (await nextSteps(cli, '5')).find((step) => step.do === 'clone');
    expect(clone?.parts).toContainEqual({ secret: 'replication' });
    await type(cli, await joined(cli, clone?.parts ?? []));
    await passes(cli, 'clone-the-master/safe-copy');

    await cli.run('goto', '6', '--yes');
    await cli.run('answer', 'name', 'a');
    const [edit] = await nextSteps(cli, '6');
    expect(edit).toMatchObject({ do: 'edit', line: 'new', file: 'rep/slave_data/postgresql.conf' });
    expect(edit?.text).toContain('********');
    appendFileSync(join(cli.dir, edit?.file ?? ''), `${await joined(cli, edit?.parts ?? [])}\n`);
    await passes(cli, 'point-the-slave-at-the-master/conninfo');
  });
});

it('no other command prints a secret of the lab, wherever it occurs', async () => {
  await using cli = openCli();
  await cli.run('goto', '8', '--yes');
  const plan = planOf(cli);
  const secret = plan.replication.password;
  // Without a word like "password" beside it: in a name, a log line, another setting.
  appendFileSync(join(cli.dir, 'rep/slave_data/postgresql.conf'), `cluster_name = '${secret}'\n`);
  await cli.run('solve', '--yes');
  appendFileSync(
    join(cli.dir, 'logs/slave.log'),
    `2026-11-23 01:12:16.388 UTC [16626] ERROR:  I typed ${secret} here\n`,
  );
  mkdirSync(join(cli.dir, 'out'));
  const files = ['junit.xml', 'report.md', 'report.html'].map((name) => join(cli.dir, 'out', name));
  const [junit = '', md = '', html = ''] = files;
  const outputs = [
    ['observe'],
    ['observe', '--json'],
    ['status', '--json'],
    ['check', '--all', '--json'],
    ['check', '7', '--json', '--junit', junit],
    ['check', '7'],
    ['logs', 'slave'],
    ['explain', join(cli.dir, 'logs/slave.log')],
    ['explain', '--json', join(cli.dir, 'logs/slave.log')],
    ['report', '--json', '--md', md, '--html', html],
    ['list', '--json'],
    ['doctor', '--json'],
  ];
  const said = [];
  for (const args of outputs) said.push({ args, ...(await cli.run(...args)) });
  for (const { args, out, err } of said)
    for (const one of secretsOf(plan)) expect(`${args[0]}: ${out}${err}`).not.toContain(one);
  for (const file of files) for (const one of secretsOf(plan)) expect(readFileSync(file, 'utf8')).not.toContain(one);
  for (const { args, out } of said)
    if (args.includes('--json')) for (const line of out.trim().split('\n')) JSON.parse(line);
  expect(said.find(({ args }) => args[0] === 'logs')?.out).toContain('I typed ******** here');
  rmSync(join(cli.dir, 'out'), { recursive: true });
});
