/** Saves images to a file in the format of `docker save`, and loads them: for machines without a network. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type Docker from 'dockerode';
import { ProblemError } from '../../problem.ts';
import { type Bundle, type BundledImage, isGzipName, readBundle } from './image-bundle.ts';
import { counting, engineWords, type ImageProgressListener, inspected, jsonLines } from './images.ts';

export type Saved = { readonly images: readonly string[]; readonly bytes: number };

/**
 * Compresses with gzip when the name ends in .gz or .tgz. Writes FILE.part, reads it again, then renames it, so FILE
 * is complete or missing. Throws a ProblemError when an image is missing or the file cannot be written; rejects with
 * the reason of an aborted signal.
 */
export async function saveImages(
  docker: Docker,
  names: readonly string[],
  file: string,
  onProgress: ImageProgressListener,
  signal?: AbortSignal,
): Promise<Saved> {
  const size = await sizeOf(docker, names);
  const part = `${file}.part`;
  const handle = await open(part, 'w').catch((error: NodeJS.ErrnoException) => {
    throw writeProblem(file, error);
  });
  try {
    await writeAndClose(handle, docker, names, {
      pack: isGzipName(file),
      count: counting('saving', size, onProgress),
      signal,
    });
    const { bytes } = await readBundle(part, onProgress, signal);
    await rename(part, file);
    return { images: names, bytes };
  } catch (error) {
    await rm(part, { force: true });
    signal?.throwIfAborted();
    throw writeProblem(file, error as NodeJS.ErrnoException);
  }
}

/** The bytes that the daemon will send, about its own sum of sizes. Throws a ProblemError when an image is missing. */
async function sizeOf(docker: Docker, names: readonly string[]): Promise<number> {
  const all = await Promise.all(names.map(async (name) => ({ name, info: await inspected(docker, name) })));
  const missing = all.find(({ info }) => info === undefined);
  if (!missing) return all.reduce((sum, { info }) => sum + (info?.Size ?? 0), 0);
  throw new ProblemError({
    what: `Docker has no image ${missing.name}.`,
    fix: `Fetch it first: docker pull ${missing.name}`,
  });
}

type Writing = { readonly pack: boolean; readonly count: Transform; readonly signal: AbortSignal | undefined };

async function writeAndClose(
  handle: FileHandle,
  docker: Docker,
  names: readonly string[],
  writing: Writing,
): Promise<void> {
  const { pack, count, signal } = writing;
  await using file = handle;
  const tar = await (docker as unknown as ImageGetter).getImages({ names, ...(signal ? { abortSignal: signal } : {}) });
  const gzip = pack ? [createGzip({ level: 3 })] : []; // half the time of the default level for 5 % more bytes
  await pipeline([tar, count, ...gzip, file.createWriteStream({ flush: true })], signal ? { signal } : {});
}

/** dockerode has this call, its types lack it. */
type ImageGetter = { getImages(options: { names: readonly string[]; abortSignal?: AbortSignal }): Promise<Readable> };

const writeRefusals: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  ENOSPC: ['the disk is full', 'Make room, or name a file on another disk.'],
  EDQUOT: ['your share of the disk is used up', 'Make room, or name a file on another disk.'],
  EFBIG: [
    'that file system holds no file of this size',
    'Name it .tar.gz, or take a disk that was not formatted as FAT.',
  ],
  ENOENT: ['there is no such folder', 'Make the folder first.'],
  ENOTDIR: ['a part of that path is a file', 'Name another file.'],
  EISDIR: ['it is a folder', 'Name a file in it.'],
  EACCES: ['you may not write there', 'Name a file in a folder of yours.'],
  EPERM: ['you may not write there', 'Name a file in a folder of yours.'],
  EROFS: ['the file system is read-only', 'Name a file on another disk.'],
};

/** Explains errors of the file system; returns errors of the connection to the daemon unchanged. */
function writeProblem(file: string, error: NodeJS.ErrnoException): unknown {
  const [why, fix] = (error.syscall === 'connect' ? undefined : writeRefusals[error.code ?? '']) ?? [];
  if (why === undefined || fix === undefined) return error;
  return new ProblemError({ what: `${file} could not be written: ${why}.`, fix }, 3, { cause: error });
}

/**
 * Resolves with the names of the loaded images. Reads the whole file before the daemon gets it. Throws a ProblemError
 * when it is no bundle, is truncated, or is for another architecture; rejects with the reason of an aborted signal.
 */
export async function loadImages(
  docker: Docker,
  file: string,
  onProgress: ImageProgressListener,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const bundle = await readBundle(file, onProgress, signal);
  await refuseOtherMachines(docker, file, bundle.images);
  try {
    await send(docker, file, bundle, onProgress, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const { statusCode, message } = error as Error & { statusCode?: number };
    throw statusCode === undefined ? error : loadProblem(file, message);
  }
  const names = bundle.images.flatMap((image) => image.names);
  return Promise.all(names.map((name) => nameOfLoaded(docker, file, name)));
}

/** Sends the file uncompressed: Podman 4 accepts no gzip in this call. */
async function send(
  docker: Docker,
  file: string,
  { bytes, isGzip }: Bundle,
  onProgress: ImageProgressListener,
  signal?: AbortSignal,
): Promise<void> {
  await using handle = await open(file, 'r');
  const unpacked = isGzip ? createGunzip() : new PassThrough();
  const reading = pipeline([handle.createReadStream(), counting('loading', bytes, onProgress), unpacked]);
  const options = signal ? { abortSignal: signal } : {};
  const answering = docker.loadImage(unpacked, options).then(async (answer) => {
    for await (const { error } of jsonLines<{ error?: string }>(answer as unknown as Readable))
      if (error !== undefined) throw loadProblem(file, error);
  });
  try {
    await answering;
  } catch (error) {
    unpacked.destroy();
    throw error;
  } finally {
    await reading.catch(() => undefined); // the daemon's answer, or its lack, is the reason to report
  }
}

/**
 * Gives a loaded image its plain name ('postgres:18'), which labs use, and resolves with it. Podman names an image
 * without registry localhost/postgres:18.
 */
async function nameOfLoaded(docker: Docker, file: string, name: string): Promise<string> {
  const loaded = await inspected(docker, name);
  if (!loaded) throw loadProblem(file, `${name} did not arrive`);
  const plain = name.replace(/^(localhost|docker\.io\/library)\//, '');
  if ((await inspected(docker, plain))?.Id !== loaded.Id) {
    const [, repo = plain, tag = 'latest'] = /^(.*):([^/]*)$/.exec(plain) ?? [];
    await docker.getImage(name).tag({ repo, tag });
  }
  return plain;
}

async function refuseOtherMachines(docker: Docker, file: string, images: readonly BundledImage[]): Promise<void> {
  const { Os, Arch } = await docker.version();
  const other = images.find(({ os, architecture }) => os !== Os || architecture !== Arch);
  if (!other) return;
  throw new ProblemError({
    what: `${file} is for other machines: ${other.names[0]} is made for ${other.os}/${other.architecture}, and Docker here runs ${Os}/${Arch}.`,
    fix: 'Save the bundle on a machine of the same kind as this one.',
  });
}

function loadProblem(file: string, message: string): ProblemError {
  const reason = engineWords(message);
  if (/no space left on device/i.test(reason))
    return new ProblemError({
      what: `Docker's disk is full, so the images of ${file} do not fit.`,
      fix: 'Make room: docker system df, docker image prune',
    });
  return new ProblemError({
    what: `Docker could not load ${file}: ${reason}`,
    fix: `Try it by hand: docker load -i ${file}`,
  });
}
