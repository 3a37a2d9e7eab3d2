/** Where a server's files are: in a readable folder of this machine, or behind Docker's archive calls. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { inLab } from '../../folders/in-lab.ts';
import type { LabPlan, ServerPlan } from '../../plan/plan.ts';
import { dataInFolder } from '../container.ts';
import type { ContainerView } from '../container-view.ts';

export type FilesPlace =
  // Absolute paths of this machine; `mounted` is the folder of the mount.
  | { readonly kind: 'here'; readonly data: string; readonly mounted: string }
  | { readonly kind: 'inside'; readonly data: string }; // a path of the container

/**
 * A folder of this machine is used only when it is readable and the daemon is local: a mount of a remote daemon names
 * a folder of the other machine.
 */
export function filesPlace(
  dir: string,
  plan: LabPlan,
  server: ServerPlan,
  container: ContainerView | undefined,
  remote: boolean,
): FilesPlace {
  const mount = container?.mount;
  const mounted = container ? (mount?.kind === 'folder' ? mount.source : undefined) : join(dir, server.data);
  if (remote || mounted === undefined || plan.docker?.storage === 'volume')
    return { kind: 'inside', data: container?.data ?? '' };
  const data =
    container && mount
      ? join(mounted, posix.relative(mount.target, container.data))
      : join(dir, dataInFolder(server, plan.major));
  return isReadable(data) ? { kind: 'here', data, mounted } : { kind: 'inside', data: container?.data ?? '' };
}

/** Also true for a path that does not exist yet when its innermost existing folder is readable. */
function isReadable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      accessSync(at, constants.R_OK | constants.X_OK);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' || at === dirname(at)) return false;
    }
  }
}

/** Whether the folder exists and this user may write it; then files are saved as an editor saves them. */
export const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    return existsSync(folder);
  } catch {
    return false;
  }
};

/** A container's path as observations show it: relative to the lab for mounts in it, else 'master:/var/lib/…'. */
export function shownInside(
  dir: string,
  container: ContainerView | undefined,
  server: string,
): (path: string) => string {
  const mount = container?.mount;
  return (path) => {
    if (path.startsWith(`${server}:`)) return path;
    if (mount?.kind === 'folder' && (path === mount.target || path.startsWith(`${mount.target}/`)))
      return inLab(dir, join(mount.source, posix.relative(mount.target, path)));
    return `${server}:${path}`;
  };
}
