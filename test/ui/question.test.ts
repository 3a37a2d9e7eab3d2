import { describe, expect, it } from 'vitest';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const quoted = '2026-11-23 14:02:11.123 UTC [7] LOG:  entering standby mode';
const question = (id: string) => `:::predict{#${id}}
What does the line of ${id} say?

- [ ] Nothing.

  It says something.

- [x] Much.

  It does.
:::`;
const words = parseLesson(
  `# Read\n\n## Read the lines\n\nLook at this.\n\n:::log{server=slave}\n${quoted}\n:::\n\n${question('first')}\n\n${question('writer')}\n`,
  'lesson.md',
);

function asking(columns: number, rows: number) {
  const room = createSession({ columns, rows });
  const [first, ...rest] = room.session.lessons;
  if (!first) throw new Error('the room has changed');
  const [task] = first.tasks;
  const own = { ...first, words, tasks: task?.kind === 'answer' ? [{ ...task, questions: ['first', 'writer'] }] : [] };
  Object.assign(room.session, { lessons: [own, ...rest] });
  room.observe();
  const lines = () =>
    plainText(draw(room.session).lines)
      .split('\n')
      .map((line) => line.trimEnd());
  const key = (name: string) => {
    const intent = keyIntent(name, room.session, draw(room.session).reach);
    if (intent) room.press(intent);
  };
  key('enter');
  return { room, lines, key };
}

describe('a question', () => {
  it('stands below the log that it asks about, and says which of how many it is', () => {
    const { lines, key } = asking(80, 24);
    expect(lines().join('\n')).toContain('entering standby mode');
    expect(lines()).toContain(' Question 1 of 2');
    key('b');
    key('enter');
    expect(lines()).toContain(' Question 2 of 2');
  });

  it('lets the words above be read where there is little room', () => {
    const { lines, key } = asking(40, 12);
    expect(lines()).toContain(' ▸ a  Nothing.');
    expect(lines().join('\n')).not.toContain('Look at this.');
    key('pageup');
    key('pageup');
    expect(lines().join('\n')).toContain('Look at this.');
    key('down');
    expect(lines()).toContain(' ▸ b  Much.');
  });

  it('shows what is said to the choice', () => {
    const { lines, key } = asking(40, 12);
    key('a');
    expect(lines().slice(-5)).toContain(' It says something.');
  });
});
