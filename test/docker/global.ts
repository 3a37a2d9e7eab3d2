/** One engine with its images for all Docker test files of a run: `inject('docker')` in a test. */
import type { TestProject } from 'vitest/node';
import { everything, leftOut } from '../everything.ts';
import { type NoEngine, openDockerEngine } from './engine.ts';
import { type NoImage, type PostgresImage, postgresImage } from './images.ts';

declare module 'vitest' {
  interface ProvidedContext {
    docker: DockerForTests | NoEngine;
  }
}

/** See Engine. The images are that of the tutorial, and the latest, which is also `postgres:latest`. */
export type DockerForTests = {
  readonly socketPath: string;
  readonly machine: string;
  readonly says: string;
  readonly own: boolean;
  readonly images: { readonly 15: PostgresImage | NoImage; readonly 18: PostgresImage | NoImage };
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const asked = everything || project.vitest.config.project?.includes('docker');
  const engine = asked ? await openDockerEngine() : { why: leftOut };
  if ('why' in engine) {
    console.log(`left out: Docker: ${engine.why}`);
    project.provide('docker', { why: engine.why });
    return async () => {};
  }
  try {
    const [older, newest] = await Promise.all([postgresImage(engine, 15), postgresImage(engine, 18)]);
    for (const image of [older, newest])
      if ('why' in image) console.log(`left out: an image of PostgreSQL: ${image.why}`);
    const { socketPath, machine, says, own } = engine;
    project.provide('docker', { socketPath, machine, says, own, images: { 15: older, 18: newest } });
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return async () => engine[Symbol.asyncDispose]();
}
