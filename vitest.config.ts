import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { assetKinds } from './assets/compile.ts';

/** Values in, values out. */
const pure = ['test/{postgres,check,lesson,session,ui}/**/*.test.{ts,tsx}', 'test/floors.test.ts'];
/** Labs of the tests' own, on ports of their own: two at a time on two cores. */
const against = 'test/postgres/against/**/*.test.ts';
const labs = ['test/{lab,clients,proof}/**/*.test.{ts,tsx}', against];
/** On a Docker engine of the tests' own, or of the machine's owner; where none can be had, the run says so and goes on. */
const docker = ['test/docker/**/*.test.ts'];
/** The whole program as a learner starts it; its labs want the usual ports, so one at a time. */
const usualPorts = ['test/lab/second-user.test.ts', 'test/lab/server-user.test.ts'];
const program = ['test/cli/**/*.test.{ts,tsx}', 'test/package.test.ts', ...usualPorts];

/**
 * The proof returns to a state two hundred times, and each copies two data directories: in memory that takes a tenth of the time. Only where there is
 * room, and where programs may be run from there (the labs' bin/).
 */
function inMemory(): Record<string, string> {
  const folder = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < 4 * 1024 ** 3) return {};
    const scratch = mkdtempSync(`${folder}/rw-`);
    writeFileSync(`${scratch}/try`, '#!/bin/sh\n', { mode: 0o755 });
    execFileSync(`${scratch}/try`);
    rmSync(scratch, { recursive: true });
    return { TMPDIR: folder };
  } catch {
    return {}; // no such place on this system
  }
}

const patient = { testTimeout: 180_000, hookTimeout: 240_000 };

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
          ...patient,
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
          ...patient,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'program', include: program, ...patient, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
