/** A deed that was killed on its way, as a look finds it. The next opening mends it; a look changes nothing. */
import { readLab } from '../folder.ts';
import { isTakenByOthers } from '../lock/lock.ts';
import type { Problem } from '../problem.ts';

/** `untrue`: what stands in the lab's folder is neither the state before nor the one after, so nothing can be said about it. */
export type Interrupted = { readonly problem: Problem; readonly untrue: boolean };

/** undefined: there is none, or it is still at work. Throws a ProblemError as `readLab` does. */
export function interrupted(dir: string): Interrupted | undefined {
  if (!isLeft(dir) || isTakenByOthers(dir, 'deed')) return undefined;
  const file = readLab(dir); // again: it may have ended between the two
  if (file?.moving)
    return {
      problem: {
        what: file.moving.copied
          ? 'A solve was interrupted on its way, and what it has done so far is there.'
          : 'A goto, reset or undo was interrupted on its way: the servers are not what you left.',
        fix: file.moving.copied
          ? '"repl-workshop undo" brings back what was before it.'
          : 'Open the workshop ("repl-workshop", or "repl-workshop up"): it brings everything back.',
      },
      untrue: !file.moving.copied,
    };
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

function isLeft(dir: string): boolean {
  const file = readLab(dir);
  return Boolean(file?.moving || file?.undo);
}
