/**
 * The password file of the lab's shell (PGPASSFILE), so that the learner need not type the password of the superuser
 * `postgres`. It has no line for other roles, so a client that logs in as `slave` has to get the password. Source:
 * documentation, "The Password File" (libpq-pgpass).
 */
import { join } from 'node:path';
import { passwordFits } from '../../postgres/scram.ts';
import { writeOwnFiles } from '../files/own-files.ts';
import type { Observation, ServerView } from '../observation.ts';
import type { LabPlan, ServerPlan } from '../plan/plan.ts';
import { secretsOf, tutorialSecrets } from './secrets.ts';

const folder = 'shell';
const name = 'pgpass';
export const passwordFile = (dir: string): string => join(dir, folder, name);

/**
 * What is known about a server's superuser password. `stored`: as the server stores it; `family`: the system
 * identifier, which copies share.
 */
export type KnownPassword = { readonly stored?: string | null | undefined; readonly family?: string | undefined };

type Fits = (stored: string, user: string, password: string) => boolean;

/**
 * By server; undefined: the learner set one that the workshop does not know. After the clone the slave has the
 * master's, and `ALTER ROLE` may have set another one of the lab or the tutorial. A server that cannot be asked is
 * taken to have the password of the first server of its family.
 */
export function superuserPasswords(
  plan: LabPlan,
  known: Readonly<Record<string, KnownPassword>>,
  fits: Fits = passwordFits,
): Readonly<Record<string, string | undefined>> {
  const candidates = [...new Set([...secretsOf(plan), ...Object.values(tutorialSecrets.servers)])];
  return Object.fromEntries(
    plan.servers.map((server) => {
      const { stored } = known[server.name] ?? {};
      const likely = byFamily(plan, server, known);
      if (stored === undefined) return [server.name, likely];
      return [server.name, [likely, ...candidates].find((one) => stored !== null && fits(stored, 'postgres', one))];
    }),
  );
}

function byFamily({ servers }: LabPlan, server: ServerPlan, known: Readonly<Record<string, KnownPassword>>): string {
  const familyOf = ({ name }: ServerPlan) => known[name]?.family;
  const origin = servers.find((one) => familyOf(one) !== undefined && familyOf(one) === familyOf(server));
  return (origin ?? server).password;
}

export const recognisedPassword = ({ servers }: Observation): Readonly<Record<string, KnownPassword>> =>
  Object.fromEntries(Object.values(servers).map((view) => [view.name, knownOf(view)]));

function knownOf({ sql, disk }: ServerView): KnownPassword {
  const family = 'control' in disk ? disk.control?.systemIdentifier : undefined;
  if (!('roles' in sql)) return { family };
  return { family, stored: sql.roles.find(({ name }) => name === 'postgres')?.password ?? null };
}

/** One line for each host name under which a client may connect to the server. */
export function passwordFileText(plan: LabPlan, passwords: Readonly<Record<string, string | undefined>>): string {
  const lines = plan.servers.flatMap(({ name, port }) => {
    const password = passwords[name];
    if (password === undefined || /[\n\r]/.test(password)) return [];
    return [plan.host, 'localhost'].map((host) => [host, port, '*', 'postgres', escaped(password)].join(':'));
  });
  return `${about}${lines.join('\n')}\n`;
}

const about = `# Made by repl-workshop, and written again when a password changes: psql finds the password of "postgres" here.
# Only in the shell of this lab, and only on its own servers. Your own ~/.pgpass is not read there, and not changed:
# a line in it could answer for the lab's role "slave". Everywhere else it counts as ever.
`;

const escaped = (value: string): string => value.replace(/[\\:]/g, '\\$&');

/**
 * Writes only when the text differs. Returns a sentence when a file of the learner has that name. Throws a ProblemError
 * when it cannot be written.
 */
export const writePasswordFile = (dir: string, text: string): readonly string[] =>
  writeOwnFiles(dir, folder, { [name]: text }, 0o600);
