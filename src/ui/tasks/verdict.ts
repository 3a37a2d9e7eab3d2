/** A verdict in lines, for the screen and for commands: what was seen, what is wanted, why, where, and what is next. */
import type { Layer, Step, Verdict } from '../../check/verdict.ts';
import type { SeenPlan } from '../../lab/plan/plan-seen.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import type { Blocked, TaskState } from '../../learner/judge.ts';
import { placeWords, stepWords } from '../../lesson/step.ts';
import { columns } from '../../terminal/width.ts';
import { indented } from '../layout/fit.ts';
import { type Line, type Piece, piece, type Style, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

/** The standing of a task. Each has a glyph and a text, so that no standing is shown by colour alone. */
export type Standing = 'pass' | 'assisted' | 'fail' | 'unknown' | 'blocked' | 'broken';

export function standing({ verdict, done }: TaskState, broken: boolean): Standing {
  if (broken) return 'broken';
  if (done) return done.assisted ? 'assisted' : 'pass';
  return verdict.kind;
}

export const standingGlyphs: Readonly<Record<Standing, Piece>> = {
  pass: piece('✔', 'good'),
  assisted: piece('✔', 'good'),
  fail: piece('✖', 'trouble'),
  broken: piece('!', 'trouble'),
  unknown: piece('?', 'warning'),
  blocked: piece('○', 'detail'),
};

/** The title of a task behind its glyph, followed by its standing as text. */
export function titleLines(
  state: TaskState,
  broken: boolean,
  lead: string,
  width: number,
  justPassed = false,
): readonly Line[] {
  const { glyph, title } = titled(state, broken, justPassed);
  return hang([piece(lead, 'detail'), glyph, piece(' ')], title, width);
}

/** The same without wrapping. */
export function titlePieces(state: TaskState, broken: boolean): readonly Piece[] {
  const { glyph, title } = titled(state, broken, false);
  return [glyph, piece(' '), ...title];
}

function titled(state: TaskState, broken: boolean, justPassed: boolean) {
  const kind = standing(state, broken);
  const glyph = standingGlyphs[kind];
  const title = piece(state.words.title, kind === 'blocked' ? 'detail' : justPassed && !broken ? 'passed' : 'text');
  if (kind === 'pass') return { glyph, title: [title] };
  const style = kind === 'assisted' ? 'detail' : glyph.style;
  return { glyph, title: [title, piece(' · ', 'detail'), piece(messages.state[kind], style)] };
}

/** A verdict below its task's title. On a narrow screen, text continues below its label, so that paths are not cut. */
export function verdictLines(
  verdict: Verdict | Blocked,
  plan: SeenPlan,
  width: number,
  front: Front = {},
): readonly Line[] {
  return verdictParts(verdict, plan, width, front).flatMap(({ lines }) => lines);
}

/** The lines of a verdict, label by label. */
export type VerdictPart = { readonly label: Label; readonly lines: readonly Line[] };

export function verdictParts(
  verdict: Verdict | Blocked,
  plan: SeenPlan,
  width: number,
  front: Front = {},
): readonly VerdictPart[] {
  return rowsOf(verdict, plan, front).map(({ label, pieces, isChosen }) => {
    const name = messages.label[label];
    const style = isChosen ? 'key' : 'detail';
    const mark = isChosen ? '▸ ' : ' ';
    if (width >= 40) return { label, lines: hang([piece(`${name}${mark}`.padEnd(labelWidth), style)], pieces, width) };
    const [first = [], ...more] = wrap([piece(`${name}${mark}`, style), ...pieces], width - 2);
    return { label, lines: [first, ...indented(more, 2)] };
  });
}

/**
 * `typed`: the reader types commands and has no keys of the screen. `step`: index of the chosen next step. `folded`:
 * the next steps are not shown. `comeBack`: of a verdict that fails.
 */
export type Front = {
  readonly typed?: boolean;
  readonly step?: number | null;
  readonly folded?: boolean;
  readonly comeBack?: ComeBack | undefined;
};

/** A verdict that has come back after its advice was followed: what else is seen, and how to begin again. */
export type ComeBack = { readonly seen: readonly string[]; readonly begin: string };

const labelWidth = Math.max(...Object.values(messages.label).map(columns)) + 1;

type Label = keyof typeof messages.label;
type Row = {
  readonly label: Label;
  readonly pieces: readonly Piece[];
  readonly isChosen?: boolean;
};
const row = (label: Row['label'], text: string, style: Style = 'text'): Row => ({
  label,
  pieces: [piece(text, style)],
});

function rowsOf(verdict: Verdict | Blocked, plan: SeenPlan, front: Front): readonly Row[] {
  const { comeBack } = front;
  const mask = (text: string) => shownText(text, plan); // not for steps: the learner types them as they are
  switch (verdict.kind) {
    case 'pass':
      return [
        row('seen', mask(verdict.seen), 'good'),
        ...(verdict.warning ? [row('note', mask(verdict.warning), 'warning')] : []),
      ];
    case 'blocked':
      return [row('next', messages.blocked(verdict.by), 'detail')];
    case 'unknown':
      return [row('seen', mask(verdict.problem.what), 'warning'), row('fix', verdict.problem.fix)];
    case 'fail':
      return [
        row('seen', mask(verdict.seen), 'trouble'),
        ...(verdict.also ?? []).map((one) => row('also', mask(one), 'trouble')),
        ...(comeBack ? [row('note', messages.notEnough, 'warning')] : []),
        ...(comeBack?.seen ?? []).map((one) => row('also', mask(one), 'warning')),
        ...(verdict.layers && isTelling(verdict.layers)
          ? [{ label: 'layers', pieces: chain(verdict.layers) } as const]
          : []),
        row('want', verdict.want),
        ...(verdict.why ? [row('why', mask(verdict.why))] : []),
        ...(verdict.at ? [row('where', mask(placeWords(verdict.at)))] : []),
        ...(front.folded
          ? [row('next', front.typed ? messages.plain.folded : messages.folded, 'detail')]
          : verdict.next.map((step, at) => ({ ...nextRow(step, plan, front), isChosen: at === front.step }))),
        ...(comeBack ? [row('or', mask(comeBack.begin))] : []),
      ];
  }
}

const nextRow = (step: Step, plan: SeenPlan, front: Front): Row =>
  row(
    step.or ? 'or' : 'next',
    nextWords(step, plan, front),
    step.do === 'say' || step.do === 'answer' ? 'text' : 'code',
  );

/** Layers are shown when they tell how far the learner is: all before the failing one pass, and none after it. */
function isTelling(layers: readonly Layer[]): boolean {
  const stuck = layers.findIndex(({ ok }) => ok === false);
  return (
    stuck > 0 &&
    layers.slice(0, stuck).every(({ ok }) => ok === true) &&
    layers.slice(stuck).every(({ ok }) => ok !== true)
  );
}

/** The text of a next step: what the key of the screen does, or the command to type. */
export const nextWords = (step: Step, plan: SeenPlan, { typed }: Front = {}): string =>
  step.do === 'answer' && !typed ? messages.reading.opensQuestion : stepWords(step, plan);

/** '✔ written  ✖ loaded  ? in effect' */
const chain = (layers: readonly Layer[]): readonly Piece[] =>
  layers.map(({ layer, ok }, at) =>
    piece(
      `${at > 0 ? '  ' : ''}${messages.layer[`${ok}`]}\u00a0${layer.replace(' ', '\u00a0')}`,
      ok === 'unknown' ? 'warning' : ok ? 'good' : 'trouble',
    ),
  );

/** Text behind a lead; the lines after the first are aligned with the text. */
export function hang(lead: Line, text: readonly Piece[], width: number): readonly Line[] {
  const indent = lead.reduce((sum, part) => sum + columns(part.text), 0);
  const lines = wrap(text, Math.max(width - indent, 1));
  return (lines.length > 0 ? lines : [[]]).map((line, at) => [
    ...(at === 0 ? lead : [piece(' '.repeat(indent))]),
    ...line,
  ]);
}
