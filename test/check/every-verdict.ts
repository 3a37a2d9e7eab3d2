/**
 * Every step of every verdict that a test of this process sees, in made and recorded states and on real servers, can be
 * done as it stands: all checks are made by `defineCheck`, and this file stands behind it.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, expect, vi } from 'vitest';
import type * as made from '../../src/check/check.ts';
import { judgeSteps } from './step-rules.ts';

const seen = vi.hoisted(() => ({ wrong: new Set<string>(), commands: new Set<string>() }));

vi.mock('../../src/check/check.ts', async (original) => {
  const { defineCheck } = await original<typeof made>();
  const watched: typeof defineCheck = (causes, look) => {
    const check = defineCheck(causes, look);
    return Object.assign(
      (given: Parameters<typeof check>[0]) => {
        const verdict = check(given);
        const { wrong, commands } = judgeSteps(verdict, given.now);
        for (const one of wrong) seen.wrong.add(one);
        for (const one of commands) seen.commands.add(one);
        return verdict;
      },
      { causes },
    );
  };
  return { defineCheck: watched };
});

afterAll(() => {
  const refused = [...seen.commands].filter((command) => spawnSync('sh', ['-n'], { input: command }).status !== 0);
  expect([...seen.wrong, ...refused.map((one) => `a shell does not parse: ${one}`)]).toEqual([]);
});
