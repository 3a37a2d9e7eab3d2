/** A lesson as one page: intro, tasks with their questions, and what to remember. */

import { shownText } from '../../lab/secrets/secrets.ts';
import { type Outcomes, outcomesOf, type PredictionOutcome } from '../../learner/outcomes.ts';
import type { Code } from '../../lesson/format/code-place.ts';
import type { Block, LessonWords, Question } from '../../lesson/format/words.ts';
import type { LogNote } from '../../postgres/log/notes.ts';
import { currentLesson, type Session } from '../../session/session.ts';
import { type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';
import { type CodeText, layoutWith, type ProseContext } from './prose.ts';

/** tasks: the lines where they begin. codes: the code blocks, with their lines, the last one counted in. */
export type Page = {
  readonly lines: readonly Line[];
  readonly tasks: readonly number[];
  readonly codes: readonly PageCode[];
};
export type PageCode = Code & { readonly first: number; readonly last: number };

export type Reading = { readonly notes: readonly LogNote[]; readonly root: boolean };

export const proseFor = ({ plan, learner }: Session, { notes, root }: Reading, width: number): ProseContext => ({
  width: Math.max(width, 10),
  plan,
  root,
  notes,
  journal: learner.journal,
});

/** Lays pages out, and keeps the last one: most frames show the same. */
export function pageMaker(reading: Reading): (session: Session, width: number) => Page {
  let last: { of: readonly unknown[]; page: Page } | undefined;
  return (session, width) => {
    const lesson = currentLesson(session);
    const outcomes = outcomesOf(lesson, session.learner);
    const of = [lesson, width, session.learner.journal.measurements.length, JSON.stringify(outcomes)];
    if (!last?.of.every((part, at) => part === of[at]))
      last = { of, page: pageOf(lesson.words, proseFor(session, reading, width), outcomes) };
    return last.page;
  };
}

export function pageOf(
  { title, intro, tasks, remember }: LessonWords,
  prose: ProseContext,
  outcomes: Outcomes = {},
): Page {
  const codes: CodeText[] = [];
  const opening = layoutWith(codes, [head(1, title), ...intro], prose);
  const parts = tasks.map((task) => [
    ...layoutWith(codes, [head(2, task.title), ...task.blocks], prose),
    ...task.questions.flatMap((question) => questionLines(question, outcomes[question.id], codes, prose)),
  ]);
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
  return codes.map(({ text, place }, at) => ({
    text,
    place,
    first: places[at]?.first ?? 0,
    last: places[at]?.last ?? 0,
  }));
}

/** A question, and below it what was answered and what really happened. */
function questionLines(
  { ask }: Question,
  outcome: PredictionOutcome | undefined,
  codes: CodeText[],
  prose: ProseContext,
): readonly Line[] {
  const asked = [[], ...layoutWith(codes, [quote(ask)], prose)];
  if (!outcome) return asked;
  const { taken, really } = outcome;
  const { said, happened } = messages.outcome;
  const [sign, style] = taken.right ? (['✔ ', 'good'] as const) : (['✖ ', 'trouble'] as const);
  const says = taken.says.map(({ text, style: own }) => piece(text, own));
  return [
    ...asked,
    ...hang([piece(sign, style)], [piece(`${said[`${taken.right}`]} `, style), ...says], prose.width),
    ...(really
      ? hang([piece('→ ', 'note')], [piece(`${happened} `, 'note'), piece(shownText(really, prose.plan))], prose.width)
      : []),
  ];
}

const head = (depth: number, text: string): Block => ({ kind: 'heading', depth, spans: [{ text }] });
const quote = (blocks: readonly Block[]): Block => ({ kind: 'quote', blocks });
