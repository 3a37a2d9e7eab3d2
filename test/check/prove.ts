/** A check's cases as a table; each becomes a test, and no cause may be without one. */
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
    test.each(Object.entries(right))('passes: %s', (_, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'pass', warning: undefined });
    });
    test.each(Object.entries(warned))('passes with a warning: %s', (_, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'pass', warning: expect.any(String) });
    });
    test.each(wrong)('says %s: %s', (cause, _, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'fail', cause });
    });
    test.each(Object.entries(unknown))('cannot tell: %s', (_, seen) => {
      expect(judged(check, seen)).toMatchObject({ kind: 'unknown' });
    });
    test('shows each of its causes, and no other', () => {
      expect([...new Set(wrong.map(([cause]) => cause))].sort()).toEqual([...check.causes].sort());
    });
  });
}

/** The verdict; its words are whole, whatever it says. `warning` is there, so that none is asked for as undefined. */
function judged(check: Check, seen: Seen): object {
  const verdict = check(seen);
  const words = JSON.stringify({ ...verdict, at: null, layers: null }); // a log record may have several lines
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

/** Commands that a learner with containers has no use for. */
const noWordsOnDocker = /pg_ctl|initdb -D|postmaster\.pid|chmod|chown|kill -|\bmv |(?<!docker )\brm |\btouch |psql "/;
