/** IDENTIFY_SYSTEM over a replication connection tests address, rule, password and REPLICATION at once. */

import type { Observation } from '../../lab/observation.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import { type Check, defineCheck } from '../check.ts';
import { answersOf } from '../server/running.ts';
import { isOff } from '../setting/settings.ts';
import { unlogged } from '../steps/unlogged.ts';
import { refusalOf, refusalWords } from '../streaming/refusal.ts';
import type { Step } from '../verdict.ts';
import { fail, pass } from '../verdicts.ts';
import { atLogLine, inFile, lastRecord, othersOf, sinceReload, viewOf } from '../view.ts';

/** The server has answered a replication login since its start; only log_replication_commands makes that visible. */
export const replicationLoginWorked = (server: string, user: string): Check =>
  defineCheck(
    [
      'no-answer',
      'knock-refused-by-hba',
      'knock-password-wrong',
      'knock-without-replication',
      'knock-role-may-not-replicate',
      'knock-role-may-not-log-in',
      'knocks-not-logged',
      'not-knocked-yet',
    ],
    ({ now }) => {
      const view = viewOf(now, server);
      const answered = lastRecord(view.log.records, /^received replication command: IDENTIFY_SYSTEM/);
      if (answered)
        return pass(`${server} answered: ${answered.message}${answered.time ? `, at ${answered.time}` : ''}`);
      const sql = answersOf(now, server);
      if ('kind' in sql) return sql;
      return notAnswered(now, server, user, isOff(sql.settings.log_replication_commands?.value));
    },
  );

/** The login was refused, was made without replication=true, or is not in the log. `silent`: answers are not logged. */
function notAnswered(now: Observation, server: string, user: string, silent: boolean) {
  const view = viewOf(now, server);
  const login: Step = { do: 'replication-login', from: othersOf(now, server)[0]?.name ?? server, on: server };
  const next: readonly Step[] = silent ? [...logCommands(server), login] : [login];
  const found = { want: `${server} answers to IDENTIFY_SYSTEM over a replication connection of ${user}`, next };
  const last = sinceReload(view).findLast((record) => refusalOf(record) || isPlainSql(record, user));
  const refusal = last && refusalOf(last);
  if (last && refusal) {
    const words = refusalWords(refusal, now, server);
    return fail(loginCauses[refusal.kind], {
      ...found,
      seen: `you knocked, and ${server} said no: ${last.message}`,
      why: words.why,
      at: atLogLine(server, last),
      next: [...words.next, ...next],
    });
  }
  if (last) {
    return fail('knock-without-replication', {
      ...found,
      seen: `somebody knocked as for a database: ${last.message}`,
      why: 'without replication=true it is an ordinary session, and IDENTIFY_SYSTEM is no SQL',
      at: atLogLine(server, last),
    });
  }
  if (silent) {
    return fail('knocks-not-logged', {
      ...found,
      seen: `${server} does not log replication commands, so a knock that it answers leaves no trace`,
      why: 'log_replication_commands is off, as PostgreSQL has it; a refusal would stand in the log, an answer does not',
      at: { server, view: 'pg_settings', row: { name: 'log_replication_commands', setting: 'off' } },
    });
  }
  const lost = unlogged(view);
  return fail('not-knocked-yet', {
    ...found,
    seen: `since it last read its files, nobody has knocked at ${server}`,
    why: lost.why ?? 'one knock tests address, rule, password and right, before there is any standby',
    at: inFile(server, view.log.file ?? 'the log'),
    next: [...lost.next, ...next],
  });
}

const logCommands = (server: string): readonly Step[] => [
  { do: 'sql', on: server, text: 'ALTER SYSTEM SET log_replication_commands = on' },
  { do: 'reload', on: server },
];

const loginCauses = {
  'no-hba-entry': 'knock-refused-by-hba',
  'hba-rejects': 'knock-refused-by-hba',
  'role-missing': 'knock-password-wrong',
  'role-has-no-password': 'knock-password-wrong',
  'password-expired': 'knock-password-wrong',
  'md5-against-scram': 'knock-password-wrong',
  'password-failed': 'knock-password-wrong',
  'role-may-not-replicate': 'knock-role-may-not-replicate',
  'role-may-not-log-in': 'knock-role-may-not-log-in',
} as const;

const isPlainSql = ({ message }: LogRecord, user: string): boolean =>
  message.startsWith('syntax error at or near "IDENTIFY_SYSTEM"') ||
  message.startsWith(`database "${user}" does not exist`) ||
  (message.startsWith('no pg_hba.conf entry for host') && message.includes(`user "${user}"`));
