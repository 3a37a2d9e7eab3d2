/** The real lessons with words and checks, read from their sources. */
import { readdirSync, readFileSync } from 'node:fs';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { readerOf } from '../../src/lesson/format/fill.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import type { Lesson, LessonFacts } from '../../src/lesson/lesson.ts';
import { plan } from '../lesson/plan.ts';

const folder = new URL('../../lessons/', import.meta.url);

export async function realLessons(of: LabPlan = plan): Promise<readonly Lesson[]> {
  const names = readdirSync(folder).filter((name) => /^\d\d-/.test(name));
  const written = await Promise.all(
    names.map(async (name, at) => ({ ...(await factsOf(name)), ...wordsOf(name, at) })),
  );
  return lessonsFor(written, readerOf(of, false), of);
}

const factsOf = async (name: string): Promise<LessonFacts> =>
  ((await import(new URL(`${name}/lesson.ts`, folder).href)) as { default: LessonFacts }).default;

const wordsOf = (name: string, at: number) => ({
  number: at + 1,
  words: parseLesson(readFileSync(new URL(`${name}/lesson.md`, folder), 'utf8'), name),
});
