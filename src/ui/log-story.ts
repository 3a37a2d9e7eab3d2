/** What most likely happened, as the logs tell it: where the servers stand, and each trouble with its time; a digit leads to its first line. */
import { clockOf } from '../lesson/step.ts';
import type { Cause, Story } from '../postgres/log-story.ts';
import type { OpenLog } from '../session/open-log.ts';
import { messages } from './messages.ts';
import { inlineCode } from './records.ts';
import { hang } from './verdict.ts';
import { type Line, piece, wrap } from './wrap.ts';

const m = messages.logView;
export const mostCauses = 9; // one digit each

export function storySheet({ book }: OpenLog, width: number) {
  const lines = book.story && book.story.sentences.length > 0 ? storyLines(book.story, width) : [[piece(m.noStory)]];
  return { title: m.storyTitle, lines, whole: true };
}

function storyLines({ sentences, causes }: Story, width: number): readonly Line[] {
  const more = causes.length - mostCauses;
  return [
    ...sentences.flatMap((sentence) => wrap(inlineCode(sentence, 'text'), width)),
    ...causes.slice(0, mostCauses).flatMap((cause, at) => [[], ...causeLines(cause, at + 1, width)]),
    ...(more > 0 ? [[], [piece(m.moreCauses(more), 'detail')]] : []),
  ];
}

function causeLines(
  { severity, server, first, last, line, times, over, says, next }: Cause,
  digit: number,
  width: number,
) {
  const begun = first === null ? m.line(line) : clockOf(first);
  const until = last === null || clockOf(last) === begun ? begun : `${begun} – ${clockOf(last)}`;
  const ended = over === null ? '' : m.over(over.startsWith('line') ? over : clockOf(over));
  const isOpen = severity === 'trouble' && over === null;
  const head = [piece(`${until}, ${m.times(times)}`, 'detail'), piece(ended, 'good')];
  const sign = isOpen ? piece('✖ ', 'trouble') : piece(severity === 'trouble' ? '✔ ' : '• ', 'good');
  return [
    ...hang([piece(`${digit} `, 'key'), sign], [piece(`${server} `, 'strong'), ...head], width),
    ...hang([piece('    ')], inlineCode(says, isOpen ? 'trouble' : 'text'), width),
    ...(isOpen && next ? hang([piece(`    ${m.next} `, 'detail')], inlineCode(next, 'text'), width) : []),
  ];
}
