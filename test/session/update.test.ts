import { describe, expect, it } from 'vitest';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import type { Effect } from '../../src/session/session.ts';
import { createSession, done, here } from './fixture.ts';

const looks = (effects: readonly Effect[]) => effects.filter((effect) => effect.do === 'observe').length;
const saved = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.do === 'save' ? effect.changes : []));
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

describe('looking', () => {
  it('looks once at the beginning, and each second after that', () => {
    const room = createSession();
    expect(looks(room.asked)).toBe(1);
    room.observe();
    expect(looks(room.dispatch({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(1);
  });

  it('never looks twice at the same time', () => {
    const room = createSession();
    expect(looks(room.dispatch({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(0);
    expect(looks(room.dispatch({ kind: 'changed' }))).toBe(0);
  });

  it('looks once more, right after a look during which files changed', () => {
    const room = createSession();
    room.dispatch({ kind: 'changed' });
    room.dispatch({ kind: 'changed' });
    expect(looks(room.observe())).toBe(1);
    expect(looks(room.observe())).toBe(0);
  });

  it('looks at once when a file changes between two looks', () => {
    const room = createSession();
    room.observe();
    expect(looks(room.dispatch({ kind: 'changed' }))).toBe(1);
  });

  it('goes on looking after a look that failed, and says why it could not', () => {
    const room = createSession();
    room.dispatch({ kind: 'look failed', problem: { what: 'The folder is gone.', fix: 'Bring it back.' } });
    expect(room.session.lookProblem?.what).toBe('The folder is gone.');
    expect(looks(room.dispatch({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(1);
    room.observe();
    expect(room.session.lookProblem).toBeNull();
  });
});

describe('remembering', () => {
  it('saves a task that passes, with what was seen and when', () => {
    const room = createSession(inServers);
    expect(saved(room.observe({ slave: 'stopped' }))).toEqual([
      {
        kind: 'done',
        task: 'servers/master-runs',
        done: { at: '2026-11-23T14:02:30.000Z', seen: 'master answers on port 5432' },
      },
    ]);
  });

  it('goes on to the next task when the one that the learner chose has passed', () => {
    const room = createSession(inServers);
    room.observe({ master: 'stopped', slave: 'stopped' });
    room.press({ do: 'task', index: 0, line: 0 });
    expect(room.session.selected).toBe('servers/master-runs');
    room.observe({ slave: 'stopped' });
    expect(room.session.selected).toBeNull();
  });

  it('lets the moment in which a task has passed end, though the clock goes back a day', () => {
    const room = createSession(inServers);
    room.observe();
    expect(room.session.passed).not.toBeNull();
    room.dispatch({ kind: 'tick', at: '2026-11-22T14:02:01.000Z' });
    expect(room.session.passed).toBeNull();
  });

  it('saves nothing twice', () => {
    const room = createSession(inServers);
    room.observe();
    expect(saved(room.observe())).toEqual([]);
  });

  it('does not take files for the truth that were read before its own last change', () => {
    const room = createSession(inServers);
    const old = room.session.learner;
    room.observe();
    room.dispatch({ kind: 'observed', now: room.session.now ?? never(), learner: old, saves: 0 });
    expect(room.session.learner.progress.done).toHaveProperty('servers/master-runs');
  });

  it('takes over what a command in the lab’s shell wrote to the files', () => {
    const room = createSession();
    room.observe();
    const answer = { choice: 'b', at: '2026-11-23T14:03:00.000Z' };
    const kept = {
      ...room.session.learner,
      journal: { ...room.session.learner.journal, answers: { 'guess/writer': answer } },
    };
    room.dispatch({ kind: 'observed', now: room.session.now ?? never(), learner: kept, saves: room.session.saves });
    expect(room.session.tasks[0]?.verdict.kind).toBe('pass');
  });

  it('saves nothing from a second screen, which turns its pages by itself', () => {
    const room = createSession({ ...inServers, readOnly: true });
    const learner = room.session.learner;
    room.observe();
    room.press({ do: 'next' });
    room.dispatch({ kind: 'observed', now: room.session.now ?? never(), learner, saves: 0 });
    expect(saved(room.asked)).toEqual([]);
    expect(room.session.learner.progress.lesson).toBe('streaming');
    room.press({ do: 'solve' });
    expect(room.session.notice).toEqual({ kind: 'only looking' });
  });

  it('says at the opening that others get into the lab, until the first key', () => {
    const room = createSession({ ...inServers, exposed: true });
    expect(room.session.notice).toEqual({ kind: 'exposed' });
    room.observe();
    expect(room.session.notice).toEqual({ kind: 'exposed' });
    room.press({ do: 'scroll', to: 1 });
    expect(room.session.notice).toBeNull();
    expect(createSession(inServers).session.notice).toBeNull();
  });

  it('works from a second screen when the first one is gone, at the lesson that it shows', () => {
    const room = createSession({ ...inServers, readOnly: true });
    const learner = room.session.learner;
    room.observe();
    room.press({ do: 'next' });
    room.dispatch({ kind: 'took over' });
    expect(room.session).toMatchObject({ readOnly: false, notice: { kind: 'took over' } });
    expect(saved(room.asked)).toMatchObject([{ kind: 'here', lesson: 'streaming' }]);
    room.dispatch({ kind: 'observed', now: room.session.now ?? never(), learner, saves: 0 }); // read before that was written
    expect(room.session.learner.progress.lesson).toBe('streaming');
    room.press({ do: 'solve' });
    expect(room.session.overlay).toMatchObject({ kind: 'confirm' });
  });
});

describe('a finished task', () => {
  const inStreaming = { changes: [done('servers/master-runs'), done('servers/slave-runs'), here('streaming')] };

  it('is broken again after two failing looks in a row, not after one', () => {
    const room = createSession(inStreaming);
    room.observe({ master: 'stopped' });
    expect(room.session.broken).toEqual([]);
    room.observe({ master: 'stopped' });
    expect(room.session.broken.map(({ key }) => key)).toEqual(['servers/master-runs']);
    room.observe();
    expect(room.session.broken).toEqual([]);
  });

  it('is not broken by two failing looks with a good one between them', () => {
    const room = createSession(inStreaming);
    room.observe({ master: 'stopped' });
    room.observe();
    room.observe({ master: 'stopped' });
    expect(room.session.broken).toEqual([]);
  });

  it('is never broken because nobody could look', () => {
    const room = createSession(inStreaming);
    room.observe({ master: 'hung' });
    room.observe({ master: 'hung' });
    expect(room.session.broken).toEqual([]);
  });

  it('is not watched any more when a lesson that supersedes it was opened', () => {
    const room = createSession(inStreaming);
    room.observe({ slave: 'stopped' });
    room.observe({ slave: 'stopped' });
    expect(room.session.broken).toEqual([]);
  });

  it('is quiet while the workshop itself is at work', () => {
    const room = createSession(inStreaming);
    room.observe();
    room.press({ do: 'solve' });
    expect(room.press({ do: 'accept' })).toEqual([
      { do: 'perform', operation: { do: 'solve', task: 'streaming/follows' } },
    ]);
    room.observe({ master: 'stopped' });
    room.observe({ master: 'stopped' });
    expect(room.session.broken).toEqual([]);
  });
});

describe('a deed of the workshop', () => {
  it('moves the files about: nothing is believed of them before it has ended', () => {
    const room = createSession(inServers);
    room.observe();
    room.press({ do: 'reset' });
    room.press({ do: 'accept' });
    const now = room.session.now ?? never();
    room.dispatch({ kind: 'observed', now, learner: emptyLearnerState, saves: room.session.saves });
    const begun = room.session.saves;
    room.dispatch({ kind: 'operation ended', operation: { do: 'reset', lesson: 'servers' }, problem: null });
    room.dispatch({ kind: 'observed', now, learner: emptyLearnerState, saves: begun });
    expect(room.session.learner.progress.lesson).toBe('servers');
    expect(room.session.notice).toEqual({ kind: 'reset done', title: 'Two servers' });
  });

  it('is not left alone half done', () => {
    const room = createSession(inServers);
    room.observe();
    room.press({ do: 'reset' });
    room.press({ do: 'accept' });
    expect(room.press({ do: 'quit' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'busy' });
  });
});

describe('moving on', () => {
  it('says what is still to do', () => {
    const room = createSession(inServers);
    room.observe({ slave: 'stopped' });
    room.press({ do: 'next' });
    expect(room.session.notice).toEqual({ kind: 'still to do', titles: ['The slave runs', 'A write is refused'] });
  });

  it('names what is broken again among what is still to do', () => {
    const room = createSession({
      changes: [
        done('guess/who-writes'),
        done('servers/master-runs'),
        done('servers/slave-runs'),
        done('servers/refused-write'),
        here('servers'),
      ],
    });
    room.observe({ slave: 'stopped' });
    room.observe({ slave: 'stopped' });
    room.press({ do: 'next' });
    expect(room.session.notice).toEqual({ kind: 'still to do', titles: ['The slave runs'] });
  });

  it('opens the next lesson when all is done, and remembers where the learner is', () => {
    const room = createSession({ changes: [done('guess/who-writes')] });
    room.observe();
    expect(saved(room.press({ do: 'next' }))).toEqual([{ kind: 'here', lesson: 'servers', at: room.session.clock }]);
    expect(room.session.tasks.map(({ key }) => key)[0]).toBe('servers/master-runs');
  });

  it('skips only after asking', () => {
    const room = createSession(inServers);
    room.observe({ slave: 'stopped' });
    room.press({ do: 'skip' });
    expect(room.session.overlay).toEqual({ kind: 'confirm', what: { do: 'skip' } });
    room.press({ do: 'accept' });
    expect(room.session.learner.progress.lesson).toBe('streaming');
  });
});

describe('questions', () => {
  it('explains a wrong choice, asks again, and is done with the right one', () => {
    const room = createSession();
    room.observe();
    room.press({ do: 'answer' });
    room.press({ do: 'choose', choice: 'a' });
    expect(room.session.overlay).toMatchObject({ kind: 'question', taken: 'a' });
    expect(room.session.tasks[0]?.verdict).toMatchObject({ kind: 'fail', cause: 'wrong-answer' });
    room.press({ do: 'accept' });
    expect(room.session.overlay).toMatchObject({ kind: 'question', taken: null });
    room.press({ do: 'choose', choice: 'b' });
    expect(room.session.learner.progress.done).toHaveProperty('guess/who-writes');
    room.press({ do: 'accept' });
    expect(room.session.overlay).toBeNull();
  });

  it('knows nothing of a choice that does not exist', () => {
    const room = createSession();
    room.press({ do: 'answer' });
    expect(saved(room.press({ do: 'choose', choice: 'f' }))).toEqual([]);
  });
});

describe('hints', () => {
  it('shows one more with each press, and remembers how many', () => {
    const room = createSession(inServers);
    room.observe({ master: 'stopped' });
    room.press({ do: 'hint' });
    room.press({ do: 'hint' });
    expect(room.session.learner.progress.hints).toEqual({
      'servers/master-runs/not-running': 1,
      'servers/master-runs': 1,
    });
    room.press({ do: 'hint' });
    room.press({ do: 'hint' });
    room.press({ do: 'hint' });
    expect(room.session.learner.progress.hints).toEqual({
      'servers/master-runs/not-running': 1,
      'servers/master-runs': 3,
    });
  });

  it('shows those seen before, and not one more, when opened again', () => {
    const room = createSession(inServers);
    room.observe({ master: 'stopped' });
    room.press({ do: 'hint' });
    room.press({ do: 'close' });
    room.press({ do: 'hint' });
    expect(room.session.learner.progress.hints).toEqual({ 'servers/master-runs/not-running': 1 });
  });
});

describe('programs', () => {
  it('opens the editor where the verdict points to', () => {
    const room = createSession(inServers);
    room.observe({ master: 'stopped' });
    expect(room.press({ do: 'edit' })).toEqual([
      {
        do: 'open terminal',
        program: { run: 'edit', server: 'master', file: 'rep/master_data/postgresql.conf', line: 64 },
      },
    ]);
  });

  it('opens psql on the server that the verdict is about, or on the one that was chosen', () => {
    const room = createSession(inServers);
    room.observe({ slave: 'starting' });
    expect(room.press({ do: 'psql' })).toEqual([{ do: 'open terminal', program: { run: 'psql', server: 'slave' } }]);
    room.press({ do: 'leave terminal' });
    room.press({ do: 'server', by: 1 });
    expect(room.press({ do: 'psql' })).toEqual([{ do: 'open terminal', program: { run: 'psql', server: 'master' } }]);
  });

  it('opens no psql on a server that does not run, because another one may have its port', () => {
    const room = createSession(inServers);
    room.observe({ master: 'failed' });
    expect(room.press({ do: 'psql' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'no server', server: 'master' });
  });

  it('opens no editor on a file of a folder that is not there', () => {
    const room = createSession(inServers);
    room.observe({ master: 'absent' });
    expect(room.press({ do: 'edit' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'no files', server: 'master' });
  });

  it('looks at once when the terminal comes back', () => {
    const room = createSession(inServers);
    room.observe();
    expect(looks(room.dispatch({ kind: 'program ended' }))).toBe(1);
  });
});

describe('leaving', () => {
  it('asks whether running servers go on', () => {
    const room = createSession();
    room.observe();
    expect(room.press({ do: 'quit' })).toEqual([]);
    expect(room.press({ do: 'stop servers' })).toEqual([{ do: 'quit', stopServers: true }]);
  });

  it('stops servers only from the question to quit, and declines every other', () => {
    const room = createSession({ changes: [here('servers')] });
    room.observe({ slave: 'stopped' });
    room.press({ do: 'reset' });
    expect(room.session.overlay).toMatchObject({ kind: 'confirm', what: { do: 'reset' } });
    expect(room.press({ do: 'stop servers' })).toEqual([]);
    expect(room.press({ do: 'decline' })).toEqual([]);
    expect(room.session.overlay).toBeNull();
  });

  it('asks nothing when none runs', () => {
    const room = createSession();
    room.observe({ master: 'stopped', slave: 'absent' });
    expect(room.press({ do: 'quit' })).toEqual([{ do: 'quit', stopServers: false }]);
  });
});

describe('the log view', () => {
  it('reads the logs of all servers, from what the last look knew of them', () => {
    const room = createSession(inServers);
    room.observe({ slaveLog: '2026-11-23 14:02:11.123 UTC [7] LOG:  entering standby mode' });
    const [master, slave] = [{ name: 'master', size: 0 }, { name: 'slave', size: 1 }]; // biome-ignore format: a pair
    expect(room.press({ do: 'log' })).toEqual([{ do: 'read log', servers: [master, slave] }]);
    expect(room.observe().filter((effect) => effect.do === 'read log')).toEqual([]);
  });
});

const never = (): never => {
  throw new Error('nothing was seen');
};
