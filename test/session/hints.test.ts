import { describe, expect, it } from 'vitest';
import { hintsOf } from '../../src/learner/hints.ts';
import { judgeLesson, type TaskState } from '../../src/learner/judge.ts';
import { applyChanges, emptyLearnerState } from '../../src/learner/progress.ts';
import type { HintWords as Written } from '../../src/lesson/format/words.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here, lessons, observation } from './fixture.ts';

const inServers = { changes: [done('guess/who-writes'), here('servers')] };
const says = (text: string, causes?: readonly string[]): Written => ({
  blocks: [{ kind: 'paragraph', spans: [{ text }] }],
  ...(causes ? { causes } : {}),
});
const written = [
  says('The idea.'),
  says('The place.'),
  says('Who took it?', ['port-taken', 'in-use']),
  says('It crashed.', ['crashed']),
];

function failing(cause: string): TaskState {
  const learner = applyChanges(emptyLearnerState, inServers.changes);
  const lesson = lessons[1];
  const [state] = lesson
    ? judgeLesson(lesson, { now: observation({ master: 'stopped' }), journal: learner.journal }, learner.progress)
    : [];
  if (state?.verdict.kind !== 'fail') throw new Error('the fixture has changed');
  return { ...state, verdict: { ...state.verdict, cause }, words: { ...state.words, hints: written } };
}

const texts = (state: TaskState): readonly string[] =>
  hintsOf(state, emptyLearnerState.progress).all.map((hint) =>
    hint.from === 'verdict'
      ? `verdict: ${hint.verdict.cause}`
      : (JSON.stringify(hint.blocks).match(/"text":"([^"]+)"/)?.[1] ?? ''),
  );

describe('the hints of a task', () => {
  it('the hints of a task begin with the hint for the observed cause', () => {
    expect(texts(failing('in-use'))).toEqual(['Who took it?', 'The idea.', 'The place.']);
    expect(texts(failing('crashed'))).toEqual(['It crashed.', 'The idea.', 'The place.']);
  });

  it('the hints of a task begin with the verdict where the lesson has no hint for its cause', () => {
    expect(texts(failing('stopped'))).toEqual(['verdict: stopped', 'The idea.', 'The place.']);
  });

  it('a task that passes or is blocked has only the general hints', () => {
    const state = failing('in-use');
    expect(texts({ ...state, verdict: { kind: 'pass', seen: 'it runs' } })).toEqual(['The idea.', 'The place.']);
    expect(texts({ ...state, verdict: { kind: 'blocked', by: 'The master runs' } })).toEqual([
      'The idea.',
      'The place.',
    ]);
  });

  it('a new cause starts at its own first hint, and the general hints stay shown', () => {
    const changes = (['in-use', 'in-use'] as const).reduce((learner, cause) => {
      const { next } = hintsOf(failing(cause), learner.progress);
      return next ? applyChanges(learner, [next]) : learner;
    }, emptyLearnerState);
    expect(hintsOf(failing('in-use'), changes.progress)).toMatchObject({ shown: [0, 1], isNews: false });
    expect(hintsOf(failing('crashed'), changes.progress)).toMatchObject({
      shown: [1],
      isNews: true,
      next: { task: 'servers/master-runs/crashed', level: 1 },
    });
  });
});

describe('the hints on the screen', () => {
  const draw = frameMaker({ notes: [], root: false, planOf: () => ['pg_ctl -D rep/master_data start'] });
  const shown = (screen: ReturnType<typeof createSession>) => plainText(draw(screen.session).lines).split('\n');
  const sheet = (screen: ReturnType<typeof createSession>) =>
    shown(screen)
      .slice(2, -2)
      .map((line) => line.trimEnd())
      .filter(Boolean);

  it('the first hint on the screen says why and where, but not how', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe({ master: 'stopped' });
    screen.press({ do: 'hint' });
    expect(sheet(screen)).toEqual([
      ' The master runs',
      ' Hint 1 of 4',
      ' why  Nobody can copy from a server that does not run.',
      ' Look here: rep/master_data/postgresql.conf, line 64',
      ' h shows one more.',
    ]);
  });

  it('the last hint is the plan of the workshop, which asks before it acts', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe({ master: 'stopped' });
    for (let press = 0; press < 4; press++) screen.press({ do: 'hint' });
    expect(sheet(screen).slice(-2)).toEqual([
      ' Here is the exact line.',
      ' That was the last hint. h once more shows how the workshop would do it.',
    ]);
    expect(shown(screen).at(-1)).toContain('h do it for me');
    screen.press({ do: 'hint' });
    expect(sheet(screen)[0]).toBe(' Let the workshop do “The master runs”?');
    expect(screen.press({ do: 'accept' })).toEqual([
      { do: 'perform', operation: { do: 'solve', task: 'servers/master-runs' } },
    ]);
  });

  it('hints that were shown stay shown after a look has read them from the files again', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe({ master: 'stopped' });
    screen.press({ do: 'hint' });
    screen.press({ do: 'hint' });
    screen.press({ do: 'close' });
    screen.observe({ master: 'stopped' });
    expect(shown(screen).at(-1)).toContain('h hint 2/4');
    expect(screen.press({ do: 'hint' })).toEqual([]);
  });
});
