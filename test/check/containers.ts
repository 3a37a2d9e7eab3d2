/** Small changes to a room on Docker: to containers, and to the networks that they are in. */
import type { ContainerView, ForeignContainer, NetworkView } from '../../src/lab/observation.ts';
import { addressesOf, type Change, type Name, network, type Open, state } from './lab.ts';

/** A container that has something else about it; where there is none, one that has ended. */
export const container =
  (name: Name, change: Partial<Open<ContainerView>> = {}): Change =>
  (room) => {
    const view = room.now.servers[name];
    if (!view.container) state(name, 'stopped')(room);
    if (!view.container) throw new Error('a container in a room of native servers');
    Object.assign(view.container, change);
    view.addresses = addressesOf(name, view.container);
  };
/** The container ended, or could not be started; its folder is as it was. */
export const ended =
  (name: Name, reason: string, change: Partial<Open<ContainerView>> = {}): Change =>
  (room) => {
    state(name, 'failed')(room);
    room.now.servers[name].process.reason = reason;
    container(name, change)(room);
  };
export const noContainer =
  (name: Name): Change =>
  (room) => {
    const view = room.now.servers[name];
    state(name, 'absent')(room);
    delete view.container;
    Object.assign(view, { addresses: addressesOf(name, undefined), log: { ...view.log, file: null, records: [] } });
  };
export const foreign =
  (name: Name, change: Partial<ForeignContainer> = {}): Change =>
  (room) => {
    noContainer(name)(room);
    const other = { name, id: 'd97ba6dfd23a', image: 'postgres:18', state: 'running', mayBeTheLabs: false };
    room.now.servers[name].foreign = { ...other, ...change };
  };
/** Into these networks, and no other. */
export const inNetworks =
  (name: Name, ...names: readonly string[]): Change =>
  (room) => {
    const address = room.now.servers[name].container?.networks[0]?.address ?? null;
    container(name, { networks: names.map((one) => network(one, address)) })(room);
  };
export const networkIs =
  (change: Partial<NetworkView>): Change =>
  (room) => {
    if (room.now.network) room.now.network = { ...room.now.network, ...change };
  };
