/** The progress of an operation: a bar, its steps, and what it is doing now. */
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { window } from '../layout/fit.ts';
import type { Sheet } from '../layout/sheet.ts';
import { type Line, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from './verdict.ts';

export function workSheet({ operation, stepProgress, stopping, rows }: Session, width: number): Sheet | null {
  if (!operation || !stepProgress) return null;
  const { steps, at, now, share } = stepProgress;
  const footer = stopping
    ? [piece(messages.work.stopping, 'warning')]
    : [piece(messages.work.stop[operation.do], 'detail')];
  const parts = steps.map((step, index) => stepLines(step, index - at, now, width));
  const gap: readonly Line[] = rows < 20 ? [] : [[]];
  const room = Math.max(rows - 11, 2); // the rest is for the frame, the title, the bar and the last sentence
  const listed = parts.flat();
  const shown = listed.length > room ? window(listed, parts.slice(0, at).flat().length, room) : listed;
  const bar = barLine(share, messages.work.steps(Math.min(at, steps.length), steps.length), width);
  const lines = [bar, ...gap, ...shown, ...gap, ...wrap(footer, width)];
  return { title: messages.work[operation.do], lines, whole: false };
}

/** `away`: distance from the step under way, in steps; negative: the step is done. */
function stepLines(step: string, away: number, now: string, width: number): readonly Line[] {
  if (away < 0) return hang([piece('✔ ', 'good')], [piece(step, 'detail')], width);
  if (away > 0) return hang([piece('○ ', 'detail')], [piece(step, 'detail')], width);
  const doing = now === '' ? [] : hang([piece('    ')], [piece(now, 'code')], width).slice(0, 3);
  return [...hang([piece('▸ ', 'key')], [piece(step, 'strong')], width), ...doing];
}

function barLine(share: number, label: string, width: number): Line {
  const room = Math.max(Math.min(width - columns(label) - 2, 40), 4);
  const done = Math.min(room, Math.floor(share * room));
  return [piece('━'.repeat(done), 'good'), piece('─'.repeat(room - done), 'bar'), piece(`  ${label}`)];
}
