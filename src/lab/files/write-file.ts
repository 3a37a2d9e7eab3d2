/** Writes files whole: a temporary file beside the target, then a rename. A link is replaced, not followed. */
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
  readonly mode?: number; // default 0o600
  /** The owner of the file, where it is not this user. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
};

/**
 * Readers see the old or the new file, also after a crash. Throws the system's error; then no temporary file is left.
 */
export const writeWhole = (path: string, text: string, written: WriteOptions = {}): void =>
  writeBeside(path, text, written, renameSync);

/** The same for a file that must not exist yet: throws EEXIST if it does. */
export const writeNew = (path: string, text: string, written: WriteOptions = {}): void =>
  writeBeside(path, text, written, (temporary) => {
    linkSync(temporary, path);
    rmSync(temporary);
  });

/**
 * The name of the temporary file: it contains the writer's pid, so that the next program knows whether the writer has
 * ended, and random digits, so that no other user can have created it before.
 */
const temporaryName = (path: string): string => `${path}.${process.pid}-${randomBytes(6).toString('hex')}.new`;
export const besidePattern = /\.(\d{1,10})(?:-[0-9a-f]{12})?\.new$/; // earlier versions had only the pid

function writeBeside(
  path: string,
  text: string,
  { mode = 0o600, owner }: WriteOptions,
  move: (temporary: string, path: string) => void,
): void {
  const temporary = temporaryName(path);
  const handle = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      writeFileSync(handle, text);
      fchmodSync(handle, mode);
      if (owner) fchownSync(handle, owner.uid, owner.gid);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    move(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes to a path that the learner named: follows their own links, and no other user's. Throws a ProblemError when the
 * target is not a regular file.
 */
export function writeNamed(path: string, text: string, written: WriteOptions = {}): void {
  const { real, link } = walkTo(path);
  const existing = lstatSync(real, { throwIfNoEntry: false });
  if (link !== null || (existing && !existing.isFile())) throw noPlainFile(path, link);
  writeWhole(real, text, written);
}

const noPlainFile = (path: string, link: string | null): ProblemError =>
  new ProblemError(
    {
      what: link ? `${link} is a link that belongs to another user, and is not followed.` : `${path} is no plain file.`,
      fix: 'Name a file in a folder of your own.',
    },
    2,
  );
