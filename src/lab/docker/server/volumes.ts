/** The named volumes of a lab that keeps its data in them, and the copies of them that belong to backups: 'rep_master_data.2026-11-23T…'. */
import { type LabPlan, volumeName } from '../../plan/plan.ts';
import type { Reached } from '../connect/reach.ts';
import { dockerPlan } from '../create.ts';
import { helper } from './exec.ts';

type Where = { readonly reached: Reached; readonly plan: LabPlan };

export const serversVolumes = (plan: LabPlan): readonly string[] =>
  dockerPlan(plan).storage === 'volume' ? plan.servers.map(({ name }) => volumeName(plan, name)) : [];

/** Those of the servers, and what was put aside or copied from them. */
export async function labsVolumes({ reached, plan }: Where): Promise<readonly string[]> {
  const own = serversVolumes(plan);
  if (own.length === 0) return [];
  const { Volumes } = await reached.docker.listVolumes();
  const names = (Volumes ?? []).map(({ Name }) => Name);
  return names.filter((name) => own.some((volume) => name === volume || name.startsWith(`${volume}.`)));
}

/** Those of the servers that are there. */
export async function volumesNow(where: Where): Promise<readonly string[]> {
  const there = await labsVolumes(where);
  return serversVolumes(where.plan).filter((volume) => there.includes(volume));
}

export async function copyVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await volumesNow(where)) await between(where, volume, `${volume}.${mark}`, copyWhole);
}

export async function moveVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await volumesNow(where)) await between(where, volume, `${volume}.${mark}`, move);
}

/** What has a whole copy comes back; what was not there at that time goes. The copies stay. */
export async function bringVolumesBack(where: Where, mark: string, before: readonly string[]): Promise<void> {
  const there = await labsVolumes(where);
  for (const volume of serversVolumes(where.plan)) {
    if (there.includes(`${volume}.${mark}`)) await between(where, `${volume}.${mark}`, volume, bringBack);
    else if (there.includes(volume) && !before.includes(volume)) await removeVolume(where, volume);
  }
}

export async function forgetVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await labsVolumes(where)) if (volume.endsWith(`.${mark}`)) await removeVolume(where, volume);
}

/** Everything goes to a volume of a name that is free yet; returns it. */
export async function putVolumeAside(where: Where, volume: string): Promise<string> {
  const there = await labsVolumes(where);
  let aside = `${volume}.old`;
  for (let n = 2; there.includes(aside); n++) aside = `${volume}.old.${n}`;
  await between(where, volume, aside, 'cp -a /from/. /to/; find /from -mindepth 1 -delete');
  return aside;
}

/** A volume that a container still names stays: 409. */
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

// The mark at the end tells a whole copy from one that was interrupted: then what it was made of is whole.
const complete = '.repl-workshop-complete';
const copyWhole = `find /to -mindepth 1 -delete; cp -a /from/. /to/; touch /to/${complete}`;
const move = `${copyWhole}; find /from -mindepth 1 -delete`;
const bringBack = `test -e /from/${complete} || exit 0; find /to -mindepth 1 -delete; cp -a /from/. /to/; rm /to/${complete}`;
