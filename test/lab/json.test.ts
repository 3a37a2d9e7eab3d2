import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalJson } from '../../src/check/journal.ts';
import { isHolder, takeLock } from '../../src/lab/lock/lock.ts';
import { readJson, writeJson } from '../../src/lab/store/store.ts';
import { progressJson } from '../../src/learner/progress.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rw-json-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const path = () => join(dir, 'progress.json');
const read = () => readJson(path(), progressJson);

describe('a file of the lab', () => {
  it.each([
    ['nothing', '', 'it is not JSON, or only a part of it'],
    ['half a file', '{"schema": 1, "les', 'it is not JSON, or only a part of it'],
    ['null', 'null', 'what it holds is null instead of an object'],
    ['a list', '[]', 'what it holds is a list instead of an object'],
    ['no schema', '{}', '"schema" is missing'],
    ['a schema that never was', '{"schema": 0.5}', '"schema" is a number instead of 1'],
    [
      'a newer schema',
      '{"schema": 2}',
      'it was written by a newer version of the workshop (schema 2, this one knows 1)',
    ],
    ['null for a list of tasks', '{"schema": 1, "done": null}', '"done" is null instead of an object'],
    ['a list for a list of tasks', '{"schema": 1, "hints": []}', '"hints" is a list instead of an object'],
    ['a time that is none', '{"schema": 1, "opened": {"x": "soon"}}', '"opened.x" is a text instead of a time'],
    [
      'endless hints',
      '{"schema": 1, "hints": {"a/b": 1e999}}',
      '"hints", inside, is a number instead of a whole number',
    ],
    [
      'deep nesting',
      `{"schema": 1, "x": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      'it is nested more than 64 deep',
    ],
  ])('a JSON file of the lab with %s says why it cannot be read', (_, text, why) => {
    writeFileSync(path(), text);
    expect(read()).toEqual({ kind: 'unreadable', why });
  });

  it('a JSON file of the lab that is not a regular file is refused at once', () => {
    const why = (make: () => void) => {
      make();
      const found = read();
      rmSync(path(), { recursive: true });
      return found.kind === 'unreadable' ? found.why : found.kind;
    };
    expect(why(() => mkdirSync(path()))).toBe('it is a folder');
    expect(why(() => execFileSync('mkfifo', [path()]))).toBe('it is not a regular file');
    expect(why(() => symlinkSync('/dev/zero', path()))).toBe('it is not a regular file');
    expect(why(() => symlinkSync('progress.json', path()))).toBe(
      'it is a link that leads to itself, or to where you may not look',
    );
    expect(
      why(() => {
        writeFileSync(path(), '');
        truncateSync(path(), 100 * 1024 * 1024);
      }),
    ).toBe('it is larger than 16 MB');
    symlinkSync('/nowhere/at/all', path());
    expect(read().kind).toBe('absent');
  });

  it('a JSON file keeps fields of a newer version, and names of unknown lessons', () => {
    const text = {
      schema: 1,
      lesson: 'from-the-future',
      streak: { days: 4 },
      done: { 'from-the-future/task': { at: '2026-11-23T14:02:00.000Z', seen: 'x', by: ['somebody'] } },
      hints: {},
      opened: {},
    };
    writeFileSync(path(), JSON.stringify(text));
    const found = read();
    if (found.kind !== 'value') throw new Error(JSON.stringify(found));
    writeJson(path(), { ...found.value, lesson: 'two-servers' });
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual({ ...text, lesson: 'two-servers' });
  });

  it('a JSON file of an earlier version gets the defaults of a new lab for missing fields', () => {
    writeFileSync(path(), '{"schema": 1}');
    expect(read()).toEqual({ kind: 'value', value: { schema: 1, lesson: '', done: {}, hints: {}, opened: {} } });
    expect(readJson(path(), journalJson)).toMatchObject({ value: { answers: {}, events: {}, measurements: [] } });
  });
});

describe('a lock', () => {
  const lock = () => join(dir, '.deed.lock');

  it.each(['{"pid": -1, "started": null}', '{"pid": 0}', '{"pid": 1e999}', 'null', '[]', '{'])(
    'a lock with %s in it has no holder',
    (text) => {
      writeFileSync(lock(), text);
      expect(isHolder(takeLock(dir, 'deed'))).toBe(false);
    },
  );

  it('a lock that is a folder or a fifo has no holder, and the folder is kept', () => {
    mkdirSync(lock());
    writeFileSync(join(lock(), 'mine'), 'x');
    const taken = takeLock(dir, 'deed');
    expect(isHolder(taken)).toBe(false);
    (taken as Disposable)[Symbol.dispose]();
    expect(execFileSync('find', [dir, '-name', 'mine'], { encoding: 'utf8' })).toContain('.deed.lock.unreadable-');
    execFileSync('mkfifo', [lock()]);
    expect(isHolder(takeLock(dir, 'deed'))).toBe(false);
  });
});
