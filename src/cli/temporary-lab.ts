/** A lab that is gone afterwards: for the tour and for the proof. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabWish, openFolder } from '../lab/folder.ts';
import type { Program } from '../lab/native/bin.ts';
import { type NativeLab, openNativeLab } from '../lab/native/lab.ts';
import { realFolder } from '../lab/real-folder.ts';

export async function temporaryLab(wish: LabWish, program: Program): Promise<NativeLab> {
  const dir = realFolder(mkdtempSync(join(tmpdir(), 'repl-workshop-')));
  try {
    return await openIn(dir, wish, program);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function openIn(dir: string, wish: LabWish, program: Program): Promise<NativeLab> {
  const { file, binaries } = await openFolder(dir, { ...wish, anyPorts: true });
  const lab = await openNativeLab(dir, file.plan, binaries, program);
  return {
    ...lab,
    async [Symbol.asyncDispose]() {
      for (const server of lab.servers) await server.stop('immediate');
      await rm(dir, { recursive: true, force: true });
      await rm(lab.tools.socketDir, { recursive: true, force: true });
    },
  };
}
