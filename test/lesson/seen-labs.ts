/** Plans with containers that the lessons' own command lines did not make. */
import type { ContainerView } from '../../src/lab/docker/container-view.ts';
import { planSeen, type SeenPlan } from '../../src/lab/plan/plan-seen.ts';
import { container, inNetworks, networkIs } from '../check/containers.ts';
import { atDocker, type Change, type Name } from '../check/lab.ts';
import { onDocker } from './docker-plan.ts';

const names: readonly Name[] = ['master', 'slave'];

const seenAs = (user: string | null, of: (name: Name) => Partial<ContainerView>, ...more: Change[]): SeenPlan =>
  planSeen(
    onDocker({ user }),
    atDocker(5, ...names.map((name) => container(name, structuredClone(of(name)) as object)), ...more).now,
  );

/** `docker run` of the tutorial, as root, in a lab whose own containers would run as the learner. */
export const literalTutorial = seenAs(
  '1000:1000',
  (name) => ({ mount: { kind: 'folder', source: `/rep/${name}_data`, target: '/var/lib/postgresql' }, user: null }),
  inNetworks('master', 'mine'),
  inNetworks('slave', 'mine'),
);

/** Two services of docker compose with named volumes. */
export const composed = seenAs(
  null,
  (name) => ({
    name: `lab_${name}_1`,
    mount: { kind: 'volume', source: `lab_${name}`, target: '/var/lib/postgresql' },
    published: [{ host: '127.0.0.1', port: name === 'master' ? 6432 : 6433 }],
    service: {
      name,
      file: '/home/me/my lab/docker-compose.yml',
      command: ['docker-compose', '-f', '/home/me/my lab/docker-compose.yml', '-p', 'lab'],
    },
  }),
  inNetworks('master', 'lab_default'),
  inNetworks('slave', 'lab_default'),
  networkIs({ there: false }),
);
