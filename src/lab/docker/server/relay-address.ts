/** Addresses for the relay that `measure` puts between two containers. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Between } from '../../lab.ts';
import { ProblemError } from '../../problem.ts';
import { dockerPlan } from '../create.ts';
import type { DockerContext } from '../lab-context.ts';
import type { DockerServer } from './server.ts';

/**
 * The relay runs on this machine. Containers reach it at this machine's address in their network, or with Docker
 * Desktop at host.docker.internal. Throws a ProblemError where containers cannot reach this machine.
 */
export async function relayPlace({ reached, plan }: DockerContext, server: DockerServer): Promise<Between> {
  const { port } = await server.connection();
  const { info } = await server.find();
  const networks = info?.NetworkSettings.Networks ?? {};
  const network = networks[dockerPlan(plan).network] ?? Object.values(networks)[0];
  const to = { host: reached.daemonHost, port };
  if (/Docker Desktop|OrbStack/i.test(reached.operatingSystem))
    return { listen: '127.0.0.1', to, seenAs: 'host.docker.internal' };
  const here = reached.remote || reached.rootless ? undefined : await ownAddress(network?.Gateway, network?.IPAddress);
  if (here !== undefined) return { listen: here, to, seenAs: here };
  throw new ProblemError({
    what: 'A distance cannot be put between these servers: their Docker does not reach programs of this machine.',
    fix: 'Measure without --distance.',
  });
}

/**
 * Usually the network's gateway is an address of this machine. Where the daemon has a network of its own, this is the
 * address from which this machine would connect to the container.
 */
async function ownAddress(gateway: string | undefined, container: string | undefined): Promise<string | undefined> {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (gateway && own.some(({ address }) => address === gateway)) return gateway;
  return process.platform === 'linux' && container ? addressTowards(container) : undefined;
}

/** Resolves with the local address that a connection to `host` would have. Connecting a UDP socket sends nothing. */
async function addressTowards(host: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.connect(9, host);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
