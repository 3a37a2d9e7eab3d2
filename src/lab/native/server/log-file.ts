/** The file for a server's standard error, with mode 0600 as PostgreSQL's own log files have (log_file_mode). */
import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';
import { basename, isAbsolute, join, normalize } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { statIfThere } from '../../look/files.ts';
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
    what: `${path} is a link or no plain file, so no server writes its log there: it would write into the place that the name leads to.`,
    fix: `Move ${basename(path)} away; the next start makes a new one.`,
  });

/**
 * The file that the logging collector writes, from `current_logfiles` (documentation, "Error Reporting and Logging",
 * log_destination); undefined: there is no collector, or its file is outside of the data directory.
 */
export function collectorLog(data: string): string | undefined {
  const read = readRegular(join(data, 'current_logfiles'), mostOfTheList);
  const [, path] =
    read.kind === 'bytes' ? (/^(?:stderr|jsonlog|csvlog) (.+)$/m.exec(read.bytes.toString('utf8')) ?? []) : [];
  return path === undefined || isAbsolute(path) || normalize(path).startsWith('..') ? undefined : join(data, path);
}

const mostOfTheList = 4096;

/** A start that fails before there is a collector writes to its standard error. */
export const isNewer = (one: string, other: string): boolean =>
  (statIfThere(one)?.mtimeMs ?? 0) > (statIfThere(other)?.mtimeMs ?? 0);
