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

/** Resolves with the names of volumes that hold what was put aside from this one. */
export async function volumesBeside({ reached }: Where, volume: string): Promise<readonly string[]> {
  const { Volumes } = await reached.docker.listVolumes();
  return (Volumes ?? []).map(({ Name }) => Name).filter((name) => name.startsWith(`${volume}.old`));
}

/** Resolves with the names of the servers' volumes that exist. */
export async function volumesNow(where: Where): Promise<readonly string[]> {
  const existing = await labsVolumes(where);
  return serversVolumes(where.plan).filter((volume) => existing.includes(volume));
}

/** Copies the servers' volumes; resolves with the bytes of the copies. */
export const copyVolumes = (where: Where, mark: string): Promise<number> => toMarked(where, mark, copyWhole);

/** Moves the files of the servers' volumes to other volumes; resolves with their bytes. */
export const moveVolumes = (where: Where, mark: string): Promise<number> => toMarked(where, mark, move);

async function toMarked(where: Where, mark: string, script: Script): Promise<number> {
  const pairs = (await volumesNow(where)).map((from) => ({ from, to: `${from}.${mark}` }));
  const output = await between(where, pairs, (from, to) => `${script(from, to)}; du -sk ${to}`);
  return [...output.matchAll(/^(\d+)\s+\/to\/\d+$/gm)].reduce(
    (sum, [, kilobytes]) => sum + Number(kilobytes) * 1024,
    0,
  );
}

/** Restores each volume that has a complete copy, and removes volumes that are not in `before`. The copies stay. */
export async function bringVolumesBack(where: Where, mark: string, before: readonly string[]): Promise<void> {
  const existing = await labsVolumes(where);
  const own = serversVolumes(where.plan);
  const copied = own.filter((volume) => existing.includes(`${volume}.${mark}`));
  await between(
    where,
    copied.map((volume) => ({ from: `${volume}.${mark}`, to: volume })),
    bringBack,
  );
  for (const volume of own)
    if (existing.includes(volume) && !copied.includes(volume) && !before.includes(volume))
      await removeVolume(where, volume);
}

export async function forgetVolumes(where: Where, mark: string): Promise<void> {
  for (const volume of await labsVolumes(where)) if (volume.endsWith(`.${mark}`)) await removeVolume(where, volume);
}

/** Moves the volume's files to a new volume with a free name; resolves with that name. */
export async function putVolumeAside(where: Where, volume: string): Promise<string> {
  const existing = await volumesBeside(where, volume);
  let aside = `${volume}.old`;
  for (let n = 2; existing.includes(aside); n++) aside = `${volume}.old${n}`;
  await between(where, [{ from: volume, to: aside }], (from, to) => `cp -a ${from}/. ${to}/; ${emptied(from)}`);
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

type Script = (from: string, to: string) => string;

/** Runs the script for each pair of volumes, all in one container, because a container costs more than many a copy. */
async function between(
  { reached, plan }: Where,
  pairs: readonly { readonly from: string; readonly to: string }[],
  script: Script,
): Promise<string> {
  if (pairs.length === 0) return '';
  const binds = pairs.flatMap(({ from, to }, at) => [`${from}:/from/${at}`, `${to}:/to/${at}`]);
  const scripts = pairs.map((_, at) => script(`/from/${at}`, `/to/${at}`));
  return helper(reached.docker, { image: dockerPlan(plan).image, lab: plan.id }, { binds }, scripts.join('\n'));
}

// The marker file is written last: a copy without it was interrupted, and then its source is still complete.
const complete = '.repl-workshop-complete';
const emptied = (folder: string): string => `find ${folder} -mindepth 1 -delete`;
const copyWhole: Script = (from, to) => `${emptied(to)}; cp -a ${from}/. ${to}/; touch ${to}/${complete}`;
const move: Script = (from, to) => `${copyWhole(from, to)}; ${emptied(from)}`;
const bringBack: Script = (from, to) =>
  `if test -e ${from}/${complete}; then ${emptied(to)}; cp -a ${from}/. ${to}/; rm ${to}/${complete}; fi`;
