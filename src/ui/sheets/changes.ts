/** The changes in the lab, as unified hunks: on a sheet, and as the lines that `repl-workshop diff` prints. */
import { isProblem } from '../../lab/problem.ts';
import type { ChangedPart, DifferenceLine, Hunk } from '../../lab/state/difference.ts';
import { minuteOf } from '../../learner/minute.ts';
import { hasNoChange, type StateComparison } from '../../learner/states.ts';
import { currentLesson, type Overlay, type Session } from '../../session/session.ts';
import type { Sheet } from '../layout/sheet.ts';
import { codeWrap, type Line, lineColumns, piece, type Style, touchable, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import type { ProseContext } from '../page/prose.ts';
import { verdictLines } from '../tasks/verdict.ts';

const words = messages.changes;

export function changesSheet(
  session: Session,
  { against, found }: Extract<Overlay, { kind: 'changes' }>,
  { width, marks = false }: ProseContext,
): Sheet {
  const tabs = (['start', 'solution'] as const).flatMap((one) => [
    one === against ? piece(`[${words.tabs[one]}]`, 'chosen') : piece(` ${words.tabs[one]} `),
    piece(' '),
  ]);
  const { number } = currentLesson(session);
  const body = !found
    ? wrap([piece(words.comparing, 'detail')], width)
    : isProblem(found)
      ? verdictLines({ kind: 'unknown', problem: found }, session.plan, width)
      : comparisonLines(found, number, width, marks);
  return { title: words.title, lines: [...touchable([tabs], { key: 'tab' }), [], ...body], whole: true };
}

/** `spoken`: with words in place of + and -. */
function comparisonLines(comparison: StateComparison, lesson: number, width: number, spoken: boolean): readonly Line[] {
  const { servers, at } = comparison;
  const from = words.sentence[comparison.with](lesson, minuteOf(at));
  const parts = servers.flatMap(({ server, parts }) =>
    parts.flatMap((part) => [
      [],
      ...wrap([piece(headingOf(server, part), 'heading')], width),
      ...hunkLines(part, spoken).flatMap((line) => wrapped(line, width)),
    ]),
  );
  const notes = notesOnUnknown(comparison).flatMap((note) => [[], ...wrap([piece(note, 'detail')], width)]);
  return [
    ...wrap(
      [piece(hasNoChange(comparison) ? words.nothing[comparison.with](lesson, minuteOf(at)) : from, 'detail')],
      width,
    ),
    ...parts,
    ...notes,
  ];
}

/** Keeps all spaces of a line. What does not fit goes on below its first character. */
function wrapped([sign, ...rest]: Line, width: number): readonly Line[] {
  if (!sign) return [[]];
  const lead = lineColumns([sign]);
  return codeWrap(rest, Math.max(width - lead, 1)).map((line, at) => [
    at === 0 ? sign : piece(' '.repeat(lead)),
    ...line,
  ]);
}

const headingOf = (server: string, { name, isFile }: ChangedPart): string => (isFile ? name : `${server}: ${name}`);

/** As `diff -u` prints it: a header of two lines for each part, then its hunks. */
export function unifiedLines(comparison: StateComparison, lesson: number): readonly Line[] {
  const { before, after } = words.labels[comparison.with](lesson);
  if (hasNoChange(comparison)) return [[piece(words.nothing[comparison.with](lesson, minuteOf(comparison.at)))]];
  return comparison.servers.flatMap(({ server, parts }) =>
    parts.flatMap((part) => [
      [piece(`--- ${headingOf(server, part)} (${before})`, 'heading')],
      [piece(`+++ ${headingOf(server, part)} (${after})`, 'heading')],
      ...hunkLines(part, false),
    ]),
  );
}

/** What could not be compared, in sentences. */
export const notesOnUnknown = ({ servers, with: against }: StateComparison): readonly string[] =>
  servers.flatMap(({ server, notCompared }) =>
    notCompared.map(({ parts, of, why }) => words.notCompared(server, parts, words.when[against][of], why)),
  );

/** The first piece of a line is its sign. Hunks of files say where they are. */
const hunkLines = ({ isFile, hunks }: ChangedPart, spoken: boolean): readonly Line[] =>
  hunks.flatMap((hunk) => [
    ...(isFile ? [[piece(''), piece(placeOf(hunk), 'note')]] : []),
    ...hunk.lines.map((line) => differenceLine(line, spoken)),
  ]);

const placeOf = ({ before, after }: Hunk): string =>
  `@@ -${before.from},${before.lines} +${after.from},${after.lines} @@`;

const styles = { same: 'detail', removed: 'trouble', added: 'good' } as const satisfies Record<
  DifferenceLine['kind'],
  Style
>;

function differenceLine({ kind, text, otherSecret }: DifferenceLine, spoken: boolean): Line {
  const sign = piece(spoken ? words.spoken[kind] : words.signs[kind], styles[kind]);
  const note = otherSecret ? [piece(`  ${words.otherSecret}`, 'note')] : [];
  return [sign, piece(text, styles[kind]), ...note];
}
