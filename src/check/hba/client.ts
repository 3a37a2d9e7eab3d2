/** The client of a replication connection as pg_hba.conf sees it: its role and its address. */
import type { ContainerNetwork } from '../../lab/docker/container-view.ts';
import type { Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { cidrMask, parseAddress } from '../../postgres/hba/address.ts';
import type { HbaConnection } from '../../postgres/hba/hba.ts';
import { addressOf } from '../network/address.ts';
import { sharedNetworks } from '../network/network.ts';
import { viewOf } from '../view.ts';

/** The standby-to-be and the role with which it logs in. */
export type ReplicationClient = { readonly user: string; readonly server: string };

export type HbaClient = {
  readonly user: string;
  readonly connection: HbaConnection;
  /** false: neither container runs, so the address is made up. Keywords such as samenet can be judged all the same. */
  readonly known: boolean;
  /** The address in words: '127.0.0.1', '172.18.0.3, the address of its container' */
  readonly from: string;
  /** The line of pg_hba.conf that the lessons show. */
  readonly line: string;
  /** On Docker: the server that is asked. A loopback address in its pg_hba.conf means its own container. */
  readonly own: string | undefined;
};

export function hbaClientOf(now: Observation, server: string, standby: ReplicationClient): HbaClient {
  const { user } = standby;
  const [host, standbyView] = [viewOf(now, server), viewOf(now, standby.server)];
  const role = isProblem(host.sql) ? undefined : host.sql.roles.find(({ name }) => name === user);
  const connection = {
    kind: 'host',
    database: '',
    replication: true,
    user,
    ...(role?.memberOf ? { memberOf: role.memberOf } : {}),
  } as const;
  if (now.engine === 'native') {
    const from = addressOf(standbyView).host;
    const line = `host replication ${hbaWord(user)} ${from}/32 scram-sha-256`;
    return { user, connection: { ...connection, address: from }, known: true, from, line, own: undefined };
  }
  const { address, known, from, near } = addressInNetwork(now, { host, standby: standbyView });
  return {
    user,
    connection: { ...connection, address, interfaces: interfacesOf(host, near) },
    known,
    from,
    line: `host replication ${hbaWord(user)} samenet scram-sha-256`,
    own: server,
  };
}

/** Source: documentation, "The pg_hba.conf File": quotes take blanks, commas and the meaning of a keyword. */
const hbaWord = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

type Placed = ContainerNetwork & { readonly address: string; readonly prefix: number };
const isPlaced = (network: ContainerNetwork): network is Placed => network.address !== null && network.prefix !== null;
const placed = ({ container }: ServerView): readonly Placed[] => (container?.networks ?? []).filter(isPlaced);

/** A network for documentation (RFC 5737), which no machine has. */
const documentationNetwork: Placed = { name: '', address: '192.0.2.2', prefix: 24, gateway: '192.0.2.1' };

/** `near`: the network of both, as the running one of the two containers describes it. */
type ClientAddress = {
  readonly address: string;
  readonly known: boolean;
  readonly from: string;
  readonly near: Placed;
};

/**
 * The client's address is its own in a network of both; without such a network, the gateway of the server's network.
 */
function addressInNetwork(
  now: Observation,
  { host, standby }: { readonly host: ServerView; readonly standby: ServerView },
): ClientAddress {
  const shared = sharedNetworks(host, standby);
  const wanted = now.network?.name ?? '';
  const name = shared.includes(wanted) || !standby.container ? wanted : shared[0];
  const serverNetwork = placed(host).find((network) => network.name === name) ?? placed(host)[0];
  const standbyNetwork = placed(standby).find((network) => network.name === name);
  if (standbyNetwork && shared.includes(standbyNetwork.name))
    return {
      address: standbyNetwork.address,
      known: true,
      from: `${standbyNetwork.address}, the address of its container`,
      near: serverNetwork ?? standbyNetwork,
    };
  if (!serverNetwork)
    return { address: freeIn(documentationNetwork), known: false, from: 'its container', near: documentationNetwork };
  if (standby.container && shared.length === 0 && serverNetwork.gateway)
    return {
      address: serverNetwork.gateway,
      known: true,
      from: `${serverNetwork.gateway}, the gateway of ${host.name}'s network`,
      near: serverNetwork,
    };
  return {
    address: freeIn(serverNetwork),
    known: true,
    from: `its container, in ${networkOf(serverNetwork)}`,
    near: serverNetwork,
  };
}

/** The server's network interfaces, for samehost and samenet. For a stopped container only the network is known. */
const interfacesOf = (host: ServerView, near: Placed): NonNullable<HbaConnection['interfaces']> => [
  { address: '127.0.0.1', netmask: '255.0.0.0' },
  { address: '::1', netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  ...(placed(host).length > 0 ? placed(host) : [{ ...near, address: dotted(base(near)) }]).map(
    ({ address, prefix }) => ({ address, netmask: dotted(maskBits(prefix)) }),
  ),
];

/** The address that a stopped container would get at its start: Docker takes the lowest that is free. */
function freeIn(network: Placed): string {
  const taken = [network.address, network.gateway];
  for (let bits = base(network) + 1n; ; bits++) if (!taken.includes(dotted(bits))) return dotted(bits);
}

const maskBits = (prefix: number): bigint => cidrMask(String(prefix), 4)?.bits ?? 0n;
const base = ({ address, prefix }: Placed): bigint => (parseAddress(address)?.bits ?? 0n) & maskBits(prefix);
const networkOf = (network: Placed): string => `${dotted(base(network))}/${network.prefix}`;
const dotted = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
