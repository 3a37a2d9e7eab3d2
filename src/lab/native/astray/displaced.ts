/**
 * Servers of this lab that work outside of their place: their data directory was renamed or removed under them, or
 * another name for one was given to pg_ctl. They hold ports and sockets that new servers need. Linux only; on other
 * systems none are found.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inLab } from '../../folders/in-lab.ts';
import { isAt, placeOf } from '../../machine/processes.ts';
import type { LabPlan } from '../../plan/plan.ts';
import type { Astray } from '../../repair/repair.ts';
import { didNotStop, endServer } from '../server/ending.ts';
import { isPostgres, livePostmaster, postmasterIn } from '../server/postmaster.ts';
import { isLockLeft, lockHolder, removeLock } from '../user/socket-lock.ts';
import { postmasters, startedAt } from './strays.ts';

export type Places = { readonly dir: string; readonly socketDir: string; readonly plan: LabPlan };

export function displacedServers({ dir, socketDir, plan }: Places): readonly Astray[] {
  const data = plan.servers.map((server) => ({ ...server, path: join(dir, server.data) }));
  const inPlace = data.map(({ path }) => livePostmaster(path)?.pid ?? postmasterIn(path));
  const beside = foldersIn(join(dir, 'rep'));
  const holders = data.filter(({ port, path, data: name }) => {
    const started = startedAt(lockHolder(socketDir, port) ?? 0);
    return started === path || started === name; // the pid of an old lock may be another lab's server by now
  });
  const holding = holders.map(({ port }) => lockHolder(socketDir, port));
  return postmasters().flatMap((pid): readonly Astray[] => {
    if (inPlace.includes(pid)) return [];
    const place = beside.find((folder) => isAt(pid, folder));
    if (place !== undefined) return [{ pid, place: inLab(dir, place), isDeleted: false }];
    return holding.includes(pid) ? [{ pid, place: null, isDeleted: placeOf(pid)?.isDeleted ?? false }] : [];
  });
}

const foldersIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return []; // it was moved away
  }
};

/** Ends them, and removes the locks of sockets that no server holds: new servers of this lab can start then. */
export async function clearTheWay(places: Places): Promise<void> {
  for (const one of displacedServers(places)) await endDisplaced(one);
  for (const { port } of places.plan.servers)
    if (isLockLeft(places.socketDir, port)) removeLock(places.socketDir, port);
}

export async function endDisplaced({ pid, place }: Astray): Promise<void> {
  const before = placeOf(pid)?.path;
  const runs = () => before !== undefined && placeOf(pid)?.path === before && isPostgres(pid);
  const name = `the server in ${place ?? 'a folder that was moved or removed'}`;
  if (!(await endServer(name, pid, runs, 'immediate'))) throw didNotStop(name, 'its log', 'immediate');
}
