/** The files of a server on Docker: directly where this user may read and write them, else through Docker. */
import { mkdirSync } from 'node:fs';
import { rename, rm, rmdir } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { quote } from '../../bin.ts';
import { readDataFile, writeDataFile } from '../../files/data-files.ts';
import { freeName } from '../../folders/free-name.ts';
import type { Server } from '../../lab.ts';
import { dataInside, mountTarget, type ServerPlan, serverPlan, volumeName } from '../../plan/plan.ts';
import { ProblemError } from '../../problem.ts';
import { containerView, type Finding, findContainer, type Info } from '../container.ts';
import { bindOf, createContainer, dockerPlan } from '../create.ts';
import type { DockerContext } from '../lab-context.ts';
import { readInside, writeInside } from './archive.ts';
import { filesPlace, isWritable } from './data-location.ts';
import { execInside, helper } from './exec.ts';
import { putVolumeAside, removeVolume } from './volumes.ts';

type FileOperations = Pick<Server, 'readFile' | 'writeFile' | 'deleteFile' | 'remove' | 'putAside' | 'copyFrom'>;

export function serverFiles(
  context: DockerContext,
  server: ServerPlan,
  find: () => Promise<Finding>,
  need: () => Promise<Info>,
): FileOperations {
  const { reached, owner, dir, plan } = context;
  const { docker } = reached;
  const { storage, user } = dockerPlan(plan);
  const sub = relative(mountTarget(plan.major), dataInside(plan.major)); // '18/docker'; '' up to 17
  const inHelper = (binds: readonly string[], script: string) =>
    helper(docker, { image: dockerPlan(plan).image, lab: plan.id }, { binds }, script);
  const mountedAs = (one: ServerPlan, folder: string) => bindOf(dir, plan, one).replace(/:[^:]*$/, `:${folder}`);
  /** Where the container has its data, and what is to be mounted as `folder` to reach its data directory there. */
  const placeOf = (one: ServerPlan, info: Info | undefined, folder: string) => {
    const view = info && containerView(info, owner, one, false);
    if (!view?.mount || view.mount.kind === 'other')
      return { source: undefined, bind: mountedAs(one, folder), data: posix.join(folder, sub) };
    const { source, target } = view.mount;
    const data = posix.join(folder, posix.relative(target, view.data));
    return { kind: view.mount.kind, source, bind: `${source}:${folder}`, data };
  };
  const locate = (info: Info | undefined) => {
    const view = info && containerView(info, owner, server, false);
    return { place: filesPlace(dir, plan, server, view, reached.remote), inside: view?.data ?? '' };
  };
  /** Runs a program as root in the container, or, where the container does not run, in a helper with its mounts. */
  const asRoot = async (info: Info, argv: readonly string[]): Promise<void> => {
    if (
      info.State.Status === 'running' &&
      (await execInside(docker, info, argv).catch(undefinedIfStopped))?.status === 0
    )
      return;
    await helper(docker, { image: info.Image, lab: plan.id }, { from: info.Id }, argv.map(quote).join(' '));
  };
  /** For a folder that only Docker can move. The new one belongs to whom the old one belonged to. */
  const putOutsideAside = async (folder: string): Promise<string> => {
    const name = posix.join('/beside', posix.basename(folder));
    const script = [
      `from=${quote(name)} to=${quote(`${name}.old`)} n=2`,
      'while test -e "$to"; do to="$from.old$n" n=$((n + 1)); done',
      'mv "$from" "$to" && mkdir "$from" && chown --reference="$to" "$from" && echo "$to"',
    ];
    const aside = await inHelper([`${posix.dirname(folder)}:/beside`], script.join('\n'));
    return posix.join(posix.dirname(folder), posix.basename(aside.trim()));
  };
  const needStopped = async (): Promise<Info | undefined> => {
    const { info } = await find();
    if (!info?.State.Running) return info;
    const fix = `Stop it first: docker stop ${info.Name.slice(1)}`;
    throw new ProblemError({ what: `${server.name} is running.`, fix });
  };
  return {
    async readFile(path) {
      const { info } = await find();
      const { place, inside } = locate(info);
      if (place.kind === 'here') return readDataFile(place.data, path);
      return info && (await readInside(docker, info.Id, posix.join(inside, path)))?.text;
    },

    async writeFile(path, text) {
      const info = await need();
      const { place, inside } = locate(info);
      if (place.kind === 'here' && isWritable(place.data)) return writeDataFile(place.data, path, text);
      if (info.State.Status !== 'running') return writeInside(docker, info.Id, { data: inside, name: path }, text);
      // Docker removes the old file before it writes the new one, and a running server may read it at any time.
      const aside = `${path}.repl-workshop`;
      await writeInside(docker, info.Id, { data: inside, name: aside, replaces: path }, text);
      await asRoot(info, ['mv', '-f', posix.join(inside, aside), posix.join(inside, path)]);
    },

    async deleteFile(path) {
      const info = await need();
      const { place, inside } = locate(info);
      if (place.kind === 'here' && isWritable(place.data)) return rm(join(place.data, path), { force: true });
      await asRoot(info, ['rm', '-f', posix.join(inside, path)]);
    },

    async remove() {
      const info = await needStopped();
      await inHelper([mountedAs(server, '/data')], 'find /data -mindepth 1 -delete');
      if (storage === 'folder') await rmdir(join(dir, server.data));
      if (info) await docker.getContainer(info.Id).remove({ v: true });
      if (storage === 'volume') await removeVolume(context, volumeName(plan, server.name));
    },

    async putAside() {
      const { kind, source } = placeOf(server, await needStopped(), '/data');
      if (kind === 'volume') return putVolumeAside(context, source);
      if (kind === 'folder' && source !== join(dir, server.data)) return putOutsideAside(source);
      if (storage === 'volume') return putVolumeAside(context, volumeName(plan, server.name));
      const aside = freeName(dir, `${server.data}.old`);
      await rename(join(dir, server.data), join(dir, aside));
      if (user !== null) mkdirSync(join(dir, server.data)); // else Docker would make the mount as root
      return aside;
    },

    async copyFrom(other, without = []) {
      const info = await needStopped();
      if (!info) await createContainer(docker, dir, plan, server);
      const source = serverPlan(plan, other);
      const from = placeOf(source, (await findContainer(docker, owner, source)).info, '/from');
      const to = placeOf(server, info, '/to');
      const removals = without.map((path) => `rm -rf ${quote(posix.join(to.data, path))}`);
      await inHelper(
        [from.bind, to.bind],
        // A file of a running source may vanish during the copy, which is one reason why such a copy is unsafe.
        [`mkdir -p ${to.data}`, `cp -a ${from.data}/. ${to.data}/ || test -e ${to.data}/PG_VERSION`, ...removals].join(
          '\n',
        ),
      );
    },
  };
}

const undefinedIfStopped = (error: { statusCode?: number }): undefined => {
  if (error.statusCode !== 409) throw error;
};
