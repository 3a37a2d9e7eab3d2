/**
 * The named volumes of a lab with volume storage, and their copies in backups, such as
 * 'rep_master_data.2026-11-23T…'.
 */
import { type LabPlan, volumeName } from '../../plan/plan.ts';
import type { Reached } from '../connect/reach.ts';
import { dockerPlan } from '../create.ts';
import { helper } from './exec.ts';

type Where = { readonly reached: Reached; readonly plan: LabPlan };

export const serversVolumes = (plan: LabPlan): readonly string[] =>
  dockerPlan(plan).storage === 'volume' ? plan.servers.map(({ name }) => volumeName(plan, name)) : [];

/** Resolves with the names of the servers' existing volumes, and of volumes that were put aside or copied from them. */
export async function labsVolumes({ reached, plan }: Where): Promise<readonly string[]> {
  const own = serversVolumes(plan);
  if (own.length === 0) return [];
  const { Volumes } = await reached.docker.listVolumes();
  const names = (Volumes ?? []).map(({ Name }) => Name);
  return names.filter((name) => own.some((volume) => name === volume || name.startsWith(`${volume}.`)));
}

/** Resolves with the names of the servers' volumes that exist. */
export async function volumesNow(where: Where): Promise<readonly string[]> {
  const existing = await labsVolumes(where);
  return serversVolumes(where.plan).filter((volume) => existing.includes(volume));
}

export async function copyVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await volumesNow(where)) await between(where, volume, `${volume}.${mark}`, copyWhole);
}

export async function moveVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await volumesNow(where)) await between(where, volume, `${volume}.${mark}`, move);
}

/** Restores each volume that has a complete copy, and removes volumes that are not in `before`. The copies stay. */
export async function bringVolumesBack(where: Where, mark: string, before: readonly string[]): Promise<void> {
  const existing = await labsVolumes(where);
  for (const volume of serversVolumes(where.plan)) {
    if (existing.includes(`${volume}.${mark}`)) await between(where, `${volume}.${mark}`, volume, bringBack);
    else if (existing.includes(volume) && !before.includes(volume)) await removeVolume(where, volume);
  }
}

export async function forgetVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await labsVolumes(where)) if (volume.endsWith(`.${mark}`)) await removeVolume(where, volume);
}

/** Moves the volume's files to a new volume with a free name; resolves with that name. */
export async function putVolumeAside(where: Where, volume: string): Promise<string> {
  const existing = await labsVolumes(where);
  let aside = `${volume}.old`;
  for (let n = 2; existing.includes(aside); n++) aside = `${volume}.old.${n}`;
  await between(where, volume, aside, 'cp -a /from/. /to/; find /from -mindepth 1 -delete');
  return aside;
}

/** Removes a volume; keeps it where a container still uses it (409). */
export async function removeVolume({ reached }: Where, volume: string): Promise<void> {
  try {
    await reached.docker.getVolume(volume).remove();
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}

const between = ({ reached, plan }: Where, from: string, to: string, script: string): Promise<void> =>
  helper(
    reached.docker,
    { image: dockerPlan(plan).image, lab: plan.id },
    { binds: [`${from}:/from`, `${to}:/to`] },
    script,
  );

// The marker file is written last: a copy without it was interrupted, and then its source is still complete.
const complete = '.repl-workshop-complete';
const copyWhole = `find /to -mindepth 1 -delete; cp -a /from/. /to/; touch /to/${complete}`;
const move = `${copyWhole}; find /from -mindepth 1 -delete`;
const bringBack = `test -e /from/${complete} || exit 0; find /to -mindepth 1 -delete; cp -a /from/. /to/; rm /to/${complete}`;
