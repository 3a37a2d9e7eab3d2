import { cancelled } from '../../src/check/sync/cancelled.ts';
import { commitsReleased } from '../../src/check/sync/released.ts';
import { commitReturns, commitWaited } from '../../src/check/sync/waiting.ts';
import {
  at,
  inEffect,
  kept,
  type LabState,
  log,
  names,
  noSender,
  row,
  sender,
  sqlOf,
  state,
  stopped,
  waits,
} from './lab.ts';
import { prove } from './prove.ts';

const late = '2026-11-23T14:03:00.000Z';
const committed =
  (id = '2', time: string | null = late) =>
  (lab: LabState) => [row('master', id, time)(lab), row('slave', id, time)(lab)];
const slaveDown = (lab: LabState) => [stopped('slave')(lab), noSender(lab)];
const twice = (lab: LabState) => {
  const { senders } = sqlOf(lab, 'master');
  sqlOf(lab, 'master').senders = [...senders, ...senders];
};
const level = (value: string) => inEffect('master', 'synchronous_commit', value);
const noNames = inEffect('master', 'synchronous_standby_names', '');

prove('commitReturns', commitReturns('master', 'slave'), {
  right: {
    'after the reload': at(11, committed()),
    'with a quorum': at(11, sender({ syncState: 'quorum' }), committed()),
    'two that go by one name': at(11, names('first 2 (slave1)'), committed(), twice),
    'any of two, one is there': at(11, names('any 1 (slave1, slave2)'), committed()),
    'waiting for replay': at(11, level('remote_apply'), committed()),
  },
  wrong: [
    ['no-answer', 'the master is stopped', at(11, stopped('master'))],
    ['names-not-in-effect', 'no names', at(10, committed())],
    ['no-sync-standby', 'the slave is down', at(11, committed(), slaveDown)],
    ['level-asks-nobody', 'synchronous_commit = off', at(11, committed(), level('off'))],
    ['level-asks-nobody', 'synchronous_commit = local', at(11, committed(), level('local'))],
    ['too-few-standbys', 'first 2, and one is there', at(11, names('first 2 (slave1, slave2)'), committed())],
    ['too-few-standbys', 'any 2, and one is there', at(11, names('any 2 (slave1, slave2)'), committed())],
    [
      'no-sync-standby',
      'it still catches up',
      at(11, committed(), sender({ state: 'catchup', syncState: 'potential' })),
    ],
    ['commit-waits', 'a name that no standby has', at(10, names('first 1 (slave9)'), committed(), waits())],
    ['no-commit-yet', 'the row is older than the names', at(11)],
    ['no-commit-yet', 'no row at all', at(11, (lab) => void Object.assign(sqlOf(lab, 'master'), { newest: null }))],
    ['not-on-the-slave', 'not there', at(11, row('master', '2', late))],
    ['no-commit-yet', 'a row from before the times were kept', at(11, committed('2', null))],
    [
      'times-not-kept',
      'as PostgreSQL has it',
      at(11, committed('2', null), inEffect('master', 'track_commit_timestamp', 'off')),
    ],
  ],
});

prove('commitWaited', commitWaited('master', 'slave'), {
  right: {
    'the slave is stopped': at(11, slaveDown, waits()),
    'the slave was killed': at(11, state('slave', 'failed'), noSender, waits()),
    'the slave is frozen': at(11, state('slave', 'paused'), waits()),
  },
  wrong: [
    ['no-answer', 'the master is stopped', at(11, stopped('master'))],
    ['standby-still-up', 'nothing done', at(11)],
    ['no-commit-waits', 'only stopped', at(11, slaveDown)],
    ['names-empty', 'no names', at(10, slaveDown)],
    ['level-asks-nobody', 'synchronous_commit = off', at(11, slaveDown, level('off'))],
    ['waits-with-the-standby-up', 'a name that no standby has', at(10, names('first 1 (slave9)'), waits())],
  ],
});

const request = 'WARNING:  canceling wait for synchronous replication due to user request';
const terminated =
  'WARNING:  canceling the wait for synchronous replication and terminating connection due to administrator command';

prove('cancelled', cancelled('master', 'slave'), {
  right: {
    'Ctrl-C': at(
      11,
      log(
        'master',
        request,
        'DETAIL:  The transaction has already committed locally, but might not have been replicated to the standby.',
      ),
    ),
    'and another waits again': at(11, log('master', request), waits()),
  },
  wrong: [
    ['no-answer', 'the master is stopped', at(11, stopped('master'))],
    ['not-cancelled', 'nothing in the log', at(11)],
    [
      'not-cancelled',
      'in lesson 10, before the names were right',
      at(11, log('master', request, 'LOG:  received SIGHUP, reloading configuration files')),
    ],
    [
      'not-cancelled',
      'in lesson 10, before the slave was back',
      at(11, log('master', request, 'LOG:  received replication command: START_REPLICATION 0/3000000 TIMELINE 1')),
    ],
    ['still-waiting', 'not yet', at(11, slaveDown, waits())],
    [
      'statement-timeout-does-not-end-it',
      'set in the statement',
      at(11, slaveDown, waits("SET statement_timeout = '1s'; INSERT INTO visits (note) VALUES ('x')")),
    ],
    ['terminated-instead', 'pg_terminate_backend', at(11, log('master', terminated))],
  ],
});

const task = 'when-the-standby-dies/a-commit-waits';

prove('commitsReleased', commitsReleased('master', 'slave', 'slave1', task), {
  right: {
    'the slave is back': at(11, kept(task)),
    'as a quorum': at(11, kept(task), sender({ syncState: 'quorum' })),
  },
  wrong: [
    ['no-answer', 'the master is stopped', at(11, stopped('master'))],
    ['nothing-to-let-go', 'nothing done', at(11)],
    ['still-waiting', 'the slave is away', at(11, kept(task), slaveDown, waits())],
    ['forgot-to-undo', 'emptied and left so', at(11, kept(task), noNames, sender({ syncState: 'async' }))],
    ['standby-still-down', 'cancelled only', at(11, kept(task), slaveDown)],
    ['not-sync-again', 'not connected yet', at(11, kept(task), noSender)],
    ['not-sync-again', 'two are asked for now', at(11, kept(task), names('first 2 (slave1, slave2)'))],
    ['not-sync-again', 'connected, not sync yet', at(11, kept(task), sender({ syncState: 'async' }))],
  ],
});
