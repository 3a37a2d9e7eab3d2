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
  const screen = createSession({ columns, rows, changes: [here('servers')] });
  screen.observe();
  screen.press({ do: 'reset' });
  screen.press({ do: 'accept' });
  screen.dispatch({ kind: 'progress', stepProgress: progress });
  const lines = () => plainText(draw(screen.session).lines).split('\n');
  const key = (name: string) => {
    const intent = keyIntent(name, screen.session, draw(screen.session).reach);
    return intent ? screen.press(intent) : [];
  };
  return { screen, lines, key };
}

describe('an operation', () => {
  it('an operation under way shows its progress in steps and in words', () => {
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
      'Press Esc to stop: everything goes back to how it was.',
    ]);
    expect(text.at(-1)).toContain('Esc stop');
  });

  it.each([
    [40, 12],
    [80, 24],
    [120, 40],
    [200, 50],
  ])('an operation shows the current step at %ix%i, and no line is too wide', (columns, rows) => {
    const { screen, lines } = resetting({ columns, rows });
    expect(draw(screen.session).lines.every((line) => lineColumns(line) <= columns)).toBe(true);
    expect(lines().join('\n')).toMatch(/1 of 3[\s\S]*▸ Lesson 1: What replication is/);
  });

  it('Esc stops an operation once, and the state from before comes back', () => {
    const { screen, lines, key } = resetting();
    expect(key('esc')).toEqual([{ do: 'stop operation' }]);
    expect(lines().join('\n')).toContain('Stopping. Everything goes back to how it was …');
    expect(key('esc')).toEqual([]);
    screen.dispatch({
      kind: 'operation ended',
      operation: { do: 'reset', lesson: 'servers' },
      problem: null,
      stopped: true,
    });
    expect(screen.session).toMatchObject({
      operation: null,
      stepProgress: null,
      stopping: false,
      notice: { kind: 'stopped' },
    });
  });

  it('progress that arrives after the end of an operation is ignored', () => {
    const { screen } = resetting();
    screen.dispatch({ kind: 'operation ended', operation: { do: 'reset', lesson: 'servers' }, problem: null });
    screen.dispatch({ kind: 'progress', stepProgress: progress });
    expect(screen.session.stepProgress).toBeNull();
  });
});

it('a written report is announced with its files', () => {
  const screen = createSession();
  screen.dispatch({ kind: 'report written', files: ['/lab/report.md', '/lab/report.html'] });
  expect(plainText(draw(screen.session).lines)).toContain('Your report: /lab/report.md and /lab/report.html');
});
