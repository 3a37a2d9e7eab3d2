/** The user's home folder. */
import { homedir } from 'node:os';
import { ProblemError } from '../problem.ts';

/**
 * HOME, otherwise the entry of the system's user database. undefined: neither exists, as in a container that runs as a
 * number without a name.
 */
export function knownHome(env: NodeJS.ProcessEnv): string | undefined {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Throws a ProblemError when the home folder is unknown. */
export function home(env: NodeJS.ProcessEnv): string {
  const known = knownHome(env);
  if (known !== undefined) return known;
  throw new ProblemError({
    what: 'It is not known where your files are: HOME is not set, and this machine has no entry for your user.',
    fix: 'Set HOME to a folder of yours: export HOME=/some/folder',
  });
}
