import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { assetKinds } from './assets/compile.ts';

/** Values in, values out: these run side by side. Every other test may start servers, and those run one file after the other. */
const pure = ['test/{postgres,check,lesson,session,ui}/**/*.test.{ts,tsx}', 'test/floors.test.ts'];

export default defineConfig({
  plugins: [
    {
      name: 'assets',
      enforce: 'pre',
      load(id) {
        const path = id.split('?')[0] ?? id;
        const kind = assetKinds.find(({ files }) => files.test(path));
        return kind ? `export default ${kind.compile(readFileSync(path, 'utf8'), path)}` : undefined;
      },
    },
  ],
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'pure', include: pure, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: pure,
          testTimeout: 180_000,
          hookTimeout: 240_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
