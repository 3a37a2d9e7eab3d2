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

/** A log that is followed; `next` resolves with the next text. */
function followed(text: string) {
  const file = join(folder, 'server.log');
  writeFileSync(file, text);
  const pieces = followFile(file, ending.signal)[Symbol.asyncIterator]();
  const next = async () => (await pieces.next()).value as string | undefined;
  return { file, next };
}

it('following a file reads all of it, and what is appended', async () => {
  const { file, next } = followed('one\n');
  expect(await next()).toBe('one\n');
  const more = next();
  appendFileSync(file, 'two\n');
  expect(await more).toBe('two\n');
});

it('following a file reads it again after it was truncated', async () => {
  const { file, next } = followed('a long line\n');
  await next();
  const more = next();
  truncateSync(file);
  appendFileSync(file, 'new\n');
  expect(await more).toBe('new\n');
});

it('following a file goes on with a new file of the same name', async () => {
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

it('following a file keeps a character that was half written in one piece', async () => {
  const bytes = Buffer.from('ü\n');
  const { file, next } = followed('');
  const first = next();
  appendFileSync(file, bytes.subarray(0, 1));
  appendFileSync(file, bytes.subarray(1));
  let text = (await first) ?? '';
  while (!text.endsWith('\n')) text += await next();
  expect(text).toBe('ü\n');
});
