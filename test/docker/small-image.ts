/** Images with a major but without a program, which are quick to make, save and send. */
import { randomBytes } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { extract, pack } from 'tar-stream';
import { jsonLines } from '../../src/lab/docker/images/images.ts';

/** Makes an image with two layers of `bytes` random bytes each, which cannot be compressed. */
export async function makeSmallImage(docker: Docker, name: string, bytes = 1_000_000): Promise<void> {
  const tar = pack();
  tar.entry({ name: 'Dockerfile' }, 'FROM scratch\nENV PG_MAJOR=17\nCOPY one /\nCOPY two /\n');
  tar.entry({ name: 'one' }, randomBytes(bytes));
  tar.entry({ name: 'two' }, randomBytes(bytes));
  tar.finalize();
  const context = tar.pipe(new PassThrough()); // dockerode needs a stream of Node.js
  const answer = (await docker.buildImage(context, { t: name })) as Readable;
  for await (const { error } of jsonLines<{ error?: string }>(answer)) if (error) throw new Error(error);
}

/** Resolves with the archive after a change of its JSON files. */
export async function withOtherJson(archive: Buffer, change: (text: string) => string): Promise<Buffer> {
  const before = extract();
  const after = pack();
  const made = buffer(after.pipe(new PassThrough()));
  before.end(archive);
  for await (const entry of before) {
    const content = await buffer(entry);
    const isJson = content[0] === '{'.charCodeAt(0) || content[0] === '['.charCodeAt(0);
    const bytes = isJson ? Buffer.from(change(content.toString())) : content;
    after.entry({ ...entry.header, size: bytes.length }, bytes);
  }
  after.finalize();
  return made;
}
