/** The hints of a task in lines, for the screen and for commands. */

import { shownText } from '../../lab/secrets/secrets.ts';
import { type Hint, hintsOf } from '../../learner/hints.ts';
import { isFinished, type TaskState } from '../../learner/judge.ts';
import type { LearnerProgress } from '../../learner/progress.ts';
import { placeWords } from '../../lesson/step.ts';
import { type Line, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { layout, type ProseContext } from '../page/prose.ts';
import { hang } from './verdict.ts';

const words = messages.hint;

/** Hints with their numbers as headings. `chosen`: their indices in `hints`. */
export const hintLines = (
  hints: readonly Hint[],
  chosen: readonly number[],
  prose: ProseContext,
): readonly (readonly Line[])[] =>
  chosen.flatMap((at) => {
    const hint = hints[at];
    return hint ? [[[piece(words.number(at + 1, hints.length), 'heading')], ...wordsOf(hint, prose), []]] : [];
  });

function wordsOf(hint: Hint, prose: ProseContext): readonly Line[] {
  if (hint.from === 'lesson') return layout(hint.blocks, prose);
  const { why, seen, at, layers } = hint.verdict;
  const first = layers?.findIndex(({ ok }) => ok !== true) ?? 0;
  const stops = first > 0 && layers?.[first]?.ok === false ? layers[first] : undefined;
  const label = messages.label[why ? 'why' : 'seen'];
  return [
    ...hang([piece(`${label}  `, 'detail')], [piece(shownText(why ?? seen, prose.plan))], prose.width),
    ...(stops ? [[], ...wrap([piece(words.stops(stops.layer))], prose.width)] : []),
    ...(at
      ? [[], ...hang([piece(`${words.look} `, 'detail')], [piece(shownText(placeWords(at), prose.plan))], prose.width)]
      : []),
  ];
}

/** `newest`: index of the hint that was shown last, which must be in sight. */
export function hintsSheet(
  state: TaskState | undefined,
  newest: number,
  progress: LearnerProgress,
  prose: ProseContext,
) {
  if (!state) return { title: '', lines: [], whole: false };
  const { all, shown, next, isNews } = hintsOf(state, progress);
  const parts = hintLines(all, shown, prose);
  const more = next ? (isNews ? words.news : words.more) : isFinished(state) ? words.wasLast : words.solves;
  const lines = [...parts.flat(), ...wrap([piece(more, 'detail')], prose.width)];
  const least = parts.slice(0, Math.max(shown.indexOf(newest), 0)).flat().length;
  const ends = parts.slice(0, shown.indexOf(newest) + 1).flat().length;
  const focus = newest === shown.at(-1) ? lines.length - 1 : Math.max(ends - 1, 0);
  return { title: state.words.title, lines, whole: false, focus, least };
}
