/** The check that the learner has measured what a commit costs at each level of synchronous_commit. */
import type { Level, Measurement } from '../lab/measure/measurement.ts';
import { type Check, defineCheck } from './check.ts';
import { fail, pass } from './verdicts.ts';

const wanted: readonly Level[] = ['async', 'local', 'remote_write', 'on', 'remote_apply'];

/** Passes with the newest complete measurement at that distance, made while the master waited for a standby. */
export const measured = (distance: 'near' | 'far'): Check =>
  defineCheck(
    ['not-measured', 'measured-the-wrong-server', 'measured-without-sync', 'compared-with-off', 'levels-missing'],
    ({ journal }) => {
      const all = journal.measurements.filter((one) => one.distance > 0 === (distance === 'far'));
      const good = all.findLast(isWhole);
      if (good) {
        const costs = wanted.map(
          (level) => `${level} ${good.levels.find((one) => one.level === level)?.medianMs.toFixed(2) ?? '?'} ms`,
        );
        return pass(
          `measured ${distance === 'far' ? `with ${good.distance} ms between the servers` : 'with both servers near'}: ${costs.join(', ')}`,
        );
      }
      const want = `one measurement of ${wanted.join(', ')}, ${distance === 'far' ? 'with some milliseconds between the servers' : 'with both servers near'}`;
      const again = {
        do: 'run',
        text: distance === 'far' ? 'repl-workshop measure --distance 5' : 'repl-workshop measure',
      } as const;
      const last = all.at(-1);
      if (!last)
        return fail('not-measured', {
          seen: `nothing was measured yet with the servers ${distance === 'far' ? 'far apart' : 'near'}`,
          want,
          next: [again],
        });
      if (last.refused !== undefined && last.because !== 'nobody is waited for')
        return fail('measured-the-wrong-server', {
          seen: `nothing was measured: ${last.refused}`,
          want,
          why: 'a commit costs something only where commits are made: on the master',
          next: [again],
        });
      if (last.names === '' || last.syncStandby === null) {
        return fail('measured-without-sync', {
          seen:
            last.names === ''
              ? 'when you measured, synchronous_standby_names was empty'
              : `when you measured, no standby was sync, though '${last.names}' was asked for`,
          want,
          why: 'without a synchronous standby every level costs the same: nobody is waited for',
          next: [{ do: 'say', text: 'set the names as in lesson 10, and measure again' }, again],
        });
      }
      const missing = wanted.filter((level) => !last.levels.some((one) => one.level === level));
      const off = last.levels.some(({ level }) => level === 'off');
      return fail(off ? 'compared-with-off' : 'levels-missing', {
        seen: off
          ? `you compared with off, and without ${missing.join(', ')}`
          : `${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} not measured`,
        want,
        ...(off
          ? { why: 'off does not even wait for the own disk: that difference has nothing to do with replication' }
          : {}),
        next: [again],
      });
    },
  );

const isWhole = (one: Measurement): boolean =>
  one.refused === undefined &&
  one.names !== '' &&
  one.syncStandby !== null &&
  wanted.every((level) => one.levels.some((found) => found.level === level));
