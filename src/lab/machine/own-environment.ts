/**
 * Environment variables by which a user's programs find their own servers. They are taken out of this program's own environment before anything
 * reads them there: `pg` asks for them whenever it connects, and a program that is started inherits them.
 */

/** libpq's variables, and the one that makes `pg` load another driver. */
const ofClients = /^(PG[A-Z].*|NODE_PG_FORCE_NATIVE)$/;

/** What the user had set, whole: for programs that are the user's own. */
export function takeOwnEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const before = { ...env };
  for (const name of Object.keys(env)) if (ofClients.test(name)) delete env[name];
  return before;
}

/** The environment without PG*: a server passes them to its walreceiver, and a missing password would then be found by chance. */
export const withoutPgSettings = (env: NodeJS.ProcessEnv): Record<string, string> => envWithout(env, ofClients);

/** The variables that have a value, without those whose name matches the pattern. */
export const envWithout = (env: NodeJS.ProcessEnv, pattern: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !pattern.test(entry[0])),
  );

/**
 * For libpq in servers and in the lab's programs: no password in clear text and no MD5 sum of one, whoever asks; it may be another program that has
 * taken the port. libpq knows it since PostgreSQL 16 (documentation, "Database Connection Control Functions", require_auth).
 */
export const scramOrNone = { PGREQUIREAUTH: '!password,!md5' } as const;
