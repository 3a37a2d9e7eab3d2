/** Folders of a lab that are links, or lie behind one: what they name may be another lab's, or anybody's. It is looked at, and nothing is done to it. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LabPlan } from '../plan/plan.ts';
import { type Problem, ProblemError } from '../problem.ts';

/** `path`: relative to the lab, as the plan has it. `real`: where it leads. */
export type Outside = { readonly path: string; readonly real: string };

/** By path: where a folder of the lab lies that the learner has put elsewhere, and said so. */
export type Elsewhere = Readonly<Record<string, string>>;

/** Folders that a deed of the workshop writes to or removes. */
export const foldersOf = ({ servers }: LabPlan): readonly string[] => [
  ...new Set([...servers.flatMap(({ data, log }) => [dirname(data), data, dirname(log)]), 'backups']),
];

/** Those of them that lead out of the lab to a place that the learner has not named. What lies behind another of them is told once. */
export function outsideOf(dir: string, paths: readonly string[], elsewhere: Elsewhere = {}): readonly Outside[] {
  const found = paths.flatMap((path) => {
    const real = realOf(join(dir, path));
    return [realOf(dir), ...Object.values(elsewhere)].some((place) => isInside(real, place)) ? [] : [{ path, real }];
  });
  return found.filter(({ path }) => !found.some((one) => path.startsWith(`${one.path}/`)));
}

export const isInside = (real: string, place: string): boolean => real === place || real.startsWith(`${place}/`);

/** Without links, also where the end of it is not there yet; a link that leads nowhere stands for what it names. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    if (isLink(path)) return `${path} (a link that leads nowhere)`;
    return path === '/' ? path : join(realOf(dirname(path)), basename(path));
  }
}

/** Below a file, or in a folder that is shut, there is none that could be followed. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

/** Throws a ProblemError where a deed would reach out of the lab. `elsewhere`: null on Docker, which may see another folder behind a link than we do. */
export function refuseOutside(dir: string, paths: readonly string[], elsewhere: Elsewhere | null): void {
  const [first] = outsideOf(dir, paths, elsewhere ?? {});
  if (first) throw new ProblemError(outsideProblem(first, elsewhere !== null));
}

export const outsideProblem = ({ path, real }: Outside, mayBeKept = true): Problem => ({
  what: `${path} leads to ${real}. That is not in this lab, so the workshop looks at it, and writes, stops, moves and removes nothing there.`,
  fix: [
    ...(mayBeKept
      ? [
          'If it is a folder of yours in which only this lab keeps its data, say so with --yes, or, where its files do not name this lab, on a terminal.',
        ]
      : []),
    `${mayBeKept ? 'Else take' : 'Take'} the link away (rm ${path}), or put the folder itself in its place.`,
  ].join(' '),
});
