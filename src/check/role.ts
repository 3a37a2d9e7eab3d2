/** The check of the role with which a standby logs in. */
import type { Observation, Role, Sql } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';
import { firstMatch } from '../postgres/hba/hba.ts';
import { quoteIdentifier, quoteName } from '../postgres/quote.ts';
import { type Check, defineCheck } from './check.ts';
import { hbaClientOf } from './hba/client.ts';
import { answersOf } from './server/running.ts';
import { tutorialPassword } from './tutorial-password.ts';
import { type Location, ownPassword } from './verdict.ts';
import { type Failure, fail, pass } from './verdicts.ts';
import { othersOf, viewOf } from './view.ts';

/** The role has LOGIN, REPLICATION and a password that pg_hba.conf can ask for. Any password passes. */
export const replicationRole = (server: string, name: string): Check => {
  const tutorials = tutorialPassword();
  return defineCheck(
    [
      'no-answer',
      'role-name-differs',
      'role-waits-for-a-standby',
      'role-on-the-wrong-server',
      'database-instead-of-role',
      'role-missing',
      'no-login',
      'no-replication',
      'no-password',
      'password-expired',
      'no-connections',
      'md5-against-scram',
    ],
    ({ now }) => {
      const sql = answersOf(now, server);
      if ('kind' in sql) return sql;
      const role = sql.roles.find((one) => one.name === name);
      if (!role) return missing(now, server, name, sql);
      const lack = lacks(role, asksScram(now, server, sql, name))[0];
      const at: Location = {
        server,
        view: 'pg_roles',
        row: { rolname: name, rolcanlogin: role.login, rolreplication: role.replication },
      };
      if (lack) {
        const alter = `ALTER ROLE ${quoteName(name)} ${lack.clause}`;
        return fail(lack.cause, {
          seen: lack.seen,
          want: wanted(server, name),
          why: lack.why,
          at,
          next: [{ do: 'sql', on: server, text: alter }],
        });
      }
      const seen = `role ${name} on ${server}: LOGIN, ${role.replication ? 'REPLICATION' : 'SUPERUSER'}, a password`;
      if (role.superuser) {
        return pass(seen, {
          warning: `${name} is a superuser: it may do everything on ${server}, and its password will stand in a file of another machine`,
        });
      }
      if (role.password?.startsWith('md5'))
        return pass(seen, { warning: 'its password is kept as md5, which is on its way out of PostgreSQL' });
      return pass(seen, tutorials(now, role));
    },
  );
};

const wanted = (server: string, name: string): string =>
  `a role ${name} on ${server} with LOGIN, REPLICATION and a password`;

type Lack = {
  readonly cause:
    | 'no-login'
    | 'no-replication'
    | 'no-password'
    | 'password-expired'
    | 'no-connections'
    | 'md5-against-scram';
  readonly seen: string;
  readonly why: string;
  readonly clause: string;
};

function lacks(role: Role, scram: boolean): readonly Lack[] {
  const { name } = role;
  const found: (Lack | false)[] = [
    !role.login && {
      cause: 'no-login',
      seen: `role ${name} may not log in (NOLOGIN)`,
      why: 'CREATE ROLE makes roles without LOGIN, unless you ask for it; CREATE USER makes them with',
      clause: 'LOGIN',
    },
    !role.replication &&
      !role.superuser && {
        cause: 'no-replication',
        seen: `role ${name} lacks REPLICATION`,
        why: 'the log holds every row of every database; only a role with REPLICATION may ask for it',
        clause: 'REPLICATION',
      },
    role.password === null && {
      cause: 'no-password',
      seen: `role ${name} has no password`,
      why: 'where a password is asked for, a role without one is always refused',
      clause: `PASSWORD '${ownPassword}'`,
    },
    role.expired && {
      cause: 'password-expired',
      seen: `the password of role ${name} was valid until ${role.validUntil}`,
      why: 'an expired password is refused as if it were wrong; only the log of the server that refuses says why',
      clause: "VALID UNTIL 'infinity'",
    },
    role.limit === 0 &&
      !role.superuser && {
        cause: 'no-connections',
        seen: `role ${name} may have no connection at all (CONNECTION LIMIT 0)`,
        why: 'every knock would hear "too many connections for role"; -1 means no limit',
        clause: 'CONNECTION LIMIT -1',
      },
    role.password?.startsWith('md5') === true &&
      scram && {
        cause: 'md5-against-scram',
        seen: `the password of role ${name} is kept as md5`,
        why: 'pg_hba.conf asks for scram-sha-256, and an md5 value cannot answer that; set the password again with password_encryption = scram-sha-256',
        clause: `PASSWORD '${ownPassword}'`,
      },
  ];
  return found.filter((lack) => lack !== false);
}

