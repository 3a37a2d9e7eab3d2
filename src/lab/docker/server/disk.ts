/** The data directory of a server on Docker: read in its folder, or from the files that were fetched. */
import { join, posix } from 'node:path';
import { inLab } from '../../folders/in-lab.ts';
import type { Files } from '../../look/data-place.ts';
import { absentDisk, createDiskReader } from '../../look/disk.ts';
import { clustersBeside, localFiles } from '../../look/files.ts';
import type { Disk } from '../../observation.ts';
import { dataInside, mountTarget, type ServerPlan, volumeName } from '../../plan/plan.ts';
import type { Problem } from '../../problem.ts';
import type { ContainerView } from '../container-view.ts';
import { dockerPlan } from '../create.ts';
import type { DockerContext } from '../lab-context.ts';
import { type FilesPlace, shownInside } from './data-location.ts';
import type { FileCache } from './file-cache.ts';
import { labsVolumes, volumesBeside } from './volumes.ts';

const noFiles: Files = { names: () => undefined, stat: () => undefined, bytes: () => Buffer.alloc(0) };

/** `madeAt`: when the cluster was made or copied there, by the time of PG_VERSION. */
export function createDiskLook(context: DockerContext, server: ServerPlan) {
  const { dir, plan, reached } = context;
  const { storage, user } = dockerPlan(plan);
  const readDisk = createDiskReader();
  const inMount = posix.relative(mountTarget(plan.major), dataInside(plan.major));
  const uid = user === null ? undefined : Number(user.split(':')[0]);
  const look = async (
    place: FilesPlace,
    container: ContainerView | undefined,
    files: Files,
  ): Promise<Disk | Problem> => {
    const running = container?.state === 'running';
    if (place.kind === 'here') {
      const shown = (path: string) => inLab(dir, path);
      const leftBeside = clustersBeside(place.mounted, inMount).map(shown);
      return readDisk({ data: place.data, files, whole: false, shown, serverUid: uid, running, leftBeside });
    }
    const own = volumeName(plan, server.name);
    if (container) {
      const shown = shownInside(dir, container, server.name);
      const { mount } = container;
      const leftBeside = mount?.kind === 'volume' ? await volumesBeside(context, mount.source) : [];
      return readDisk({ data: place.data, files, whole: false, shown, serverUid: undefined, running, leftBeside });
    }
    const unmade = storage === 'volume' && !(await labsVolumes(context)).includes(own);
    return unmade ? absentDisk(server.data) : cannotSee(server, storage === 'volume' || reached.remote);
  };
  return async (
    place: FilesPlace,
    container: ContainerView | undefined,
    fetcher: FileCache,
  ): Promise<{ readonly disk: Disk | Problem; readonly madeAt: Date | undefined }> => {
    const files = place.kind === 'here' ? localFiles : (fetcher.latest() ?? noFiles);
    try {
      return { disk: await look(place, container, files), madeAt: files.stat(join(place.data, 'PG_VERSION'))?.savedAt };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EACCES')
        return { disk: cannotRead(server, error), madeAt: undefined };
      throw error;
    }
  };
}

const cannotRead = ({ name, data }: ServerPlan, error: Error): Problem => ({
  what: `The files of ${name} in ${data} cannot be read: ${error.message}`,
  fix: 'They belong to the user of the container; Docker reads them while the container is there.',
});

const cannotSee = ({ name, data }: ServerPlan, elsewhere: boolean): Problem => ({
  what: elsewhere
    ? `${name} has no container, and only through one its files can be seen.`
    : `${name} has no container, and its folder ${data} may not be read by you.`,
  fix: 'Make the container as lesson 2 does; Docker reads the files for you then.',
});
