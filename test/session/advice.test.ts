/** A verdict that comes back after its advice was followed says that it was not enough; another verdict does not. */
import { expect, it } from 'vitest';
import type { Fail, Step } from '../../src/check/verdict.ts';
import type { Observation } from '../../src/lab/observation.ts';
import type { TaskState } from '../../src/learner/judge.ts';
import { type Advice, adviceAfter, adviceOf, settleMs } from '../../src/session/advice.ts';
import { elseSeen } from '../../src/session/view/else-seen.ts';
import { messages } from '../../src/ui/messages.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { bannerLines, comeBackOf } from '../../src/ui/tasks/tasks.ts';
import { at, type Change, confOnly, sqlOf, stopped } from '../check/lab.ts';
import { createSession, done, here, observation } from './fixture.ts';

const text = 'hot_standby = on';
const edit: Step = { do: 'edit', on: 'slave', file: 'rep/slave_data/postgresql.conf', line: 'new', text };
const reload: Step = { do: 'reload', on: 'slave' };
const isSaved = confOnly('slave', text);
const isReloaded: Change = (lab) => {
  sqlOf(lab, 'slave').loadedAt = '2026-11-23T14:05:00.000Z';
};

const task = (verdict: Partial<Fail> | { readonly kind: 'pass' }): TaskState =>
  ({
    key: 'lesson/task',
    verdict: {
      kind: 'fail',
      cause: 'wrong',
      seen: '',
      want: '',
      at: { server: 'slave', file: 'a', line: 1 },
      next: [edit, reload],
      ...verdict,
    },
  }) as TaskState;
const look = (seconds: number, ...changes: readonly Change[]): Observation => ({
  ...at(9, ...changes).now,
  at: new Date(seconds * 1000).toISOString(),
});

/** Looks one after the other at a lab that never rests, unless it is said. */
function remembered(...looks: readonly (readonly [TaskState, Observation, rests?: boolean])[]) {
  return looks.reduce<readonly Advice[]>(
    (given, [state, now, rests = false]) => adviceAfter(given, [state], now, rests),
    [],
  );
}
const comesBack = (given: readonly Advice[], state = task({})) => adviceOf(given, state)?.insufficient ?? false;

it('the same verdict after its edit and its reload comes back, once the lab rests or had its time', () => {
  const before = [task({}), look(0)] as const;
  const followed = look(10, isSaved, isReloaded);
  expect(comesBack(remembered(before, [task({}), followed]))).toBe(false);
  expect(comesBack(remembered(before, [task({}), followed], [task({}), followed, true]))).toBe(true);
  const [soon, later] = [1, settleMs / 1000].map((more) => look(10 + more, isSaved, isReloaded));
  expect(comesBack(remembered(before, [task({}), followed], [task({}), soon ?? followed]))).toBe(false);
  expect(comesBack(remembered(before, [task({}), followed], [task({}), later ?? followed]))).toBe(true);
});

it.each([
  ['nothing was done', []],
  ['only the first step was done', [isSaved]],
  ['only the last step was done', [isReloaded]],
  ['another line was written', [confOnly('slave', 'port = 1'), isReloaded]],
] as const)('a verdict does not come back where %s', (_, changes) => {
  const now = look(10, ...changes);
  expect(comesBack(remembered([task({}), look(0)], [task({}), now], [task({}), now, true]))).toBe(false);
});

it('other words for the same advice are the same verdict; another cause or place is another one', () => {
  const now = look(10, isSaved, isReloaded);
  const after = (state: TaskState) =>
    comesBack(remembered([task({}), look(0)], [state, now], [state, now, true]), state);
  expect(after(task({ next: [reload], seen: 'in other words' }))).toBe(true);
  expect(after(task({ cause: 'other' }))).toBe(false);
  expect(after(task({ at: { server: 'slave', file: 'a', line: 2 } }))).toBe(false);
});

it('a verdict that is seen between does not make the first one forgotten; a pass does', () => {
  const now = look(10, isSaved, isReloaded);
  const end = [
    [task({}), now],
    [task({}), now, true],
  ] as const;
  expect(comesBack(remembered([task({}), look(0)], [task({ cause: 'starting' }), look(5)], ...end))).toBe(true);
  expect(comesBack(remembered([task({}), look(0)], [task({ kind: 'pass' } as never), look(5)], ...end))).toBe(false);
});

it('one of several ways is enough; what no look can see is nobody’s to follow', () => {
  const ways = task({ next: [{ do: 'start', on: 'master' }, { ...edit, or: true }, reload] });
  const now = look(10, isSaved, isReloaded);
  expect(comesBack(remembered([ways, look(0)], [ways, now], [ways, now, true]), ways)).toBe(true);
  const say = task({ next: [{ do: 'say', text: 'give it a moment' }] });
  expect(comesBack(remembered([say, look(0)], [say, now], [say, now, true]), say)).toBe(false);
});

it('while nothing changes, what is remembered is the same object, so that nothing is drawn anew', () => {
  const given = remembered([task({}), look(0)]);
  expect(adviceAfter(given, [task({})], look(1), true)).toBe(given);
});

it('what else is seen are the findings of the look, without what the verdict says itself', () => {
  const seen = look(0, stopped('master'), (lab) => {
    sqlOf(lab, 'slave').confErrors = [
      { file: 'rep/slave_data/postgresql.conf', line: 7, name: 'foo', error: 'unrecognized' },
    ];
  });
  expect(elseSeen(seen, '')).toEqual([
    'master is stopped',
    'line 7 of rep/slave_data/postgresql.conf: PostgreSQL has no setting "foo"',
  ]);
  expect(elseSeen(seen, 'master is stopped')).not.toContain('master is stopped');
});

/** The master's last start failed, and its log has this size. */
function failed(size: number): Observation {
  const now = observation({ master: 'failed' });
  const { master, slave } = now.servers;
  if (!master || !slave) throw new Error('no servers');
  return { ...now, servers: { slave, master: { ...master, log: { ...master.log, size } } } };
}

it('a session remembers what a broken task of an earlier lesson advised, and its banner says so', () => {
  const screen = createSession({ changes: [done('servers/master-runs'), here('streaming')] });
  const banner = (now: Observation) => {
    screen.dispatch({ kind: 'observed', now, learner: screen.session.learner, saves: screen.session.saves });
    return plainText(bannerLines(screen.session, 200));
  };
  for (const size of [100, 100, 100, 200]) expect(banner(failed(size))).not.toContain(messages.notEnough);
  expect(banner(failed(200))).toContain(`${messages.notEnough}\n  ${messages.beginAgain}`);
  expect(banner(observation())).toBe('');
});

it('a session remembers: a start that failed again is told, with a way back, until the lesson is done', () => {
  const screen = createSession({ changes: [here('servers'), done('guess/who-writes')] });
  const sees = (now: Observation) => {
    screen.dispatch({ kind: 'observed', now, learner: screen.session.learner, saves: screen.session.saves });
    const [state] = screen.session.tasks;
    return state && comeBackOf(screen.session, state);
  };
  expect(sees(failed(100))).toBeUndefined();
  expect(sees(failed(100))).toBeUndefined();
  expect(sees(failed(200))).toBeUndefined();
  expect(sees(failed(200))?.begin).toMatch(/^r goes back/);
  expect(sees(observation())).toBeUndefined();
  expect(screen.session.advice.some(({ task: key }) => key === 'servers/master-runs')).toBe(false);
});
