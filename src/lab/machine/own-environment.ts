/**
 * Environment variables by which a user's programs find their own servers. They are removed from this program's
 * environment at the start: `pg` reads them at each connect, and child processes inherit them.
 */

/** libpq's variables, and the one that makes `pg` load another driver. */
const clientVariables = /^(PG[A-Z].*|NODE_PG_FORCE_NATIVE)$/;

/** Removes the variables from `env` and returns the environment as it was, for the user's own programs. */
export function takeOwnEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const original = { ...env };
  for (const name of Object.keys(env)) if (clientVariables.test(name)) delete env[name];
  return original;
}

/**
 * The environment without PG*: a server passes them to its walreceiver, which could find a password there by accident.
 */
export const withoutPgSettings = (env: NodeJS.ProcessEnv): Record<string, string> => envWithout(env, clientVariables);

/** The variables that have a value, without those whose name matches the pattern. */
export const envWithout = (env: NodeJS.ProcessEnv, pattern: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !pattern.test(entry[0])),
  );

/**
 * For libpq in servers and in the lab's programs: never sends a password in clear text or as MD5, because another
 * program may have taken the port. libpq knows this since PostgreSQL 16. Source: documentation, "Database Connection
 * Control Functions", require_auth.
 */
export const scramOrNone = { PGREQUIREAUTH: '!password,!md5' } as const;
