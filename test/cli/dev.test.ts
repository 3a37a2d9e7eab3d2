import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const repository = mkdtempSync(join(tmpdir(), 'rw-'));
afterAll(() => rmSync(repository, { recursive: true, force: true }));

const dev = (...args: string[]): string => {
  try {
    return execFileSync(process.execPath, [resolve('dist/repl-workshop.cjs'), 'dev', ...args], {
      cwd: repository,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return String((error as { stderr: string }).stderr);
  }
};

it('dev new says where to run it', () => {
  expect(dev('new', 'slots-and-kept-wal')).toContain('There is no folder "lessons"');
});

it('dev new begins a lesson after the last one, and does not overwrite it', () => {
  mkdirSync(join(repository, 'lessons'));
  cpSync('lessons/01-what-replication-is', join(repository, 'lessons/01-what-replication-is'), { recursive: true });
  expect(dev('new', 'slots-and-kept-wal')).toContain('lessons/02-slots-and-kept-wal is there');
  expect(readFileSync(join(repository, 'lessons/02-slots-and-kept-wal/lesson.md'), 'utf8')).toMatch(
    /^# Slots and kept wal/,
  );
  expect(readFileSync(join(repository, 'lessons/02-slots-and-kept-wal/lesson.ts'), 'utf8')).toContain(
    "id: 'slots-and-kept-wal'",
  );
  expect(dev('new', 'Bad Name')).toContain('no id for a lesson');
  expect(existsSync(join(repository, 'lessons/03-slots-and-kept-wal'))).toBe(false);
});
