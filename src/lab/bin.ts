/** The lab's `bin/` folder: commands that are first on PATH in the lab's shell. Small shell scripts. */
import { writeOwnFiles } from './files/own-files.ts';

/** How to start this program again: node and its launcher. */
export type SelfCommand = { readonly node: string; readonly script: string };

/** The command line of this program on one lab, for a shell. */
export const thisProgram = (dir: string, { node, script }: SelfCommand): string =>
  [node, script, '--lab', dir].map(quote).join(' ');

/** On Docker: this program, and our own clients, which need no PostgreSQL on this machine. */
export function writeClients(dir: string, program: SelfCommand): readonly string[] {
  const itself = thisProgram(dir, program);
  return writeScripts(dir, {
    'repl-workshop': `exec ${itself} "$@"`,
    psql: `exec ${itself} client psql "$@"`,
    pg_basebackup: `exec ${itself} client pg_basebackup "$@"`,
  });
}

/** By name: what the script does, in one line of shell. Returns a sentence for each that could not be written: something of the learner's stands there. */
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
