/** Tests of a check from a table of cases. Each cause of the check must have a case. */
import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/check/check.ts';
import type { Seen } from '../../src/check/journal.ts';

export type Cases = {
  readonly right: Readonly<Record<string, Seen>>;
  readonly warned?: Readonly<Record<string, Seen>>;
  readonly wrong: readonly (readonly [cause: string, story: string, seen: Seen])[];
  readonly unknown?: Readonly<Record<string, Seen>>;
};

export function prove(name: string, check: Check, { right, warned = {}, wrong, unknown = {} }: Cases): void {
  describe(name, () => {
    test.each(Object.entries(right))(`${name} passes: %s`, (_, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'pass', warning: undefined });
    });
    test.each(Object.entries(warned))(`${name} passes with a warning: %s`, (_, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'pass', warning: expect.any(String) });
    });
    test.each(wrong)(`${name} fails with %s: %s`, (cause, _, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'fail', cause });
    });
    test.each(Object.entries(unknown))(`${name} is unknown: %s`, (_, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'unknown' });
    });
    test(`${name} has a case for each of its causes, and for no other`, () => {
      expect([...new Set(wrong.map(([cause]) => cause))].sort()).toEqual([...check.causes].sort());
    });
  });
}

/** Judges, and expects a verdict with complete sentences. A verdict without a warning gets `warning: undefined`. */
function judged(check: Check, seen: Seen): object {
  const verdict = check(seen);
  const words = JSON.stringify({ ...verdict, at: null, layers: null }); // a log record may contain line breaks
  expect(words).not.toMatch(/undefined|NaN|\[object|\\n/);
  expect(words).not.toMatch(seen.now.engine === 'native' ? /docker|container/i : noWordsOnDocker);
  expect(check(seen)).toEqual(verdict);
  if (verdict.kind === 'fail') {
    expect(verdict.seen).not.toBe('');
    expect(verdict.want).not.toBe('');
    expect(verdict.seen + verdict.want + (verdict.why ?? '')).not.toMatch(/slave_pass|slave_x4hq9tbn|\{\{/);
    expect(verdict.next.length).toBeGreaterThan(0);
  }
  return { warning: undefined, ...verdict };
}

/** Commands that must not be shown to a learner with containers. */
const noWordsOnDocker =
  /pg_ctl|initdb -D|postmaster\.pid|chmod|(?<!"do":")chown|kill -|\bmv |(?<!docker )\brm |\btouch |psql "/;
