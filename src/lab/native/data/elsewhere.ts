/**
 * Data that lies on another disk, behind a link that the learner has agreed to. A backup holds what the link names; bringing it back fills the same
 * place again, and the link stays a link. At each moment one of the two is whole, and what stands where says which, so a killed program loses nothing.
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
import type { BackupDriver } from '../../backup/backups.ts';
import { copyFiles, removeFiles } from '../../files/copy-files.ts';
import { makeFolders } from '../../folders/make-folder.ts';
import { run } from '../../machine/run.ts';
import { ProblemError } from '../../problem.ts';
import { type Elsewhere, isInside } from '../../trust/outside.ts';

const filling = '.filling'; // a copy of what a link names, not yet in the link's place: the link's target is whole
const spent = '.spent'; // what has been copied to the link's target, which is whole

/** What the keeper of a lab does for such folders. */
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
    await emptyFolder(real); // the state that comes back had nothing there
  link(real, place);
}

function link(real: string, place: string): void {
  makeFolders(dirname(place));
  symlinkSync(real, place);
}

/** 'rep' before what lies in it. */
const outermostFirst = (elsewhere: Elsewhere): readonly (readonly [path: string, real: string])[] =>
  Object.entries(elsewhere).sort(([a], [b]) => a.length - b.length);

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** The folder itself stays: it may be where a disk is mounted. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) await removeFiles(join(folder, name));
}

async function copyInto(from: string, to: string): Promise<void> {
  const { status, stderr } = await run({ command: 'cp', args: ['-a', `${from}/.`, to] });
  if (status === 0) return;
  throw new ProblemError({
    what: `The copy to ${to} failed: ${stderr.trim().split('\n')[0]}`,
    fix: `Make room there, then say it again. What belongs there lies in ${from} until then.`,
  });
}

/** Links of PostgreSQL's own: the WAL on another disk (initdb --waldir), and tablespaces. */
export function linksInside(folder: string): readonly { readonly path: string; readonly real: string }[] {
  const rep = join(folder, 'rep');
  const clusters = namesIn(rep)
    .map((name) => join('rep', name))
    .filter((path) => isFolder(join(folder, path))); // a learner's file may lie there too
  const paths = clusters.flatMap((data) => [
    join(data, 'pg_wal'),
    ...namesIn(join(folder, data, 'pg_tblspc')).map((name) => join(data, 'pg_tblspc', name)),
  ]);
  return paths
    .filter((path) => isLink(join(folder, path)) && existsSync(join(folder, path))) // one that leads nowhere holds nothing
    .map((path) => ({ path, real: realpathSync(join(folder, path)) }))
    .filter(({ real }) => !isInside(real, folder));
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const namesIn = (folder: string): readonly string[] => (isFolder(folder) ? readdirSync(folder) : []);

/** A copy without them is no cluster. What was moved is whole: its links moved with it. */
function refuseLinksInside(folder: string): void {
  if (existsSync(join(folder, 'snapshot.json'))) return;
  const [first] = linksInside(folder);
  if (!first) return;
  throw new ProblemError({
    what: `${first.path} leads to ${first.real}, outside of the lab, so a copy of the lab would not hold it.`,
    fix: 'Do this step by hand; or put that folder into the data directory, with the server stopped.',
  });
}
