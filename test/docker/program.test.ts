/** The whole program on Docker, as a learner starts it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { runProgram, type Said } from '../cli/run.ts';
import { type Docker, dockerAt } from './container.ts';
import type {} from './global.ts';
import { imageOf, whyNoImage } from './lab.ts';

const engine = inject('docker');
const image = imageOf(18);
if ('why' in engine || !image) it('the whole program runs on Docker', ({ skip }) => skip(whyNoImage(18)));
else describe('the whole program on Docker', () => program(engine.socketPath, image));

type Learner = AsyncDisposable & {
  readonly dir: string;
  readonly docker: Docker;
  run(...args: string[]): Promise<Said>;
};

function program(socketPath: string, image: string): void {
  /** A lab for one test, removed by `down --remove` at the end. */
  const openLearner = (prefix: string, options: readonly string[] = []): Learner => {
    const outer = mkdtempSync(join(tmpdir(), 'rw-'));
    const dir = join(outer, 'lab');
    const env = { DOCKER_HOST: `unix://${socketPath}` };
    const run = (...args: string[]) =>
      runProgram(['--lab', dir, '--engine', 'docker', '--name', prefix, '--image', image, ...options, ...args], env);
    return {
      dir,
      docker: dockerAt(socketPath),
      run,
      async [Symbol.asyncDispose]() {
        await run('down', '--remove', '--yes');
        rmSync(outer, { recursive: true, force: true });
      },
    };
  };

  it('the program makes a lab on Docker, keeps what it replaces, restores it, and removes everything', async () => {
    await using learner = openLearner('whole');
    const { run, docker } = learner;
    expect(await run('goto', '3', '--yes')).toMatchObject({ status: 0 });
    const ids = async () => (await docker('ps', '-aq', '--no-trunc', '--filter', 'name=whole-')).stdout;
    const before = await ids();
    expect(await run('diff')).toMatchObject({ status: 0, out: expect.stringMatching(/^Nothing has changed/) });
    await docker('exec', 'whole-master', 'sh', '-c', 'echo "# mine" >> "$PGDATA/pg_ident.conf"');
    await docker('exec', 'whole-master', 'psql', '-U', 'postgres', '-c', "CREATE ROLE ann PASSWORD 'Hunter2'");
    const { out } = await run('diff');
    expect(out.split('\n').filter((line) => /^\+(?!\+)/.test(line))).toEqual([
      '+# mine',
      '+role ann: NOLOGIN PASSWORD ********',
    ]);
    expect((await run('status')).out).toMatch(/master :\d+ +up, primary.*\n.*slave :\d+ +up, primary/);
    expect(await run('reset', '2', '--yes')).toMatchObject({
      status: 0,
      out: expect.stringContaining('give them other names'),
    });
    expect(await ids()).toBe(before);
    expect((await run('status')).out).toMatch(/master.*not made yet/);
    expect(await run('undo', '--yes')).toMatchObject({ status: 0 });
    expect(await ids()).toBe(before);
    expect((await run('status')).out).toMatch(/master :\d+ +up, primary/);
    expect((await run('logs', 'master')).out).toContain('database system is ready to accept connections');
    expect(await run('down', '--remove', '--yes')).toMatchObject({ status: 0 });
    expect(await ids()).toBe('');
    expect((await docker('network', 'ls', '-q', '--filter', 'name=whole-rep')).stdout).toBe('');
  });

  it('the program on Docker changes nothing that is not the lab’s, whatever its name', async () => {
    await using learner = openLearner('strange');
    const { run, docker } = learner;
    await docker('network', 'create', 'strange-rep');
    await docker('run', '-d', '--name', 'strange-master', image, 'sleep', '1000');
    const look = async () => {
      const container = JSON.parse((await docker('inspect', 'strange-master')).stdout);
      return [container, JSON.parse((await docker('network', 'inspect', 'strange-rep')).stdout)];
    };
    const before = await look();
    const checked = await run('check', 'two-servers');
    expect(checked).toMatchObject({ status: 1, out: expect.stringMatching(/not\s+of\s+this\s+lab/) });
    expect((await run('goto', '3', '--yes')).status).toBe(3);
    expect(await run('reset', '--all', '--yes')).toMatchObject({ status: 0 });
    expect(await run('down', '--remove', '--yes')).toMatchObject({ status: 0 });
    expect(await look()).toEqual(before);
    await docker('rm', '-f', 'strange-master');
    await docker('network', 'rm', 'strange-rep');
  });

  it('the program says in one sentence that Docker is gone, with status 3', async () => {
    const outer = mkdtempSync(join(tmpdir(), 'rw-'));
    mkdirSync(join(outer, 'lab'));
    const nowhere = { DOCKER_HOST: `unix://${outer}/none.sock` };
    const said = await runProgram(['--lab', join(outer, 'lab'), '--engine', 'docker', 'check'], nowhere);
    expect(said).toMatchObject({ status: 3, out: '' });
    expect(said.err.split('\n').filter((line) => line !== '')).toHaveLength(2);
    rmSync(outer, { recursive: true });
  });

  it('the program pulls no image without being asked to', async () => {
    await using learner = openLearner('image', ['--image', 'postgres:0-is-nowhere']);
    const { run } = learner;
    expect(await run('goto', '3', '--yes', '--offline')).toMatchObject({
      status: 3,
      err: expect.stringMatching(/The image postgres:0-is-nowhere is not on this Docker.*\n.*docker pull/),
    });
  });

  it('a lab stays on the engine that it was made on', async () => {
    await using learner = openLearner('engine');
    expect(await learner.run('reset', '--all', '--yes')).toMatchObject({ status: 0 });
    const other = await runProgram(['--lab', learner.dir, '--engine', 'native', 'check'], {
      DOCKER_HOST: `unix://${socketPath}`,
    });
    expect(other).toMatchObject({ status: 2, err: expect.stringContaining('was made on Docker, and stays there') });
  });

  it('tour plays every lesson on Docker', async () => {
    const env = { DOCKER_HOST: `unix://${socketPath}` };
    const played = await runProgram(['tour', '--engine', 'docker', '--image', image, '--json'], env);
    const last = JSON.parse(played.out.trim().split('\n').at(-1) ?? '{}');
    expect(last).toMatchObject({ ok: true, lessons: 12 });
    expect(played.status).toBe(0);
  });
}
