/** A lesson as one page of lines: intro, tasks with their questions, and what to remember. */

import { placesKey, planSeen } from '../../lab/plan/plan-seen.ts';
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

/** `tasks`: the first line of each task. `codes`: the code blocks. */
export type Page = {
  readonly lines: readonly Line[];
  readonly tasks: readonly number[];
  readonly codes: readonly PageCode[];
};
/** A code block with its first and last line, both included. */
export type PageCode = Code & { readonly first: number; readonly last: number };

export type Reading = { readonly notes: readonly LogNote[]; readonly root: boolean };

export const proseFor = ({ plan, learner, now }: Session, { notes, root }: Reading, width: number): ProseContext => ({
  width: Math.max(width, 10),
  plan: planSeen(plan, now),
  root,
  notes,
  journal: learner.journal,
});

/** Returns the layout of the current lesson. It caches the last page, because most frames show the same one. */
export function pageMaker(reading: Reading): (session: Session, width: number) => Page {
  let last: { key: readonly unknown[]; page: Page } | undefined;
  return (session, width) => {
    const lesson = currentLesson(session);
    const outcomes = outcomesOf(lesson, session.learner);
    const prose = proseFor(session, reading, width);
    const measured = session.learner.journal.measurements.length;
    const key = [lesson, width, measured, JSON.stringify(outcomes), placesKey(prose.plan)];
    if (!last?.key.every((part, at) => part === key[at])) last = { key, page: pageOf(lesson.words, prose, outcomes) };
    return last.page;
  };
}

export function pageOf(
  { title, intro, tasks, own, remember }: LessonWords,
  prose: ProseContext,
  outcomes: Outcomes = {},
): Page {
  const codes: CodeText[] = [];
  const opening = layoutWith(codes, [head(1, title), ...intro], prose);
  const parts = tasks.map((task) => [
    ...layoutWith(codes, [head(2, task.title), ...task.blocks], prose),
    ...task.questions.flatMap((question) => questionLines(question, outcomes[question.id], codes, prose)),
  ]);
  const closing = [
    { title: messages.onYourOwn, blocks: own },
    { title: messages.remember, blocks: remember },
  ].flatMap((box) => (box.blocks.length > 0 ? [layoutWith(codes, [head(2, box.title), ...box.blocks], prose)] : []));
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

/** A question; below it the learner's answer and what really happened. */
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
  const [glyph, style] = taken.right ? (['✔ ', 'good'] as const) : (['✖ ', 'trouble'] as const);
  const answer = taken.says.map(({ text, style: own }) => piece(text, own));
  return [
    ...asked,
    ...hang([piece(glyph, style)], [piece(`${said[`${taken.right}`]} `, style), ...answer], prose.width),
    ...(really
      ? hang([piece('→ ', 'note')], [piece(`${happened} `, 'note'), piece(shownText(really, prose.plan))], prose.width)
      : []),
  ];
}

const head = (depth: number, text: string): Block => ({ kind: 'heading', depth, spans: [{ text }] });
const quote = (blocks: readonly Block[]): Block => ({ kind: 'quote', blocks });
