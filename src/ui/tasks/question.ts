/** The sheet of a question: the task's text above it, its choices, and the explanation of the choice that was taken. */
import type { Choice } from '../../lesson/format/words.ts';
import { type QuestionSheet, questionAsked } from '../../session/overlays/questions.ts';
import type { Session } from '../../session/session.ts';
import type { Sheet } from '../layout/sheet.ts';
import { type Line, piece, touchable } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { layout, type ProseContext } from '../page/prose.ts';

export function questionSheet(session: Session, overlay: QuestionSheet, prose: ProseContext): Sheet {
  const asked = questionAsked(session, overlay);
  if (!asked) return { title: '', lines: [], whole: false };
  const { state, question } = asked;
  const { questions, title, blocks } = state.words;
  const above = blocks.length > 0 ? [...layout(blocks, prose), [piece('─'.repeat(prose.width), 'bar')]] : [];
  const place = messages.reading.question(questions.indexOf(question) + 1, questions.length);
  const head = above.length > 0 || questions.length > 1 ? [[piece(place, 'heading')]] : [];
  const ask = [...above, ...head, ...layout(question.ask, prose), []];
  const choices = question.choices.map((choice, at) => choiceLines(choice, at, overlay, prose));
  const unjudged = [...ask, ...choices.flat()];
  const taken = question.choices.find(({ id }) => id === overlay.taken);
  const lines = taken ? [...unjudged, [], ...judgedLines(taken, prose)] : unjudged;
  const begins = overlay.cursor === 0 ? above.length : ask.length + choices.slice(0, overlay.cursor).flat().length;
  return { title, lines, whole: false, focus: lines.length - 1, least: taken ? unjudged.length + 1 : begins };
}

function choiceLines(
  { id, says, right }: Choice,
  at: number,
  overlay: QuestionSheet,
  prose: ProseContext,
): readonly Line[] {
  const isPicked = overlay.taken === null && overlay.cursor === at;
  const glyph =
    overlay.taken === id
      ? piece(right ? '✔ ' : '✖ ', right ? 'good' : 'trouble')
      : piece(isPicked ? '▸ ' : '  ', 'key');
  const lines = layout([{ kind: 'paragraph', spans: says }], { ...prose, width: prose.width - 5 });
  const rows = lines.map((line, row) => [
    ...(row === 0 ? [glyph, piece(`${id}  `, 'key')] : [piece('     ')]),
    ...line,
  ]);
  return touchable(rows, { key: id });
}

const judgedLines = ({ right, because }: Choice, prose: ProseContext): readonly Line[] => [
  [piece(right ? `✔ ${messages.right}` : `✖ ${messages.wrong}`, right ? 'good' : 'trouble')],
  ...layout(because, prose),
];
