/** Who comes to a server to replicate, as pg_hba.conf sees it: under which name, and from which address. */
import type { ContainerNetwork, Observation, ServerView } from '../../lab/observation.ts';
import { cidrMask, parseAddress } from '../../postgres/hba/address.ts';
import type { HbaConnection } from '../../postgres/hba/hba.ts';
import { addressOf } from '../network/address.ts';
import { sharedNetworks } from '../network/network.ts';
import { viewOf } from '../view.ts';

/** A role, and the server that logs in with it. */
export type ReplicationClient = { readonly user: string; readonly server: string };

export type HbaClient = {
  readonly user: string;
  readonly connection: HbaConnection;
  readonly known: boolean; // false: no container of the two runs, so the address is made up; keywords such as samenet can be judged all the same
  readonly from: string; // in words: '127.0.0.1'
  readonly line: string; // as the lessons write it
  readonly own: string | undefined; // whose own loopback addresses mean nobody else: the container of this server
};

export function hbaClientOf(now: Observation, server: string, guest: ReplicationClient): HbaClient {
  const { user } = guest;
  const [host, its] = [viewOf(now, server), viewOf(now, guest.server)];
  const connection = { kind: 'host', database: '', replication: true, user } as const;
  if (now.engine === 'native') {
    const from = addressOf(its).host;
    const line = `host replication ${user} ${from}/32 scram-sha-256`;
    return { user, connection: { ...connection, address: from }, known: true, from, line, own: undefined };
  }
  const { address, known, from, near } = addressInNetwork(now, { host, guest: its });
  return {
    user,
    connection: { ...connection, address, interfaces: interfacesOf(host, near) },
    known,
    from,
    line: `host replication ${user} samenet scram-sha-256`,
    own: server,
  };
}

type Placed = ContainerNetwork & { readonly address: string; readonly prefix: number };
const isPlaced = (network: ContainerNetwork): network is Placed => network.address !== null && network.prefix !== null;
const placed = ({ container }: ServerView): readonly Placed[] => (container?.networks ?? []).filter(isPlaced);

/** Addresses for documentation (RFC 5737): nobody has them. */
const nowhere: Placed = { name: '', address: '192.0.2.2', prefix: 24, gateway: '192.0.2.1' };

/** `near`: the network in which they meet, by whoever of the two is there now. */
type Coming = { readonly address: string; readonly known: boolean; readonly from: string; readonly near: Placed };

/** A container comes from its address in a network of both; without one, through the gateway of the one that is asked. */
function addressInNetwork(
  now: Observation,
  { host, guest }: { readonly host: ServerView; readonly guest: ServerView },
): Coming {
  const shared = sharedNetworks(host, guest);
  const wanted = now.network?.name ?? '';
  const name = shared.includes(wanted) || !guest.container ? wanted : shared[0];
  const here = placed(host).find((network) => network.name === name) ?? placed(host)[0];
  const there = placed(guest).find((network) => network.name === name);
  if (there && shared.includes(there.name))
    return {
      address: there.address,
      known: true,
      from: `${there.address}, the address of its container`,
      near: here ?? there,
    };
  if (!here) return { address: freeIn(nowhere), known: false, from: 'its container', near: nowhere };
  if (guest.container && shared.length === 0 && here.gateway)
    return {
      address: here.gateway,
      known: true,
      from: `${here.gateway}, the gateway of ${host.name}'s network`,
      near: here,
    };
  return { address: freeIn(here), known: true, from: `its container, in ${networkOf(here)}`, near: here };
}

/** Without its own address, samehost cannot be told; samenet can. */
const interfacesOf = (host: ServerView, near: Placed): NonNullable<HbaConnection['interfaces']> => [
  { address: '127.0.0.1', netmask: '255.0.0.0' },
  { address: '::1', netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  ...(placed(host).length > 0 ? placed(host) : [{ ...near, address: dotted(base(near)) }]).map(
    ({ address, prefix }) => ({ address, netmask: dotted(maskBits(prefix)) }),
  ),
];

/** A stopped container gets an address when it starts: the lowest that is free. */
function freeIn(network: Placed): string {
  const taken = [network.address, network.gateway];
  for (let bits = base(network) + 1n; ; bits++) if (!taken.includes(dotted(bits))) return dotted(bits);
}

const maskBits = (prefix: number): bigint => cidrMask(String(prefix), 4)?.bits ?? 0n;
const base = ({ address, prefix }: Placed): bigint => (parseAddress(address)?.bits ?? 0n) & maskBits(prefix);
const networkOf = (network: Placed): string => `${dotted(base(network))}/${network.prefix}`;
const dotted = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
