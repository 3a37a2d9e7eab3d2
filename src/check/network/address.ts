/**
 * Which server a host and a port lead to, seen from another server. A container has its own 127.0.0.1, and reaches
 * published ports at its gateway only.
 */
import type { Observation, ServerAddress, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { written } from '../setting/settings.ts';

export type ConnectionTarget = { readonly host: string; readonly port: number };

const defaultPort = 5432;

/** The target of a connection string; the host of a Unix socket is '' or a folder. undefined: empty, or invalid. */
export function targetOf(text: string): ConnectionTarget | undefined {
  const parsed = parseConninfo(text);
  if (text === '' || 'message' in parsed) return undefined;
  const { hostaddr, host, port } = parsed.params;
  return { host: hostaddr ?? host ?? '', port: Number(port || defaultPort) };
}

/** The target of primary_conninfo: in effect on a running standby, else in its files. */
export function standbyTarget({ sql, disk }: ServerView): ConnectionTarget | undefined {
  const inEffect = isProblem(sql) ? undefined : sql.settings.primary_conninfo?.value;
  const inFiles = isProblem(disk) ? undefined : written(disk, 'primary_conninfo').at(-1)?.value;
  return targetOf(inEffect || inFiles || '');
}

export const isLoopback = (host: string): boolean =>
  /^(localhost|127(\.\d+){3}|::1|)$/i.test(host) || host.startsWith('/');

/** undefined: no server of the lab. */
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

/** The addresses of a server with this host, for the other servers. */
export const addressesAt = (now: Observation, view: ServerView, host: string): readonly ServerAddress[] =>
  view.addresses.filter(
    (address) =>
      address.from === 'servers' && isSameHost(now, view, address.host, host) && !isBehindGateway(view, address),
  );

/**
 * A port that -p publishes on 127.0.0.1 is not reachable through the gateway: a container gets "Connection refused".
 */
const isBehindGateway = ({ container }: ServerView, { host, port }: ServerAddress): boolean =>
  isGateway(container, host) &&
  !(container?.published.some((one) => one.port === port && !isLoopback(one.host)) ?? false);

export const isGateway = (container: ServerView['container'], host: string): boolean =>
  container?.networks.some(({ gateway }) => gateway === host) ?? false;

function isSameHost(now: Observation, view: ServerView, one: string, other: string): boolean {
  const [known, given] = [one.toLowerCase(), other.toLowerCase()];
  if (now.engine === 'native')
    return known === given || (isLoopback(known) && isLoopback(given) && listensAt(view, given));
  return given === known || given === `${known}.${now.network?.name}`; // Docker resolves "master" and "master.rep"
}

/**
 * Whether a server of this machine can be reached at a loopback address that is not the planned one. A name is tried at
 * all its addresses. Source: documentation, listen_addresses.
 */
function listensAt({ sql, disk }: ServerView, host: string): boolean {
  if (!/^[\d.]+$|:/.test(host)) return true; // a socket, or localhost
  const inFiles = isProblem(disk) ? undefined : written(disk, 'listen_addresses').at(-1)?.value;
  const listed = (isProblem(sql) ? undefined : sql.settings.listen_addresses?.value) ?? inFiles ?? 'localhost';
  const all = host.includes(':') ? '::' : '0.0.0.0';
  return listed.split(',').some((one) => ['*', host, all].includes(one.trim()));
}

/** The first address of a server for the other servers. */
export function addressOf(view: ServerView): ConnectionTarget {
  const { host, port } = view.addresses.find(({ from }) => from === 'servers') ??
    view.addresses[0] ?? { host: view.name, port: defaultPort };
  return { host, port };
}

/** The port of a container on the learner's machine; undefined: none is published, or the server has no container. */
export const publishedPort = (view: ServerView): number | undefined =>
  view.container && view.addresses.find(({ from }) => from === 'learner')?.port;
