/**
 * Connections to the server of a container. The first session of a start goes through the container to the server's
 * Unix socket, which needs no password. It reads whether the published port would accept a session too, and with
 * which password. Later sessions use that port, at a twentieth of the cost, until the server reloads its files.
 * Passwords are tried out only when the socket cannot be reached, because a refused login is a FATAL in the learner's
 * log.
 */
import type { Client } from 'pg';
import { firstMatch, parseHba } from '../../../postgres/hba/hba.ts';
import { passwordFits } from '../../../postgres/scram.ts';
import { connect, type Route, type SessionLimits } from '../../connect.ts';
import { portInside } from '../../plan/plan.ts';
import type { Reached } from '../connect/reach.ts';
import type { Info } from '../container.ts';
import { socketInside } from './exec.ts';

export type SessionWish = {
  readonly database: string;
  readonly application?: string;
  readonly timeoutMs?: number;
  readonly limits?: SessionLimits;
};
export type OpenedSession = { readonly client: Client; readonly route: Route };
export type Connections = {
  /** Rejects with the server's or the connection's error. `log`: the log of this start so far. */
  open(info: Info, log: string, wish: SessionWish): Promise<OpenedSession>;
  /** Resolves with the route for clients of this machine; undefined: no port is published. `client` is a session. */
  published(info: Info, client: Client): Promise<Route | undefined>;
};

const socketFolder = '/var/run/postgresql';
const execTimeoutMs = 10_000; // starting a program in the container is slow on a busy machine

/** `passwords`: possible passwords of the superuser, the likeliest first. */
export function createConnections({ docker, daemonHost }: Reached, passwords: readonly string[]): Connections {
  const knownRoutes = new Map<string, Route>(); // by container, start and number of reloads
  const socketOf = (info: Info): Route => ({
    through: 'socket',
    host: socketFolder,
    port: portInside,
    stream: () => socketInside(docker, info, socketFolder, portInside),
  });
  const publishedRoutes = (info: Info, candidates: readonly string[]): readonly Route[] => {
    const { HostPort, HostIp } = info.NetworkSettings.Ports?.[`${portInside}/tcp`]?.[0] ?? {};
    if (!HostPort) return [];
    const host = HostIp && !/^(0\.0\.0\.0|::|127\.0\.0\.1)$/.test(HostIp) ? HostIp : daemonHost;
    // MD5 is allowed: the daemon itself listens on this port, and the image of 13 stores MD5 hashes of passwords.
    return candidates.map((password) => ({ through: 'tcp', host, port: Number(HostPort), password, md5: true }));
  };
  return {
    async published(info, client) {
      const { stored } = await readAccess(client);
      return publishedRoutes(info, [matchingPassword(stored, passwords) ?? passwords[0] ?? ''])[0];
    },

    async open(info, log, wish) {
      const key = `${info.Id} ${info.State.StartedAt} ${log.split('received SIGHUP').length}`;
      const known = knownRoutes.get(key);
      if (known?.through === 'tcp') {
        const session = await connect([known], wish).catch((error: Refusal) => {
          if (isServerError(error) && !isAuthError(error)) throw error;
          if (isAuthError(error)) knownRoutes.set(key, socketOf(info)); // the password was changed since
          return undefined;
        });
        if (session) return session;
      }
      const session = await connect([socketOf(info)], { timeoutMs: execTimeoutMs, ...wish }).catch((error: Refusal) => {
        const others = publishedRoutes(info, [...new Set(passwords)]);
        if (isServerError(error) || others.length === 0) throw error;
        return connect(others, wish); // the image has no perl, or the socket is elsewhere: all passwords are tried
      });
      if (session.route.through === 'tcp') knownRoutes.set(key, session.route);
      else if (!known) knownRoutes.set(key, (await acceptedRoute(session.client)) ?? session.route);
      return session;

      async function acceptedRoute(client: Client): Promise<Route | undefined> {
        const gateway = Object.values(info.NetworkSettings.Networks).find(({ Gateway }) => Gateway)?.Gateway;
        // Fails without superuser rights or when the file is not readable: then sessions keep to the socket.
        const { stored, hba, major } = await readAccess(client).catch(() => unknownAccess);
        const password = matchingPassword(stored, passwords);
        const isAccepted = password !== undefined && gateway && hba !== null && surelyAccepts(hba, major, gateway);
        return isAccepted ? publishedRoutes(info, [password])[0] : undefined;
      }
    },
  };
}

type Refusal = Error & { readonly code?: string };
/** A SQLSTATE; class 28 is "invalid authorization". Source: documentation, "PostgreSQL Error Codes". */
const isServerError = ({ code }: Refusal): boolean => code !== undefined && /^[0-9A-Z]{5}$/.test(code);
const isAuthError = ({ code }: Refusal): boolean => code !== undefined && /^28...$/.test(code);

/**
 * `stored`: the superuser's password hash; `hba`: pg_hba.conf's text, null when the file is newer than the last load.
 */
type Access = { readonly stored: string | null; readonly hba: string | null; readonly major: number };
const unknownAccess: Access = { stored: null, hba: null, major: 0 };

async function readAccess(client: Client): Promise<Access> {
  const { rows } = await client.query<Access>(
    `SELECT (SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres') AS stored,
            CASE WHEN (pg_stat_file(current_setting('hba_file'))).modification < pg_conf_load_time()
                 THEN pg_read_file(current_setting('hba_file')) END AS hba,
            current_setting('server_version_num')::int / 10000 AS major`,
  );
  return rows[0] ?? unknownAccess;
}

const matchingPassword = (stored: string | null, passwords: readonly string[]): string | undefined =>
  passwords.find((password) => stored !== null && passwordFits(stored, 'postgres', password));

const methods = ['trust', 'scram-sha-256', 'md5', 'password'];

/**
 * Whether pg_hba.conf accepts a password login from the published port with certainty. The client address that the
 * server sees depends on Docker, so every line for hosts must accept passwords.
 */
function surelyAccepts(hba: string, major: number, address: string): boolean {
  const { rules, errors } = parseHba(hba, { major });
  const forHosts = rules.filter(({ type }) => type !== 'local');
  const login = { kind: 'host', database: 'postgres', replication: false, user: 'postgres', address } as const;
  return (
    errors.length === 0 &&
    !/^\s*include/m.test(hba) &&
    forHosts.every(({ method }) => methods.includes(method)) &&
    firstMatch(forHosts, login) !== undefined
  );
}
