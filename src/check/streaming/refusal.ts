/** Refused logins in the log of the server that refused them. The client's own log often has less. */
import type { Observation, Role } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { LogRecord } from '../../postgres/log/log.ts';
import { quoteName } from '../../postgres/quote.ts';
import { judgeLine } from '../hba/hba.ts';
import { ownPassword, type Step } from '../verdict.ts';
import { othersOf, viewOf } from '../view.ts';

export type RefusalKind =
  | 'no-hba-entry'
  | 'hba-rejects'
  | 'password-failed'
  | 'role-missing'
  | 'role-has-no-password'
  | 'password-expired'
  | 'md5-against-scram'
  | 'role-may-not-replicate'
  | 'role-may-not-log-in';

export type Refusal = { readonly kind: RefusalKind; readonly user: string | undefined; readonly record: LogRecord };

export const lastRefusal = (records: readonly LogRecord[]): Refusal | undefined =>
  records.map(refusalOf).findLast((refusal) => refusal !== undefined);

/** Reads a record of the server that refused the login; the wording is that of 13 to 18. */
export function refusalOf(record: LogRecord): Refusal | undefined {
  for (const { kind, message, detail } of lines) {
    const found = message.exec(record.message);
    if (found && (!detail || detail.test(record.detail ?? ''))) return { kind, user: found.groups?.user, record };
  }
  return undefined;
}

const passwordFailed = /^password authentication failed for user "(?<user>[^"]*)"/;

// The order matters: only the DETAIL tells the five causes of a failed password apart.
const lines: readonly { readonly kind: RefusalKind; readonly message: RegExp; readonly detail?: RegExp }[] = [
  {
    kind: 'no-hba-entry',
    message: /^no pg_hba\.conf entry for replication connection from host "[^"]*", user "(?<user>[^"]*)"/,
  },
  {
    kind: 'hba-rejects',
    message: /^pg_hba\.conf rejects replication connection for host "[^"]*", user "(?<user>[^"]*)"/,
  },
  { kind: 'role-missing', message: passwordFailed, detail: /^Role "[^"]*" does not exist/ },
  { kind: 'role-has-no-password', message: passwordFailed, detail: /has no password assigned/ },
  { kind: 'password-expired', message: passwordFailed, detail: /has an expired password/ },
  { kind: 'md5-against-scram', message: passwordFailed, detail: /does not have a valid SCRAM secret/ },
  { kind: 'password-failed', message: passwordFailed },
  {
    kind: 'role-may-not-replicate',
    message: /^(must be superuser or replication role to start walsender|permission denied to start WAL sender)/,
  },
  { kind: 'role-may-not-log-in', message: /^role "(?<user>[^"]*)" is not permitted to log in/ },
];

/** undefined: the server has no such role, or does not answer. */
export function roleOn(now: Observation, server: string, user: string): Role | undefined {
  const { sql } = viewOf(now, server);
  return isProblem(sql) ? undefined : sql.roles.find(({ name }) => name === user);
}

/**
 * The reason, and the steps on the server that refused. `next` is empty where the client has to be corrected instead.
 */
export function refusalWords(
  { kind, user = 'slave' }: Refusal,
  now: Observation,
  server: string,
): { readonly why: string; readonly next: readonly Step[] } {
  const alter = (clause: string): readonly Step[] => [
    { do: 'sql', on: server, text: `ALTER ROLE ${quoteName(user)} ${clause}` },
  ];
  const rule = (): readonly Step[] => {
    const line = judgeLine(now, server, { user, server: othersOf(now, server)[0]?.name ?? server });
    return [...(line.kind === 'fail' ? line.next : []), { do: 'reload', on: server }];
  };
  switch (kind) {
    case 'no-hba-entry':
      return {
        why: `no line of the rules that ${server} has loaded fits a replication connection of user "${user}"`,
        next: rule(),
      };
    case 'hba-rejects':
      return { why: `a line with the method reject fits first`, next: rule() };
    case 'role-missing':
      return {
        why: `${server} has no role "${user}"; a stranger is only told that the password failed`,
        next: [
          {
            do: 'sql',
            on: server,
            text: `CREATE ROLE ${quoteName(user)} WITH LOGIN REPLICATION PASSWORD '${ownPassword}'`,
          },
        ],
      };
    case 'role-has-no-password':
      return { why: `role "${user}" has no password, so none can be right`, next: alter(`PASSWORD '${ownPassword}'`) };
    case 'password-expired':
      return {
        why: `the password of "${user}" is no longer valid (VALID UNTIL)`,
        next: alter("VALID UNTIL 'infinity'"),
      };
    case 'md5-against-scram':
      return {
        why: `the password of "${user}" is kept as md5, and pg_hba.conf asks for scram-sha-256: set it again`,
        next: alter(`PASSWORD '${ownPassword}'`),
      };
    case 'password-failed':
      return passwordRefused(roleOn(now, server, user), user, server, alter(`PASSWORD '${ownPassword}'`));
    case 'role-may-not-replicate':
      return { why: 'the role logged in, but lacks REPLICATION', next: alter('REPLICATION') };
    case 'role-may-not-log-in':
      return { why: `role "${user}" has NOLOGIN`, next: alter('LOGIN') };
  }
}

/** Proposes the lab's password only for the lab's own role (others have no `own`), or where the role is not known. */
function passwordRefused(role: Role | undefined, user: string, server: string, alter: readonly Step[]) {
  if (role?.own)
    return { why: `the role "${user}" on ${server} has the right password; another one was sent`, next: [] };
  const why = `the password that came with "${user}" is not the one that ${server} knows`;
  return { why, next: role === undefined || role.own === false ? alter : [] };
}
