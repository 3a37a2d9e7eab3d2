/**
 * Finds an operation that was killed before its end. A look only reports it; the next opening of the lab repairs it.
 */
import { type PendingOperation, readLab } from '../folder.ts';
import { isTakenByOthers } from '../lock/lock.ts';
import type { Problem } from '../problem.ts';

/** `untrue`: the lab folder contains neither the state before nor the one after, so no verdict is possible. */
export type Interrupted = { readonly problem: Problem; readonly untrue: boolean };

/** undefined: there is none, or the operation is still running. Throws a ProblemError as `readLab` does. */
export function interrupted(dir: string): Interrupted | undefined {
  if (!hasPendingOperation(dir) || isTakenByOthers(dir, 'deed')) return undefined;
  const file = readLab(dir); // read again: the operation may have ended between the two reads
  if (file?.moving) return { problem: pendingProblem(file.moving), untrue: !file.moving.copied };
  if (!file?.undo) return undefined;
  const names = file.undo.settings.map(({ on, name }) => `${name} of ${on}`).join(' and ');
  return {
    problem: {
      what: `A measurement was interrupted: ${names} is not what you set.`,
      fix: 'Open the workshop ("repl-workshop", or "repl-workshop up"): it brings the setting back.',
    },
    untrue: false,
  };
}

/** The operation in words. An earlier version, which did not record it, had these. */
export const pendingWords = ({ what, copied }: PendingOperation): string =>
  what === undefined ? (copied ? 'A solve' : 'A goto, reset or undo') : `"${what}"`;

function pendingProblem(moving: PendingOperation): Problem {
  const words = pendingWords(moving);
  if (moving.copied)
    return {
      what: `${words} was interrupted on its way, and what it has done so far is there.`,
      fix: '"repl-workshop undo" brings back what was before it.',
    };
  return {
    what: `${words} was interrupted on its way: the servers are not what you left.`,
    fix: `Open the workshop ("repl-workshop", or "repl-workshop up"): it ${moving.finish ? 'finishes it' : 'brings everything back'}.`,
  };
}

function hasPendingOperation(dir: string): boolean {
  const file = readLab(dir);
  return Boolean(file?.moving || file?.undo);
}
