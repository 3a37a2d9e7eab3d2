/**
 * Updates the password file of a native lab: when the lab is opened, at each start of a server, and after each look
 * of a lab that is open for operations.
 */
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

/**
 * Writes the file from the data directories alone. A file that is newer than lab.json is kept, because a look or a
 * start has written it with the servers' own answers. Returns what `writePasswordFile` reports.
 */
export function beginPasswordFile(dir: string, plan: LabPlan, servers: Servers): readonly string[] {
  if (changedAt(passwordFile(dir)) > changedAt(join(dir, 'lab.json'))) return [];
  return write(
    dir,
    plan,
    Object.fromEntries(servers.map(({ name, data }) => [name, { family: systemIdentifierOf(data) }])),
  );
}

/** Asks the running servers and writes the file. Throws a ProblemError when the file cannot be written. */
export async function refreshPasswordFile(dir: string, plan: LabPlan, servers: Servers): Promise<void> {
  const known = servers.map(async (server) => [
    server.name,
    { family: systemIdentifierOf(server.data), stored: await storedBy(server) },
  ]);
  write(dir, plan, Object.fromEntries(await Promise.all(known)));
}

/**
 * Returns a function to call after each look. It writes only after a change, since each test of a password takes
 * milliseconds. It ignores a full or read-only disk, which opening the lab reports.
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

/** Resolves with the stored password hash (null: none), or with undefined when the server cannot be asked now. */
async function storedBy(server: Servers[number]): Promise<string | null | undefined> {
  if (!(await server.isRunning())) return undefined;
  const text = "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'";
  const result = await server.sql(text, { signal: AbortSignal.timeout(askMs) }).catch(() => undefined);
  const stored = result?.rows[0]?.rolpassword;
  return typeof stored === 'string' || stored === null ? stored : undefined;
}

const askMs = 2000;

/** The system identifier in the control file; undefined: there is no complete cluster. */
function systemIdentifierOf(data: string): string | undefined {
  try {
    return parseControlFile(readFileSync(join(data, 'global', 'pg_control')))?.systemIdentifier;
  } catch {
    return undefined;
  }
}
