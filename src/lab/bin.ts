/** The lab's `bin/` folder: commands that are first on PATH in the lab's shell. Small shell scripts, written again when they differ. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How to start this program again: node and its launcher. */
export type Program = { readonly node: string; readonly script: string };

/** The command line of this program on one lab, for a shell. */
export const thisProgram = (dir: string, { node, script }: Program): string =>
  [node, script, '--lab', dir].map(quote).join(' ');

/** On Docker: this program, and our own clients, which need no PostgreSQL on this machine. */
export function writeClients(dir: string, program: Program): void {
  const itself = thisProgram(dir, program);
  writeScripts(dir, {
    'repl-workshop': `exec ${itself} "$@"`,
    psql: `exec ${itself} client psql "$@"`,
    pg_basebackup: `exec ${itself} client pg_basebackup "$@"`,
  });
}

/** By name: what the script does, in one line of shell. */
export function writeScripts(dir: string, scripts: Readonly<Record<string, string>>): void {
  mkdirSync(join(dir, 'bin'), { recursive: true });
  for (const [name, line] of Object.entries(scripts))
    writeScript(join(dir, 'bin', name), `#!/bin/sh\n# Made by repl-workshop.\n${line}\n`);
}

function writeScript(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
