import { describe, expect, it } from 'vitest';
import type { StepProgress } from '../../src/lesson/step-progress.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const progress: StepProgress = {
  steps: ['Put aside what is there now', 'Lesson 1: What replication is', 'Lesson 2: Two servers'],
  at: 1,
  now: 'repl-workshop answer writer b',
  share: 0.5,
};

/** A reset that is under way. */
function resetting({ columns = 100, rows = 28 } = {}) {
  const room = createSession({ columns, rows, changes: [here('servers')] });
  room.observe();
  room.press({ do: 'reset' });
  room.press({ do: 'accept' });
  room.dispatch({ kind: 'progress', stepProgress: progress });
  const lines = () => plainText(draw(room.session).lines).split('\n');
  const key = (name: string) => {
    const intent = keyIntent(name, room.session, draw(room.session).reach);
    return intent ? room.press(intent) : [];
  };
  return { room, lines, key };
}

describe('a deed of the workshop', () => {
  it('says how far it has come, in steps and in words', () => {
    const text = resetting().lines();
    expect(text.slice(2, 12).map((line) => line.split(/[│├]/)[0]?.trim())).toEqual([
      'Back to the start of this lesson',
      '',
      '━━━━━━━━━━━━━━━━━━━━────────────────────  1 of 3',
      '',
      '✔ Put aside what is there now',
      '▸ Lesson 1: What replication is',
      'repl-workshop answer writer b',
      '○ Lesson 2: Two servers',
      '',
      'Esc stops it: what was before comes back.',
    ]);
    expect(text.at(-1)).toContain('Esc stop');
  });

  it.each([
    [40, 12],
    [80, 24],
    [120, 40],
    [200, 50],
  ])('shows the step under way at %ix%i, and no line is too wide', (columns, rows) => {
    const { room, lines } = resetting({ columns, rows });
    expect(draw(room.session).lines.every((line) => lineColumns(line) <= columns)).toBe(true);
    expect(lines().join('\n')).toMatch(/1 of 3[\s\S]*▸ Lesson 1: What replication is/);
  });

  it('is stopped by Esc, once, and what was before is back', () => {
    const { room, lines, key } = resetting();
    expect(key('esc')).toEqual([{ do: 'stop operation' }]);
    expect(lines().join('\n')).toContain('Stopping. What was before comes back …');
    expect(key('esc')).toEqual([]);
    room.dispatch({
      kind: 'operation ended',
      operation: { do: 'reset', lesson: 'servers' },
      problem: null,
      stopped: true,
    });
    expect(room.session).toMatchObject({
      operation: null,
      stepProgress: null,
      stopping: false,
      notice: { kind: 'stopped' },
    });
  });

  it('does not take a word of its own for news when it is over', () => {
    const { room } = resetting();
    room.dispatch({ kind: 'operation ended', operation: { do: 'reset', lesson: 'servers' }, problem: null });
    room.dispatch({ kind: 'progress', stepProgress: progress });
    expect(room.session.stepProgress).toBeNull();
  });
});

it('a report that was written is said, with its files', () => {
  const room = createSession();
  room.dispatch({ kind: 'report written', files: ['/lab/report.md', '/lab/report.html'] });
  expect(plainText(draw(room.session).lines)).toContain('Your report: /lab/report.md and /lab/report.html');
});
