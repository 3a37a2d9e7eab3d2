/** Turns connection errors of a daemon that has stopped answering into a ProblemError. */
import { ProblemError } from '../../problem.ts';
import type { Reached } from './reach.ts';

const connectionCodes = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'SSH_ENDED', // the ssh process of a connection to a remote daemon
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Wraps each method of the object: a connection error becomes the ProblemError of `unreachable`. */
export const withUnreachable = <T extends object>(calls: T, reached: Reached): T => ({
  ...calls,
  ...Object.fromEntries(
    Object.entries(calls).flatMap(([name, call]) =>
      typeof call === 'function' ? [[name, wrapped(call, reached)]] : [],
    ),
  ),
});

const wrapped =
  (call: (...args: readonly unknown[]) => unknown, reached: Reached) =>
  (...args: readonly unknown[]): unknown => {
    const result = call(...args);
    return result instanceof Promise
      ? result.catch((error: unknown) => Promise.reject(unreachable(error, reached)))
      : result;
  };

export function isUnreachable(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return connectionCodes.has(code ?? '') || message === 'socket hang up';
}

/** Returns a ProblemError for a connection error, else the error itself. */
export function unreachable(error: unknown, { from, where }: Reached): unknown {
  if (!isUnreachable(error)) return error;
  return new ProblemError(
    {
      what: `Could not look: Docker does not answer at ${where} (${from}).`,
      fix: 'Start Docker. Your work is safe, and the lesson goes on by itself.',
    },
    3,
    { cause: error },
  );
}
