import { describe, expect, it } from 'vitest';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import type { Effect } from '../../src/session/session.ts';
import { done, here, sitDown } from './room.ts';

const looks = (effects: readonly Effect[]) => effects.filter((effect) => effect.do === 'observe').length;
const saved = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.do === 'save' ? effect.changes : []));
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

describe('looking', () => {
  it('looks once at the beginning, and each second after that', () => {
    const room = sitDown();
    expect(looks(room.asked)).toBe(1);
    room.see();
    expect(looks(room.happen({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(1);
  });

  it('never looks twice at the same time', () => {
    const room = sitDown();
    expect(looks(room.happen({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(0);
    expect(looks(room.happen({ kind: 'changed' }))).toBe(0);
  });

  it('looks once more, right after a look during which files changed', () => {
    const room = sitDown();
    room.happen({ kind: 'changed' });
    room.happen({ kind: 'changed' });
    expect(looks(room.see())).toBe(1);
    expect(looks(room.see())).toBe(0);
  });

  it('looks at once when a file changes between two looks', () => {
    const room = sitDown();
    room.see();
    expect(looks(room.happen({ kind: 'changed' }))).toBe(1);
  });

  it('goes on looking after a look that failed, and says why it could not', () => {
    const room = sitDown();
    room.happen({ kind: 'look failed', problem: { what: 'The folder is gone.', fix: 'Bring it back.' } });
    expect(room.session.blind?.what).toBe('The folder is gone.');
    expect(looks(room.happen({ kind: 'tick', at: '2026-11-23T14:02:01.000Z' }))).toBe(1);
    room.see();
    expect(room.session.blind).toBeNull();
  });
});

describe('remembering', () => {
  it('saves a task that passes, with what was seen and when', () => {
    const room = sitDown(inServers);
    expect(saved(room.see({ slave: 'stopped' }))).toEqual([
      {
        kind: 'done',
        task: 'servers/master-runs',
        done: { at: '2026-11-23T14:02:30.000Z', seen: 'master answers on port 5432' },
      },
    ]);
  });

  it('goes on to the next task when the one that the learner chose has passed', () => {
    const room = sitDown(inServers);
    room.see({ master: 'stopped', slave: 'stopped' });
    room.press({ do: 'task', index: 0, line: 0 });
    expect(room.session.selected).toBe('servers/master-runs');
    room.see({ slave: 'stopped' });
    expect(room.session.selected).toBeNull();
  });

  it('lets the moment in which a task has passed end, though the clock goes back a day', () => {
    const room = sitDown(inServers);
    room.see();
    expect(room.session.passed).not.toBeNull();
    room.happen({ kind: 'tick', at: '2026-11-22T14:02:01.000Z' });
    expect(room.session.passed).toBeNull();
  });

  it('saves nothing twice', () => {
    const room = sitDown(inServers);
    room.see();
    expect(saved(room.see())).toEqual([]);
  });

  it('does not take files for the truth that were read before its own last change', () => {
    const room = sitDown(inServers);
    const old = room.session.kept;
    room.see();
    room.happen({ kind: 'observed', now: room.session.now ?? never(), kept: old, saves: 0 });
    expect(room.session.kept.progress.done).toHaveProperty('servers/master-runs');
  });

  it('takes over what a command in the lab’s shell wrote to the files', () => {
    const room = sitDown();
    room.see();
    const answer = { choice: 'b', at: '2026-11-23T14:03:00.000Z' };
    const kept = {
      ...room.session.kept,
      journal: { ...room.session.kept.journal, answers: { 'guess/writer': answer } },
    };
    room.happen({ kind: 'observed', now: room.session.now ?? never(), kept, saves: room.session.saves });
    expect(room.session.tasks[0]?.verdict.kind).toBe('pass');
  });

  it('saves nothing from a second screen, which turns its pages by itself', () => {
    const room = sitDown({ ...inServers, onlyLook: true });
    const kept = room.session.kept;
    room.see();
    room.press({ do: 'next' });
    room.happen({ kind: 'observed', now: room.session.now ?? never(), kept, saves: 0 });
    expect(saved(room.asked)).toEqual([]);
    expect(room.session.kept.progress.lesson).toBe('streaming');
    room.press({ do: 'solve' });
    expect(room.session.notice).toEqual({ kind: 'only looking' });
  });

  it('says at the opening that others get into the lab, until the first key', () => {
    const room = sitDown({ ...inServers, exposed: true });
    expect(room.session.notice).toEqual({ kind: 'exposed' });
    room.see();
    expect(room.session.notice).toEqual({ kind: 'exposed' });
    room.press({ do: 'scroll', to: 1 });
    expect(room.session.notice).toBeNull();
    expect(sitDown(inServers).session.notice).toBeNull();
  });

  it('works from a second screen when the first one is gone, at the lesson that it shows', () => {
    const room = sitDown({ ...inServers, onlyLook: true });
    const kept = room.session.kept;
    room.see();
    room.press({ do: 'next' });
    room.happen({ kind: 'took over' });
    expect(room.session).toMatchObject({ onlyLook: false, notice: { kind: 'took over' } });
    expect(saved(room.asked)).toMatchObject([{ kind: 'here', lesson: 'streaming' }]);
    room.happen({ kind: 'observed', now: room.session.now ?? never(), kept, saves: 0 }); // read before that was written
    expect(room.session.kept.progress.lesson).toBe('streaming');
    room.press({ do: 'solve' });
    expect(room.session.overlay).toMatchObject({ kind: 'confirm' });
  });
});

describe('a finished task', () => {
  const inStreaming = { changes: [done('servers/master-runs'), done('servers/slave-runs'), here('streaming')] };

  it('is broken again after two failing looks in a row, not after one', () => {
    const room = sitDown(inStreaming);
    room.see({ master: 'stopped' });
    expect(room.session.broken).toEqual([]);
    room.see({ master: 'stopped' });
    expect(room.session.broken.map(({ key }) => key)).toEqual(['servers/master-runs']);
    room.see();
    expect(room.session.broken).toEqual([]);
  });

  it('is not broken by two failing looks with a good one between them', () => {
    const room = sitDown(inStreaming);
    room.see({ master: 'stopped' });
    room.see();
    room.see({ master: 'stopped' });
    expect(room.session.broken).toEqual([]);
  });

  it('is never broken because nobody could look', () => {
    const room = sitDown(inStreaming);
    room.see({ master: 'hung' });
    room.see({ master: 'hung' });
    expect(room.session.broken).toEqual([]);
  });

  it('is not watched any more when a lesson that supersedes it was opened', () => {
    const room = sitDown(inStreaming);
    room.see({ slave: 'stopped' });
    room.see({ slave: 'stopped' });
    expect(room.session.broken).toEqual([]);
  });

  it('is quiet while the workshop itself is at work', () => {
    const room = sitDown(inStreaming);
    room.see();
    room.press({ do: 'solve' });
    expect(room.press({ do: 'accept' })).toEqual([{ do: 'perform', deed: { do: 'solve', task: 'streaming/follows' } }]);
    room.see({ master: 'stopped' });
    room.see({ master: 'stopped' });
    expect(room.session.broken).toEqual([]);
  });
});

describe('a deed of the workshop', () => {
  it('moves the files about: nothing is believed of them before it has ended', () => {
    const room = sitDown(inServers);
    room.see();
    room.press({ do: 'reset' });
    room.press({ do: 'accept' });
    const now = room.session.now ?? never();
    room.happen({ kind: 'observed', now, kept: emptyLearnerState, saves: room.session.saves });
    const begun = room.session.saves;
    room.happen({ kind: 'deed ended', deed: { do: 'reset', lesson: 'servers' }, problem: null });
    room.happen({ kind: 'observed', now, kept: emptyLearnerState, saves: begun });
    expect(room.session.kept.progress.lesson).toBe('servers');
    expect(room.session.notice).toEqual({ kind: 'reset done', title: 'Two servers' });
  });

  it('is not left alone half done', () => {
    const room = sitDown(inServers);
    room.see();
    room.press({ do: 'reset' });
    room.press({ do: 'accept' });
    expect(room.press({ do: 'quit' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'busy' });
  });
});

describe('moving on', () => {
  it('says what is still to do', () => {
    const room = sitDown(inServers);
    room.see({ slave: 'stopped' });
    room.press({ do: 'next' });
    expect(room.session.notice).toEqual({ kind: 'still to do', titles: ['The slave runs', 'A write is refused'] });
  });

  it('names what is broken again among what is still to do', () => {
    const room = sitDown({
      changes: [
        done('guess/who-writes'),
        done('servers/master-runs'),
        done('servers/slave-runs'),
        done('servers/refused-write'),
        here('servers'),
      ],
    });
    room.see({ slave: 'stopped' });
    room.see({ slave: 'stopped' });
    room.press({ do: 'next' });
    expect(room.session.notice).toEqual({ kind: 'still to do', titles: ['The slave runs'] });
  });

  it('opens the next lesson when all is done, and remembers where the learner is', () => {
    const room = sitDown({ changes: [done('guess/who-writes')] });
    room.see();
    expect(saved(room.press({ do: 'next' }))).toEqual([{ kind: 'here', lesson: 'servers', at: room.session.clock }]);
    expect(room.session.tasks.map(({ key }) => key)[0]).toBe('servers/master-runs');
  });

  it('skips only after asking', () => {
    const room = sitDown(inServers);
    room.see({ slave: 'stopped' });
    room.press({ do: 'skip' });
    expect(room.session.overlay).toEqual({ kind: 'confirm', what: { do: 'skip' } });
    room.press({ do: 'accept' });
    expect(room.session.kept.progress.lesson).toBe('streaming');
  });
});

describe('questions', () => {
  it('explains a wrong choice, asks again, and is done with the right one', () => {
    const room = sitDown();
    room.see();
    room.press({ do: 'answer' });
    room.press({ do: 'choose', choice: 'a' });
    expect(room.session.overlay).toMatchObject({ kind: 'question', taken: 'a' });
    expect(room.session.tasks[0]?.verdict).toMatchObject({ kind: 'fail', cause: 'wrong-answer' });
    room.press({ do: 'accept' });
    expect(room.session.overlay).toMatchObject({ kind: 'question', taken: null });
    room.press({ do: 'choose', choice: 'b' });
    expect(room.session.kept.progress.done).toHaveProperty('guess/who-writes');
    room.press({ do: 'accept' });
    expect(room.session.overlay).toBeNull();
  });

  it('knows nothing of a choice that does not exist', () => {
    const room = sitDown();
    room.press({ do: 'answer' });
    expect(saved(room.press({ do: 'choose', choice: 'f' }))).toEqual([]);
  });
});

describe('hints', () => {
  it('shows one more with each press, and remembers how many', () => {
    const room = sitDown(inServers);
    room.see({ master: 'stopped' });
    room.press({ do: 'hint' });
    room.press({ do: 'hint' });
    expect(room.session.kept.progress.hints).toEqual({
      'servers/master-runs/not-running': 1,
      'servers/master-runs': 1,
    });
    room.press({ do: 'hint' });
    room.press({ do: 'hint' });
    room.press({ do: 'hint' });
    expect(room.session.kept.progress.hints).toEqual({
      'servers/master-runs/not-running': 1,
      'servers/master-runs': 3,
    });
  });

  it('shows those seen before, and not one more, when opened again', () => {
    const room = sitDown(inServers);
    room.see({ master: 'stopped' });
    room.press({ do: 'hint' });
    room.press({ do: 'close' });
    room.press({ do: 'hint' });
    expect(room.session.kept.progress.hints).toEqual({ 'servers/master-runs/not-running': 1 });
  });
});

describe('programs', () => {
  it('opens the editor where the verdict points to', () => {
    const room = sitDown(inServers);
    room.see({ master: 'stopped' });
    expect(room.press({ do: 'edit' })).toEqual([
      {
        do: 'open terminal',
        program: { run: 'edit', server: 'master', file: 'rep/master_data/postgresql.conf', line: 64 },
      },
    ]);
  });

  it('opens psql on the server that the verdict is about, or on the one that was chosen', () => {
    const room = sitDown(inServers);
    room.see({ slave: 'starting' });
    expect(room.press({ do: 'psql' })).toEqual([{ do: 'open terminal', program: { run: 'psql', server: 'slave' } }]);
    room.press({ do: 'leave terminal' });
    room.press({ do: 'server', by: 1 });
    expect(room.press({ do: 'psql' })).toEqual([{ do: 'open terminal', program: { run: 'psql', server: 'master' } }]);
  });

  it('opens no psql on a server that does not run, because another one may have its port', () => {
    const room = sitDown(inServers);
    room.see({ master: 'failed' });
    expect(room.press({ do: 'psql' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'no server', server: 'master' });
  });

  it('opens no editor on a file of a folder that is not there', () => {
    const room = sitDown(inServers);
    room.see({ master: 'absent' });
    expect(room.press({ do: 'edit' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'no files', server: 'master' });
  });

  it('looks at once when the terminal comes back', () => {
    const room = sitDown(inServers);
    room.see();
    expect(looks(room.happen({ kind: 'program ended' }))).toBe(1);
  });
});

describe('leaving', () => {
  it('asks whether running servers go on', () => {
    const room = sitDown();
    room.see();
    expect(room.press({ do: 'quit' })).toEqual([]);
    expect(room.press({ do: 'stop servers' })).toEqual([{ do: 'quit', stopServers: true }]);
  });

  it('stops servers only from the question to quit, and declines every other', () => {
    const room = sitDown({ changes: [here('servers')] });
    room.see({ slave: 'stopped' });
    room.press({ do: 'reset' });
    expect(room.session.overlay).toMatchObject({ kind: 'confirm', what: { do: 'reset' } });
    expect(room.press({ do: 'stop servers' })).toEqual([]);
    expect(room.press({ do: 'decline' })).toEqual([]);
    expect(room.session.overlay).toBeNull();
  });

  it('asks nothing when none runs', () => {
    const room = sitDown();
    room.see({ master: 'stopped', slave: 'absent' });
    expect(room.press({ do: 'quit' })).toEqual([{ do: 'quit', stopServers: false }]);
  });
});

describe('the log view', () => {
  it('reads the logs of all servers, from what the last look knew of them', () => {
    const room = sitDown(inServers);
    room.see({ slaveLog: '2026-11-23 14:02:11.123 UTC [7] LOG:  entering standby mode' });
    const [master, slave] = [{ name: 'master', size: 0 }, { name: 'slave', size: 1 }]; // biome-ignore format: a pair
    expect(room.press({ do: 'log' })).toEqual([{ do: 'read log', servers: [master, slave] }]);
    expect(room.see().filter((effect) => effect.do === 'read log')).toEqual([]);
  });
});

const never = (): never => {
  throw new Error('nothing was seen');
};
