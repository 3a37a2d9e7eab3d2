/** The Docker engine of the bench, which is that of the tests (test/docker/engine.ts), with an image. */
import { openDockerEngine } from '../docker/engine.ts';
import { postgresImage } from '../docker/images.ts';

type BenchEngine = { readonly image: string; readonly env: NodeJS.ProcessEnv };

/** The engine is closed at the end if it was opened. `why`: the reason why there is none. */
export async function openBenchEngine(): Promise<AsyncDisposable & (BenchEngine | { readonly why: string })> {
  const engine = await openDockerEngine();
  if ('why' in engine) return { why: engine.why, [Symbol.asyncDispose]: async () => undefined };
  const close = () => engine[Symbol.asyncDispose]();
  try {
    const image = await postgresImage(engine, 18);
    if ('why' in image) return { why: image.why, [Symbol.asyncDispose]: close };
    const env = { ...process.env, CI: 'true', DOCKER_HOST: `unix://${engine.socketPath}` };
    return { image: image.name, env, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

export const leftOut = (why: string) => [{ what: 'Docker', measured: `left out: ${why}` }];
