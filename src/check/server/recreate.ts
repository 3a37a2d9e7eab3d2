/** The steps that create a container or a cluster. */
import type { Observation, ServerView } from '../../lab/observation.ts';
import type { Step } from '../verdict.ts';

/** Removes the container and creates it again: its options cannot be changed. Its data stays where it is mounted. */
export const recreateContainerSteps = ({ name, container }: ServerView): readonly Step[] => [
  ...(container ? [{ do: 'run', text: `docker rm --force ${container.name}` } as const] : []),
  { do: 'create', on: name },
];

/** A new cluster in an empty folder. On Docker the image creates it at the next start of the container. */
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
