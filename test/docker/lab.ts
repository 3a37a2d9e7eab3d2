/** Labs of the tests on the tests' Docker. */
import { inject } from 'vitest';
import { temporaryDockerLab } from '../../src/cli/opening/temporary-lab.ts';
import { type Reached, reachDocker } from '../../src/lab/docker/connect/reach.ts';
import type { DockerWish, LabWish } from '../../src/lab/folder.ts';
import { program } from '../proof/lab.ts';
import type {} from './global.ts';

export type DockerMajor = 15 | 18;

/** The image of a major; undefined without an engine or image, whose reason the run has printed. */
export function imageOf(major: DockerMajor): string | undefined {
  const docker = inject('docker');
  if ('why' in docker) return undefined;
  const image = docker.images[major];
  return 'why' in image ? undefined : image.name;
}

export function whyNoImage(major: DockerMajor): string {
  const docker = inject('docker');
  const lacking = 'why' in docker ? docker : docker.images[major];
  return 'why' in lacking ? lacking.why : '';
}

export async function reachTestDocker(): Promise<Reached> {
  const docker = inject('docker');
  if ('why' in docker) throw new Error(docker.why);
  const reached = await reachDocker({ ...process.env, DOCKER_HOST: `unix://${docker.socketPath}` });
  // DOCKER_HOST is for the docker program in the labs' shells.
  if ('docker' in reached) return { ...reached, env: { DOCKER_HOST: reached.host } };
  throw new Error(reached.problem.what);
}

export async function dockerLab(major: DockerMajor, wish: Partial<DockerWish> = {}, more: LabWish = {}) {
  const image = imageOf(major) ?? '';
  const docker = { prefix: '', image, storage: 'folder', user: null, ...wish } as const;
  return temporaryDockerLab({ ...more, major, docker }, await reachTestDocker(), program);
}
