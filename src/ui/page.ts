/** A lesson as one page: intro, tasks with their questions, and what to remember. */
import type { Block, LessonWords } from '../lesson/words.ts';
import type { LogNote } from '../postgres/notes.ts';
import { currentLesson, type Session } from '../session/session.ts';
import { messages } from './messages.ts';
import { type CodeText, layoutWith, type ProseContext } from './prose.ts';
import type { Line } from './wrap.ts';

/** tasks: the lines where they begin. codes: the code blocks, with their lines, the last one counted in. */
export type Page = {
  readonly lines: readonly Line[];
  readonly tasks: readonly number[];
  readonly codes: readonly PageCode[];
};
export type PageCode = { readonly text: string; readonly first: number; readonly last: number };

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
  const codes: CodeText[] = [];
  const opening = layoutWith(codes, [head(1, title), ...intro], prose);
  const parts = tasks.map((task) =>
    layoutWith(codes, [head(2, task.title), ...task.blocks, ...task.questions.map(({ ask }) => quote(ask))], prose),
  );
  const closing = remember.length > 0 ? [layoutWith(codes, [head(2, messages.remember), ...remember], prose)] : [];
  const lines: Line[] = [...opening];
  const begins = parts.map((part) => {
    const at = lines.push([]);
    lines.push(...part);
    return at;
  });
  const whole = [...lines, ...closing.flatMap((part) => [[], ...part])];
  return { lines: whole, tasks: begins, codes: placed(codes, whole) };
}

function placed(codes: readonly CodeText[], lines: readonly Line[]): readonly PageCode[] {
  const places = codes.map(() => ({ first: Number.POSITIVE_INFINITY, last: -1 }));
  for (const [row, line] of lines.entries()) {
    const place = places[line.find(({ code }) => code !== undefined)?.code ?? -1];
    if (place) Object.assign(place, { first: Math.min(place.first, row), last: row });
  }
  return codes.map(({ text }, at) => ({ text, first: places[at]?.first ?? 0, last: places[at]?.last ?? 0 }));
}

const head = (depth: number, text: string): Block => ({ kind: 'heading', depth, spans: [{ text }] });
const quote = (blocks: readonly Block[]): Block => ({ kind: 'quote', blocks });
