/** The same on Docker, against Docker's own commands. Without an engine a row says so. */
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { leftOut, openBenchEngine } from '../docker-engine.ts';
import { type Row, timeOf } from '../numbers.ts';
import { run, runToEnd, scratch } from '../workshop.ts';
import { type LabKind, serversOf } from './bench-lab.ts';
import { preparedRows } from './prepared.ts';

const script = resolve('test/bench/states/plain-containers.sh');
const pairs = 5;
const budgets = { fromNothing: 1, command: 0.5 };

export async function* dockerStateRows(): AsyncGenerator<Row> {
  await using engine = await openBenchEngine();
  if ('why' in engine) return yield* leftOut(engine.why);
  const { env, image } = engine;
  const kind: LabKind = {
    newLab: ['--engine', 'docker', '--image', image, '--name', 'bench'],
    env,
    async sql(lab, server, text) {
      const { container = '' } = serversOf(lab).find(({ name }) => name === server) ?? {};
      const psql = ['psql', '-XAtqw', '-U', 'postgres', '-d', 'master', '-c', text];
      return (await run('docker', ['exec', container, ...psql], env)).stdout.trim();
    },
  };
  const cache = join(scratch, 'docker-cache');
  const plain = () => timeOfPlainContainers(env, image);
  yield* preparedRows({ about: 'Docker: ', kind, cache, budgets, pairs, plain });
}

async function timeOfPlainContainers(env: NodeJS.ProcessEnv, image: string): Promise<number> {
  const folder = join(scratch, 'plain-containers');
  mkdirSync(folder);
  try {
    return await timeOf(() => run('bash', [script, folder, image], env));
  } finally {
    await runToEnd('docker', ['rm', '--force', '--volumes', 'plain-master', 'plain-slave'], env);
    await runToEnd('docker', ['network', 'rm', 'plain'], env);
    rmSync(folder, { recursive: true });
  }
}
