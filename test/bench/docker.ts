/**
 * The costs of looks on Docker, on the engine of the tests (test/docker/engine.ts). Without an engine a row says so.
 */
import { join } from 'node:path';
import { bundled } from './bundle.ts';
import { leftOut, openBenchEngine } from './docker-engine.ts';
import type { Looks } from './look.ts';
import { median, ms, type Row } from './numbers.ts';
import { program, run, runToEnd, scratch } from './workshop.ts';

const otherLabs = 30;

export async function dockerRows(): Promise<readonly Row[]> {
  await using engine = await openBenchEngine();
  if ('why' in engine) return leftOut(engine.why);
  const { env, image } = engine;
  const [node = '', ...front] = program;
  const dir = join(scratch, 'docker-lab');
  const lab = (by: typeof run, ...args: readonly string[]) => by(node, [...front, ...args, '--lab', dir], env);
  try {
    await lab(run, 'goto', '11', '--yes', '--engine', 'docker', '--name', 'bench');
    const look = await bundled('test/bench/look.ts', scratch);
    const looks = async (): Promise<Looks> => JSON.parse((await run(node, [look, dir, '20'], env)).stdout);
    const alone = await looks();
    await startOtherLabs(image, env);
    return lookRows(alone, await looks());
  } finally {
    await lab(runToEnd, 'down');
  }
}

/**
 * Imitates other learners' labs by running containers with their labels. For a look it makes no difference that they
 * only sleep.
 */
async function startOtherLabs(image: string, env: NodeJS.ProcessEnv): Promise<void> {
  for (let number = 0; number < otherLabs; number++)
    await Promise.all(
      ['master', 'slave'].map((server) => {
        const labels = ['--label', `repl-workshop.lab=other${number}`, '--label', `repl-workshop.server=${server}`];
        const name = ['--name', `other${number}-${server}`];
        return run('docker', ['run', '-d', ...name, ...labels, '--entrypoint', 'sleep', image, 'infinity'], env);
      }),
    );
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
