import { describe, expect, it } from 'vitest';
import type { Seen } from '../../src/check/journal.ts';
import { findings, judgeLesson, judgeLook, prerequisitesOf, withDone } from '../../src/learner/judge.ts';
import {
  applyChanges,
  assistedBefore,
  emptyLearnerProgress,
  emptyLearnerState,
  forgottenFrom,
  lessonHere,
} from '../../src/learner/progress.ts';
import { createSession, done, here, lessons, observation, type Scene } from './fixture.ts';

const lesson = (id: string) => lessons.find((one) => one.id === id) ?? never();
const judge = (id: string, scene: Scene, changes: Parameters<typeof applyChanges>[1] = []) => {
  const { progress, journal } = applyChanges(emptyLearnerState, changes);
  return judgeLesson(lesson(id), { now: observation(scene), journal }, progress, lessons);
};
const kinds = (states: ReturnType<typeof judge>) => states.map(({ verdict }) => verdict.kind);
const wrote = '2026-11-23 14:02:11.123 UTC [7] ERROR:  cannot execute INSERT in a read-only transaction';

describe('the tasks of a lesson', () => {
  it('wait for the first that is not done', () => {
    const states = judge('servers', { master: 'stopped', slave: 'stopped' });
    expect(kinds(states)).toEqual(['fail', 'blocked', 'blocked']);
    expect(states[2]?.verdict).toEqual({ kind: 'blocked', by: 'The master runs' });
  });

  it('say that they pass wherever they stand', () => {
    expect(kinds(judge('servers', { master: 'stopped' }))).toEqual(['fail', 'pass', 'blocked']);
  });

  it('do not wait for one that nobody could look at', () => {
    expect(kinds(judge('servers', { master: 'hung', slave: 'stopped' }))).toEqual(['unknown', 'fail', 'blocked']);
  });

  it('do not wait for one that was done and fails now', () => {
    expect(kinds(judge('servers', { master: 'stopped', slave: 'stopped' }, [done('servers/master-runs')]))).toEqual([
      'fail',
      'fail',
      'blocked',
    ]);
  });

  it('stay done when a lesson that supersedes them was opened', () => {
    const changes = [done('servers/slave-runs'), here('streaming'), here('servers')];
    expect(judge('servers', { slave: 'stopped' }, changes)[1]?.verdict).toEqual({
      kind: 'pass',
      seen: 'as it should be',
    });
  });
});

describe('an event', () => {
  it('is kept as soon as it is seen, though its turn has not come', () => {
    const changes = findings(
      lessons,
      applyChanges(emptyLearnerState, [here('servers')]),
      observation({ master: 'stopped', slaveLog: wrote }),
    );
    expect(changes).toEqual([
      {
        kind: 'event',
        task: 'servers/refused-write',
        event: { at: '2026-11-23T14:02:30.000Z', seen: 'the slave refused to write' },
      },
    ]);
  });

  it('passes for ever, and is done when the tasks before it are', () => {
    const learner = applyChanges(emptyLearnerState, [
      here('servers'),
      {
        kind: 'event',
        task: 'servers/refused-write',
        event: { at: '2026-11-23T14:02:30.000Z', seen: 'the slave refused to write' },
      },
    ]);
    expect(findings(lessons, learner, observation()).map((change) => ('task' in change ? change.task : ''))).toEqual([
      'servers/master-runs',
      'servers/slave-runs',
      'servers/refused-write',
    ]);
  });
});

describe('the ground of a lesson', () => {
  const ground = (list: typeof lessons) =>
    prerequisitesOf(list, 'streaming', emptyLearnerProgress).map(({ task }) => task.id);

  it('is the state tasks before it that it does not supersede', () => {
    expect(ground(lessons)).toEqual(['master-runs']);
  });

  it('leaves out what the lesson disturbs', () => {
    expect(
      ground(lessons.map((one) => (one.id === 'streaming' ? { ...one, disturbs: ['servers/master-runs'] } : one))),
    ).toEqual([]);
  });

  it('leaves out what a lesson superseded that was passed over', () => {
    const later = [...lessons, { ...lesson('guess'), id: 'after' }];
    expect(prerequisitesOf(later, 'after', emptyLearnerProgress).map(({ task }) => task.id)).toEqual([
      'master-runs',
      'follows',
    ]);
  });

  it('does not come back when the learner turns back a page', () => {
    const progress = applyChanges(emptyLearnerState, [here('streaming')]).progress;
    const later = [...lessons.slice(0, 2), { ...lesson('guess'), id: 'between' }, lesson('streaming')];
    expect(prerequisitesOf(later, 'between', progress).map(({ task }) => task.id)).toEqual(['master-runs']);
  });
});

