/** Removes what tests leave in their own engine, and keeps our images for the next run under their own names. */
import type Dockerode from 'dockerode';
import { until } from '../../src/lab/machine/until.ts';

/** The label with the recipe, on every image that images.ts makes. */
export const recipeLabel = 'repl-workshop.recipe';

const ownNames = /^postgres:/;
const builtIn = ['bridge', 'host', 'none'];

export async function removeLeavings(docker: Dockerode): Promise<void> {
  if (!(await until(() => removeContainers(docker), { deadlineMs: 60_000, everyMs: 100 })))
    throw new Error('Containers of the tests cannot be removed.');
  const networks = await docker.listNetworks();
  const made = networks.filter(({ Name }) => !builtIn.includes(Name));
  await Promise.all(made.map(({ Id }) => docker.getNetwork(Id).remove()));
  const { Volumes } = await docker.listVolumes();
  await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove({ force: true })));
  for (const { Labels, RepoTags } of await docker.listImages()) {
    const ours = Labels?.[recipeLabel] !== undefined;
    const names = (RepoTags ?? []).filter((name) => name !== '<none>:<none>' && !(ours && ownNames.test(name)));
    for (const name of names) await docker.getImage(name).remove({ force: true });
  }
  // Images without a name and without an image built on them; their lower layers are removed too.
  const nameless = await docker.listImages({ filters: { dangling: ['true'] } });
  for (const { Id } of nameless) await docker.getImage(Id).remove({ force: true });
}

/**
 * Resolves with whether none is left. One of `docker run --rm` may remove itself meanwhile: 404 removed, 409 in
 * progress.
 */
async function removeContainers(docker: Dockerode): Promise<boolean> {
  const containers = await docker.listContainers({ all: true });
  const remove = (id: string) =>
    docker
      .getContainer(id)
      .remove({ force: true, v: true })
      .catch((error: { statusCode?: number }) => {
        if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
      });
  await Promise.all(containers.map(({ Id }) => remove(Id)));
  return containers.length === 0;
}
