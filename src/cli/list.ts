/** list: the lessons, and what is done. */
import { lessonHere } from '../session/progress.ts';
import { atMost, lookAtLab } from './access.ts';
import { flag, type Run } from './command.ts';
import { renderList } from './plain.ts';

export const list: Run = async (invocation) => {
  atMost(invocation, 0, 'list [--json]');
  const { lessons, kept } = await lookAtLab(invocation);
  if (!flag(invocation.options, 'json')) invocation.io.out(renderList(lessons, kept));
  else {
    const here = lessonHere(lessons, kept.progress).id;
    const rows = lessons.map((lesson) => ({
      number: lesson.number,
      id: lesson.id,
      title: lesson.words.title,
      minutes: lesson.minutes,
      here: lesson.id === here,
      tasks: lesson.tasks.map(({ id, kind }) => ({ id, kind, done: kept.progress.done[`${lesson.id}/${id}`] ?? null })),
    }));
    invocation.io.out(JSON.stringify({ schema: 1, lessons: rows }));
  }
  return 0;
};