describe('progress', () => {
  it('keeps ids that no lesson knows', () => {
    const learner = applyChanges(emptyLearnerState, [done('drills/one'), done('servers/master-runs')]);
    expect(Object.keys(forgottenFrom(lessons, learner, 'servers').progress.done)).toEqual(['drills/one']);
  });

  it('begins at the first lesson, also where the file names one that is gone', () => {
    expect(lessonHere(lessons, { ...emptyLearnerProgress, lesson: 'gone' }).id).toBe('guess');
  });

  it('marks what comes before a lesson as done with help, except what the learner did', () => {
    const { progress } = applyChanges(emptyLearnerState, [done('guess/who-writes')]);
    const marked = applyChanges(
      { ...emptyLearnerState, progress },
      assistedBefore(lessons, progress, 'streaming', '2026-11-23T14:00:00.000Z'),
    );
    expect(marked.progress.done['guess/who-writes']?.assisted).toBeUndefined();
    expect(marked.progress.done['servers/slave-runs']?.assisted).toBe(true);
    expect(marked.progress.done['streaming/follows']).toBeUndefined();
  });

  it('keeps the first time a task was done, and the greatest hint level', () => {
    const again = { kind: 'done', task: 'servers/master-runs', done: { at: 'later', seen: 'again' } } as const;
    const learner = applyChanges(emptyLearnerState, [
      done('servers/master-runs'),
      again,
      { kind: 'hint', task: 'servers/master-runs', level: 3 },
      { kind: 'hint', task: 'servers/master-runs', level: 1 },
    ]);
    expect(learner.progress.done['servers/master-runs']?.seen).toBe('as it should be');
    expect(learner.progress.hints['servers/master-runs']).toBe(3);
  });
});

const never = (): never => {
  throw new Error('no such lesson');
};

describe('one look', () => {
  const scenes: readonly Scene[] = [
    {},
    { master: 'stopped' },
    { slave: 'stopped' },
    { slaveLog: wrote },
    { streaming: true },
  ];
  const begun = lessons.map(({ id }) => applyChanges(emptyLearnerState, [here(id)]));

  it('marks its tasks as a second judging would', () => {
    for (const learner of begun)
      for (const scene of scenes) {
        const now = observation(scene);
        const { tasks, changes } = judgeLook(lessons, learner, now);
        expect(withDone(tasks, changes)).toEqual(judgeLook(lessons, applyChanges(learner, changes), now).tasks);
      }
  });

  it('is judged once, also when it finds something', () => {
    const asked = new Map<string, number>();
    const later = '2026-11-23T15:00:00.000Z';
    const counted = lessons.map((one) => ({
      ...one,
      tasks: one.tasks.map((task) =>
        task.kind === 'answer'
          ? task
          : {
              ...task,
              check: Object.assign(
                (seen: Seen) => {
                  asked.set(task.id, (asked.get(task.id) ?? 0) + 1);
                  return task.check(seen);
                },
                { causes: task.check.causes },
              ),
            },
      ),
    }));
    const room = createSession({ lessons: counted, changes: [here('servers')] });
    room.observe();
    expect([...room.session.tasks].map(({ done: marked }) => marked !== undefined)).toEqual([true, true, false]);
    const once = { 'master-runs': 1, 'slave-runs': 1, 'refused-write': 1 };
    expect(Object.fromEntries(asked)).toEqual(once);
    room.observe();
    const before = room.session;
    asked.clear();
    room.dispatch({
      kind: 'observed',
      now: { ...observation(), at: later },
      learner: before.learner,
      saves: before.saves,
    });
    expect(asked.size).toBe(0); // it says nothing new
    expect({ ...room.session, lookState: before.lookState }).toEqual(before);
    room.observe({ slave: 'stopped' });
    expect(asked.size).toBeGreaterThan(0);
  });
});
