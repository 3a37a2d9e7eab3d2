/** A data directory that this user cannot read. A server may run in it, so no operation touches it. */
import { accessSync, constants, statSync } from 'node:fs';
import { quote } from '../../bin.ts';
import { type Problem, ProblemError } from '../../problem.ts';

/** `path`: the directory's name in messages. Returns undefined when it is readable or does not exist. */
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
      what: `${path} cannot be looked into: you may not open it, so it is not known whether a server works there.`,
      fix: `If it is yours, open it, and the folders above it: chmod u+rwx ${quote(data)}`,
    };
  }
}

/** Throws the ProblemError of `shutOf`, before an operation. */
export function refuseShut(data: string, path: string): void {
  const problem = shutOf(data, path);
  if (problem) throw new ProblemError(problem);
}
