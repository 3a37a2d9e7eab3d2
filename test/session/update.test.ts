import { describe, expect, it } from 'vitest';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import type { Effect } from '../../src/session/session.ts';
import { createSession, done, here } from './fixture.ts';

const looks = (effects: readonly Effect[]) => effects.filter((effect) => effect.do === 'observe').length;
const saved = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.do === 'save' ? effect.changes : []));
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

describe('looks', () => {
  it('a session looks once at the beginning, and each second after that', () => {
    const screen = createSession();
    expect(looks(screen.allEffects)).toBe(1);
    screen.observe();
    expect(looks(screen.dispatch({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(1);
  });

  it('a session never has two looks under way', () => {
    const screen = createSession();
    expect(looks(screen.dispatch({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(0);
    expect(looks(screen.dispatch({ kind: 'changed' }))).toBe(0);
  });

  it('a session looks once more right after a look during which files changed', () => {
    const screen = createSession();
    screen.dispatch({ kind: 'changed' });
    screen.dispatch({ kind: 'changed' });
    expect(looks(screen.observe())).toBe(1);
    expect(looks(screen.observe())).toBe(0);
  });

  it('a session looks at once when a file changes between two looks', () => {
    const screen = createSession();
    screen.observe();
    expect(looks(screen.dispatch({ kind: 'changed' }))).toBe(1);
  });

  it('a session goes on looking after a failed look, and says why it failed', () => {
    const screen = createSession();
    screen.dispatch({ kind: 'look failed', problem: { what: 'The folder is gone.', fix: 'Bring it back.' } });
    expect(screen.session.lookProblem?.what).toBe('The folder is gone.');
    expect(looks(screen.dispatch({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(1);
    screen.observe();
    expect(screen.session.lookProblem).toBeNull();
  });
});

describe('saving', () => {
  it('a session saves a task that passes, with what was seen and when', () => {
    const screen = createSession(inServers);
    expect(saved(screen.observe({ slave: 'stopped' }))).toEqual([
      {
        kind: 'done',
        task: 'servers/master-runs',
        done: { at: '2026-11-23T14:02:30.000Z', seen: 'master answers on port 5432' },
      },
    ]);
  });

  it('the next task is selected when the task that the learner chose has passed', () => {
    const screen = createSession(inServers);
    screen.observe({ master: 'stopped', slave: 'stopped' });
    screen.press({ do: 'task', index: 0, line: 0 });
    expect(screen.session.selected).toBe('servers/master-runs');
    screen.observe({ slave: 'stopped' });
    expect(screen.session.selected).toBeNull();
  });

  it('a task that passed is shown as passed until the next tick, also if the clock goes back a day', () => {
    const screen = createSession(inServers);
    screen.observe();
    expect(screen.session.passed).not.toBeNull();
    screen.dispatch({ kind: 'tick', at: '2026-11-22T14:02:01.000Z' });
    expect(screen.session.passed).toBeNull();
  });

  it('a session saves a task that passes only once', () => {
    const screen = createSession(inServers);
    screen.observe();
    expect(saved(screen.observe())).toEqual([]);
  });

  it('a session ignores files that were read before its own last save', () => {
    const screen = createSession(inServers);
    const old = screen.session.learner;
    screen.observe();
    screen.dispatch({ kind: 'observed', now: screen.session.now ?? never(), learner: old, saves: 0 });
    expect(screen.session.learner.progress.done).toHaveProperty('servers/master-runs');
  });

  it('a session takes over what a command in the lab’s shell wrote to the files', () => {
    const screen = createSession();
    screen.observe();
    const answer = { choice: 'b', at: '2026-11-23T14:03:00.000Z' };
    const kept = {
      ...screen.session.learner,
      journal: { ...screen.session.learner.journal, answers: { 'guess/writer': answer } },
    };
    screen.dispatch({
      kind: 'observed',
      now: screen.session.now ?? never(),
      learner: kept,
      saves: screen.session.saves,
    });
    expect(screen.session.tasks[0]?.verdict.kind).toBe('pass');
  });

  it('a read-only session turns its own pages and saves nothing', () => {
    const screen = createSession({ ...inServers, readOnly: true });
    const learner = screen.session.learner;
    screen.observe();
    screen.press({ do: 'next' });
    screen.dispatch({ kind: 'observed', now: screen.session.now ?? never(), learner, saves: 0 });
    expect(saved(screen.allEffects)).toEqual([]);
    expect(screen.session.learner.progress.lesson).toBe('streaming');
    screen.press({ do: 'solve' });
    expect(screen.session.notice).toEqual({ kind: 'only looking' });
  });

  it.for(['undo', 'redo'] as const)('%s asks where there is something to bring back, else it says so', (which) => {
    const screen = createSession(inServers);
    screen.observe();
    expect(screen.press({ do: which })).toEqual([{ do: 'find step', which }]);
    expect(screen.session).toMatchObject({ overlay: null, notice: null });
    screen.dispatch({ kind: 'step found', which, there: false });
    expect(screen.session).toMatchObject({ overlay: null, notice: { kind: 'nothing to bring back', which } });
    screen.press({ do: which });
    screen.dispatch({ kind: 'step found', which, there: true });
    expect(screen.session).toMatchObject({ overlay: { kind: 'confirm', what: { do: which } }, notice: null });
    const reader = createSession({ ...inServers, readOnly: true });
    expect(reader.press({ do: which })).toEqual([]);
    expect(reader.session.notice).toEqual({ kind: 'only looking' });
  });

  it('a session says at the opening that other users can reach the lab, until the first key', () => {
    const screen = createSession({ ...inServers, exposed: true });
    expect(screen.session.notice).toEqual({ kind: 'exposed' });
    screen.observe();
    expect(screen.session.notice).toEqual({ kind: 'exposed' });
    screen.press({ do: 'scroll', to: 1 });
    expect(screen.session.notice).toBeNull();
    expect(createSession(inServers).session.notice).toBeNull();
  });

  it('a read-only session takes over at the lesson that it shows, when the first screen is gone', () => {
    const screen = createSession({ ...inServers, readOnly: true });
    const learner = screen.session.learner;
    screen.observe();
    screen.press({ do: 'next' });
    screen.dispatch({ kind: 'took over' });
    expect(screen.session).toMatchObject({ readOnly: false, notice: { kind: 'took over' } });
    expect(saved(screen.allEffects)).toMatchObject([{ kind: 'here', lesson: 'streaming' }]);
    // These files were read before the last save.
    screen.dispatch({ kind: 'observed', now: screen.session.now ?? never(), learner, saves: 0 });
    expect(screen.session.learner.progress.lesson).toBe('streaming');
    screen.press({ do: 'solve' });
    expect(screen.session.overlay).toMatchObject({ kind: 'confirm' });
  });
});

describe('a finished task', () => {
  const inStreaming = { changes: [done('servers/master-runs'), done('servers/slave-runs'), here('streaming')] };

  it('a finished task is broken again after two failing looks in a row, not after one', () => {
    const screen = createSession(inStreaming);
    screen.observe({ master: 'stopped' });
    expect(screen.session.broken).toEqual([]);
    screen.observe({ master: 'stopped' });
    expect(screen.session.broken.map(({ key }) => key)).toEqual(['servers/master-runs']);
    screen.observe();
    expect(screen.session.broken).toEqual([]);
  });

  it('a finished task is not broken by two failing looks with a passing one between them', () => {
    const screen = createSession(inStreaming);
    screen.observe({ master: 'stopped' });
    screen.observe();
    screen.observe({ master: 'stopped' });
    expect(screen.session.broken).toEqual([]);
  });

  it('a finished task is never broken by looks that could not see it', () => {
    const screen = createSession(inStreaming);
    screen.observe({ master: 'hung' });
    screen.observe({ master: 'hung' });
    expect(screen.session.broken).toEqual([]);
  });

  it('a finished task is not watched any more when a lesson that supersedes it was opened', () => {
    const screen = createSession(inStreaming);
    screen.observe({ slave: 'stopped' });
    screen.observe({ slave: 'stopped' });
    expect(screen.session.broken).toEqual([]);
  });

  it('solve is offered where all tasks of the lesson are done, and an earlier one is broken', () => {
    const screen = createSession({ changes: [...inStreaming.changes, done('streaming/follows')] });
    screen.observe();
    screen.press({ do: 'solve' });
    expect(screen.session).toMatchObject({ overlay: null, notice: { kind: 'nothing to solve' } });
    screen.observe({ master: 'stopped' });
    screen.observe({ master: 'stopped' });
    screen.press({ do: 'solve' });
    expect(screen.session.overlay).toMatchObject({ kind: 'confirm', what: { do: 'solve', task: 'streaming/follows' } });
  });

  it('a finished task is not reported as broken during an operation', () => {
    const screen = createSession(inStreaming);
    screen.observe();
    screen.press({ do: 'solve' });
    expect(screen.press({ do: 'accept' })).toEqual([
      { do: 'perform', operation: { do: 'solve', task: 'streaming/follows' } },
    ]);
    screen.observe({ master: 'stopped' });
    screen.observe({ master: 'stopped' });
    expect(screen.session.broken).toEqual([]);
  });
});

describe('an operation', () => {
  it('files that are read during an operation are ignored until the operation has ended', () => {
    const screen = createSession(inServers);
    screen.observe();
    screen.press({ do: 'reset' });
    screen.press({ do: 'accept' });
    const now = screen.session.now ?? never();
    screen.dispatch({ kind: 'observed', now, learner: emptyLearnerState, saves: screen.session.saves });
    const begun = screen.session.saves;
    screen.dispatch({ kind: 'operation ended', operation: { do: 'reset', lesson: 'servers' }, problem: null });
    screen.dispatch({ kind: 'observed', now, learner: emptyLearnerState, saves: begun });
    expect(screen.session.learner.progress.lesson).toBe('servers');
    expect(screen.session.notice).toEqual({ kind: 'reset done', title: 'Two servers' });
  });

  it('a session does not quit during an operation', () => {
    const screen = createSession(inServers);
    screen.observe();
    screen.press({ do: 'reset' });
    screen.press({ do: 'accept' });
    expect(screen.press({ do: 'quit' })).toEqual([]);
    expect(screen.session.notice).toEqual({ kind: 'busy' });
  });
});

describe('going on', () => {
  it('going to the next lesson names the tasks that are still to do', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    screen.press({ do: 'next' });
    expect(screen.session.notice).toEqual({ kind: 'still to do', titles: ['The slave runs', 'A write is refused'] });
  });

  it('going to the next lesson also names the tasks that are broken again', () => {
    const screen = createSession({
      changes: [
        done('guess/who-writes'),
        done('servers/master-runs'),
        done('servers/slave-runs'),
        done('servers/refused-write'),
        here('servers'),
      ],
    });
    screen.observe({ slave: 'stopped' });
    screen.observe({ slave: 'stopped' });
    screen.press({ do: 'next' });
    expect(screen.session.notice).toEqual({ kind: 'still to do', titles: ['The slave runs'] });
  });

  it('the next lesson opens when all tasks are done, and is saved as the learner’s place', () => {
    const screen = createSession({ changes: [done('guess/who-writes')] });
    screen.observe();
    expect(saved(screen.press({ do: 'next' }))).toEqual([
      { kind: 'here', lesson: 'servers', at: screen.session.clock },
    ]);
    expect(screen.session.tasks.map(({ key }) => key)[0]).toBe('servers/master-runs');
  });

  it('skipping a lesson asks first', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    screen.press({ do: 'skip' });
    expect(screen.session.overlay).toEqual({ kind: 'confirm', what: { do: 'skip' } });
    screen.press({ do: 'accept' });
    expect(screen.session.learner.progress.lesson).toBe('streaming');
  });
});

describe('questions', () => {
  it('a wrong choice is explained and asked again, and the right one finishes the task', () => {
    const screen = createSession();
    screen.observe();
    screen.press({ do: 'answer' });
    screen.press({ do: 'choose', choice: 'a' });
    expect(screen.session.overlay).toMatchObject({ kind: 'question', taken: 'a' });
    expect(screen.session.tasks[0]?.verdict).toMatchObject({ kind: 'fail', cause: 'wrong-answer' });
    screen.press({ do: 'accept' });
    expect(screen.session.overlay).toMatchObject({ kind: 'question', taken: null });
    screen.press({ do: 'choose', choice: 'b' });
    expect(screen.session.learner.progress.done).toHaveProperty('guess/who-writes');
    screen.press({ do: 'accept' });
    expect(screen.session.overlay).toBeNull();
  });

  it('a choice that does not exist is not saved', () => {
    const screen = createSession();
    screen.press({ do: 'answer' });
    expect(saved(screen.press({ do: 'choose', choice: 'f' }))).toEqual([]);
  });
});

describe('hints', () => {
  it('each press of the hint key shows one more hint, and the number is saved', () => {
    const screen = createSession(inServers);
    screen.observe({ master: 'stopped' });
    screen.press({ do: 'hint' });
    screen.press({ do: 'hint' });
    expect(screen.session.learner.progress.hints).toEqual({
      'servers/master-runs/not-running': 1,
      'servers/master-runs': 1,
    });
    screen.press({ do: 'hint' });
    screen.press({ do: 'hint' });
    screen.press({ do: 'hint' });
    expect(screen.session.learner.progress.hints).toEqual({
      'servers/master-runs/not-running': 1,
      'servers/master-runs': 3,
    });
  });

  it('reopening the hints shows those seen before, and not one more', () => {
    const screen = createSession(inServers);
    screen.observe({ master: 'stopped' });
    screen.press({ do: 'hint' });
    screen.press({ do: 'close' });
    screen.press({ do: 'hint' });
    expect(screen.session.learner.progress.hints).toEqual({ 'servers/master-runs/not-running': 1 });
  });
});

describe('programs', () => {
  it('the editor opens at the file and line that the verdict names', () => {
    const screen = createSession(inServers);
    screen.observe({ master: 'stopped' });
    expect(screen.press({ do: 'edit' })).toEqual([
      {
        do: 'open terminal',
        program: { run: 'edit', server: 'master', file: 'rep/master_data/postgresql.conf', line: 64 },
      },
    ]);
  });

  it('psql opens on the server that the verdict is about, or on the chosen one', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'starting' });
    expect(screen.press({ do: 'psql' })).toEqual([{ do: 'open terminal', program: { run: 'psql', server: 'slave' } }]);
    screen.press({ do: 'leave terminal' });
    screen.press({ do: 'server', by: 1 });
    expect(screen.press({ do: 'psql' })).toEqual([{ do: 'open terminal', program: { run: 'psql', server: 'master' } }]);
  });

  it('psql does not open on a server that is down, because another one may have its port', () => {
    const screen = createSession(inServers);
    screen.observe({ master: 'failed' });
    expect(screen.press({ do: 'psql' })).toEqual([]);
    expect(screen.session.notice).toEqual({ kind: 'no server', server: 'master' });
  });

  it('the editor does not open on a file of a folder that is not there', () => {
    const screen = createSession(inServers);
    screen.observe({ master: 'absent' });
    expect(screen.press({ do: 'edit' })).toEqual([]);
    expect(screen.session.notice).toEqual({ kind: 'no files', server: 'master' });
  });

  it('a session looks at once when a program in the terminal ends', () => {
    const screen = createSession(inServers);
    screen.observe();
    expect(looks(screen.dispatch({ kind: 'program ended' }))).toBe(1);
  });
});

describe('quitting', () => {
  it('quitting asks whether running servers go on', () => {
    const screen = createSession();
    screen.observe();
    expect(screen.press({ do: 'quit' })).toEqual([]);
    expect(screen.press({ do: 'stop servers' })).toEqual([{ do: 'quit', stopServers: true }]);
  });

  it('the answer that stops servers works only in the question to quit; other questions are declined', () => {
    const screen = createSession({ changes: [here('servers')] });
    screen.observe({ slave: 'stopped' });
    screen.press({ do: 'reset' });
    expect(screen.session.overlay).toMatchObject({ kind: 'confirm', what: { do: 'reset' } });
    expect(screen.press({ do: 'stop servers' })).toEqual([]);
    expect(screen.press({ do: 'decline' })).toEqual([]);
    expect(screen.session.overlay).toBeNull();
  });

  it('quitting asks nothing when no server runs', () => {
    const screen = createSession();
    screen.observe({ master: 'stopped', slave: 'absent' });
    expect(screen.press({ do: 'quit' })).toEqual([{ do: 'quit', stopServers: false }]);
  });
});

describe('the log view', () => {
  it('the log view reads the logs of all servers, up to the sizes that the last look saw', () => {
    const screen = createSession(inServers);
    screen.observe({ slaveLog: '2026-11-23 14:02:11.123 UTC [7] LOG:  entering standby mode' });
    const [master, slave] = [{ name: 'master', size: 0 }, { name: 'slave', size: 1 }]; // biome-ignore format: a pair
    expect(screen.press({ do: 'log' })).toEqual([{ do: 'read log', servers: [master, slave] }]);
    expect(screen.observe().filter((effect) => effect.do === 'read log')).toEqual([]);
  });
});

const never = (): never => {
  throw new Error('nothing was seen');
};
