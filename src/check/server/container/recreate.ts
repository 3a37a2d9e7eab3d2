/** The steps that create a container or a cluster. */
import type { ComposeService, ContainerView } from '../../../lab/docker/container-view.ts';
import type { Observation, ServerView } from '../../../lab/observation.ts';
import type { Step } from '../../verdict.ts';

/**
 * Removes the container and creates it again: its options cannot be changed. Its data stays where it is mounted; where
 * the data is inside the container, that only gets another name.
 */
export const recreateContainerSteps = ({ name, container }: ServerView): readonly Step[] => [
  ...(container ? [container.service ? inFileOf(container.service) : withoutContainer(container)] : []),
  { do: 'create', on: name },
];

/** A service is as its file has it, and docker compose makes it again. */
const inFileOf = ({ name, file }: ComposeService): Step => ({
  do: 'say',
  text: `correct the service ${name} in ${file}`,
});

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

const withoutContainer = ({ name, mount }: ContainerView): Step => ({
  do: 'run',
  text: mount ? `docker rm --force ${name}` : `docker stop ${name} && docker rename ${name} ${name}.old`,
});
