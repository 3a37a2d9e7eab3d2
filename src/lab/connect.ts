/**
 * Short sessions of the workshop on a server: over the Unix socket where there is one, because no wrong password can
 * lock the workshop out there, otherwise over TCP.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Client, Connection } from 'pg';

export type Route = {
  readonly through: 'socket' | 'tcp';
  readonly host: string; // a folder when `through` is 'socket'
  readonly port: number;
  readonly password?: string;
  /** TCP only: the port is known to be the server's own, so an MD5 hash of the password may be sent too. */
  readonly md5?: true;
  /** Opens a connection to the server's socket by another way; `host` and `port` are then only labels. */
  readonly stream?: () => Promise<Duplex>;
};

const applicationName = 'repl-workshop';

/** In ms. Sent with the login, so that they win over what a role or a database sets. */
export type SessionLimits = { readonly statement_timeout: number; readonly lock_timeout: number };

/**
 * Routes in the order to try. After the clone the standby has the primary's passwords, so TCP has several candidates.
 */
export function routes(socketDir: string | null, host: string, port: number, passwords: readonly string[]): Route[] {
  const socket = socketDir && existsSync(join(socketDir, `.s.PGSQL.${port}`));
  return [
    ...(socket ? [{ through: 'socket', host: socketDir, port } as const] : []),
    ...[...new Set(passwords)].map((password) => ({ through: 'tcp', host, port, password }) as const),
  ];
}

/** invalid_password. Source: documentation, "PostgreSQL Error Codes" (errcodes-appendix). */
const isWrongPassword = (error: unknown): boolean => (error as { code?: string }).code === '28P01';

/**
 * Resolves with a connected client and the route it used. Rejects with the error of the first route: those of later
 * routes are only about passwords.
 */
export async function connect(
  candidates: readonly Route[],
  options: { database: string; application?: string; timeoutMs?: number; limits?: SessionLimits },
): Promise<{ client: Client; route: Route }> {
  const { default: pg } = await import('pg');
  let firstError: unknown;
  for (const route of candidates) {
    const stream = await route.stream?.();
    const secret = scramOnly(route);
    const client = new pg.Client({
      host: route.host,
      port: route.port,
      user: 'postgres',
      database: options.database,
      password: secret.password,
      ssl: false, // the lab's servers have no TLS; undefined would read it from the environment
      application_name: options.application ?? applicationName,
      options: '-c role=none', // a role or a database may set another one
      connectionTimeoutMillis: options.timeoutMs ?? 2000,
      ...options.limits,
      ...(stream ? { stream: () => stream } : {}),
    });
    secret.watch(client); // must come before pg's own listener
    client.on('error', () => undefined); // the server went away: the pending query rejects with the error
    try {
      await client.connect();
      return { client, route };
    } catch (error) {
      firstError ??= error;
      await client.end().catch(() => undefined);
      if (route.through === 'tcp' && !isWrongPassword(error)) break; // another password would fail in the same way
    }
  }
  throw firstError ?? new Error('no way to this server is known');
}

/**
 * A program that has taken the server's port may ask for the password in clear text, or for an MD5 hash that it can
 * crack offline. So the workshop answers only SCRAM over TCP, which reveals nothing about the password. PostgreSQL
 * stores SCRAM passwords by default since 14, and an "md5" line in pg_hba.conf then asks for SCRAM too. Source:
 * documentation, "Password Authentication" (auth-password).
 */
function scramOnly({ through, password = '', md5 }: Route) {
  let refusedMethod: string | undefined;
  return {
    password: () => {
      if (refusedMethod === undefined) return password;
      throw new Error(`this port asks for ${refusedMethod}, and the workshop answers only scram-sha-256`);
    },
    watch(client: Client) {
      const { connection } = client as Client & { readonly connection: Connection }; // pg's types do not declare it
      const asksFor = (method: string) => () => {
        if (through === 'tcp') refusedMethod = method;
      };
      connection.once('authenticationCleartextPassword', asksFor('the password in clear text'));
      if (!md5) connection.once('authenticationMD5Password', asksFor('an MD5 sum of the password'));
    },
  };
}
