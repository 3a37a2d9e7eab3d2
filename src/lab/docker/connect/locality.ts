/** Whether a daemon's files and published ports are this machine's, and the host where the ports answer. */
import { existsSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type Dockerode from 'dockerode';
import type { EngineAddress } from './engine-address.ts';
import { sshHostName } from './ssh.ts';

export type Site = { readonly remote: boolean; readonly daemonHost: string };

const here: Site = { remote: false, daemonHost: '127.0.0.1' };

/**
 * Daemons in a virtual machine on this machine (Docker Desktop, Colima, OrbStack …) share ports and the home folder
 * with it, so they count as local. Two traps: when the workshop runs in a container, a mounted socket leads to a
 * daemon outside of it; and the name after ssh:// may be an alias.
 */
export async function siteOf(
  address: EngineAddress,
  docker: Dockerode,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Site> {
  if (address.kind === 'unix') return (await outsideOfContainer(docker, signal)) ?? here;
  const host = address.kind === 'ssh' ? await sshHostName(address, env, signal) : address.host;
  return isThisMachine(host) ? here : { remote: true, daemonHost: host };
}

export function isThisMachine(host: string): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  return host === 'localhost' || /^127\./.test(host) || host === hostname() || addresses.includes(host);
}

/**
 * Resolves with the gateway of the container that the workshop runs in, where the daemon's published ports answer;
 * with undefined when the workshop runs in no container, or the daemon does not know that container.
 */
async function outsideOfContainer(docker: Dockerode, abortSignal: AbortSignal): Promise<Site | undefined> {
  if (!existsSync('/.dockerenv') && !existsSync('/run/.containerenv')) return undefined;
  try {
    const { NetworkSettings } = await docker.getContainer(hostname()).inspect({ abortSignal });
    const gateway = Object.values(NetworkSettings.Networks).find(({ Gateway }) => Gateway !== '')?.Gateway;
    return gateway === undefined ? undefined : { remote: true, daemonHost: gateway };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined; // a daemon inside the same container
    throw error;
  }
}
