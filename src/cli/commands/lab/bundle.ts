/**
 * bundle: saves an image to a file and loads it, for machines without a network. It needs no lab, and writes nothing
 * into one.
 */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Reached } from '../../../lab/docker/connect/reach.ts';
import { unreachable } from '../../../lab/docker/connect/unreachable.ts';
import { loadImages, saveImages } from '../../../lab/docker/images/image-file.ts';
import { hasImage, pullImage } from '../../../lab/docker/images/images.ts';
import { readLab } from '../../../lab/folder.ts';
import { newestMajor } from '../../../lab/plan/plan.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { othersWay } from '../../../lab/trust/others.ts';
import { flag, type Invocation, type Run, textOption } from '../../command.ts';
import { atMost } from '../../opening/access.ts';
import { reach } from '../../opening/engines.ts';
import { openProgress, type ProgressOutput } from '../../progress.ts';

const usage = 'bundle save|load FILE [--json]';

export const bundle: Run = async (invocation) => {
  atMost(invocation, 2, usage);
  const { mode, file } = wanted(invocation);
  const path = resolve(file);
  const image = mode === 'save' ? imageToSave(invocation, path) : '';
  const { io, options, signal } = invocation;
  const docker = await reach(invocation);
  using progress = openProgress(io, flag(options, 'json'));
  try {
    return await (mode === 'save'
      ? save(invocation, docker, image, path, progress)
      : load(invocation, docker, path, progress));
  } catch (error) {
    if (!signal.aborted) throw unreachable(error, docker);
    progress.end();
    io.err(mode === 'save' ? `Stopped: ${path} was not made.` : 'Stopped. Docker keeps what had arrived by then.');
    return 3;
  }
};

function wanted({ args: [mode, file] }: Invocation): { readonly mode: 'save' | 'load'; readonly file: string } {
  const wrong = (what: string) => new ProblemError({ what, fix: `Usage: repl-workshop ${usage}` }, 2);
  if (mode === undefined) throw wrong('Save or load?');
  if (mode !== 'save' && mode !== 'load') throw wrong(`"${mode}" is neither save nor load.`);
  if (file === undefined) throw wrong(mode === 'save' ? 'To which file?' : 'From which file?');
  return { mode, file };
}

/**
 * Returns the image that --image names, else the one of the lab, else the newest supported. Throws a ProblemError for a
 * wrong command line before Docker is asked anything.
 */
function imageToSave({ dir, named, options }: Invocation, path: string): string {
  if (!/\.(tar|tar\.gz|tgz)$/i.test(path))
    throw new ProblemError(
      { what: `"${basename(path)}" is no name for a bundle.`, fix: 'End it in .tar, or in .tar.gz to have it packed.' },
      2,
    );
  if (existsSync(path))
    throw new ProblemError(
      { what: `${path} is there already, and is not overwritten.`, fix: 'Choose another name, or delete it first.' },
      2,
    );
  const pg = textOption(options, 'pg');
  if (pg !== undefined && !/^\d+$/.test(pg))
    throw new ProblemError(
      { what: `--pg ${pg}: this is no major version.`, fix: 'Give a number, such as --pg 17.' },
      2,
    );
  const plan = pg === undefined && !othersWay(named) ? readLab(dir)?.plan : undefined;
  return textOption(options, 'image') ?? plan?.docker?.image ?? `postgres:${pg ?? plan?.major ?? newestMajor}`;
}

async function save(
  { io, options, signal }: Invocation,
  { docker, where }: Reached,
  image: string,
  path: string,
  progress: ProgressOutput,
): Promise<number> {
  if (!flag(options, 'offline') && !(await hasImage(docker, image)))
    await pullImage(docker, image, progress.onImage(image), signal);
  const saved = await saveImages(docker, [image], path, progress.onImage(image), signal);
  progress.end();
  if (flag(options, 'json'))
    io.out(JSON.stringify({ schema: 1, file: path, bytes: saved.bytes, images: saved.images, docker: where }));
  else {
    io.out(`${saved.images.join(', ')}: saved in ${path} (${megabytes(saved.bytes)} MB).`);
    io.out(`Take it to another machine, then: repl-workshop bundle load ${basename(path)}`);
  }
  return 0;
}

async function load(
  { io, options, signal }: Invocation,
  { docker, where }: Reached,
  path: string,
  progress: ProgressOutput,
): Promise<number> {
  const images = await loadImages(docker, path, progress.onImage(basename(path)), signal);
  progress.end();
  if (flag(options, 'json')) io.out(JSON.stringify({ schema: 1, file: path, images, docker: where }));
  else for (const image of images) io.out(`${image} is in Docker now (${where}).`);
  return 0;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
