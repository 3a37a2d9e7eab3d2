/** Why one container does not reach another: in Docker's networks, names and ports differ from those of the machine. */
import type { Observation } from '../../lab/observation.ts';
import type { Step } from '../verdict.ts';
import { viewOf } from '../view.ts';
import { addressesAt, addressOf, isLoopback, publishedPort, standbyTarget } from './address.ts';
import { joinSteps, networkNames, shareUserDefinedNetwork } from './network.ts';

export type Words = { readonly why: string; readonly next: readonly Step[] };

/** undefined: Docker is not the reason. `conninfoSteps` are the steps that correct the connection string. */
export function whyUnresolved(
  now: Observation,
  server: string,
  master: string,
  name: string,
  conninfoSteps: readonly Step[],
): Words | undefined {
  if (now.engine === 'native') return undefined;
  const [standby, primary] = [viewOf(now, server), viewOf(now, master)];
  if (name === 'host.docker.internal')
    return {
      why: `only Docker Desktop gives that name to every container; ${master} itself is called ${addressOf(primary).host}`,
      next: conninfoSteps,
    };
  if (addressesAt(now, primary, name).length === 0)
    return {
      why: `in Docker's networks a host is the name of a container, and none is called so; ${master} is ${addressOf(primary).host}`,
      next: conninfoSteps,
    };
  if (!shareUserDefinedNetwork(standby, primary))
    return {
      why: `the name is right, but containers find each other by name only in a user-defined network: ${server} is in ${networkNames(standby)}, ${master} in ${networkNames(primary)}`,
      next: joinSteps(now, [primary, standby]),
    };
  return {
    why: `the name is right, and both are in one network; Docker knows the names of running containers only, so ${master} was down just then. ${server} tries again by itself`,
    next: [{ do: 'say', text: 'give it a moment' }],
  };
}

/** undefined: Docker is not the reason. */
export function whyRefused(
  now: Observation,
  server: string,
  master: string,
  conninfoSteps: readonly Step[],
): Words | undefined {
  if (now.engine === 'native') return undefined;
  const [standby, primary] = [viewOf(now, server), viewOf(now, master)];
  const target = standbyTarget(standby);
  if (!target) return undefined;
  const { host, port } = addressOf(primary);
  if (isLoopback(target.host))
    return {
      why: `inside the container of ${server}, ${target.host || 'no host'} is that container itself; ${master} is at ${host}, port ${port}`,
      next: conninfoSteps,
    };
  if (
    target.port === publishedPort(primary) &&
    target.port !== port &&
    addressesAt(now, primary, target.host).some((address) => address.port === port)
  )
    return {
      why: `port ${target.port} is published for programs of your machine; in their network the containers reach ${master} on ${port}`,
      next: conninfoSteps,
    };
  const isAddress = /^\d+(\.\d+){3}$/.test(target.host);
  if (isAddress && !shareUserDefinedNetwork(standby, primary))
    return {
      why: `${server} is in ${networkNames(standby)}, ${master} in ${networkNames(primary)}: containers reach each other in a network of both`,
      next: [...joinSteps(now, [primary, standby]), ...conninfoSteps],
    };
  return undefined;
}
