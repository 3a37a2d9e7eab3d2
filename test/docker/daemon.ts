/** What the tests of the ways to a Docker daemon share: the daemon of the test run, and a folder for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, inject } from 'vitest';
import {
  isReached,
  type NotReached,
  type Reached,
  type ReachOptions,
  reachDocker,
} from '../../src/lab/docker/connect/reach.ts';
import type {} from './global.ts';

const daemon = inject('docker');
export const socketPath = 'why' in daemon ? '' : daemon.socketPath;
export const image = 'why' in daemon ? undefined : Object.values(daemon.images).find((each) => 'name' in each)?.name;

export function newFolderForEachTest(prefix: string, use: (folder: string) => void): void {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), prefix));
    use(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
}

export async function reachedBy(env: NodeJS.ProcessEnv, options: ReachOptions): Promise<Reached> {
  const result = await reachDocker(env, options);
  if (!isReached(result)) throw new Error(JSON.stringify(result));
  return result;
}

export async function notReachedBy(env: NodeJS.ProcessEnv, options: ReachOptions): Promise<NotReached> {
  const result = await reachDocker(env, options);
  if (!isReached(result)) return result;
  result[Symbol.dispose]();
  throw new Error(`reached ${result.where}`);
}
