import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { assetKinds } from './assets/compile.ts';
import { canHaveOwnNetwork, inOwnNetwork } from './test/own-network.ts';

/** Tests that only compute: no server, no process, no network. */
const pure = [
  'test/{postgres,check,lesson,session,ui}/**/*.test.{ts,tsx}',
  'test/floors.test.ts',
  'test/lead-out/{grammar,cause}.test.ts',
];
/** Tests that start labs of their own, on ports of their own. */
const against = 'test/postgres/against/**/*.test.ts';
const labs = ['test/{lab,clients,proof}/**/*.test.{ts,tsx}', 'test/lead-out/lead-out.test.ts', against];
/**
 * Tests on a Docker daemon that they start themselves, or on the machine's own. Without any daemon they are skipped
 * with a message.
 */
const docker = ['test/docker/**/*.test.ts'];
/**
 * Tests of the whole program as a learner starts it. Their labs use the default ports, so each file runs in a network
 * of its own; where the machine does not allow that, only one file runs at a time.
 */
const usualPorts = ['test/lab/second-user.test.ts', 'test/lab/server-user.test.ts'];
const program = ['test/cli/**/*.test.{ts,tsx}', ...usualPorts];
const alone = canHaveOwnNetwork()
  ? { pool: inOwnNetwork, maxWorkers: 2, sequence: { groupOrder: 1 } }
  : { maxWorkers: 1, sequence: { groupOrder: 3 } };

/**
 * Files that take minutes. They run first, so that both workers end at about the same time: Vitest itself knows how
 * long a file takes only after it has run here once.
 */
const long = [
  'proof/',
  'docker/proof-18',
  'lab/before',
  'cli/kill',
  'lab/links',
  'cli/lab',
  'docker/files',
  'lab/hostile-labs',
  'lab/secrets/shell',
  'cli/machine',
  'cli/stopping',
];
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.some((name) => moduleId.includes(`/test/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * Returns the environment that puts temporary folders in memory. The proof restores a state two hundred times, and each
 * restore copies two data directories; in memory that takes a tenth of the time. Returns {} where /dev/shm has less
 * than 4 GB free, or where programs cannot be run from it (the labs' bin/ contains programs).
 */
function inMemory(): Record<string, string> {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize < 4 * 1024 ** 3) return {};
    const scratch = mkdtempSync(`${memory}/rw-`);
    writeFileSync(`${scratch}/try`, '#!/bin/sh\n', { mode: 0o755 });
    execFileSync(`${scratch}/try`);
    rmSync(scratch, { recursive: true });
    return { TMPDIR: memory };
  } catch {
    return {}; // this system has no /dev/shm, or forbids running programs there
  }
}

// No test leaves a program behind that goes on preparing states.
process.env.REPL_WORKSHOP_PREPARE = 'off';

const longTimeouts = { testTimeout: 180_000, hookTimeout: 240_000 };

export default defineConfig({
  plugins: [
    {
      name: 'assets',
      enforce: 'pre',
      load(id) {
        const path = id.split('?')[0] ?? id;
        const kind = assetKinds.find(({ files }) => files.test(path));
        for (const part of kind?.parts?.() ?? []) this.addWatchFile(part);
        return kind ? `export default ${kind.compile(readFileSync(path, 'utf8'), path)}` : undefined;
      },
    },
  ],
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
    setupFiles: ['test/check/every-verdict.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: pure, exclude: [against], maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'labs',
          include: labs,
          exclude: usualPorts,
          env: inMemory(),
          ...longTimeouts,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: docker,
          globalSetup: ['test/docker/global.ts'],
          env: inMemory(),
          ...longTimeouts,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'program', include: program, env: inMemory(), ...longTimeouts, ...alone },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package.test.ts'],
          env: inMemory(),
          ...longTimeouts,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
