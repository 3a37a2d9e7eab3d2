/** A verdict in lines: what was seen, what is wanted, why, where, and what to do next. Both fronts use it. */
import type { Layer, Step, Verdict } from '../../check/verdict.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import { shownText } from '../../lab/secrets/secrets.ts';
import type { Blocked, TaskState } from '../../learner/judge.ts';
import { placeWords, stepWords } from '../../lesson/step.ts';
import { indented } from '../layout/fit.ts';
import { columns, type Line, type Piece, piece, type Style, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

/** How a task stands: never by its colour alone. */
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

/** The title of a task behind its sign, its standing in words after it. */
export function titleLines(
  state: TaskState,
  broken: boolean,
  lead: string,
  width: number,
  justPassed = false,
): readonly Line[] {
  const { sign, title } = titled(state, broken, justPassed);
  return hang([piece(lead, 'detail'), sign, piece(' ')], title, width);
}

/** The same, not wrapped. */
export function titlePieces(state: TaskState, broken: boolean): readonly Piece[] {
  const { sign, title } = titled(state, broken, false);
  return [sign, piece(' '), ...title];
}

function titled(state: TaskState, broken: boolean, justPassed: boolean) {
  const how = standing(state, broken);
  const sign = standingGlyphs[how];
  const title = piece(state.words.title, how === 'blocked' ? 'detail' : justPassed && !broken ? 'passed' : 'text');
  if (how === 'pass') return { sign, title: [title] };
  const style = how === 'assisted' ? 'detail' : sign.style;
  return { sign, title: [title, piece(' · ', 'detail'), piece(messages.state[how], style)] };
}

/** A verdict under its task's title. Where there is little room, the text goes on below its label, so that paths stay whole. */
export function verdictLines(
  verdict: Verdict | Blocked,
  plan: LabPlan,
  width: number,
  front: Front = {},
): readonly Line[] {
  return verdictParts(verdict, plan, width, front).flatMap(({ lines }) => lines);
}

/** The lines of a verdict, label by label. */
export type VerdictPart = { readonly label: Label; readonly lines: readonly Line[] };

export function verdictParts(
  verdict: Verdict | Blocked,
  plan: LabPlan,
  width: number,
  front: Front = {},
): readonly VerdictPart[] {
  return rowsOf(verdict, plan, front).map(({ label, says, isChosen }) => {
    const name = messages.label[label];
    const look = isChosen ? 'key' : 'detail';
    const mark = isChosen ? '▸ ' : ' ';
    if (width >= 40) return { label, lines: hang([piece(`${name}${mark}`.padEnd(labelWidth), look)], says, width) };
    const [first = [], ...more] = wrap([piece(`${name}${mark}`, look), ...says], width - 2);
    return { label, lines: [first, ...indented(more, 2)] };
  });
}

/** `typed`: whoever reads it types commands, and has no keys of ours. `step`: the one at hand. */
export type Front = { readonly typed?: boolean; readonly step?: number | null };

const labelWidth = Math.max(...Object.values(messages.label).map(columns)) + 1;

type Label = keyof typeof messages.label;
type Row = {
  readonly label: Label;
  readonly says: readonly Piece[];
  readonly isChosen?: boolean;
};
const row = (label: Row['label'], text: string, style: Style = 'text'): Row => ({ label, says: [piece(text, style)] });

function rowsOf(verdict: Verdict | Blocked, plan: LabPlan, front: Front): readonly Row[] {
  const mask = (text: string) => shownText(text, plan); // steps are for typing, and stay as they are
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
        ...(verdict.layers && isTelling(verdict.layers)
          ? [{ label: 'layers', says: chain(verdict.layers) } as const]
          : []),
        row('want', verdict.want),
        ...(verdict.why ? [row('why', mask(verdict.why))] : []),
        ...(verdict.at ? [row('where', mask(placeWords(verdict.at)))] : []),
        ...verdict.next.map((step, at) => ({ ...nextRow(step, plan, front), isChosen: at === front.step })),
      ];
  }
}

const nextRow = (step: Step, plan: LabPlan, front: Front): Row =>
  row('next', nextWords(step, plan, front), step.do === 'say' || step.do === 'answer' ? 'text' : 'code');

/** Layers say how far one has come: all is well up to the one that fails, and nothing after it. */
function isTelling(layers: readonly Layer[]): boolean {
  const stuck = layers.findIndex(({ ok }) => ok === false);
  return (
    stuck > 0 &&
    layers.slice(0, stuck).every(({ ok }) => ok === true) &&
    layers.slice(stuck).every(({ ok }) => ok !== true)
  );
}

/** What a key of the screen does, or the command. */
export const nextWords = (step: Step, plan: LabPlan, { typed }: Front = {}): string =>
  step.do === 'answer' && !typed ? messages.reading.opensQuestion : stepWords(step, plan);

/** ✔ written  ✖ loaded  ? in effect */
const chain = (layers: readonly Layer[]): readonly Piece[] =>
  layers.map(({ layer, ok }, at) =>
    piece(
      `${at > 0 ? '  ' : ''}${messages.layer[`${ok}`]}\u00a0${layer.replace(' ', '\u00a0')}`,
      ok === 'unknown' ? 'warning' : ok ? 'good' : 'trouble',
    ),
  );

/** Text behind a lead; the lines after the first stand below the text, not below the lead. */
export function hang(lead: Line, text: readonly Piece[], width: number): readonly Line[] {
  const indent = lead.reduce((sum, part) => sum + columns(part.text), 0);
  const lines = wrap(text, Math.max(width - indent, 1));
  return (lines.length > 0 ? lines : [[]]).map((line, at) => [
    ...(at === 0 ? lead : [piece(' '.repeat(indent))]),
    ...line,
  ]);
}
