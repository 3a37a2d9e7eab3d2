import { expect, it } from 'vitest';
import type { Step } from '../../src/check/verdict.ts';
import { tallyOfSolve } from '../../src/lesson/authoring/prove-solve.ts';
import { chosenWay } from '../../src/lesson/mend/follow-steps.ts';
import { plan } from '../session/fixture.ts';

const say: Step = { do: 'say', text: 'ask who runs it' };
const start: Step = { do: 'start', on: 'master' };
const stop: Step = { do: 'stop', on: 'slave' };
const or = <T extends Step>(step: T): T => ({ ...step, or: true });

it.for<[string, readonly Step[], readonly Step[]]>([
  ['the first, where both can be done', [start, or(stop)], [start]],
  ['the one that takes no person', [say, start, or(stop)], [or(stop)]],
  ['the one that has something to do, where all take a person', [say, or(say), start], [or(say), start]],
  ['the first, where there is nothing to do for a program', [say, or(say)], [say]],
  ['none of no steps', [], []],
])('of the ways of a verdict solve takes %s', ([, next, way]) => {
  expect(chosenWay(next, plan)).toEqual(way);
});

it.for<[string, Step, boolean]>([
  ['an operation of the workshop', { do: 'run', text: 'repl-workshop reset' }, true],
  ['a question', { do: 'sql', on: 'master', text: 'SELECT pid FROM pg_stat_activity' }, true],
  ['a call that changes something', { do: 'sql', on: 'master', text: 'SELECT pg_reload_conf()' }, false],
  ['files of another user, where root does not ask', { do: 'chown', on: 'master' }, true],
  ['files of another user, where root asks', { do: 'chown', on: 'master', uid: 999 }, false],
])('%s: whether it takes a person', ([, step, person]) => {
  expect(chosenWay([step, or(start)], plan)).toEqual(person ? [or(start)] : [step]);
});

it('the tally of solve is wrong where more than a tenth of all mistakes only name goto', () => {
  const stuck = (name: string) => ({ lesson: 'one', what: 'solve', name, stuck: 'no step leads on' });
  const led = { lesson: 'one', what: 'solve', name: 'led' };
  const caught = { lesson: 'one', what: 'mistake', name: 'led' };
  const tally = tallyOfSolve([caught, led, stuck('a')], 19);
  expect(tally).toEqual({
    words: ['solve: 2 mistakes, 1 led to a pass, 1 named goto (1 at most)', '  one, a: no step leads on'],
    wrong: false,
  });
  expect(tallyOfSolve([led, stuck('a'), stuck('b')], 19).wrong).toBe(true);
});
