/** Labs for the tour and the proof, which are removed when they are disposed of. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { SelfCommand } from '../../lab/bin.ts';
import type { Reached } from '../../lab/docker/connect/reach.ts';
import { type LabWish, openFolder } from '../../lab/folder.ts';
import { realFolder } from '../../lab/folders/real-folder.ts';
import type { Lab } from '../../lab/lab.ts';
import { binariesOf } from '../../lab/lab-binaries.ts';
import { scratchFolder } from '../../lab/machine/scratch.ts';
import type { NativeLab } from '../../lab/native/lab.ts';

export const temporaryLab = (wish: LabWish, program: SelfCommand): Promise<NativeLab> =>
  inNewFolder(async (dir) => {
    const { openNativeLab } = await import('../../lab/native/lab.ts');
    const { file } = await openFolder(dir, { ...wish, anyPorts: true });
    const lab = await openNativeLab(dir, file.plan, await binariesOf(file, wish), program);
    return {
      ...lab,
      async [Symbol.asyncDispose]() {
        await lab.dismantle();
        await rm(dir, { recursive: true, force: true });
      },
    };
  });

/** Containers and network get a random prefix, and ports of their own. */
export const temporaryDockerLab = (wish: LabWish, reached: Reached, program: SelfCommand): Promise<Lab> =>
  inNewFolder(async (dir) => {
    const { openDockerLab } = await import('../../lab/docker/lab.ts');
    const docker = wish.docker && { ...wish.docker, prefix: `rw-${randomBytes(3).toString('hex')}-` };
    const { file } = await openFolder(dir, { ...wish, docker, anyPorts: true });
    const lab = openDockerLab(dir, file.plan, reached, program, () => []);
    return {
      ...lab,
      async [Symbol.asyncDispose]() {
        await lab.dismantle();
        await rm(dir, { recursive: true, force: true });
      },
    };
  });

async function inNewFolder<T>(open: (dir: string) => Promise<T>): Promise<T> {
  const dir = realFolder(scratchFolder());
  try {
    return await open(dir);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
