/**
 * Ways into the server of a container. The first session of a start goes through the container to the server's socket: no password is needed there. It
 * tells whether the published port would let us in as well, and with which password. Then sessions go there, which costs a twentieth, until the server
 * was told to read its files again: whoever is turned away stands in the learner's log.
 */
import type { Client } from 'pg';
import { firstMatch, parseHba } from '../../../postgres/hba/hba.ts';
import { passwordFits } from '../../../postgres/scram.ts';
import { connect, type Route } from '../../connect.ts';
import { portInside } from '../../plan/plan.ts';
import type { Reached } from '../connect/reach.ts';
import type { Info } from '../container.ts';
import { socketInside } from './exec.ts';

export type SessionWish = { readonly database: string; readonly application?: string; readonly timeoutMs?: number };
export type OpenedSession = { readonly client: Client; readonly door: Route };
export type Connections = {
  /** `log`: of this start, as it is now. */
  open(info: Info, log: string, wish: SessionWish): Promise<OpenedSession>;
  /** For clients on this machine; undefined: no port is published. `client`: a session of ours. */
  published(info: Info, client: Client): Promise<Route | undefined>;
};

const socketFolder = '/var/run/postgresql';
const patienceMs = 10_000; // to start a program inside takes its time when a machine is busy

/** `passwords`: of the superuser, the likeliest first. */
export function createConnections({ docker, daemonHost }: Reached, passwords: readonly string[]): Connections {
  const learnt = new Map<string, Route>(); // by container, start and reloads
  const socketOf = (info: Info): Route => ({
    through: 'socket',
    host: socketFolder,
    port: portInside,
    stream: () => socketInside(docker, info, socketFolder, portInside),
  });
  const publishedWith = (info: Info, words: readonly string[]): readonly Route[] => {
    const { HostPort, HostIp } = info.NetworkSettings.Ports?.[`${portInside}/tcp`]?.[0] ?? {};
    if (!HostPort) return [];
    const host = HostIp && !/^(0\.0\.0\.0|::|127\.0\.0\.1)$/.test(HostIp) ? HostIp : daemonHost;
    // The daemon itself holds this port, and the image of 13 keeps MD5 sums of passwords.
    return words.map((password) => ({ through: 'tcp', host, port: Number(HostPort), password, md5: true }));
  };
  return {
    async published(info, client) {
      const { stored } = await told(client);
      return publishedWith(info, [fitting(stored, passwords) ?? passwords[0] ?? ''])[0];
    },

    async open(info, log, wish) {
      const key = `${info.Id} ${info.State.StartedAt} ${log.split('received SIGHUP').length}`;
      const known = learnt.get(key);
      if (known?.through === 'tcp') {
        const session = await connect([known], wish).catch((error: Refusal) => {
          if (isServersWord(error) && !isAboutUs(error)) throw error;
          if (isAboutUs(error)) learnt.set(key, socketOf(info)); // another password since
          return undefined;
        });
        if (session) return session;
      }
      const session = await connect([socketOf(info)], { timeoutMs: patienceMs, ...wish }).catch((error: Refusal) => {
        const others = publishedWith(info, [...new Set(passwords)]);
        if (isServersWord(error) || others.length === 0) throw error;
        return connect(others, wish); // an image without perl, or a server with its socket elsewhere: then we have to try
      });
      if (session.door.through === 'tcp') learnt.set(key, session.door);
      else if (!known) learnt.set(key, (await welcoming(session.client)) ?? session.door);
      return session;

      async function welcoming(client: Client): Promise<Route | undefined> {
        const gateway = Object.values(info.NetworkSettings.Networks).find(({ Gateway }) => Gateway)?.Gateway;
        const { stored, hba, major } = await told(client).catch(() => nothing); // no superuser, or a file it may not read: the socket stays
        const password = fitting(stored, passwords);
        const isWelcome = password !== undefined && gateway && hba !== null && letsIn(hba, major, gateway);
        return isWelcome ? publishedWith(info, [password])[0] : undefined;
      }
    },
  };
}

type Refusal = Error & { readonly code?: string };
const isServersWord = ({ code }: Refusal): boolean => code !== undefined && /^[0-9A-Z]{5}$/.test(code);
const isAboutUs = ({ code }: Refusal): boolean => code !== undefined && /^28...$/.test(code);

type Told = { readonly stored: string | null; readonly hba: string | null; readonly major: number }; // hba: null when it was saved after it was read
const nothing: Told = { stored: null, hba: null, major: 0 };

async function told(client: Client): Promise<Told> {
  const { rows } = await client.query<Told>(
    `SELECT (SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres') AS stored,
            CASE WHEN (pg_stat_file(current_setting('hba_file'))).modification < pg_conf_load_time()
                 THEN pg_read_file(current_setting('hba_file')) END AS hba,
            current_setting('server_version_num')::int / 10000 AS major`,
  );
  return rows[0] ?? nothing;
}

const fitting = (stored: string | null, passwords: readonly string[]): string | undefined =>
  passwords.find((password) => stored !== null && passwordFits(stored, 'postgres', password));

const methods = ['trust', 'scram-sha-256', 'md5', 'password'];

/** Certainly: as whom Docker shows us to the server is not known everywhere, so no line for hosts may turn anybody away. */
function letsIn(hba: string, major: number, address: string): boolean {
  const { rules, errors } = parseHba(hba, { major });
  const forHosts = rules.filter(({ type }) => type !== 'local');
  const guest = { kind: 'host', database: 'postgres', replication: false, user: 'postgres', address } as const;
  return (
    errors.length === 0 &&
    !/^\s*include/m.test(hba) &&
    forHosts.every(({ method }) => methods.includes(method)) &&
    firstMatch(forHosts, guest) !== undefined
  );
}
