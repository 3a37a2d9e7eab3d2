/** The password file of a native lab, kept right: when the lab is opened, at each start of a server, and at each look of a lab that is open for deeds. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseControlFile } from '../look/control-file.ts';
import type { Observation } from '../observation.ts';
import type { LabPlan } from '../plan/plan.ts';
import { ProblemError } from '../problem.ts';
import {
  type KnownPassword,
  passwordFile,
  passwordFileText,
  recognisedPassword,
  superuserPasswords,
  writePasswordFile,
} from '../secrets/password-file.ts';
import type { NativeServer } from './server/server.ts';

type Servers = readonly Pick<NativeServer, 'name' | 'data' | 'isRunning' | 'sql'>[];

/** By the data directories alone. A file that is younger than the plan knows more: a look or a start has written it. */
export function beginPasswordFile(dir: string, plan: LabPlan, servers: Servers): readonly string[] {
  if (changedAt(passwordFile(dir)) > changedAt(join(dir, 'lab.json'))) return [];
  return write(dir, plan, Object.fromEntries(servers.map(({ name, data }) => [name, { family: familyOf(data) }])));
}

/** Asks those that run. Throws a ProblemError where the file may not be written. */
export async function refreshPasswordFile(dir: string, plan: LabPlan, servers: Servers): Promise<void> {
  const known = servers.map(async (server) => [
    server.name,
    { family: familyOf(server.data), stored: await storedBy(server) },
  ]);
  write(dir, plan, Object.fromEntries(await Promise.all(known)));
}

/**
 * For after a look; what is known already is not worked out again (each try of a password costs milliseconds). On a full or read-only disk looks go on:
 * the opening of the lab has said what is wrong, or the next one will.
 */
export function keepPasswordFile(dir: string, plan: LabPlan): (seen: Observation) => void {
  let before = '';
  return (seen) => {
    const known = recognisedPassword(seen);
    const now = JSON.stringify(known);
    if (now === before) return;
    try {
      write(dir, plan, known);
      before = now;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
    }
  };
}

const write = (dir: string, plan: LabPlan, known: Readonly<Record<string, KnownPassword>>): readonly string[] =>
  writePasswordFile(dir, passwordFileText(plan, superuserPasswords(plan, known)));

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** As the server keeps it; undefined: it cannot be asked now. */
async function storedBy(server: Servers[number]): Promise<string | null | undefined> {
  if (!(await server.isRunning())) return undefined;
  const text = "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'";
  const asked = await server.sql(text, { signal: AbortSignal.timeout(askMs) }).catch(() => undefined);
  const stored = asked?.rows[0]?.rolpassword;
  return typeof stored === 'string' || stored === null ? stored : undefined;
}

const askMs = 2000;

/** The system identifier in the control file; undefined: there is no cluster, or no whole one. */
function familyOf(data: string): string | undefined {
  try {
    return parseControlFile(readFileSync(join(data, 'global', 'pg_control')))?.systemIdentifier;
  } catch {
    return undefined;
  }
}
