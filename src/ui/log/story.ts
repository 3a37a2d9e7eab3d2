/**
 * The story of the logs: the state of the servers, and each trouble with its time. A digit key leads to the first line
 * of a trouble.
 */
import { clockOf } from '../../lesson/step.ts';
import type { Cause, Story } from '../../postgres/log/story.ts';
import type { OpenLog } from '../../session/log/state.ts';
import { type Line, type Piece, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';
import { inlineCode } from './records.ts';

const words = messages.logView;
export const mostCauses = 9; // one digit each

export function storySheet({ buffer }: OpenLog, width: number) {
  const lines =
    buffer.story && buffer.story.sentences.length > 0 ? storyLines(buffer.story, width) : [[piece(words.noStory)]];
  return { title: words.storyTitle, lines, whole: true };
}

function storyLines({ sentences, causes }: Story, width: number): readonly Line[] {
  const more = causes.length - mostCauses;
  const isOnlyTrouble = causes.filter(({ lasting }) => lasting).length === 1; // listed below with all its details
  const shown = sentences.filter((sentence) => !isOnlyTrouble || !causes.some(({ says }) => sentence.includes(says)));
  return [
    ...shown.flatMap((sentence) => wrap(inlineCode(sentence, 'text'), width)),
    ...causes.slice(0, mostCauses).flatMap((cause, at) => [[], ...causeLines(cause, at + 1, width)]),
    ...(more > 0 ? [[], [piece(words.moreCauses(more), 'detail')]] : []),
  ];
}

function causeLines(cause: Cause, digit: number, width: number): readonly Line[] {
  const { server, first, last, line, times, lasting, says, next } = cause;
  const begun = first === null ? words.line(line) : clockOf(first);
  const until = last === null || clockOf(last) === begun ? begun : `${begun} – ${clockOf(last)}`;
  const [glyph, end] = endOf(cause);
  return [
    ...hang(
      [piece(`${digit} `, 'key'), glyph],
      [piece(`${server} `, 'strong'), piece(`${until}, ${words.times(times)}`, 'detail'), end],
      width,
    ),
    ...hang([piece('    ')], inlineCode(says, lasting ? 'trouble' : 'text'), width),
    ...(lasting && next ? hang([piece(`    ${words.next} `, 'detail')], inlineCode(next, 'text'), width) : []),
  ];
}

/** A trouble goes on, or its end was seen; or it was a single event. */
function endOf({ lasting, over }: Cause): readonly [Piece, Piece] {
  if (lasting) return [piece('✖ ', 'trouble'), piece(words.noEnd, 'trouble')];
  if (over === null) return [piece('• ', 'note'), piece('')];
  return [piece('✔ ', 'good'), piece(words.over(over.startsWith('line') ? over : clockOf(over)), 'good')];
}
