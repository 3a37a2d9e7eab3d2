/** Test files side by side, each in a network of its own: the usual ports are free for each of them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ForksPoolWorker, type PoolRunnerInitializer } from 'vitest/node';

const program = fileURLToPath(new URL('own-network.sh', import.meta.url));

/** Root on Linux, as a rule. */
export const canHaveOwnNetwork = (): boolean =>
  spawnSync(program, ['--version'], { env: { ...process.env, NODE: process.execPath } }).status === 0;

class WorkerInOwnNetwork extends ForksPoolWorker {
  override start(): Promise<void> {
    const node = process.execPath;
    this.env = { ...this.env, NODE: node };
    process.execPath = program; // fork() starts this
    try {
      return super.start();
    } finally {
      process.execPath = node;
    }
  }
}

export const inOwnNetwork: PoolRunnerInitializer = {
  name: 'own-network',
  createPoolWorker: (options) => new WorkerInOwnNetwork(options),
};
