/** What most likely happened, as the logs tell it: where the servers stand, and each trouble with its time; a digit leads to its first line. */
import { clockOf } from '../../lesson/step.ts';
import type { Cause, Story } from '../../postgres/log/story.ts';
import type { OpenLog } from '../../session/log/state.ts';
import { type Line, type Piece, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';
import { inlineCode } from './records.ts';

const m = messages.logView;
export const mostCauses = 9; // one digit each

export function storySheet({ book: buffer }: OpenLog, width: number) {
  const lines =
    buffer.story && buffer.story.sentences.length > 0 ? storyLines(buffer.story, width) : [[piece(m.noStory)]];
  return { title: m.storyTitle, lines, whole: true };
}

function storyLines({ sentences, causes }: Story, width: number): readonly Line[] {
  const more = causes.length - mostCauses;
  const isOnlyTrouble = causes.filter(({ lasting }) => lasting).length === 1; // it stands below, with all that belongs to it
  const told = sentences.filter((sentence) => !isOnlyTrouble || !causes.some(({ says }) => sentence.includes(says)));
  return [
    ...told.flatMap((sentence) => wrap(inlineCode(sentence, 'text'), width)),
    ...causes.slice(0, mostCauses).flatMap((cause, at) => [[], ...causeLines(cause, at + 1, width)]),
    ...(more > 0 ? [[], [piece(m.moreCauses(more), 'detail')]] : []),
  ];
}

function causeLines(cause: Cause, digit: number, width: number): readonly Line[] {
  const { server, first, last, line, times, lasting, says, next } = cause;
  const begun = first === null ? m.line(line) : clockOf(first);
  const until = last === null || clockOf(last) === begun ? begun : `${begun} – ${clockOf(last)}`;
  const [sign, end] = endOf(cause);
  return [
    ...hang(
      [piece(`${digit} `, 'key'), sign],
      [piece(`${server} `, 'strong'), piece(`${until}, ${m.times(times)}`, 'detail'), end],
      width,
    ),
    ...hang([piece('    ')], inlineCode(says, lasting ? 'trouble' : 'text'), width),
    ...(lasting && next ? hang([piece(`    ${m.next} `, 'detail')], inlineCode(next, 'text'), width) : []),
  ];
}

/** Whether it goes on, is over, or was over with the line that told it. */
function endOf({ lasting, over }: Cause): readonly [Piece, Piece] {
  if (lasting) return [piece('✖ ', 'trouble'), piece(m.noEnd, 'trouble')];
  if (over === null) return [piece('• ', 'note'), piece('')];
  return [piece('✔ ', 'good'), piece(m.over(over.startsWith('line') ? over : clockOf(over)), 'good')];
}