/** Asks the first line of pg_hba.conf that matches this role; without one, password_encryption of the server. */
function asksScram(now: Observation, server: string, sql: Sql, user: string): boolean {
  const { disk } = viewOf(now, server);
  const rules = !isProblem(disk) && disk.hba && 'rules' in disk.hba ? disk.hba.rules : [];
  const standby = othersOf(now, server)[0]?.name ?? server;
  const rule = firstMatch(rules, hbaClientOf(now, server, { user, server: standby }).connection);
  return rule ? rule.method === 'scram-sha-256' : sql.settings.password_encryption?.value !== 'md5';
}

function missing(
  now: Observation,
  server: string,
  name: string,
  sql: Sql,
): Failure<
  | 'role-name-differs'
  | 'role-waits-for-a-standby'
  | 'role-on-the-wrong-server'
  | 'database-instead-of-role'
  | 'role-missing'
> {
  const want = wanted(server, name);
  const create = {
    do: 'sql',
    on: server,
    text: `CREATE ROLE ${quoteName(name)} WITH LOGIN REPLICATION PASSWORD '${ownPassword}'`,
  } as const;
  const known = sql.roles.map((role) => role.name);
  const alike = known.find((one) => one.trim().toLowerCase() === name.toLowerCase());
  if (alike !== undefined) {
    return fail('role-name-differs', {
      seen: `there is a role "${alike}", but none called ${name}`,
      want,
      why: 'a name in double quotes keeps its capitals and blanks; a standby that logs in as slave does not mean it',
      at: { server, view: 'pg_roles', row: { rolname: alike } },
      next: [
        {
          do: 'sql',
          on: server,
          text: `ALTER ROLE ${quoteIdentifier(alike)} RENAME TO ${quoteName(name)}`,
        },
        {
          do: 'sql',
          on: server,
          text: `ALTER ROLE ${quoteName(name)} PASSWORD '${ownPassword}'`,
        },
      ],
    });
  }
  const waiting = sql.waiting.find(({ query }) => /create\s+(role|user)/i.test(query));
  if (waiting) {
    return fail('role-waits-for-a-standby', {
      seen: `your ${waiting.query.trim().split(/\s+/, 2).join(' ')} waits for a synchronous standby (process ${waiting.pid}), and nobody else can see the role yet`,
      want,
      why: 'synchronous_standby_names is set, and no standby of that name is connected; none can connect without this role',
      at: { server, view: 'pg_stat_activity', row: { pid: waiting.pid, wait_event: 'SyncRep', query: waiting.query } },
      next: [
        { do: 'sql', on: server, text: `ALTER SYSTEM SET synchronous_standby_names = ''` },
        { do: 'reload', on: server },
      ],
    });
  }
  const elsewhere = othersOf(now, server).find(
    ({ sql: other }) => !isProblem(other) && other.roles.some((role) => role.name === name),
  );
  if (elsewhere) {
    return fail('role-on-the-wrong-server', {
      seen: `${elsewhere.name} has a role ${name}; ${server} has none`,
      want,
      why: `the one who is asked must know the name: the standby logs in at ${server}`,
      at: { server: elsewhere.name, view: 'pg_roles', row: { rolname: name } },
      next: [create],
    });
  }
  const at: Location = { server, view: 'pg_roles', row: { rolname: null } };
  if (sql.databases.includes(name)) {
    return fail('database-instead-of-role', {
      seen: `${server} has a database ${name}, but no role of that name`,
      want,
      why: 'who logs in is a role; a database is what one logs in to',
      at,
      next: [create],
    });
  }
  return fail('role-missing', {
    seen: `${server} has no role ${name}; it knows ${known.join(', ')}`,
    want,
    why: 'the standby logs in like any client, with a name and a password',
    at,
    next: [create],
  });
}
