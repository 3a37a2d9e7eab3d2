/** Why a server went down, from the lines of its log as PostgreSQL 15 wrote them. */
import { expect, it } from 'vitest';
import { failureOf } from '../../src/lab/look/start-end.ts';
import { parseLog, startOfThisRun } from '../../src/postgres/log/log.ts';

const start = '10:00:00 UTC [70] LOG:  starting PostgreSQL 15.20 on x86_64-pc-linux-gnu, 64-bit';
const end = '10:00:02 UTC [70] LOG:  database system is shut down';
/** The earlier run was stopped in an orderly way. */
const earlier = [
  '09:00:00 UTC [60] LOG:  received fast shutdown request',
  '09:00:01 UTC [60] LOG:  database system is shut down',
];

function whyFrom(...lines: readonly string[]): string | undefined {
  const records = parseLog([...earlier, start, ...lines, end].map((line) => `2026-12-01 ${line}`).join('\n'));
  return failureOf(records.slice(startOfThisRun(records)));
}

it.each([
  [
    'the postmaster itself',
    ['10:00:01 UTC [70] FATAL:  could not create lock file "/nowhere/.s.PGSQL.5432.lock": Not a directory'],
  ],
  [
    'the startup process',
    [
      '10:00:01 UTC [71] FATAL:  could not create lock file of its own',
      '10:00:01 UTC [70] LOG:  startup process (PID 71) exited with exit code 1',
      '10:00:01 UTC [70] LOG:  aborting startup due to startup process failure',
    ],
  ],
])('a start that ends with any FATAL of %s has failed', (_, lines) => {
  expect(whyFrom(...lines)).toContain('could not create lock file');
});

it('a FATAL of a session is no reason', () => {
  expect(whyFrom('10:00:01 UTC [72] FATAL:  role "nobody" does not exist')).toBeUndefined();
});

it('a FATAL of an earlier start is no reason for the newest one', () => {
  expect(whyFrom('10:00:01 UTC [70] FATAL:  could not create any Unix-domain sockets', start)).toBeUndefined();
});
