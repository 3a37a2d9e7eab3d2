/** A daemon that does not answer any more. */
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
  'SSH_ENDED', // the way to a daemon elsewhere
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Each call of these objects tells what it means when the daemon is gone. */
export const withUnreachable = <T extends object>(calls: T, reached: Reached): T => ({
  ...calls,
  ...Object.fromEntries(
    Object.entries(calls).flatMap(([name, call]) =>
      typeof call === 'function' ? [[name, telling(call, reached)]] : [],
    ),
  ),
});

const telling =
  (call: (...args: readonly unknown[]) => unknown, reached: Reached) =>
  (...args: readonly unknown[]): unknown => {
    const given = call(...args);
    return given instanceof Promise
      ? given.catch((error: unknown) => Promise.reject(unreachable(error, reached)))
      : given;
  };

export function isUnreachable(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return connectionCodes.has(code ?? '') || message === 'socket hang up';
}

/** The same error, or what it means to somebody whose Docker went away in the middle of a lesson. */
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
