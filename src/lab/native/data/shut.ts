/** A data directory that cannot be looked into: a server may work in it, so nothing is done to it before it can be seen. */
import { accessSync, constants, statSync } from 'node:fs';
import { quote } from '../../bin.ts';
import { type Problem, ProblemError } from '../../problem.ts';

/** `path`: as the learner knows it. undefined: it can be seen, or nothing is there. */
export function shutOf(data: string, path: string): Problem | undefined {
  try {
    if (statSync(data, { throwIfNoEntry: false })?.isDirectory()) accessSync(data, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return {
        what: `${path} cannot be looked into: a part of that path is a file.`,
        fix: 'Move the file away, and put the folder back in its place.',
      };
    return {
      what: `${path} cannot be looked into: you may not open it, so nobody can tell whether a server works there.`,
      fix: `If it is yours, open it, and the folders above it: chmod u+rwx ${quote(data)}`,
    };
  }
}

/** Before a deed. */
export function refuseShut(data: string, path: string): void {
  const problem = shutOf(data, path);
  if (problem) throw new ProblemError(problem);
}
