/** A lesson as one page: intro, tasks with their questions, and what to remember. */
import type { Block, LessonWords } from '../lesson/words.ts';
import type { LogNote } from '../postgres/notes.ts';
import { currentLesson, type Session } from '../session/session.ts';
import { messages } from './messages.ts';
import { layout, type ProseContext } from './prose.ts';
import type { Line } from './wrap.ts';

export type Page = { readonly lines: readonly Line[]; readonly tasks: readonly number[] }; // tasks: the lines where they begin

export type Reading = { readonly notes: readonly LogNote[]; readonly root: boolean };

export const proseFor = ({ plan, kept }: Session, { notes, root }: Reading, width: number): ProseContext => ({
  width: Math.max(width, 10),
  plan,
  root,
  notes,
  journal: kept.journal,
});

/** Lays pages out, and keeps the last one: most frames show the same. */
export function pageMaker(reading: Reading): (session: Session, width: number) => Page {
  let last: { of: readonly unknown[]; page: Page } | undefined;
  return (session, width) => {
    const lesson = currentLesson(session);
    const of = [lesson, width, session.kept.journal.measurements.length];
    if (!last?.of.every((part, at) => part === of[at]))
      last = { of, page: pageOf(lesson.words, proseFor(session, reading, width)) };
    return last.page;
  };
}

export function pageOf({ title, intro, tasks, remember }: LessonWords, prose: ProseContext): Page {
  const opening = layout([head(1, title), ...intro], prose);
  const parts = tasks.map((task) =>
    layout([head(2, task.title), ...task.blocks, ...task.questions.map(({ ask }) => quote(ask))], prose),
  );
  const closing = remember.length > 0 ? [layout([head(2, messages.remember), ...remember], prose)] : [];
  const lines: Line[] = [...opening];
  const begins = parts.map((part) => {
    const at = lines.push([]);
    lines.push(...part);
    return at;
  });
  return { lines: [...lines, ...closing.flatMap((part) => [[], ...part])], tasks: begins };
}

const head = (depth: number, text: string): Block => ({ kind: 'heading', depth, spans: [{ text }] });
const quote = (blocks: readonly Block[]): Block => ({ kind: 'quote', blocks });
