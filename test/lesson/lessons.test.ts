import { expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { lintAll } from '../../src/cli/commands/lab/dev.ts';

it('every lesson keeps every rule of LESSONS.md', () => {
  expect(lintAll()).toEqual([]);
});

it('every lesson has at least two mistakes', () => {
  expect(lessons.filter(({ mistakes }) => mistakes.length < 2).map(({ id }) => id)).toEqual([]);
});
