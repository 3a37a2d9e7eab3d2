import { expect, test } from 'vitest';
import { network } from '../../src/check/network/network.ts';
import { foreign, inNetworks, networkIs, noContainer } from './containers.ts';
import { at, atDocker, stopped } from './lab.ts';
import { prove } from './prove.ts';

const check = network('master', 'slave');

prove('network', check, {
  right: {
    'both are in it': atDocker(3),
    'both are stopped': atDocker(3, stopped('master'), stopped('slave')),
    'it is there, and no container yet': atDocker(2, networkIs({ there: true })),
    'only the master is there': atDocker(3, noContainer('slave')),
    'the default network besides': atDocker(
      3,
      inNetworks('master', 'bridge', 'rep'),
      inNetworks('slave', 'bridge', 'rep'),
    ),
    'a network of compose instead': atDocker(
      3,
      networkIs({ there: false }),
      inNetworks('master', 'lab_default'),
      inNetworks('slave', 'lab_default'),
    ),
    'servers of one machine': at(3),
  },
  wrong: [
    ['network-missing', 'nothing done', atDocker(2)],
    [
      'network-missing',
      "the tutorial's docker run, without --network",
      atDocker(3, networkIs({ there: false }), inNetworks('master', 'bridge'), inNetworks('slave', 'bridge')),
    ],
    [
      'container-not-given',
      "the tutorial's own docker run",
      atDocker(2, foreign('master', { mayBeTheLabs: true }), networkIs({ there: false })),
    ],
    ['network-not-user-defined', 'its name is one of Docker', atDocker(2, networkIs({ name: 'bridge', there: true }))],
    ['network-not-user-defined', 'the network of the host', atDocker(2, networkIs({ there: true, driver: 'host' }))],
    ['not-in-the-network', 'one is not', atDocker(3, inNetworks('slave', 'bridge'))],
    [
      'not-in-the-network',
      'each is in another',
      atDocker(3, inNetworks('slave', 'mine'), inNetworks('master', 'yours')),
    ],
  ],
});

test('a running container is connected to the network without being replaced', () => {
  const seen = atDocker(3, networkIs({ there: false }), inNetworks('master', 'bridge'), inNetworks('slave', 'bridge'));
  expect(check(seen)).toMatchObject({
    next: [
      { do: 'run', text: 'docker network create rep' },
      { do: 'run', text: 'docker network connect rep master' },
      { do: 'run', text: 'docker network connect rep slave' },
    ],
  });
  expect(check(atDocker(3, inNetworks('slave', 'bridge')))).toMatchObject({
    seen: "slave is not in the network rep, but in bridge (Docker's own)",
    next: [{ do: 'run', text: 'docker network connect rep slave' }],
  });
});
