/**
 * Data on another disk, behind a link that the learner has agreed to. A backup contains a copy of the link's target;
 * bringing it back fills the target again and keeps the link. At every moment the copy or the target is complete, and
 * the names of the files tell which, so a killed program loses nothing.
 */
import {
  existsSync,
  lstatSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { BackupDriver } from '../../backup/backup-driver.ts';
import { copyFiles, removeFiles } from '../../files/copy-files.ts';
import { makeFolders } from '../../folders/make-folder.ts';
import { run } from '../../machine/run.ts';
import { ProblemError } from '../../problem.ts';
import { type Elsewhere, isInside } from '../../trust/outside.ts';

const filling = '.filling'; // an unfinished copy of a link's target; the target is complete
const spent = '.spent'; // a copy that was copied back to the link's target, which is complete

/** The backup operations for folders behind links; `elsewhere` gives the targets by path. */
export function linkOperations(
  dir: string,
  elsewhere: () => Elsewhere,
): Pick<BackupDriver, 'copiedTo' | 'movedAway' | 'movedBack'> {
  return {
    async copiedTo(folder) {
      for (const [path, real] of outermostFirst(elsewhere())) {
        const copy = join(folder, path);
        if (!isLink(copy)) continue;
        await removeFiles(`${copy}${filling}`);
        await copyFiles(real, `${copy}${filling}`);
        unlinkSync(copy);
        renameSync(`${copy}${filling}`, copy);
      }
      refuseLinksInside(folder);
    },
    async movedAway() {
      for (const [path, real] of outermostFirst(elsewhere())) {
        await emptyFolder(real);
        link(real, join(dir, path));
      }
    },
    async movedBack(folder) {
      for (const [path, real] of outermostFirst(elsewhere())) await settle(join(dir, path), join(folder, path), real);
    },
  };
}

async function settle(place: string, source: string, real: string): Promise<void> {
  if (!isLink(place)) await putBack(place, source, real);
  for (const left of [filling, spent]) await removeFiles(`${place}${left}`);
}

async function putBack(place: string, source: string, real: string): Promise<void> {
  if (existsSync(place)) {
    await emptyFolder(real);
    await copyInto(place, real);
    renameSync(place, `${place}${spent}`);
  } else if (![`${place}${filling}`, `${place}${spent}`, `${source}${filling}`].some((one) => existsSync(one)))
    await emptyFolder(real); // the backup has nothing at this path
  link(real, place);
}

function link(real: string, place: string): void {
  makeFolders(dirname(place));
  symlinkSync(real, place);
}

/** Sorts 'rep' before paths in it. */
const outermostFirst = (elsewhere: Elsewhere): readonly (readonly [path: string, real: string])[] =>
  Object.entries(elsewhere).sort(([a], [b]) => a.length - b.length);

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Removes the files of a folder and keeps the folder, which may be a mount point. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) await removeFiles(join(folder, name));
}

async function copyInto(from: string, to: string): Promise<void> {
  const { status, stderr } = await run({ command: 'cp', args: ['-a', `${from}/.`, to] });
  if (status === 0) return;
  throw new ProblemError({
    what: `The copy to ${to} failed: ${stderr.trim().split('\n')[0]}`,
    fix: `Make room there, then say it again. Until then its files are in ${from} until then.`,
  });
}

/** PostgreSQL's own links that lead out of `folder`: the WAL on another disk (initdb --waldir), and tablespaces. */
export function linksInside(folder: string): readonly { readonly path: string; readonly real: string }[] {
  const rep = join(folder, 'rep');
  const clusters = namesIn(rep)
    .map((name) => join('rep', name))
    .filter((path) => isFolder(join(folder, path))); // the learner may have files there too
  const paths = clusters.flatMap((data) => [
    join(data, 'pg_wal'),
    ...namesIn(join(folder, data, 'pg_tblspc')).map((name) => join(data, 'pg_tblspc', name)),
  ]);
  return paths
    .filter((path) => isLink(join(folder, path)) && existsSync(join(folder, path))) // a dangling link has no data
    .map((path) => ({ path, real: realpathSync(join(folder, path)) }))
    .filter(({ real }) => !isInside(real, folder));
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const namesIn = (folder: string): readonly string[] => (isFolder(folder) ? readdirSync(folder) : []);

/**
 * Throws a ProblemError when a copied state has such links, because a copy without their targets is no cluster. A
 * moved state (with snapshot.json) is complete: its links moved with it.
 */
function refuseLinksInside(folder: string): void {
  if (existsSync(join(folder, 'snapshot.json'))) return;
  const [first] = linksInside(folder);
  if (!first) return;
  throw new ProblemError({
    what: `${first.path} leads to ${first.real}, outside of the lab, so a copy of the lab would not hold it.`,
    fix: 'Do this step by hand; or put that folder into the data directory, with the server stopped.',
  });
}
