import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followFile } from '../../src/lab/files/follow-file.ts';

let folder = '';
let ending = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rw-'));
  ending = new AbortController();
});
afterEach(() => {
  ending.abort();
  rmSync(folder, { recursive: true, force: true });
});

/** A log that is followed; `next` waits for what comes. */
function followed(text: string) {
  const file = join(folder, 'server.log');
  writeFileSync(file, text);
  const pieces = followFile(file, ending.signal)[Symbol.asyncIterator]();
  const next = async () => (await pieces.next()).value as string | undefined;
  return { file, next };
}

it('reads the whole file, and what is added', async () => {
  const { file, next } = followed('one\n');
  expect(await next()).toBe('one\n');
  const more = next();
  appendFileSync(file, 'two\n');
  expect(await more).toBe('two\n');
});

it('reads a file that was cut off from its start', async () => {
  const { file, next } = followed('a long line\n');
  await next();
  const more = next();
  truncateSync(file);
  appendFileSync(file, 'new\n');
  expect(await more).toBe('new\n');
});

it('goes on with a file that was made anew under its name, and with what is added to that', async () => {
  const { file, next } = followed('old\n');
  await next();
  const more = next();
  writeFileSync(`${file}.new`, 'new\n');
  renameSync(`${file}.new`, file);
  expect(await more).toBe('new\n');
  const further = next();
  appendFileSync(file, 'newer\n');
  expect(await further).toBe('newer\n');
});

it('keeps a sign whole that was half written', async () => {
  const bytes = Buffer.from('ü\n');
  const { file, next } = followed('');
  const first = next();
  appendFileSync(file, bytes.subarray(0, 1));
  appendFileSync(file, bytes.subarray(1));
  let text = (await first) ?? '';
  while (!text.endsWith('\n')) text += await next();
  expect(text).toBe('ü\n');
});
