/** What a native lab has in its `bin/`: PostgreSQL's own programs where they are, with what the lab adds, else ours. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quote, type SelfCommand, thisProgram, writeScripts } from '../bin.ts';
import { type Binaries, findClients } from './binaries.ts';

export async function writeBin(dir: string, binaries: Binaries, program: SelfCommand): Promise<readonly string[]> {
  const itself = thisProgram(dir, program);
  const ours = `exec ${itself}`;
  const clients = await findClients(binaries);
  const client = (name: 'psql' | 'pg_basebackup') => {
    const real = clients(name);
    return `exec ${real ? quote(real) : `${itself} client ${name}`} "$@"`;
  };
  const scripts: Readonly<Record<string, string>> = {
    'repl-workshop': `${ours} "$@"`,
    initdb: `${ours} client initdb "$@"`,
    pg_ctl: `${ours} client pg_ctl "$@"`,
    psql: client('psql'),
    pg_basebackup: client('pg_basebackup'),
    ...readOnlyTools(binaries),
  };
  return writeScripts(dir, scripts);
}

/** Of the same major as the servers, where the package has them; an older one on PATH would only confuse. */
const readOnlyTools = ({ bindir }: Binaries): Record<string, string> =>
  Object.fromEntries(
    ['pg_controldata', 'pg_isready', 'pg_waldump', 'pg_verifybackup']
      .filter((name) => existsSync(join(bindir, name)))
      .map((name) => [name, `exec ${quote(join(bindir, name))} "$@"`]),
  );
