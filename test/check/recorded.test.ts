/** The checks on logs of real servers, filtered as in an observation: the lines of this start that have a note. */
import { describe, expect, test } from 'vitest';
import logNotes from '../../assets/log-notes.yaml';
import type { Check } from '../../src/check/check.ts';
import { replicationLoginWorked } from '../../src/check/hba/replication-login.ts';
import { runs } from '../../src/check/server/running.ts';
import { streams } from '../../src/check/streaming/streaming.ts';
import { cancelled } from '../../src/check/sync/cancelled.ts';
import { type LogRecord, parseLog, startOfThisRun } from '../../src/postgres/log/log.ts';
import { noteOf } from '../../src/postgres/log/notes.ts';
import { recorded } from '../postgres/recorded.ts';
import { at, type Change, disconnected, freshLog, hba, noRole, sender, state } from './lab.ts';

const majors = [13, 15, 18] as const;

/** The records that src/lab/look/log-tail.ts keeps. */
function thisStart(name: string): readonly LogRecord[] {
  const records = parseLog(recorded(name));
  return records
    .slice(startOfThisRun(records))
    .filter((record) => noteOf(record, logNotes))
    .slice(-200);
}

const wrote =
  (server: 'master' | 'slave', name: string): Change =>
  (lab) => {
    lab.now.servers[server].log.records = structuredClone(thisStart(name)) as typeof lab.now.servers.master.log.records;
  };

describe.each(majors)('PostgreSQL %i, logs of both servers: why the slave is not connected', (major) => {
  test.each([
    ['no-hba-entry', 'c_missing_line'],
    ['no-hba-entry', 'b_wrong_user'],
    ['no-hba-entry', 'e_commas'],
    ['hba-rejects', 'c_reject_first'],
    ['password-failed', 'b_wrong_password'],
    ['role-missing', 'b_no_role'],
    ['role-has-no-password', 'b_no_password'],
    ['password-expired', 'b_expired'],
    ['md5-against-scram', 'b_md5_stored_scram_hba'],
    ['role-may-not-replicate', 'b_no_replication_attr'],
    ['role-may-not-log-in', 'b_no_login'],
    ['no-password-supplied', 'b_conninfo_without_password'],
    ['name-does-not-resolve', 'e_wrong_host'],
    ['name-does-not-resolve', 'e_placeholder'],
    ['connection-refused', 'e_wrong_port'],
    ['conninfo-not-understood', 'e_bad_key'],
    ['conninfo-not-understood', 'e_missing_eq'],
    ['no-conninfo', 'e_empty'],
    ['too-many-standbys', 'a_max_wal_senders', 'standby2'],
  ])(
    `the logs of PostgreSQL ${major} show why the slave is not connected, %s: %s`,
    (cause, scenario, standby = 'standby1') => {
      const logs = [wrote('master', `${major}/${scenario}.primary`), wrote('slave', `${major}/${scenario}.${standby}`)];
      expect(streams('slave', 'master', 'slave1')(at(9, disconnected(), ...logs))).toMatchObject({
        kind: 'fail',
        cause,
      });
    },
  );
});

describe.each(majors)('PostgreSQL %i, log of a server that did not come up', (major) => {
  test.each([
    ['port-taken', 'a_port_conflict.standby1'],
    ['bad-permissions', 'a_datadir_perms.primary'],
    ['wrong-owner', 'a_datadir_owned_by_root.primary'],
    ['wrong-owner', 'a_datafile_owned_by_root.primary'],
    ['config-error', 'a_conf_owned_by_root.primary'],
    ['config-error', 'a_conf_unknown_param_start.primary'],
    ['config-error', 'a_conf_quote_start.primary'],
    ['config-error', 'a_conf_bad_enum.primary'],
    ['config-error', 'f_standby_mode.standby1'],
    ['hba-error', 'a_hba_owned_by_root_start.primary'],
    ['hba-error', 'c_bad_method.primary'],
    ['other-major', 'a_other_major.primary'],
    ['lock-file', 'd_hot_cp_pidfile.standby1'],
    ['recovery-conf', 'f_recovery_conf.standby1'],
    ['recovery-signal', 'f_recovery_signal.standby1'],
    ['backup-label-lost', 'd_hot_backup_no_label.standby1'],
    ['incomplete-copy', 'd_partial_copy.standby1'],
    ['settings-too-small', 'a_standby_fewer_connections.standby1'],
  ])(`the log of PostgreSQL ${major} shows why the server did not start, %s: %s`, (cause, name) => {
    const seen = at(3, state('master', 'failed'), wrote('master', `${major}/${name}`));
    expect(runs('master')(seen)).toMatchObject({ kind: 'fail', cause });
  });
});

