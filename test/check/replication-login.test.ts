import { expect, test } from 'vitest';
import { replicationLoginWorked } from '../../src/check/hba/replication-login.ts';
import { ownPassword } from '../../src/check/verdict.ts';
import { at, atDocker, but, freshLog, inEffect, log, role, stopped, verifier } from './lab.ts';
import { prove } from './prove.ts';

const masterLog = (...lines: string[]) => at(5, freshLog('master'), log('master', ...lines));
const silent = inEffect('master', 'log_replication_commands', 'off');
const reload = 'LOG:  received SIGHUP, reloading configuration files';
const noEntry =
  'FATAL:  no pg_hba.conf entry for replication connection from host "127.0.0.1", user "slave", no encryption';

prove('replicationLoginWorked', replicationLoginWorked('master', 'slave'), {
  right: {
    answered: at(5),
    'answered, and the master stopped since': at(5, stopped('master')),
    'refused first, then answered': masterLog(noEntry, reload, 'LOG:  received replication command: IDENTIFY_SYSTEM'),
  },
  wrong: [
    ['no-answer', 'the master is stopped', at(4, stopped('master'))],
    ['not-knocked-yet', 'nothing in the log', masterLog()],
    ['not-knocked-yet', 'refused before the reload only', masterLog(noEntry, reload)],
    ['knock-refused-by-hba', 'no line', masterLog(noEntry)],
    [
      'knock-refused-by-hba',
      'a reject',
      masterLog('FATAL:  pg_hba.conf rejects replication connection for host "127.0.0.1", user "slave", no encryption'),
    ],
    ['knock-password-wrong', 'wrong', masterLog('FATAL:  password authentication failed for user "slave"')],
    [
      'knock-password-wrong',
      'no such role',
      masterLog('FATAL:  password authentication failed for user "slave"', 'DETAIL:  Role "slave" does not exist.'),
    ],
    [
      'knock-without-replication',
      'as SQL',
      masterLog('ERROR:  syntax error at or near "IDENTIFY_SYSTEM" at character 1'),
    ],
    ['knock-without-replication', 'no database of that name', masterLog('FATAL:  database "slave" does not exist')],
    [
      'knock-without-replication',
      'no line for a database',
      masterLog('FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "slave", database "slave", no encryption'),
    ],
    [
      'knock-role-may-not-replicate',
      '13 to 15',
      masterLog('FATAL:  must be superuser or replication role to start walsender'),
    ],
    ['knock-role-may-not-replicate', '16 and later', masterLog('FATAL:  permission denied to start WAL sender')],
    ['knocks-not-logged', 'as PostgreSQL has it', at(4, silent)],
    ['knocks-not-logged', "the tutorial's docker run", atDocker(4, silent)],
    ['not-knocked-yet', 'on Docker', atDocker(4)],
    ['knock-role-may-not-log-in', 'NOLOGIN', masterLog('FATAL:  role "slave" is not permitted to log in')],
  ],
});

test("replicationLoginWorked gives the reason that only the master's log has", () => {
  const seen = masterLog(
    'FATAL:  password authentication failed for user "slave"',
    'DETAIL:  Role "slave" does not exist.',
  );
  expect(replicationLoginWorked('master', 'slave')(seen)).toMatchObject({
    why: 'master has no role "slave"; a stranger is only told that the password failed',
    at: { server: 'master', log: { detail: 'Role "slave" does not exist.' } },
  });
});

test("replicationLoginWorked asks for another login, or for the lab's password if the role has another", () => {
  const refused = 'FATAL:  password authentication failed for user "slave"';
  expect(replicationLoginWorked('master', 'slave')(masterLog(refused))).toMatchObject({
    next: [{ do: 'replication-login', on: 'master' }],
  });
  expect(
    replicationLoginWorked('master', 'slave')(but(masterLog(refused), role({ password: verifier('slave_pass') }))),
  ).toMatchObject({
    next: [
      { do: 'sql', text: `ALTER ROLE slave PASSWORD '${ownPassword}'` },
      { do: 'replication-login', on: 'master' },
    ],
  });
  // The password of another role says nothing about the replication role.
  const another = masterLog('FATAL:  password authentication failed for user "postgres"');
  expect(replicationLoginWorked('master', 'slave')(another)).toMatchObject({
    next: [{ do: 'replication-login', on: 'master' }],
  });
});

test('a refused replication login is reported where they are not logged, with how to log them', () => {
  expect(replicationLoginWorked('master', 'slave')(but(masterLog(noEntry), silent))).toMatchObject({
    cause: 'knock-refused-by-hba',
    next: [
      { do: 'reload' },
      { do: 'sql', text: 'ALTER SYSTEM SET log_replication_commands = on' },
      { do: 'reload' },
      { do: 'replication-login', from: 'slave', on: 'master' },
    ],
  });
});
