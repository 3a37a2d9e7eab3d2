import { describe, expect, it } from 'vitest';
import type { LearnerChange } from '../../src/learner/progress.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, lessons } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const answered = (choice: string): LearnerChange => ({
  kind: 'answer',
  question: 'guess/writer',
  answer: { choice, at: '2026-11-23T14:00:00.000Z' },
});

/** The lines below the question of the fixture's first lesson, which a later task answers. */
function afterwards(...changes: readonly LearnerChange[]): readonly string[] {
  const { session } = createSession({ columns: 80, rows: 24, changes });
  const shown = JSON.parse(
    JSON.stringify(lessons[0]?.words).replace('"id":"writer"', '"id":"writer","shows":"servers/refused-write"'),
  );
  const [first, ...rest] = session.lessons;
  if (!first) throw new Error('the fixture has changed');
  const page = plainText(draw({ ...session, lessons: [{ ...first, words: shown }, ...rest] }).lines).split('\n');
  const from = page.indexOf(' │ Which of the two takes writes?') + 1;
  return page.slice(from, page.indexOf('', from));
}

describe('a question on the page', () => {
  it('a question on the page shows no answer until it is answered', () => {
    expect(afterwards()).toEqual([]);
  });

  it('a question on the page shows the answer below it, right or wrong', () => {
    expect(afterwards(answered('a'))).toEqual([' ✖ Not quite. You said: The standby.']);
    expect(afterwards(answered('b'))).toEqual([' ✔ Right. You said: The primary.']);
  });

  it('a question on the page says what was seen, once a task has shown it', () => {
    const task = done('servers/refused-write');
    expect(afterwards(answered('a'), task)).toEqual([
      ' ✖ Not quite. You said: The standby.',
      ' → It happened: as it should be',
    ]);
    expect(afterwards(task)).toEqual([]);
  });

  it('a question on the page does not show what the workshop did as something seen', () => {
    const { kind, task } = done('servers/refused-write') as Extract<LearnerChange, { kind: 'done' }>;
    const assisted: LearnerChange = { kind, task, done: { at: '', seen: 'set up by the workshop', assisted: true } };
    expect(afterwards(answered('b'), assisted)).toEqual([' ✔ Right. You said: The primary.']);
  });
});
