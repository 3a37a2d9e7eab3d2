import { expect, it } from 'vitest';
import { refusedBy, refusedByMachine } from '../../src/lab/refused.ts';
import { shellInput } from '../../src/lesson/apply.ts';
import { plan } from './plan.ts';

/** As dockerode throws it. */
const answered = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

it('an error of the container engine is the engine’s, in its own words', () => {
  const error = answered(500, '(HTTP code 500) server error - open /proc/77/ns/mnt: no such file or directory ');
  const what =
    'The container engine answered with an error (HTTP 500): open /proc/77/ns/mnt: no such file or directory.';
  expect(refusedBy(error)?.problem.what).toBe(what);
  expect(refusedByMachine(error)?.problem.what).toBe(what);
  expect(refusedByMachine(answered(400, '(HTTP code 400) bad parameter - no such field'))).toBeUndefined();
});

it('what the workshop runs itself pulls no image, natively it is the command alone', () => {
  expect(shellInput(plan, 'ls')).toBe('ls\n');
});
