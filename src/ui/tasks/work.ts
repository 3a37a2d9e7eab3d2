/** How far a deed of the workshop has come: a bar, its steps, and what it does now. */
import type { Session } from '../../session/session.ts';
import { window } from '../layout/fit.ts';
import type { Sheet } from '../layout/sheet.ts';
import { columns, type Line, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from './verdict.ts';

export function workSheet({ operation, stepProgress, stopping, rows }: Session, width: number): Sheet | null {
  if (!operation || !stepProgress) return null;
  const { steps, at, now, share } = stepProgress;
  const says = stopping
    ? [piece(messages.work.stopping, 'warning')]
    : [piece(messages.work.stop[operation.do], 'detail')];
  const parts = steps.map((step, index) => stepLines(step, index - at, now, width));
  const gap: readonly Line[] = rows < 20 ? [] : [[]];
  const room = Math.max(rows - 11, 2); // what the frame, the title, the bar and the last sentence leave
  const listed = parts.flat();
  const shown = listed.length > room ? window(listed, parts.slice(0, at).flat().length, room) : listed;
  const bar = barLine(share, messages.work.steps(Math.min(at, steps.length), steps.length), width);
  const lines = [bar, ...gap, ...shown, ...gap, ...wrap(says, width)];
  return { title: messages.work[operation.do], lines, whole: false };
}

/** `away`: how many steps from the one under way. */
function stepLines(step: string, away: number, now: string, width: number): readonly Line[] {
  if (away < 0) return hang([piece('✔ ', 'good')], [piece(step, 'detail')], width);
  if (away > 0) return hang([piece('○ ', 'detail')], [piece(step, 'detail')], width);
  const doing = now === '' ? [] : hang([piece('    ')], [piece(now, 'code')], width).slice(0, 3);
  return [...hang([piece('▸ ', 'key')], [piece(step, 'strong')], width), ...doing];
}

function barLine(share: number, says: string, width: number): Line {
  const room = Math.max(Math.min(width - columns(says) - 2, 40), 4);
  const done = Math.min(room, Math.floor(share * room));
  return [piece('━'.repeat(done), 'good'), piece('─'.repeat(room - done), 'bar'), piece(`  ${says}`)];
}
