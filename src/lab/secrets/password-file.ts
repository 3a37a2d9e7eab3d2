/**
 * The password file of the lab's shell (PGPASSFILE): nobody types the password of the superuser `postgres`. No other role stands in it, so a client
 * that comes as `slave` is asked, or is told the password. Source: documentation, "The Password File" (libpq-pgpass).
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

/** What is known of the superuser's password on a server. `stored`: as the server keeps it; `family`: the system identifier, which a copy keeps. */
export type KnownPassword = { readonly stored?: string | null | undefined; readonly family?: string | undefined };

type Fits = (stored: string, user: string, password: string) => boolean;

/**
 * By server; undefined: the learner has chosen one that nobody here knows. After the clone the slave has the master's, and `ALTER ROLE` may have
 * set another one of the lab's, or the tutorial's own. A server that cannot be asked has the password of the first server of its family.
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

/** A line for each name of this machine under which a client may call the server. */
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

/** Only when it differs. Returns a sentence where the learner has put a file of their own in its place. Throws a ProblemError where it may not be written. */
export const writePasswordFile = (dir: string, text: string): readonly string[] =>
  writeOwnFiles(dir, folder, { [name]: text }, 0o600);
