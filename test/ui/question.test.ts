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

function openQuestion(columns: number, rows: number) {
  const screen = createSession({ columns, rows });
  const [first, ...rest] = screen.session.lessons;
  if (!first) throw new Error('the fixture has changed');
  const [task] = first.tasks;
  const own = { ...first, words, tasks: task?.kind === 'answer' ? [{ ...task, questions: ['first', 'writer'] }] : [] };
  Object.assign(screen.session, { lessons: [own, ...rest] });
  screen.observe();
  const lines = () =>
    plainText(draw(screen.session).lines)
      .split('\n')
      .map((line) => line.trimEnd());
  const key = (name: string) => {
    const intent = keyIntent(name, screen.session, draw(screen.session).reach);
    if (intent) screen.press(intent);
  };
  key('enter');
  return { screen, lines, key };
}

describe('a question', () => {
  it('a question is shown below the log that it asks about, with its number and how many there are', () => {
    const { lines, key } = openQuestion(80, 24);
    expect(lines().join('\n')).toContain('entering standby mode');
    expect(lines()).toContain(' Question 1 of 2');
    key('b');
    key('enter');
    expect(lines()).toContain(' Question 2 of 2');
  });

  it('the text above a question can be scrolled to in a small terminal', () => {
    const { lines, key } = openQuestion(40, 12);
    expect(lines()).toContain(' ▸ a  Nothing.');
    expect(lines().join('\n')).not.toContain('Look at this.');
    key('pageup');
    key('pageup');
    expect(lines().join('\n')).toContain('Look at this.');
    key('down');
    expect(lines()).toContain(' ▸ b  Much.');
  });

  it('a question shows the reply to the learner’s choice', () => {
    const { lines, key } = openQuestion(40, 12);
    key('a');
    expect(lines().slice(-5)).toContain(' It says something.');
  });
});
