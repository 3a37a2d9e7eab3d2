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
  it('the tasks of a lesson wait for the first one that is not done', () => {
    const states = judge('servers', { master: 'stopped', slave: 'stopped' });
    expect(kinds(states)).toEqual(['fail', 'blocked', 'blocked']);
    expect(states[2]?.verdict).toEqual({ kind: 'blocked', by: 'The master runs' });
  });

  it('a task that passes is shown as passed, also after one that fails', () => {
    expect(kinds(judge('servers', { master: 'stopped' }))).toEqual(['fail', 'pass', 'blocked']);
  });

  it('tasks do not wait for a task whose verdict is unknown', () => {
    expect(kinds(judge('servers', { master: 'hung', slave: 'stopped' }))).toEqual(['unknown', 'fail', 'blocked']);
  });

  it('tasks do not wait for a task that was done and fails now', () => {
    expect(kinds(judge('servers', { master: 'stopped', slave: 'stopped' }, [done('servers/master-runs')]))).toEqual([
      'fail',
      'fail',
      'blocked',
    ]);
  });

  it('a task stays done when a lesson that supersedes it was opened', () => {
    const changes = [done('servers/slave-runs'), here('streaming'), here('servers')];
    expect(judge('servers', { slave: 'stopped' }, changes)[1]?.verdict).toEqual({
      kind: 'pass',
      seen: 'as it should be',
    });
  });
});

describe('an event', () => {
  it('an event is saved as soon as it is seen, also before its task’s turn', () => {
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

  it('an event task passes for good, and is done when the tasks before it are done', () => {
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

describe('the prerequisites of a lesson', () => {
  const prerequisites = (list: typeof lessons) =>
    prerequisitesOf(list, 'streaming', emptyLearnerProgress).map(({ task }) => task.id);

  it('the prerequisites of a lesson are the state tasks before it that it does not supersede', () => {
    expect(prerequisites(lessons)).toEqual(['master-runs']);
  });

  it('the prerequisites of a lesson leave out tasks that it disturbs', () => {
    expect(
      prerequisites(
        lessons.map((one) => (one.id === 'streaming' ? { ...one, disturbs: ['servers/master-runs'] } : one)),
      ),
    ).toEqual([]);
  });

  it('the prerequisites of a lesson leave out what a skipped lesson superseded', () => {
    const later = [...lessons, { ...lesson('guess'), id: 'after' }];
    expect(prerequisitesOf(later, 'after', emptyLearnerProgress).map(({ task }) => task.id)).toEqual([
      'master-runs',
      'follows',
    ]);
  });

  it('a superseded prerequisite does not come back when the learner goes back a lesson', () => {
    const progress = applyChanges(emptyLearnerState, [here('streaming')]).progress;
    const later = [...lessons.slice(0, 2), { ...lesson('guess'), id: 'between' }, lesson('streaming')];
    expect(prerequisitesOf(later, 'between', progress).map(({ task }) => task.id)).toEqual(['master-runs']);
  });
});

describe('progress', () => {
  it('resetting a lesson keeps the progress of tasks that no lesson has', () => {
    const learner = applyChanges(emptyLearnerState, [done('drills/one'), done('servers/master-runs')]);
    expect(Object.keys(forgottenFrom(lessons, learner, 'servers').progress.done)).toEqual(['drills/one']);
  });

  it('progress that names an unknown lesson begins at the first one', () => {
    expect(lessonHere(lessons, { ...emptyLearnerProgress, lesson: 'gone' }).id).toBe('guess');
  });

  it('a goto marks the tasks before a lesson as assisted, except those that the learner did', () => {
    const { progress } = applyChanges(emptyLearnerState, [done('guess/who-writes')]);
    const marked = applyChanges(
      { ...emptyLearnerState, progress },
      assistedBefore(lessons, progress, 'streaming', '2026-11-23T14:00:00.000Z'),
    );
    expect(marked.progress.done['guess/who-writes']?.assisted).toBeUndefined();
    expect(marked.progress.done['servers/slave-runs']?.assisted).toBe(true);
    expect(marked.progress.done['streaming/follows']).toBeUndefined();
  });

  it('a task keeps the first time it was done, and the highest hint level', () => {
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

  it('one look gives the same verdicts as judging again with its own changes', () => {
    for (const learner of begun)
      for (const scene of scenes) {
        const now = observation(scene);
        const { tasks, changes } = judgeLook(lessons, learner, now);
        expect(withDone(tasks, changes)).toEqual(judgeLook(lessons, applyChanges(learner, changes), now).tasks);
      }
  });

  it('each check runs once in a look, also when the look finds something new', () => {
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
    const screen = createSession({ lessons: counted, changes: [here('servers')] });
    screen.observe();
    expect([...screen.session.tasks].map(({ done: marked }) => marked !== undefined)).toEqual([true, true, false]);
    const once = { 'master-runs': 1, 'slave-runs': 1, 'refused-write': 1 };
    expect(Object.fromEntries(asked)).toEqual(once);
    screen.observe();
    const before = screen.session;
    asked.clear();
    screen.dispatch({
      kind: 'observed',
      now: { ...observation(), at: later },
      learner: before.learner,
      saves: before.saves,
    });
    // The observation is the same but for its time.
    expect(asked.size).toBe(0);
    expect({ ...screen.session, lookState: before.lookState }).toEqual(before);
    screen.observe({ slave: 'stopped' });
    expect(asked.size).toBeGreaterThan(0);
  });
});
