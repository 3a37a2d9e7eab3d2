/** The plain counterpart of a lab: what plain-servers.sh does with PostgreSQL's own programs. */
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installedBinaries } from '../../../src/lab/native/binaries.ts';
import { anyFreePort } from '../../../src/lab/plan/ports.ts';
import { timeOf } from '../numbers.ts';
import { run, runToEnd } from '../workshop.ts';

const script = resolve('test/bench/states/plain-servers.sh');
const needed = ['initdb', 'pg_ctl', 'pg_basebackup', 'psql'];
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses root. */
const asUser = (file: string, ...args: readonly string[]): [string, readonly string[]] =>
  isRoot ? ['setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', file, ...args]] : [file, args];

/** An installed PostgreSQL that has all programs of the script; the npm package lacks the clients. */
export const completePostgres = async () =>
  (await installedBinaries()).find(({ bindir }) => needed.every((name) => existsSync(join(bindir, name))));

/** Resolves with the time of the script. Its servers are ended afterwards. */
export async function timeOfPlainServers(bindir: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'repl-workshop-plain-'));
  if (isRoot) chownSync(folder, nobody, nobody);
  const master = await anyFreePort(new Set());
  const slave = await anyFreePort(new Set([master]));
  try {
    return await timeOf(() => run(...asUser('bash', script, folder, bindir, String(master), String(slave))));
  } finally {
    for (const server of ['slave', 'master'].map((name) => join(folder, name)))
      if (existsSync(join(server, 'postmaster.pid')))
        await runToEnd(...asUser(join(bindir, 'pg_ctl'), '-D', server, '-m', 'immediate', 'stop'));
    rmSync(folder, { recursive: true, force: true });
  }
}
