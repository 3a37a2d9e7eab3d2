/** Replaces the tutorial's passwords by new ones: on the servers, in primary_conninfo, and in the plan. */
import { randomBytes } from 'node:crypto';
import { parseConf } from '../../postgres/conf/conf.ts';
import { scramSecret } from '../../postgres/scram.ts';
import type { Lab, Server } from '../lab.ts';
import type { LabPlan } from '../plan/plan.ts';
import { ProblemError } from '../problem.ts';
import { newSecrets, type Secrets } from '../secrets/secrets.ts';
import type { ExposureFacts, KnownReplication } from './exposure.ts';
import { isTutorialPassword, passwordIn } from './facts.ts';

/** Replaces only passwords that are the tutorial's. */
export function withOwnPasswords(plan: LabPlan, { servers, replication }: Secrets = newSecrets()): LabPlan {
  const ownPassword = (password: string, other: string | undefined) =>
    isTutorialPassword(password) ? (other ?? password) : password;
  return {
    ...plan,
    servers: plan.servers.map((server) => ({
      ...server,
      password: ownPassword(server.password, servers[server.name]),
    })),
    replication: { ...plan.replication, password: ownPassword(plan.replication.password, replication) },
  };
}

/**
 * Writes the files first, then changes the roles, then reloads the servers: after a kill in between, the role still has
 * the tutorial's password, and the same command finds and finishes the work. `plan` has the new passwords.
 */
export async function changePasswords(lab: Lab, plan: LabPlan, facts: ExposureFacts): Promise<void> {
  const { knownSuperusers, knownReplication, silent } = facts;
  if (knownReplication) await writePassword(lab, plan.replication.password, knownReplication.written);
  for (const { name, password } of plan.servers)
    if (knownSuperusers.includes(name) && !silent.includes(name)) await alter(lab.server(name), 'postgres', password);
  if (!knownReplication) return;
  for (const name of knownReplication.on)
    await alter(lab.server(name), knownReplication.role, plan.replication.password);
  for (const { server } of knownReplication.written)
    if (await lab.server(server).isRunning()) await lab.server(server).reload();
}

async function writePassword(lab: Lab, password: string, written: KnownReplication['written']): Promise<void> {
  for (const { server, file, line } of written) {
    const text = await lab.server(server).readFile(file);
    if (text !== undefined) await lab.server(server).writeFile(file, withPassword(text, file, line, password));
  }
}

/**
 * Changes only the password: the rest of the line is the learner's. Throws a ProblemError when the changed line does
 * not have the new password as its value.
 */
function withPassword(text: string, file: string, line: number, password: string): string {
  const conninfo = settingAt(text, file, line);
  const old = conninfo && passwordIn(conninfo);
  if (old === undefined || !isTutorialPassword(old)) return text; // changed since the look
  const changed = text
    .split('\n')
    .map((one, at) => (at === line - 1 ? one.replaceAll(old, password) : one))
    .join('\n');
  if (passwordIn(settingAt(changed, file, line) ?? '') === password) return changed;
  throw new ProblemError({
    what: `The password in ${file}, line ${line}, could not be changed.`,
    fix: 'Write it there by hand, and say it again.',
  });
}

const settingAt = (text: string, file: string, line: number): string | undefined =>
  parseConf(text, file).settings.find((setting) => setting.line === line)?.value;

/** Skips a standby: it gets the password from its primary. The statement waits for no synchronous standby. */
async function alter(server: Server, role: string, password: string): Promise<void> {
  const { rows } = await server.sql('SELECT pg_is_in_recovery() AS standby');
  if (rows[0]?.standby === true) return;
  const stored = scramSecret(password, randomBytes(16));
  const name = `"${role.replaceAll('"', '""')}"`;
  await server.sql(`SET synchronous_commit = local; ALTER ROLE ${name} PASSWORD '${stored}'`);
}
