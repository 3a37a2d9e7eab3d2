/** How a wide screen is divided: the lesson left, what goes with it right. */
import type { Session } from '../../session/session.ts';

type Divided = Pick<Session, 'columns' | 'learner'>;

const least = 40; // columns, on each side
const step = 4; // percent

/** Drawings of lessons take 60 columns; very long lines are hard to read. The learner may want it otherwise. */
export function leftWidth({ columns, learner: { settings } }: Divided): number {
  if (settings.left === null) return Math.max(62, Math.min(Math.floor(columns * 0.52), 92));
  return Math.max(least, Math.min(Math.round((columns * settings.left) / 100), columns - least - 1));
}

/** The share of the lesson, a step more or less, in percent; as far as there is room. */
export function dividedBy(session: Divided, steps: number): number {
  const { columns, learner } = session;
  const left = Math.round((leftWidth(session) * 100) / columns) + steps * step;
  const moved = { columns, learner: { ...learner, settings: { ...learner.settings, left } } };
  return Math.round((leftWidth(moved) * 100) / columns);
}
