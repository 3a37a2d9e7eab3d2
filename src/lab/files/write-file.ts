/** What the program writes: beside, then renamed. A link of that name is replaced, never followed. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { ProblemError } from '../problem.ts';
import { walkTo } from '../trust/trust.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

export type WriteOptions = {
  readonly mode?: number; // 0o600 unless said otherwise
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined; // where it is to be another than ours
};

/** A reader and a crash see the old or the new file, never half of one. Throws the system's error; nothing is left beside then. */
export const writeWhole = (path: string, text: string, written: WriteOptions = {}): void =>
  writeBeside(path, text, written, renameSync);

/** The same for a file that must not be there yet: else it throws EEXIST. */
export const writeNew = (path: string, text: string, written: WriteOptions = {}): void =>
  writeBeside(path, text, written, (aside) => {
    linkSync(aside, path);
    rmSync(aside);
  });

/** The name of what is written beside: a pid, by which the next program knows that nobody writes there any more, and what nobody can have prepared. */
const besideOf = (path: string): string => `${path}.${process.pid}-${randomBytes(6).toString('hex')}.new`;
export const besidePattern = /\.(\d{1,10})(?:-[0-9a-f]{12})?\.new$/; // earlier versions had the pid only

function writeBeside(
  path: string,
  text: string,
  { mode = 0o600, owner }: WriteOptions,
  put: (aside: string, path: string) => void,
): void {
  const aside = besideOf(path);
  const handle = openSync(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      writeFileSync(handle, text);
      fchmodSync(handle, mode);
      if (owner) fchownSync(handle, owner.uid, owner.gid);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    put(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** To a path that the learner has named: their own links are followed, somebody else's are not. Throws a ProblemError for what is no plain file. */
export function writeNamed(path: string, text: string, written: WriteOptions = {}): void {
  const { real, link } = walkTo(path);
  const before = lstatSync(real, { throwIfNoEntry: false });
  if (link !== null || (before && !before.isFile())) throw noPlainFile(path, link);
  writeWhole(real, text, written);
}

const noPlainFile = (path: string, link: string | null): ProblemError =>
  new ProblemError(
    {
      what: link
        ? `${link} is a link that belongs to somebody else, and is not followed.`
        : `${path} is no plain file.`,
      fix: 'Name a file in a folder of your own.',
    },
    2,
  );
