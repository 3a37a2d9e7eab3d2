/**
 * The costs of the workshop on Docker, on the engine of the tests (test/docker/engine.ts). Without an engine a row
 * says so.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openDockerEngine } from '../docker/engine.ts';
import { postgresImage } from '../docker/images.ts';
import { bundled } from './bundle.ts';
import type { Looks } from './look.ts';
import { median, ms, type Row } from './numbers.ts';
import { program, scratch } from './workshop.ts';

const rounds = 3;
const otherLabs = 30;
const script = resolve('test/bench/two-containers.sh');
const leftOut = (why: string): readonly Row[] => [{ what: 'Docker', measured: `left out: ${why}` }];

export async function dockerRows(): Promise<readonly Row[]> {
  await using engine = await openEngine();
  if ('why' in engine) return leftOut(engine.why);
  const image = await postgresImage(engine, 18);
  if ('why' in image) return leftOut(image.why);
  const env = { ...process.env, CI: 'true', DOCKER_HOST: `unix://${engine.socketPath}` };
  const run = (file: string, ...args: readonly string[]) => promisify(execFile)(file, [...args], { env });
  const [node = '', ...front] = program;
  const dir = join(scratch, 'docker-lab');
  const lab = (...args: readonly string[]) => run(node, ...front, ...args, '--lab', dir);
  const plain: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await lab('down', '--remove', '--yes');
    plain.push(await timeOfPlain(run, join(scratch, 'plain'), image.name));
    ours.push(await timeOf(() => lab('goto', '11', '--yes', '--engine', 'docker', '--name', 'bench')));
  }
  const look = await bundled('test/bench/look.ts', scratch);
  const looks = async (): Promise<Looks> => JSON.parse((await run(node, look, dir, '20')).stdout);
  const alone = await looks();
  await startOtherLabs(run, image.name);
  const among = await looks();
  await lab('down');
  return [replicationRow(plain, ours), ...lookRows(alone, among)];
}

type Run = (file: string, ...args: readonly string[]) => Promise<{ readonly stdout: string }>;

/** The engine, which is closed at the end if it was opened. */
async function openEngine() {
  const engine = await openDockerEngine();
  return 'why' in engine ? { ...engine, [Symbol.asyncDispose]: async () => undefined } : engine;
}

async function timeOf(deed: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await deed();
  return performance.now() - begun;
}

async function timeOfPlain(run: Run, folder: string, image: string): Promise<number> {
  mkdirSync(folder);
  const time = await timeOf(() => run('bash', script, folder, image));
  await run('docker', 'rm', '--force', '--volumes', 'plain-master', 'plain-slave');
  await run('docker', 'network', 'rm', 'plain');
  rmSync(folder, { recursive: true });
  return time;
}

/**
 * Imitates other learners' labs by running containers with their labels. For a look it makes no difference that they
 * only sleep.
 */
async function startOtherLabs(run: Run, image: string): Promise<void> {
  for (let number = 0; number < otherLabs; number++)
    await Promise.all(
      ['master', 'slave'].map((server) => {
        const labels = ['--label', `repl-workshop.lab=other${number}`, '--label', `repl-workshop.server=${server}`];
        const name = ['--name', `other${number}-${server}`];
        return run('docker', 'run', '-d', ...name, ...labels, '--entrypoint', 'sleep', image, 'infinity');
      }),
    );
}

function replicationRow(plain: readonly number[], ours: readonly number[]): Row {
  const ratio = median(ours) / median(plain);
  return {
    what: 'Docker: from nothing to proven synchronous replication',
    measured: `${ms(median(ours))}, ${ratio.toFixed(2)} x the plain commands`,
    budget: '1.15 x',
    kept: ratio <= 1.15,
  };
}

function lookRows(alone: Looks, among: Looks): readonly Row[] {
  const [cpu, ratio] = [median(alone.cpuMs), median(among.wallMs) / median(alone.wallMs)];
  return [
    { what: 'Docker: CPU of a look', measured: ms(cpu), budget: '20 ms', kept: cpu <= 20 },
    {
      what: `Docker: a look among ${otherLabs} other labs`,
      measured: `${ms(median(among.wallMs))}, ${ratio.toFixed(2)} x alone`,
      budget: '1.5 x',
      kept: ratio <= 1.5,
    },
  ];
}
