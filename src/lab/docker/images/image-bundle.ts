/**
 * The content of a file of images (docker save, docker-archive). The whole file is read, so a truncated copy is
 * noticed before the daemon gets it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import * as v from 'valibot';
import { ProblemError } from '../../problem.ts';
import { decodeJson, listOf, shape, text } from '../../store/json.ts';
import { counting, type ImageProgressListener } from './images.ts';

export type BundledImage = { readonly names: readonly string[]; readonly os: string; readonly architecture: string };
export type Bundle = { readonly images: readonly BundledImage[]; readonly bytes: number; readonly isGzip: boolean };

export const isGzipName = (file: string): boolean => /\.(gz|tgz)$/i.test(file);

type Entries = ReadonlyMap<string, Buffer | null>; // by path; null: too large to be one of the JSON files
const mostJson = 1024 * 1024;

/** Throws a ProblemError when the file is no complete file of images; rejects with the reason of an aborted signal. */
export async function readBundle(
  file: string,
  onProgress: ImageProgressListener,
  signal?: AbortSignal,
): Promise<Bundle> {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    const isGzip = buffer.equals(gzipMagic);
    const isComplete = isGzip || (await endsAsTar(handle, size)); // zlib itself notices a truncated file
    const content = handle.createReadStream({ start: 0 });
    const tar = extract();
    const entries = readEntries(tar);
    const unpack = isGzip ? [createGunzip()] : [];
    const reading = pipeline(
      [content, counting('checking', size, onProgress), ...unpack, tar],
      signal ? { signal } : {},
    );
    const [read] = await Promise.all([entries, reading]);
    return { images: imagesIn(file, read, isComplete), bytes: size, isGzip };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ProblemError ? error : readProblem(file, error as NodeJS.ErrnoException);
  }
}

/** A tar file ends with two blocks of zeros. tar-stream reports no error for a file truncated between two entries. */
async function endsAsTar(handle: FileHandle, size: number): Promise<boolean> {
  const end = Buffer.alloc(1024, 1);
  await handle.read(end, 0, end.length, Math.max(0, size - end.length));
  return end.every((byte) => byte === 0);
}

const gzipMagic = Buffer.from([0x1f, 0x8b]);

async function readEntries(tar: ReturnType<typeof extract>): Promise<Entries> {
  const entries = new Map<string, Buffer | null>();
  for await (const entry of tar) {
    const { name, size = 0, type } = entry.header;
    const pieces: Buffer[] = [];
    const mayBeJson = type === 'file' && size <= mostJson;
    for await (const piece of entry) if (mayBeJson) pieces.push(piece as Buffer);
    entries.set(posix.normalize(name), mayBeJson ? Buffer.concat(pieces) : null);
  }
  return entries;
}

const manifestJson = listOf(
  shape({ Config: text, RepoTags: v.optional(v.nullable(listOf(text)), null), Layers: listOf(text) }),
);
const configJson = shape({ os: v.optional(text, ''), architecture: v.optional(text, '') });

function imagesIn(file: string, entries: Entries, isComplete: boolean): readonly BundledImage[] {
  if (entries.size > 0 && !isComplete) throw broken(file);
  const manifest = jsonAt(entries, 'manifest.json', manifestJson);
  if (!manifest || manifest.length === 0) throw noBundle(file, 'it has no list of images in it');
  return manifest.map(({ Config, RepoTags, Layers }) => {
    const config = jsonAt(entries, Config, configJson);
    if (!config || Layers.some((layer) => !entries.has(layer))) throw broken(file);
    if (!RepoTags || RepoTags.length === 0) throw noBundle(file, 'one of its images has no name');
    return { names: RepoTags, os: config.os, architecture: config.architecture };
  });
}

/** Returns undefined when the entry is missing or does not fit the schema. */
function jsonAt<T>(entries: Entries, path: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  const bytes = entries.get(posix.normalize(path));
  const decoded = bytes ? decodeJson(bytes.toString('utf8'), schema) : undefined;
  return decoded?.kind === 'value' ? decoded.value : undefined;
}

const make = 'Make one where the images are: repl-workshop bundle save FILE';

const noBundle = (file: string, why: string): ProblemError =>
  new ProblemError({ what: `${file} is no bundle of images: ${why}.`, fix: make });
const broken = (file: string): ProblemError =>
  new ProblemError({ what: `${file} is not whole: its end is missing.`, fix: 'Copy it once more, or save it again.' });

const readRefusals: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  ENOENT: ['there is no such file', 'Check the name.'],
  EISDIR: ['it is a folder', 'Name the file in it.'],
  EACCES: ['you may not read it', 'Make it readable, or copy it to a folder of yours.'],
  EIO: ['the disk cannot read it', 'Copy it once more from where it came.'],
};

/** tar-stream's errors have no codes, so an error without a code of the system or of zlib is tar-stream's. */
function readProblem(file: string, error: NodeJS.ErrnoException): ProblemError {
  const [why, fix] = readRefusals[error.code ?? ''] ?? [];
  if (why !== undefined && fix !== undefined)
    return new ProblemError({ what: `${file} could not be read: ${why}.`, fix }, 3, { cause: error });
  if (error.code === 'Z_BUF_ERROR' || error.message === 'Unexpected end of data') return broken(file);
  return noBundle(file, error.code?.startsWith('Z_') ? 'its packing is damaged' : 'it is no tar file');
}
