/** Short sessions of the workshop on a server: over the Unix socket where there is one (no password can lock us out there), else over TCP. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Client, Connection } from 'pg';

export type Route = {
  readonly through: 'socket' | 'tcp';
  readonly host: string; // a folder for a socket
  readonly port: number;
  readonly password?: string;
  readonly md5?: true; // over TCP, and known to be the server's own port: an MD5 sum of the password is given too
  readonly stream?: () => Promise<Duplex>; // a way of its own to the server's socket; host and port are only names then
};

const applicationName = 'repl-workshop';

/** In the order to try. After the clone the standby has the primary's passwords, so there are several candidates over TCP. */
export function routes(socketDir: string | null, host: string, port: number, passwords: readonly string[]): Route[] {
  const socket = socketDir && existsSync(join(socketDir, `.s.PGSQL.${port}`));
  return [
    ...(socket ? [{ through: 'socket', host: socketDir, port } as const] : []),
    ...[...new Set(passwords)].map((password) => ({ through: 'tcp', host, port, password }) as const),
  ];
}

/** invalid_password. Source: documentation, "PostgreSQL Error Codes" (errcodes-appendix). */
const isWrongPassword = (error: unknown): boolean => (error as { code?: string }).code === '28P01';

/** A connected client and the route it used. Rejects with the error of the first route: the later ones differ in the password only. */
export async function connect(
  candidates: readonly Route[],
  options: { database: string; application?: string; timeoutMs?: number },
): Promise<{ client: Client; route: Route }> {
  const { default: pg } = await import('pg');
  let first: unknown;
  for (const route of candidates) {
    const stream = await route.stream?.();
    const secret = scramOnly(route);
    const client = new pg.Client({
      host: route.host,
      port: route.port,
      user: 'postgres',
      database: options.database,
      password: secret.password,
      ssl: false, // the lab's servers have none; undefined would be read from the environment
      application_name: options.application ?? applicationName,
      connectionTimeoutMillis: options.timeoutMs ?? 2000,
      ...(stream ? { stream: () => stream } : {}),
    });
    secret.watch(client); // before pg itself listens
    client.on('error', () => undefined); // the server went away: the pending query rejects and tells
    try {
      await client.connect();
      return { client, route };
    } catch (error) {
      first ??= error;
      await client.end().catch(() => undefined);
      if (route.through === 'tcp' && !isWrongPassword(error)) break; // another password would meet the same
    }
  }
  throw first ?? new Error('no way to this server is known');
}

/**
 * A program that has taken the server's port may ask for the password as it is, or for an MD5 sum that can be tried out at leisure. Over TCP only
 * SCRAM is answered: it tells no password to who does not know it. Servers store passwords for SCRAM by default since PostgreSQL 14, and then an
 * "md5" line in pg_hba.conf asks for SCRAM too. Source: documentation, "Password Authentication" (auth-password).
 */
function scramOnly({ through, password = '', md5 }: Route) {
  let refused: string | undefined;
  return {
    password: () => {
      if (refused === undefined) return password;
      throw new Error(`this port asks for ${refused}, and the workshop answers only scram-sha-256`);
    },
    watch(client: Client) {
      const { connection } = client as Client & { readonly connection: Connection }; // pg keeps it beside its types
      const asksFor = (what: string) => () => {
        if (through === 'tcp') refused = what;
      };
      connection.once('authenticationCleartextPassword', asksFor('the password in clear text'));
      if (!md5) connection.once('authenticationMD5Password', asksFor('an MD5 sum of the password'));
    },
  };
}
