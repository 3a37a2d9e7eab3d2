/** What a learner has come to, lesson by lesson: plain data for the sheet after the last one. */
import { fill } from '../lesson/fill.ts';
import { type Lesson, taskKey } from '../lesson/lesson.ts';
import type { Block, Span } from '../lesson/words.ts';
import type { Done } from './progress.ts';
import type { Session } from './session.ts';

/** Texts from lessons keep `code` in backticks. */
export type LearntLesson = {
  readonly number: number;
  readonly title: string;
  readonly standing: 'done' | 'done with help' | 'begun' | 'not begun';
  readonly opened: string | null; // ISO time
  readonly tasks: readonly { readonly done: Done | null }[];
  readonly remember: readonly string[];
};

export const lessonsLearnt = ({ lessons, kept, plan }: Pick<Session, 'lessons' | 'kept' | 'plan'>) =>
  lessons.map((lesson): LearntLesson => {
    const { done, opened } = kept.progress;
    const tasks = lesson.tasks.map(({ id }) => ({ done: done[taskKey(lesson.id, id)] ?? null }));
    return {
      number: lesson.number,
      title: lesson.words.title,
      standing: standingOf(lesson, tasks, opened[lesson.id]),
      opened: opened[lesson.id] ?? null,
      tasks,
      remember: sentences(lesson.words.remember).map((text) => fill(text, plan)),
    };
  });

function standingOf(
  { tasks }: Lesson,
  found: LearntLesson['tasks'],
  opened: string | undefined,
): LearntLesson['standing'] {
  const done = found.flatMap((task) => task.done ?? []);
  if (done.length === tasks.length) return done.some(({ assisted }) => assisted) ? 'done with help' : 'done';
  return opened !== undefined || done.length > 0 ? 'begun' : 'not begun';
}

/** The words of paragraphs and of list items. */
const sentences = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block): readonly string[] => {
    if (block.kind === 'paragraph') return [block.spans.map(words).join('')];
    return block.kind === 'list' ? block.items.flatMap(sentences) : [];
  });

const words = ({ text, style }: Span): string => (style === 'code' ? `\`${text}\`` : text);
