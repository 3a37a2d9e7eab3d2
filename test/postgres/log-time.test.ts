import { expect, it } from 'vitest';
import { millisecondsOf } from '../../src/postgres/log/lines/time.ts';

const noon = Date.UTC(2026, 10, 23, 12, 0, 0, 120);

it.each([
  ['2026-11-23 12:00:00.120 UTC', noon],
  ['2026-11-23 12:00:00.120 GMT', noon],
  ['2026-11-23 13:00:00.120 +01', noon],
  ['2026-11-23 17:30:00.120 +05:30', noon],
  ['2026-11-23T12:00:00.120456789Z', noon],
  ['2026-11-23 12:00:00 UTC', noon - 120],
  ['1795435200.120', noon],
])('the time %s of a log line is read', (time, moment) => {
  expect(millisecondsOf(time)).toBe(moment);
});

it("a time with another zone's name than UTC is taken as this machine's local time", () => {
  expect(millisecondsOf('2026-11-23 12:00:00.120 CET')).toBe(new Date(2026, 10, 23, 12, 0, 0, 120).getTime());
});

it('a time without a date is not read', () => {
  expect(millisecondsOf('Nov 23 12:00:00')).toBeUndefined();
});
