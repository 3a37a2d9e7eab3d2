/** Folders of a lab that are links or lie behind one. The target may belong to another lab or user: it is only read. */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LabPlan } from '../plan/plan.ts';
import { type Problem, ProblemError } from '../problem.ts';

/** `path` is relative to the lab, as in the plan; `real` is the target. */
export type Outside = { readonly path: string; readonly real: string };

/** By path: the target of a linked folder of the lab to which the learner has agreed. */
export type Elsewhere = Readonly<Record<string, string>>;

/** Folders that an operation writes to or removes. */
export const foldersOf = ({ servers }: LabPlan): readonly string[] => [
  ...new Set([...servers.flatMap(({ data, log }) => [dirname(data), data, dirname(log)]), 'backups']),
];

/** The folders that lead out of the lab to a place without the learner's consent, each without its subfolders. */
export function outsideOf(dir: string, paths: readonly string[], elsewhere: Elsewhere = {}): readonly Outside[] {
  const found = paths.flatMap((path) => {
    const real = realOf(join(dir, path));
    return [realOf(dir), ...Object.values(elsewhere)].some((place) => isInside(real, place)) ? [] : [{ path, real }];
  });
  return found.filter(({ path }) => !found.some((one) => path.startsWith(`${one.path}/`)));
}

export const isInside = (real: string, place: string): boolean => real === place || real.startsWith(`${place}/`);

/** The path without links, also where its end does not exist yet. A dangling link is returned with a remark. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    if (isLink(path)) return `${path} (a link that leads nowhere)`;
    return path === '/' ? path : join(realOf(dirname(path)), basename(path));
  }
}

/** False also below a file or in an unreadable folder, where no link could be followed. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

/**
 * Throws a ProblemError where an operation would write outside of the lab. `elsewhere` is null on Docker, whose daemon
 * may see another folder behind a link than this program.
 */
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
