/** What was played, in words: the story of one state, and the table of all. */
import type { Fault, Outcome, State } from './play.ts';

export type Played = { readonly state: State; readonly outcome: Outcome };

export function storyOf({ state, outcome }: Played): string {
  const { faults, rounds, ledOut } = outcome;
  const lines = [
    `${faults.length > 0 ? 'FAULT' : 'ok'} ${wordsOf(state)}`,
    ...faults.map(({ kind, what }) => `  ${kind}: ${what}`),
    ...rounds.flatMap(({ answer, seen, steps }, at) => [
      `  ${at + 1}. ${answer} | ${seen}`,
      ...steps.map(
        ({ words, person, error }) => `       ${person ? 'PERSON ' : ''}${words}${error ? ` !! ${error}` : ''}`,
      ),
    ]),
    ledOut ? '  out' : '  STUCK',
  ];
  return `\n#${lines.join('\n')}\n`;
}

export const wordsOf = ({ lesson, task, solved, mutations }: State): string =>
  `lesson ${lesson}${task === null ? '' : `, ${task}`}${solved ? ' (solved)' : ''}: ${mutations.map(({ name }) => name).join(' + ')}`;

/** The table: a row for each lesson, and one for each family. */
export function table(all: readonly Played[]): string {
  const rows = (label: string, part: readonly Played[]): string => {
    const faulty = (kind: Fault) =>
      part.filter(({ outcome }) => outcome.faults.some((fault) => fault.kind === kind)).length;
    const out = part.filter(({ outcome }) => outcome.ledOut);
    const steps = part.flatMap(({ outcome }) => outcome.rounds.flatMap((round) => round.steps));
    const rounds = out.reduce((sum, { outcome }) => sum + outcome.rounds.length, 0) / Math.max(1, out.length);
    return [
      label.padEnd(12),
      part.length,
      faulty('false pass'),
      faulty('false fail'),
      `${out.length} (${Math.round((100 * out.length) / Math.max(1, part.length))} %)`,
      rounds.toFixed(1),
      `${steps.filter(({ person }) => person).length}/${steps.length}`,
      faulty('made worse'),
      faulty('unchanged'),
      faulty('wrong cause'),
    ]
      .map((cell, at) => (at === 0 ? cell : String(cell).padStart(11)))
      .join('');
  };
  const head = [
    '',
    'states',
    'false pass',
    'false fail',
    'led out',
    'rounds',
    'person',
    'worse',
    'unchanged',
    'wrong cause',
  ];
  const lessonNumbers = [...new Set(all.map(({ state }) => state.lesson))].sort((a, b) => a - b);
  const named = [...new Set(all.flatMap(({ state }) => state.mutations.map(({ family }) => family)))].sort();
  return [
    head.map((cell, at) => (at === 0 ? cell.padEnd(12) : cell.padStart(11))).join(''),
    ...lessonNumbers.map((number) =>
      rows(
        `lesson ${number}`,
        all.filter(({ state }) => state.lesson === number),
      ),
    ),
    ...named.map((name) =>
      rows(
        name,
        all.filter(({ state }) => state.mutations.some(({ family }) => family === name)),
      ),
    ),
    rows('all', all),
  ].join('\n');
}
