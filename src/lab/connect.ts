/** Short sessions of the workshop on a server: over the Unix socket where there is one (no password can lock us out there), else over TCP. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Client } from 'pg';

export type Door = {
  readonly through: 'socket' | 'tcp';
  readonly host: string; // a folder for a socket
  readonly port: number;
  readonly password?: string;
  readonly stream?: () => Promise<Duplex>; // a way of its own to the server's socket; host and port are only names then
};

export const applicationName = 'repl-workshop';

/** In the order to try. After the clone the standby has the primary's passwords, so there are several candidates over TCP. */
export function doors(socketDir: string | null, host: string, port: number, passwords: readonly string[]): Door[] {
  const socket = socketDir && existsSync(join(socketDir, `.s.PGSQL.${port}`));
  return [
    ...(socket ? [{ through: 'socket', host: socketDir, port } as const] : []),
    ...[...new Set(passwords)].map((password) => ({ through: 'tcp', host, port, password }) as const),
  ];
}

/** invalid_password. Source: documentation, "PostgreSQL Error Codes" (errcodes-appendix). */
const isWrongPassword = (error: unknown): boolean => (error as { code?: string }).code === '28P01';

/** A connected client and the door it came through. Throws the error of the first door: later ones only tell of passwords. */
export async function connect(
  candidates: readonly Door[],
  options: { database: string; application?: string; timeoutMs?: number },
): Promise<{ client: Client; door: Door }> {
  const { default: pg } = await import('pg');
  let first: unknown;
  for (const door of candidates) {
    const stream = await door.stream?.();
    const client = new pg.Client({
      host: door.host,
      port: door.port,
      user: 'postgres',
      database: options.database,
      password: door.password ?? '',
      application_name: options.application ?? applicationName,
      connectionTimeoutMillis: options.timeoutMs ?? 2000,
      ...(stream ? { stream: () => stream } : {}),
    });
    client.on('error', () => undefined); // the server went away: the pending query rejects and tells
    try {
      await client.connect();
      return { client, door };
    } catch (error) {
      first ??= error;
      await client.end().catch(() => undefined);
      if (door.through === 'tcp' && !isWrongPassword(error)) break; // another password would meet the same
    }
  }
  throw first ?? new Error('no way to this server is known');
}
