/** Who is behind a host and a port? Seen from a server: a container has a 127.0.0.1 of its own, and sees published ports at its gateway only. */
import type { Observation, ServerAddress, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { written } from '../setting/settings.ts';

export type ConnectionTarget = { readonly host: string; readonly port: number };

const defaultPort = 5432;

/** Where a connection string points to; a folder, or no host at all, is a Unix socket. undefined: it is empty, or not understood. */
export function targetOf(text: string): ConnectionTarget | undefined {
  const parsed = parseConninfo(text);
  if (text === '' || 'message' in parsed) return undefined;
  const { hostaddr, host, port } = parsed.params;
  return { host: hostaddr ?? host ?? '', port: Number(port || defaultPort) };
}

/** What this standby uses now, as far as it can be seen. */
export function standbyTarget({ sql, disk }: ServerView): ConnectionTarget | undefined {
  const inEffect = isProblem(sql) ? undefined : sql.settings.primary_conninfo?.value;
  const inFiles = isProblem(disk) ? undefined : written(disk, 'primary_conninfo').at(-1)?.value;
  return targetOf(inEffect || inFiles || '');
}

export const isLoopback = (host: string): boolean =>
  /^(localhost|127(\.\d+){3}|::1|)$/i.test(host) || host.startsWith('/');

/** undefined: none of the lab's servers. */
export function serverBehind(
  now: Observation,
  seenFrom: ServerView,
  { host, port }: ConnectionTarget,
): ServerView | undefined {
  if (now.engine === 'docker' && isLoopback(host)) return port === defaultPort ? seenFrom : undefined;
  return Object.values(now.servers).find((view) =>
    addressesAt(now, view, host).some((address) => address.port === port),
  );
}

/** The doors of a server that have this host, for the other servers. */
export const addressesAt = (now: Observation, view: ServerView, host: string): readonly ServerAddress[] =>
  view.addresses.filter(
    (address) => address.from === 'servers' && isSameHost(now, address.host, host) && !isBehindGateway(view, address),
  );

/** What -p publishes on 127.0.0.1 is for this machine alone: a container that asks its gateway is refused. */
const isBehindGateway = ({ container }: ServerView, { host, port }: ServerAddress): boolean =>
  isGateway(container, host) &&
  !(container?.published.some((door) => door.port === port && !isLoopback(door.host)) ?? false);

export const isGateway = (container: ServerView['container'], host: string): boolean =>
  container?.networks.some(({ gateway }) => gateway === host) ?? false;

function isSameHost(now: Observation, one: string, other: string): boolean {
  const [mine, its] = [one.toLowerCase(), other.toLowerCase()];
  if (now.engine === 'native') return mine === its || (isLoopback(mine) && isLoopback(its));
  return its === mine || its === `${mine}.${now.network?.name}`; // Docker knows a container as "master" and as "master.rep"
}

/** Where the others reach a server: its first door. */
export function addressOf(view: ServerView): ConnectionTarget {
  const { host, port } = view.addresses.find(({ from }) => from === 'servers') ??
    view.addresses[0] ?? { host: view.name, port: defaultPort };
  return { host, port };
}

/** A container's port for programs of the learner's machine; undefined: none is published, or it is no container. */
export const publishedPort = (view: ServerView): number | undefined =>
  view.container && view.addresses.find(({ from }) => from === 'learner')?.port;
