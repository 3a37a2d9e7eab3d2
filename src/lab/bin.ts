/** The lab's `bin/` folder: small shell scripts that come first on PATH in the lab's shell. */
import { writeOwnFiles } from './files/own-files.ts';

/** How to start this program again: the node binary and the launcher script. */
export type SelfCommand = { readonly node: string; readonly script: string };

/** The shell command line that runs this program on one lab. */
export const thisProgram = (dir: string, { node, script }: SelfCommand): string =>
  [node, script, '--lab', dir].map(quote).join(' ');

/** For Docker labs: scripts for this program and its own clients, so that the machine needs no PostgreSQL. */
export function writeClients(dir: string, program: SelfCommand): readonly string[] {
  const itself = thisProgram(dir, program);
  return writeScripts(dir, {
    'repl-workshop': `exec ${itself} "$@"`,
    psql: `exec ${itself} client psql "$@"`,
    pg_basebackup: `exec ${itself} client pg_basebackup "$@"`,
  });
}

/**
 * `scripts`: one line of shell by script name. Returns a sentence for each script that could not be written because a
 * file of the learner has its name.
 */
export const writeScripts = (dir: string, scripts: Readonly<Record<string, string>>): readonly string[] =>
  writeOwnFiles(
    dir,
    'bin',
    Object.fromEntries(
      Object.entries(scripts).map(([name, line]) => [name, `#!/bin/sh\n# Made by repl-workshop.\n${line}\n`]),
    ),
    0o755,
  );

export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
