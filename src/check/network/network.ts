/** The check of the Docker network in which the containers find each other. */
import type { ContainerView, ForeignContainer } from '../../lab/docker/container-view.ts';
import type { Observation, ServerView } from '../../lab/observation.ts';
import { isUserDefined } from '../../lab/plan/plan-seen.ts';
import { type Check, defineCheck } from '../check.ts';
import type { Location, Step } from '../verdict.ts';
import { fail, pass } from '../verdicts.ts';
import { viewOf } from '../view.ts';

/**
 * Containers find each other by name in any user-defined network of both, such as the one that docker compose creates.
 */
export const network = (one: string, other: string): Check =>
  defineCheck(
    ['container-not-given', 'network-missing', 'network-not-user-defined', 'not-in-the-network'],
    ({ now }) => {
      const views = [viewOf(now, one), viewOf(now, other)];
      const wanted = now.network;
      if (!wanted) return pass('servers that are processes of one machine need no network of their own');
      const [shared] = sharedNetworks(...(views as [ServerView, ServerView])).filter(isUserDefined);
      const both = `${one} and ${other}`;
      if (shared) return pass(`${both} are in the network ${shared}: they find each other by name`);
      const want = `the network ${wanted.name}, with ${both} in it`;
      const given = views.find(({ container, foreign }) => !container && foreign?.mayBeTheLabs);
      if (given?.foreign) return notGiven(given, given.foreign, want);
      const at: Location = { server: one, view: 'docker network ls', row: { name: wanted.there ? wanted.name : null } };
      if (!wanted.there)
        return fail('network-missing', {
          seen: `Docker has no network called ${wanted.name}`,
          want,
          why: 'in a network of your own, containers find each other by name; in the one that Docker gives by default they do not',
          at,
          next: joinSteps(now, views),
        });
      if (!isUserDefined(wanted.name) || ['host', 'null'].includes(wanted.driver ?? ''))
        return fail('network-not-user-defined', {
          seen: `${wanted.name} is one of Docker's own networks${wanted.driver ? ` (driver ${wanted.driver})` : ''}`,
          want,
          why: 'containers find each other by name only in a network that somebody made with "docker network create"',
          at,
          next: [{ do: 'say', text: 'make the lab again with another --name' }],
        });
      const outside = views.filter((view) => view.container && !isIn(view, wanted.name));
      const [first] = outside;
      if (!first) return pass(`the network ${wanted.name} is there`);
      return fail('not-in-the-network', {
        seen: `${outside.map(({ name }) => name).join(' and ')} ${outside.length > 1 ? 'are' : 'is'} not in the network ${wanted.name}, but in ${networkNames(first)}`,
        want,
        why: '"docker run" puts a container into the network that --network names; without it, into the default one, where containers have no names',
        at: networksPlace(first),
        next: joinSteps(now, views),
      });
    },
  );

/** A container of the tutorial's own `docker run`: before anything else the learner says whose it is. */
const notGiven = ({ name }: ServerView, { name: container, image, state, id }: ForeignContainer, want: string) =>
  fail('container-not-given', {
    seen: `there is a container "${container}" (${image}, id ${id}, ${state}), made as the tutorial makes it, and nobody has given it to this lab`,
    want,
    why: 'what is not given to the lab is never touched, and never judged',
    at: { server: name, view: 'docker ps --all', row: { names: container, image, state } },
    next: adoptSteps,
  });

/** The command asks first. */
export const adoptSteps: readonly Step[] = [{ do: 'run', text: 'repl-workshop adopt' }];

const isIn = ({ container }: ServerView, name: string): boolean =>
  container?.networks.some((network) => network.name === name) ?? false;

export const networkNames = ({ container }: ServerView): string =>
  container?.networks.map(({ name }) => (isUserDefined(name) ? name : `${name} (Docker's own)`)).join(', ') || 'none';

const networksPlace = (view: ServerView): Location => ({
  server: view.name,
  view: `docker inspect ${view.container?.name ?? view.name}`,
  row: { networks: networkNames(view) },
});

/** The names of the networks of both containers. */
export const sharedNetworks = (one: ServerView, other: ServerView): readonly string[] =>
  (one.container?.networks ?? []).map(({ name }) => name).filter((name) => isIn(other, name));

export const shareUserDefinedNetwork = (one: ServerView, other: ServerView): boolean =>
  sharedNetworks(one, other).some(isUserDefined);

export const lacksUserDefinedNetwork = ({ container }: ServerView): boolean =>
  container !== undefined && !container.networks.some(({ name }) => isUserDefined(name));

/** The steps that put these containers into the lab's network; a running container can be connected too. */
export function joinSteps(now: Observation, views: readonly ServerView[]): readonly Step[] {
  const { network: wanted } = now;
  if (!wanted) return [];
  const outside = views.flatMap(({ container }) =>
    container && !container.networks.some(({ name }) => name === wanted.name) ? [container] : [],
  );
  // docker compose gives a service its name in a network; a container that joins one later has no other name there.
  const alias = ({ service }: ContainerView) => (service ? `--alias ${service.name} ` : '');
  return [
    ...(wanted.there ? [] : [`docker network create ${wanted.name}`]),
    ...outside.map((one) => `docker network connect ${alias(one)}${wanted.name} ${one.name}`),
  ].map((text) => ({ do: 'run', text }) as const);
}
