/** The columns of a wide screen: the lesson on the left; tasks, servers and terminal on the right. */
import type { Session } from '../../session/session.ts';

type Divided = Pick<Session, 'columns' | 'learner'>;

const least = 40; // columns, on each side
const step = 4; // percent

/** The default fits a lesson's drawings (60 columns) and avoids very long lines. The learner's setting overrides it. */
export function leftWidth({ columns, learner: { settings } }: Divided): number {
  if (settings.left === null) return Math.max(62, Math.min(Math.floor(columns * 0.52), 92));
  return Math.max(least, Math.min(Math.round((columns * settings.left) / 100), columns - least - 1));
}

/** The lesson's share in percent after `steps` steps, limited by the minimum of each side. */
export function dividedBy(session: Divided, steps: number): number {
  const { columns, learner } = session;
  const left = Math.round((leftWidth(session) * 100) / columns) + steps * step;
  const moved = { columns, learner: { ...learner, settings: { ...learner.settings, left } } };
  return Math.round((leftWidth(moved) * 100) / columns);
}
