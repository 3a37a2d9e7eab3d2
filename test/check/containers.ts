/** Changes to the state of a lab on Docker: to its containers and their networks. */
import type { ContainerView, ForeignContainer } from '../../src/lab/docker/container-view.ts';
import type { NetworkView } from '../../src/lab/observation.ts';
import { addressesOf, type Change, type Name, network, type Open, state } from './lab.ts';

/** Changes a container; where the server has none, a stopped container is made first. */
export const container =
  (name: Name, change: Partial<Open<ContainerView>> = {}): Change =>
  (lab) => {
    const view = lab.now.servers[name];
    if (!view.container) state(name, 'stopped')(lab);
    if (!view.container) throw new Error('native servers have no container');
    Object.assign(view.container, change);
    view.addresses = addressesOf(name, view.container);
  };
/** The container ended, or could not be started; its folder is unchanged. */
export const ended =
  (name: Name, reason: string, change: Partial<Open<ContainerView>> = {}): Change =>
  (lab) => {
    state(name, 'failed')(lab);
    lab.now.servers[name].process.reason = reason;
    container(name, change)(lab);
  };
export const noContainer =
  (name: Name): Change =>
  (lab) => {
    const view = lab.now.servers[name];
    state(name, 'absent')(lab);
    delete view.container;
    Object.assign(view, { addresses: addressesOf(name, undefined), log: { ...view.log, file: null, records: [] } });
  };
export const foreign =
  (name: Name, change: Partial<ForeignContainer> = {}): Change =>
  (lab) => {
    noContainer(name)(lab);
    const other = { name, id: 'd97ba6dfd23a', image: 'postgres:18', state: 'running', mayBeTheLabs: false };
    lab.now.servers[name].foreign = { ...other, ...change };
  };
/** Connects the container to these networks only. */
export const inNetworks =
  (name: Name, ...names: readonly string[]): Change =>
  (lab) => {
    const address = lab.now.servers[name].container?.networks[0]?.address ?? null;
    container(name, { networks: names.map((one) => network(one, address)) })(lab);
  };
export const networkIs =
  (change: Partial<NetworkView>): Change =>
  (lab) => {
    if (lab.now.network) lab.now.network = { ...lab.now.network, ...change };
  };
