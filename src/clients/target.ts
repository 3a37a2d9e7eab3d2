/**
 * Determines where a client program connects, from options, connection string, environment and defaults, as libpq does.
 */
import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { knownHome } from '../lab/machine/home.ts';
import { parseConninfo } from '../postgres/conninfo.ts';
import type { ConsoleIo } from './psql/console.ts';
import { scramOnly } from './require-auth.ts';

/** libpq's connection parameters by their names: host, port, user, dbname, password, application_name, replication … */
export type Params = Readonly<Record<string, string>>;
export type Target = {
  readonly host: string; // beginning with a slash: the directory of a Unix socket
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  readonly params: Params; // all parameters, with those of the fields above
};

/** Parameters with which no connection can be tried. The message is libpq's. */
export class TargetError extends Error {}

const fromEnvironment = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGUSER: 'user',
  PGDATABASE: 'dbname',
  PGPASSWORD: 'password',
  PGPASSFILE: 'passfile',
  PGAPPNAME: 'application_name',
  PGOPTIONS: 'options',
  PGSSLMODE: 'sslmode',
  PGREQUIREAUTH: 'require_auth',
  PGCONNECT_TIMEOUT: 'connect_timeout',
} as const;

export const isConninfo = (text: string): boolean => text.includes('=') || /^postgres(ql)?:\/\//.test(text);

/** Throws a TargetError with libpq's message: `invalid connection option "hots"`. */
export function readConninfo(text: string): Params {
  const read = parseConninfo(text);
  if ('message' in read) throw new TargetError(read.message);
  const [unknown] = read.unknown;
  if (unknown !== undefined) {
    throw new TargetError(
      /^postgres(ql)?:\/\//.test(text)
        ? `invalid URI query parameter: "${unknown}"`
        : `invalid connection option "${unknown}"`,
    );
  }
  return read.params;
}

/** A parameter comes from the first layer that has it, else from the environment, the password file or the default. */
export function target(io: Pick<ConsoleIo, 'env' | 'error' | 'mayBeAnother'>, ...layers: readonly Params[]): Target {
  const environment = Object.fromEntries(
    Object.entries(fromEnvironment).flatMap(([name, key]) => (io.env[name] ? [[key, io.env[name]]] : [])),
  );
  const params: Params = Object.assign({}, environment, ...layers.toReversed());
  const host = params.hostaddr || params.host || '/tmp';
  const port = Number(params.port || 5432);
  if (!Number.isInteger(port))
    throw new TargetError(`invalid integer value "${params.port}" for connection option "port"`);
  if (port < 1 || port > 65535) throw new TargetError(`invalid port number: "${params.port}"`);
  const user = params.user || userName();
  const database = params.dbname || user;
  const asked = { host: host.startsWith('/') ? 'localhost' : host, port: String(port), user };
  const named = params.replication === 'true' ? 'replication' : database; // the name for which libpq searches the file
  const password = params.password || passwordFromFile(io, params.passfile, { ...asked, database: named });
  const strict = io.mayBeAnother?.(host, port) ? { require_auth: scramOnly } : {};
  return { host, port, user, database, password, params: { ...params, ...strict } };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    throw new TargetError(`could not look up local user ID ${process.getuid?.()}: user does not exist`);
  }
}

/** Reads the password from `passfile` or ~/.pgpass. Source: documentation, "The Password File" (libpq-pgpass). */
function passwordFromFile(
  io: Pick<ConsoleIo, 'env' | 'error'>,
  passfile: string | undefined,
  wanted: { host: string; port: string; user: string; database: string },
): string | undefined {
  const home = knownHome(io.env);
  const path = passfile || (home && join(home, '.pgpass'));
  if (!path) return undefined;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  if (stat.mode & 0o077 && process.platform !== 'win32') {
    io.error.write(
      `WARNING: password file "${path}" has group or world access; permissions should be u=rw (0600) or less\n`,
    );
    return undefined;
  }
  const parts = [wanted.host, wanted.port, wanted.database, wanted.user];
  for (const line of readFileSync(path, 'utf8').split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = (line.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).map((field) => field.replace(/:$/, ''));
    const plain = fields.map((field) => field.replaceAll(/\\(.)/g, '$1'));
    if (plain[4] && parts.every((part, at) => fields[at] === '*' || plain[at] === part)) return plain[4];
  }
  return undefined;
}
