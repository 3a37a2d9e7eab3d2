/** What makes a container or a cluster new. */
import type { Observation, ServerView } from '../../lab/observation.ts';
import type { Step } from '../verdict.ts';

/** A container is made anew: what it was made with cannot be changed. Its data stays where it is mounted. */
export const remake = ({ name, container }: ServerView): readonly Step[] => [
  ...(container ? [{ do: 'run', text: `docker rm --force ${container.name}` } as const] : []),
  { do: 'create', on: name },
];

/** A cluster of its own in an empty folder: a container's image makes it at the next start. */
export const makeClusterSteps = (now: Observation, { name, container }: ServerView): readonly Step[] =>
  now.engine === 'docker' && container
    ? [{ do: 'start', on: name }]
    : [
        ...(now.network && !now.network.there
          ? [{ do: 'run', text: `docker network create ${now.network.name}` } as const]
          : []),
        { do: 'create', on: name },
        ...(now.engine === 'native' ? [{ do: 'start', on: name } as const] : []),
      ];
