import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { assetKinds } from './assets/compile.ts';

/** Tests that only compute: no server, no process, no network. */
const pure = ['test/{postgres,check,lesson,session,ui}/**/*.test.{ts,tsx}', 'test/floors.test.ts'];
/** Tests that start labs of their own, on ports of their own: two files at a time on two cores. */
const against = 'test/postgres/against/**/*.test.ts';
const labs = ['test/{lab,clients,proof}/**/*.test.{ts,tsx}', against];
/**
 * Tests on a Docker daemon that they start themselves, or on the machine's own. Without any daemon they are skipped
 * with a message.
 */
const docker = ['test/docker/**/*.test.ts'];
/**
 * Tests of the whole program as a learner starts it. Their labs use the default ports, so only one file runs at a time.
 */
const usualPorts = ['test/lab/second-user.test.ts', 'test/lab/server-user.test.ts'];
const program = ['test/cli/**/*.test.{ts,tsx}', 'test/package.test.ts', ...usualPorts];

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
        test: { name: 'program', include: program, ...longTimeouts, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
