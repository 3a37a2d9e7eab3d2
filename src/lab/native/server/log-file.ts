/** The file for a server's standard error, with mode 0600 as PostgreSQL's own log files have (log_file_mode). */
import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { ProblemError } from '../../problem.ts';
import { cannotWrite } from '../../store/store.ts';
import { isGiven } from '../user/give.ts';
import type { FileOwner } from '../user/user.ts';

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens the log file to append and makes it if necessary; the caller closes the descriptor. Throws a ProblemError
 * when the path is a link, has a second hard link, is no plain file, or cannot be written.
 */
export function openLogFile(path: string, owner: FileOwner | null): number {
  const log = open(path);
  const stat = fstatSync(log);
  if (!stat.isFile() || stat.nlink > 1) {
    closeSync(log);
    throw notPlain(path);
  }
  if (owner && isGiven(stat.uid)) fchownSync(log, owner.uid, owner.gid); // pg_ctl opens the file as that user
  return log;
}

function open(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ELOOP' || code === 'ENXIO' ? notPlain(path) : cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

const notPlain = (path: string): ProblemError =>
  new ProblemError({
    what: `${path} is a link or no plain file, so no server writes its log there: it would write into what the name stands for.`,
    fix: `Move ${basename(path)} away; the next start makes a new one.`,
  });