describe.each(majors)('PostgreSQL %i, log of the master', (major) => {
  const ask = (check: Check, name: string) =>
    check(at(4, noRole, freshLog('master'), hba('master', ''), wrote('master', `${major}/${name}`)));

  test.each([
    ['knock-refused-by-hba', 'c_missing_line'],
    ['knock-password-wrong', 'b_wrong_password'],
    ['knock-role-may-not-replicate', 'b_no_replication_attr'],
    ['knock-role-may-not-log-in', 'b_no_login'],
  ])(`the log of PostgreSQL ${major} shows why the replication login failed, %s: %s`, (cause, scenario) => {
    expect(ask(replicationLoginWorked('master', 'replicator'), `${scenario}.primary`)).toMatchObject({
      kind: 'fail',
      cause,
    });
  });

  test(`the log of PostgreSQL ${major} shows a replication login that worked`, () => {
    expect(ask(replicationLoginWorked('master', 'replicator'), 'c_log_connections.primary')).toMatchObject({
      kind: 'pass',
    });
  });

  test(`the log of PostgreSQL ${major} distinguishes a cancelled wait from ended sessions`, () => {
    expect(ask(cancelled('master', 'slave'), 'i_cancel_terminate.primary')).toMatchObject({ kind: 'pass' });
    expect(ask(cancelled('master', 'slave'), 'i_statement_timeout.primary')).toMatchObject({
      kind: 'fail',
      cause: 'terminated-instead',
    });
  });
});

test.each([15, 18])('the log of PostgreSQL %i shows a standby whose own log is several segments ahead', (major) => {
  const logs = wrote('slave', `${major}/f_missing_ahead.standby1`);
  expect(streams('slave', 'master', 'slave1')(at(9, disconnected(), logs))).toMatchObject({
    cause: 'ahead-of-the-master',
  });
});

describe.each(majors)('PostgreSQL %i, connected and a little behind', (major) => {
  const behind = (name: string) => at(9, sender({ sent: '0/4000000' }), wrote('slave', `${major}/${name}.standby1`));

  test(`a standby of PostgreSQL ${major} with a little log of its own has diverged while both say “streaming”`, () => {
    expect(streams('slave', 'master', 'slave1')(behind('f_missing'))).toMatchObject({ cause: 'diverged' });
  });

  test.each([
    'e_reload',
    'e_right',
    'g_primary_restart',
    'g_primary_crash',
    'g_standby_restart',
    'g_timeout',
    'g_terminate_walsender',
  ])(`a standby of PostgreSQL ${major} that is a little behind has not diverged: %s`, (scenario) => {
    expect(streams('slave', 'master', 'slave1')(behind(scenario))).toMatchObject({ kind: 'pass' });
  });
});

test.each([
  'LOG:  received SIGHUP, reloading configuration files',
  'LOG:  received smart shutdown request',
  'LOG:  received replication command: IDENTIFY_SYSTEM',
  "LOG:  received replication command: BASE_BACKUP ( LABEL 'pg_basebackup base backup',  PROGRESS,  CHECKPOINT 'fast',  WAIT 0,  MANIFEST 'yes' )",
  'LOG:  /lab/rep/master_data/pg_hba.conf was not reloaded',
  'ERROR:  syntax error at or near "IDENTIFY_SYSTEM" at character 1',
  'FATAL:  database "slave" does not exist',
  'FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "slave", database "slave", no encryption',
  'ERROR:  cannot execute INSERT in a read-only transaction',
  'ERROR:  cannot execute CREATE TABLE in a read-only transaction',
  'LOG:  database system was not properly shut down; automatic recovery in progress',
  'LOG:  WAL receiver process shutdown requested',
  'FATAL:  terminating walreceiver process due to administrator command',
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000001 has already been removed',
  'LOG:  new timeline 2 forked off current database system timeline 1 before current recovery point 0/177D038',
])('a log line that a check reads has a note, so an observation keeps it: %s', (line) => {
  const [record] = parseLog(`2026-11-23 14:02:20.123 UTC [101] ${line}`);
  expect(record && noteOf(record, logNotes)).toBeDefined();
});
