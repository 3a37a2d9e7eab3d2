import { measured } from '../../src/check/measured.ts';
import type { Level, Measurement } from '../../src/lab/measure/measurement.ts';
import { at } from './lab.ts';
import { prove } from './prove.ts';

const whole: readonly Level[] = ['async', 'local', 'remote_write', 'on', 'remote_apply'];
const levels = (of: readonly Level[]) =>
  of.map((level, n) => ({ level, commits: 50, medianMs: 1 + n / 10, p95Ms: 2, staleReads: 0, reads: 50 }));
const one = (change: Partial<Measurement> = {}): Measurement => ({
  at: '2026-11-23T14:02:11.000Z',
  on: 'master',
  distance: 0,
  names: 'first 1 (slave1)',
  syncStandby: 'slave1',
  levels: levels(whole),
  ...change,
});
const kept = (...measurements: Measurement[]) => at(11, ({ journal }) => void Object.assign(journal, { measurements }));
const refused = 'cannot execute INSERT in a read-only transaction';

prove('measured near', measured('near'), {
  right: {
    whole: kept(one()),
    'with off as well': kept(one({ levels: levels(['off', ...whole]) })),
    'a later one is worse': kept(one(), one({ names: '', syncStandby: null })),
  },
  wrong: [
    ['not-measured', 'nothing done', at(11)],
    ['not-measured', 'only far', kept(one({ distance: 5 }))],
    ['measured-the-wrong-server', 'the slave', kept(one({ on: 'slave', refused, levels: [] }))],
    ['measured-without-sync', 'names empty', kept(one({ names: '', syncStandby: null }))],
    [
      'measured-without-sync',
      'refused, since the names were empty',
      kept(
        one({
          names: '',
          syncStandby: null,
          refused: 'synchronous_standby_names is empty',
          because: 'nobody is waited for',
          levels: [],
        }),
      ),
    ],
    ['measured-without-sync', 'no standby is synchronous', kept(one({ syncStandby: null }))],
    ['compared-with-off', 'off and on only', kept(one({ levels: levels(['off', 'on']) }))],
    ['levels-missing', 'two of five', kept(one({ levels: levels(['async', 'on']) }))],
  ],
});

prove('measured far', measured('far'), {
  right: { '5 ms': kept(one(), one({ distance: 5 })) },
  wrong: [
    ['not-measured', 'only near', kept(one())],
    ['measured-the-wrong-server', 'the slave', kept(one({ distance: 5, refused, levels: [] }))],
    ['measured-without-sync', 'names empty', kept(one({ distance: 5, names: '' }))],
    ['compared-with-off', 'off and on only', kept(one({ distance: 5, levels: levels(['off', 'on']) }))],
    ['levels-missing', 'two of five', kept(one({ distance: 5, levels: levels(['async', 'on']) }))],
  ],
});
