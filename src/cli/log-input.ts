/** Decodes a log to text: UTF-8, UTF-16 as Windows writes it, and both packed with gzip. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { openOfOthers } from '../lab/files/read-file.ts';
import { ProblemError } from '../lab/problem.ts';

/**
 * Yields the text of a file; of stdin when `file` is undefined or '-'. Throws a ProblemError for a file that cannot be
 * read or is no log, and in the middle of a damaged gzip file.
 */
export async function* logInput(file: string | undefined): AsyncGenerator<string> {
  const name = file === undefined || file === '-' ? undefined : file;
  const input: Readable = name === undefined ? process.stdin : createReadStream(name, { fd: opened(name) });
  try {
    yield* decoded(input, name ?? 'What was piped in');
  } catch (error) {
    if (error instanceof ProblemError || name === undefined) throw error;
    throw cannotRead(name, (error as Error).message);
  }
}

/**
 * Opens a file and returns its descriptor. The path may belong to another user, and a link or hard link there may lead
 * to a file that only we can read: `openOfOthers` refuses such links.
 */
function opened(name: string): number {
  const read = openOfOthers(resolve(name));
  if (typeof read === 'number') return read;
  if (read.kind === 'refused') throw cannotRead(name, read.why);
  throw new ProblemError(
    {
      what: `${name} is not there.`,
      fix: 'Name a log file, or pipe one in: docker logs standby 2>&1 | repl-workshop explain',
    },
    2,
  );
}

const cannotRead = (name: string, why: string): ProblemError =>
  new ProblemError(
    {
      what: `${name} could not be read: ${why}.`,
      fix: 'Name a log file that you may read, copy it to a place where you may, or say "-" for what is piped in.',
    },
    2,
  );

async function* decoded(input: Readable, name: string): AsyncGenerator<string> {
  const pieces = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let first = Buffer.alloc(0);
  let ended = false;
  while (first.length < magicBytes && !ended) {
    const { value, done } = await pieces.next();
    if (done) ended = true;
    else first = Buffer.concat([first, value]);
  }
  const all = chained(first, { [Symbol.asyncIterator]: () => pieces });
  if (first[0] === 0x1f && first[1] === 0x8b) yield* unpacked(all, name);
  else yield* textOf(all, first, name);
}

const magicBytes = 4; // the first bytes tell the encoding or the packing

async function* chained(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}

async function* unpacked(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  const reading = pipeline(packed, gunzip).catch(() => undefined); // the loop below gets the same error
  try {
    yield* decoded(gunzip, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_'))
      throw new ProblemError({
        what: `${name} is packed, and its packing is damaged or its end is missing.`,
        fix: 'Copy it once more.',
      });
    throw error;
  }
  await reading;
}

const packings: readonly (readonly [begin: readonly number[], program: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0xfd, 0x37, 0x7a, 0x58], 'xz'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
  [[0x50, 0x4b, 0x03, 0x04], 'unzip'],
];

async function* textOf(bytes: AsyncIterable<Buffer>, first: Buffer, name: string): AsyncGenerator<string> {
  const packing = packings.find(([begin]) => begin.every((byte, at) => first[at] === byte));
  if (packing)
    throw new ProblemError(
      {
        what: `${name} is packed (${packing[1]}), and is no log as it stands.`,
        fix: 'Unpack it first, then explain what comes out.',
      },
      2,
    );
  if (first.length >= magicBytes && first.subarray(0, magicBytes).every((byte) => byte === 0))
    throw new ProblemError(
      { what: `${name} begins with zero bytes, and is no log.`, fix: 'Name the log file of a PostgreSQL server.' },
      2,
    );
  const decoder = new TextDecoder(encodingOf(first));
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** Recognises UTF-16 by its byte order mark, or by the zero bytes that ASCII text has in UTF-16. */
function encodingOf([a, b, c, d]: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && c !== 0 && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && c === 0 && d !== 0)) return 'utf-16be';
  return 'utf-8';
}
