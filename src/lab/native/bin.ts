/** Writes the `bin/` of a native lab: scripts that run PostgreSQL's clients where they exist, else the workshop's. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quote, type SelfCommand, thisProgram, writeScripts } from '../bin.ts';
import { type Binaries, findClients } from './binaries.ts';

export async function writeBin(dir: string, binaries: Binaries, program: SelfCommand): Promise<readonly string[]> {
  const itself = thisProgram(dir, program);
  const workshop = `exec ${itself}`;
  const clients = await findClients(binaries);
  const client = (name: 'psql' | 'pg_basebackup') => {
    const real = clients(name);
    return `exec ${real ? quote(real) : `${itself} client ${name}`} "$@"`;
  };
  const scripts: Readonly<Record<string, string>> = {
    'repl-workshop': `${workshop} "$@"`,
    initdb: `${workshop} client initdb "$@"`,
    pg_ctl: `${workshop} client pg_ctl "$@"`,
    psql: client('psql'),
    pg_basebackup: client('pg_basebackup'),
    ...readOnlyTools(binaries),
  };
  return writeScripts(dir, scripts);
}

/** The tools beside the server's programs, because they are of the same major: an older one on PATH would mislead. */
const readOnlyTools = ({ bindir }: Binaries): Record<string, string> =>
  Object.fromEntries(
    ['pg_controldata', 'pg_isready', 'pg_waldump', 'pg_verifybackup']
      .filter((name) => existsSync(join(bindir, name)))
      .map((name) => [name, `exec ${quote(join(bindir, name))} "$@"`]),
  );
