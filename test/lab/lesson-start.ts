/** Labs at the start of a lesson. */
import lessons from '../../lessons/index.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { readLab } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { OpenedLab } from '../../src/learner/opened-lab.ts';
import { readLearner } from '../../src/learner/store.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { type Lesson, taskKey } from '../../src/lesson/lesson.ts';
import { openLessonPlayer } from '../../src/lesson/player.ts';
import { tasksOf, verdictOf } from '../../src/lesson/task.ts';

export const lessonsOf = ({ plan }: Lab): readonly Lesson[] => lessonsFor(lessons, readerHere(plan), plan);

export function openedWith(lab: Lab, cache: string | undefined): OpenedLab {
  const file = readLab(lab.dir);
  if (!file) throw new Error('no lab.json');
  const { learner } = readLearner(lab.dir);
  return { lab, file, lessons: lessonsOf(lab), learner, cache };
}

/** Resolves with what is wrong with the start of a lesson, after a moment in which a standby connects. */
export async function wrongAtStart(lab: Lab, lesson: Lesson): Promise<readonly string[]> {
  const all = lessonsOf(lab);
  const { journal } = readLearner(lab.dir).learner;
  await using player = openLessonPlayer(lab, journal);
  const before = all.filter(({ number }) => number < lesson.number);
  const superseded = new Set(before.flatMap(({ supersedes }) => supersedes ?? []));
  const wrong: string[] = [];
  for (const task of before.flatMap(tasksOf)) {
    const key = taskKey(task.lesson.id, task.task.id);
    if (task.task.kind !== 'state' || superseded.has(key)) continue;
    const verdict = await player.waitFor(task, ({ kind }) => kind === 'pass');
    if (verdict.kind !== 'pass') wrong.push(`${key}: ${JSON.stringify(verdict)}`);
  }
  const seen = await player.look();
  const passing = tasksOf(lesson).filter((task) => verdictOf(task, seen).kind === 'pass');
  return [...wrong, ...passing.map(({ task }) => `${task.id} passes before anything was done`)];
}
