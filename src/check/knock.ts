/** A knock: IDENTIFY_SYSTEM over a replication connection tests address, rule, password and right at once, without any standby. */
import { isProblem } from '../lab/problem.ts';
import type { LogRecord } from '../postgres/log.ts';
import { type Check, defineCheck } from './check.ts';
import { fail, inFile, inLog, lastRecord, pass, plannedPort, sinceReload, unknown, viewOf } from './look.ts';
import { refusalOf, refusalWords } from './refusal.ts';
import { answersOf } from './running.ts';
import { isOff } from './settings.ts';

/** The server answered a knock since it was started. The evidence is its own log, so log_replication_commands must be on. */
export const knocked = (server: string, user: string): Check =>
  defineCheck(
    [
      'no-answer',
      'knock-refused-by-hba',
      'knock-password-wrong',
      'knock-without-replication',
      'knock-role-may-not-replicate',
      'knock-role-may-not-log-in',
      'not-knocked-yet',
    ],
    ({ now }) => {
      const view = viewOf(now, server);
      const answered = lastRecord(view.log.records, /^received replication command: IDENTIFY_SYSTEM/);
      if (answered)
        return pass(`${server} answered: ${answered.message}${answered.time ? `, at ${answered.time}` : ''}`);
      const sql = answersOf(now, server);
      if ('kind' in sql) return sql;
      if (isOff(sql.settings.log_replication_commands?.value)) {
        return unknown({
          what: `${server} does not log replication commands, so nobody can see afterwards whether you knocked`,
          fix: 'ALTER SYSTEM SET log_replication_commands = on, then reload, and knock again',
        });
      }
      const want = `${server} answers to IDENTIFY_SYSTEM over a replication connection of ${user}`;
      const host = view.addresses[0]?.host ?? '127.0.0.1';
      const knock = {
        do: 'run',
        text: `psql "host=${host} port=${plannedPort(view) ?? sql.port} user=${user} password=slave_pass replication=true dbname=postgres" -c IDENTIFY_SYSTEM`,
      } as const;
      const hba = isProblem(view.disk) ? 'pg_hba.conf' : `${view.disk.path}/pg_hba.conf`;
      const last = sinceReload(view).findLast((record) => refusalOf(record) || isPlainSql(record, user));
      const refusal = last && refusalOf(last);
      if (last && refusal) {
        const words = refusalWords(refusal, server, hba);
        return fail(knockCauses[refusal.kind], {
          seen: `you knocked, and ${server} said no: ${last.message}`,
          want,
          why: words.why,
          at: inLog(server, last),
          next: [...words.next, knock],
        });
      }
      if (last) {
        return fail('knock-without-replication', {
          seen: `somebody knocked as for a database: ${last.message}`,
          want,
          why: 'without replication=true it is an ordinary session, and IDENTIFY_SYSTEM is no SQL',
          at: inLog(server, last),
          next: [knock],
        });
      }
      return fail('not-knocked-yet', {
        seen: `since it last read its files, nobody has knocked at ${server}`,
        want,
        why: 'one knock tests address, rule, password and right, before there is any standby',
        at: inFile(server, view.log.file ?? 'the log'),
        next: [knock],
      });
    },
  );

const knockCauses = {
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
