/** Reads the folders of the lessons. No other file of this floor reads files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LessonFolder } from './rule.ts';

/** undefined: the repository has no folder `lessons`. */
export function readFolders(repository: string): readonly LessonFolder[] | undefined {
  const lessons = join(repository, 'lessons');
  if (!existsSync(lessons)) return undefined;
  return readdirSync(lessons, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      files: readdirSync(join(lessons, name)).sort(),
      text: readIfThere(join(lessons, name, 'lesson.md')),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

const readIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
