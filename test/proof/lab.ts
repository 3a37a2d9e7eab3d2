/** Real labs for tests: a folder of its own, servers of the wanted major, everything stopped and gone at the end. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openFolder } from '../../src/lab/folder.ts';
import { type NativeLab, openNativeLab } from '../../src/lab/native/lab.ts';

export type TestLab = NativeLab & AsyncDisposable;

export async function temporaryLab(wish: { major?: number; bindir?: string } = {}): Promise<TestLab> {
  const dir = mkdtempSync(join(tmpdir(), 'rw-'));
  const { file, binaries } = await openFolder(dir, wish);
  const lab = await openNativeLab(dir, file.plan, binaries, { node: process.execPath, script: resolve('dist/repl-workshop.cjs') });
  return {
    ...lab,
    async [Symbol.asyncDispose]() {
      for (const server of lab.servers) await server.stop('immediate');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
