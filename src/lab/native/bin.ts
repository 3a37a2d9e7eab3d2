/** The lab's `bin/` folder: the commands that are first on PATH in the lab's shell. Small shell scripts, written again when they differ. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Binaries, findClient } from './binaries.ts';
import type { ServerUser } from './user.ts';

/** How to start this program again: node and its launcher. */
export type Program = { readonly node: string; readonly script: string };

/** A copy must belong to the user that servers run as, so where that is another one, pg_basebackup runs as that user too. */
export async function writeBin(dir: string, binaries: Binaries, user: ServerUser, program: Program): Promise<void> {
  const itself = [program.node, program.script, '--lab', dir].map(quote).join(' ');
  const ours = `exec ${itself}`;
  const client = async (name: 'psql' | 'pg_basebackup', as: readonly string[] = []) => {
    const real = await findClient(name, binaries);
    return ['exec', ...as, real ? quote(real) : `${itself} client ${name}`, '"$@"'].join(' ');
  };
  const scripts: Readonly<Record<string, string>> = {
    'repl-workshop': `${ours} "$@"`,
    initdb: `${ours} client initdb "$@"`,
    pg_ctl: `${ours} client pg_ctl "$@"`,
    psql: await client('psql'),
    pg_basebackup: await client('pg_basebackup', user.owner ? user.prefix : []),
    ...readOnlyTools(binaries),
  };
  mkdirSync(join(dir, 'bin'), { recursive: true });
  for (const [name, line] of Object.entries(scripts))
    writeScript(join(dir, 'bin', name), `#!/bin/sh\n# Made by repl-workshop.\n${line}\n`);
}

/** Of the same major as the servers, where the package has them; an older one on PATH would only confuse. */
const readOnlyTools = ({ bindir }: Binaries): Record<string, string> =>
  Object.fromEntries(
    ['pg_controldata', 'pg_isready', 'pg_waldump', 'pg_verifybackup']
      .filter((name) => existsSync(join(bindir, name)))
      .map((name) => [name, `exec ${quote(join(bindir, name))} "$@"`]),
  );

function writeScript(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
