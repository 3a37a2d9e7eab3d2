import { standbySignal } from '../../src/check/clone/signal.ts';
import { at, conf, disk, log, running, signals, stopped } from './lab.ts';
import { prove } from './prove.ts';

const labelUsed = disk('slave', { backupLabel: null, backupLabelOld: true });

prove('standbySignal', standbySignal('slave', 'master'), {
  right: {
    touched: at(8),
    'running as a standby': at(9),
    'a standby, stopped': at(9, stopped('slave')),
    'a standby, started again': at(
      9,
      labelUsed,
      log('slave', 'LOG:  database system was shut down in recovery at 2026-11-23 14:01:50 UTC'),
    ),
    'a cold copy': at(
      8,
      disk('slave', {
        backupLabel: null,
        control: { systemIdentifier: '7711166598834475046', state: 'shut down', timeline: 1 },
      }),
    ),
  },
  warned: { 'recovery.signal beside it': at(8, signals('recovery.signal', 'standby.signal')) },
  wrong: [
    ['no-copy-yet', 'an empty folder', at(7, disk('slave', { state: 'empty' }))],
    ['signal-missing', 'nothing done', at(7)],
    ['signal-missing', 'deleted under the running standby', at(9, signals())],
    ['signal-wrong-name', '.txt', at(7, signals('standby.signal.txt'))],
    ['signal-wrong-name', 'a capital', at(7, signals('Standby.signal'))],
    ['recovery-signal', 'the other one', at(7, signals('recovery.signal'))],
    ['recovery-conf', 'as before PostgreSQL 12', at(7, signals('recovery.conf'))],
    [
      'recovery-conf',
      'as before PostgreSQL 12, beside the right one',
      at(7, signals('recovery.conf', 'standby.signal')),
    ],
    ['standby-mode-parameter', 'as before PostgreSQL 12', at(8, conf('slave', 'standby_mode = on'))],
    ['signal-in-the-master', 'the wrong folder', at(7, disk('master', { signals: ['standby.signal'] }))],
    ['signal-in-the-master', 'both folders', at(8, disk('master', { signals: ['standby.signal'] }))],
    ['started-without-signal', 'runs as a primary', at(7, running('slave'), labelUsed)],
    ['started-without-signal', 'the file came after the start', at(8, running('slave'), labelUsed)],
    ['started-without-signal', 'ran, was stopped, then the file', at(8, running('slave'), labelUsed, stopped('slave'))],
    [
      'started-without-signal',
      'ran, was stopped, then the file, then started as a standby',
      at(
        9,
        labelUsed,
        log('slave', 'LOG:  database system was shut down at 2026-11-23 14:01:50 UTC', 'LOG:  entering standby mode'),
      ),
    ],
  ],
  unknown: {
    'the folder cannot be read': at(
      7,
      (lab) => void Object.assign(lab.now.servers.slave, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
  },
});
