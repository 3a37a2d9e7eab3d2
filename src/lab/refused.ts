/** Turns errors of the file system, of started programs and of PostgreSQL, inside an operation, into problems. */
import { ProblemError } from './problem.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EBUSY: 'it is in use',
  ECONNREFUSED: 'no server listens there',
  ECONNRESET: 'the server ended the connection',
  EPIPE: 'the server ended the connection',
  EDQUOT: 'your share of the disk is full',
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads to itself',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'it is not there',
  ENOMEM: 'there is not enough memory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of that path is a file',
  ENOTEMPTY: 'another program writes into that folder',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is in use',
};

/** Whether the disk, or this user's share of it, was full. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (/^(ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '') || isDiskFull(error.cause));

/** undefined: the error is a bug of the workshop. */
export function refusedBy(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error)) return undefined;
  const what = ofServer(error) ?? ofConnection(error) ?? ofEngine(error) ?? ofSystem(error);
  if (what === undefined) return undefined;
  const fix = 'Put that right, then try again. "repl-workshop doctor" looks at the machine and the lab.';
  return new ProblemError({ what, fix }, 3, { cause: error });
}

/**
 * A DatabaseError of pg, recognised by its shape because pg is loaded only when needed. Source: documentation, "Error
 * and Notice Message Fields".
 */
function ofServer(error: Error & { severity?: unknown; code?: unknown; detail?: unknown }): string | undefined {
  if (typeof error.severity !== 'string' || typeof error.code !== 'string' || !/^[0-9A-Z]{5}$/.test(error.code))
    return undefined;
  const detail = typeof error.detail === 'string' ? ` (${error.detail})` : '';
  return `PostgreSQL says: ${error.message}${detail}.`;
}

/** Errors to which pg gives no code. */
const ofConnection = ({ message }: Error): string | undefined =>
  /^(Connection terminated|Client has encountered a connection error|timeout expired|Query read timeout)/.test(message)
    ? `The server ended the connection, or did not answer: ${message}.`
    : undefined;

/**
 * An error that a Docker daemon or Podman has answered with, recognised by the shape that dockerode gives it:
 * '(HTTP code 500) server error - open /proc/7/ns/mnt: no such file or directory'.
 */
function ofEngine({ statusCode, message }: Error & { statusCode?: unknown }): string | undefined {
  if (typeof statusCode !== 'number') return undefined;
  const said = message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
  return `The container engine answered with an error (HTTP ${statusCode}): ${said}.`;
}

function ofSystem(error: NodeJS.ErrnoException & { address?: string; port?: number }): string | undefined {
  const { code = '', syscall = '', path, address, port, message } = error;
  if (/^ERR_FS_/.test(code)) return `${message}.`;
  if (!/^E[A-Z0-9]+$/.test(code) || syscall === '') return undefined;
  const why = reasons[code] ?? message;
  const program = /^spawn (.+)/.exec(syscall)?.[1];
  if (program)
    return `The program ${program} could not be started: ${code === 'ENOENT' ? 'it is not on PATH, or the folder it was to work in is gone' : why}.`;
  const where = path ?? (address === undefined ? syscall : `${address}:${port}`);
  return `${where}: ${why}.`;
}

/** Errors of a full or broken machine, or of a blocked path. Not ENOENT, which may be a bug of the workshop. */
const machineCodes: readonly string[] = [
  ...['EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EROFS'],
  ...['EACCES', 'EPERM', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'],
];

/**
 * Outside of an operation: errors that no program can avoid, and a missing system program. undefined: a bug of the
 * workshop, as far as can be told.
 */
export function refusedByMachine(error: unknown): ProblemError | undefined {
  const { code = '', syscall = '', statusCode = 0 } = (error ?? {}) as NodeJS.ErrnoException & { statusCode?: number };
  if (code === 'EMFILE')
    return new ProblemError(
      {
        what: 'This program may not open enough files.',
        fix: 'Allow more in this shell, then try again: ulimit -n 1024',
      },
      3,
      { cause: error },
    );
  return error instanceof ProblemError ||
    machineCodes.includes(code) ||
    syscall.startsWith('spawn ') ||
    statusCode >= 500
    ? refusedBy(error)
    : undefined;
}
