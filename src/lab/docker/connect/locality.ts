/** Whether an engine's files and published ports are this machine's, and where the ports answer. */
import { existsSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type Dockerode from 'dockerode';
import type { EngineAddress } from './engine-address.ts';
import { sshHostName } from './ssh.ts';

export type Site = { readonly remote: boolean; readonly daemonHost: string };

const here: Site = { remote: false, daemonHost: '127.0.0.1' };

/**
 * Engines in a virtual machine of this one (Docker Desktop, Colima, OrbStack …) pass ports and the home folder through, so they count as here.
 * Two traps: a socket that was mounted into the container we run in leads to an engine outside of it; the name after ssh:// may be an alias.
 */
export async function siteOf(
  address: EngineAddress,
  docker: Dockerode,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Site> {
  if (address.kind === 'unix') return (await outsideOfUs(docker, signal)) ?? here;
  const host = address.kind === 'ssh' ? await sshHostName(address, env, signal) : address.host;
  return isThisMachine(host) ? here : { remote: true, daemonHost: host };
}

export function isThisMachine(host: string): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
  return host === 'localhost' || /^127\./.test(host) || host === hostname() || addresses.includes(host);
}

/** The engine knows a container that is us: its ports answer at our gateway. */
async function outsideOfUs(docker: Dockerode, abortSignal: AbortSignal): Promise<Site | undefined> {
  if (!existsSync('/.dockerenv') && !existsSync('/run/.containerenv')) return undefined;
  try {
    const { NetworkSettings } = await docker.getContainer(hostname()).inspect({ abortSignal });
    const gateway = Object.values(NetworkSettings.Networks).find(({ Gateway }) => Gateway !== '')?.Gateway;
    return gateway === undefined ? undefined : { remote: true, daemonHost: gateway };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined; // an engine inside of our container
    throw error;
  }
}
