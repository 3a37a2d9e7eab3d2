/** Chooses the PostgreSQL binaries of a lab. A path in lab.json alone is no reason to run what is there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LabFile, type LabWish, readLab, refuseOtherMajor, saveLab } from './folder.ts';
import { isHolder, takeLock } from './lock/lock.ts';
import { type Binaries, findBinaries } from './native/binaries.ts';
import { ProblemError } from './problem.ts';
import { isTrusted } from './trust/trust.ts';

/** For a look: what is known of this lab's binaries without running them. */
export function knownBinaries(file: LabFile, wish: LabWish = {}): Binaries {
  refuseOtherMajor(file, wish);
  const { major } = file.plan;
  return { bindir: file.bindir, major, version: file.version ?? String(major), origin: 'given' };
}

/** Stores the version in lab.json, for later looks. Does nothing while another program has the operation lock. */
export function rememberVersion(dir: string, version: string): void {
  if (readLab(dir)?.version === version) return;
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) return; // an operation writes lab.json; the next opening stores the version
  using _lock = lock;
  const file = readLab(dir);
  if (file) saveLab(dir, { ...file, version });
}

/**
 * The binaries with which this lab was made, or others of the same major when those are gone, or when users other than
 * the caller and root may change them. Never upgrades a lab. Throws a ProblemError when there are none.
 */
export async function binariesOf(file: LabFile, wish: LabWish = {}): Promise<Binaries> {
  refuseOtherMajor(file, wish);
  const { major } = file.plan;
  if (wish.bindir) return sameMajor(await findBinaries({ bindir: wish.bindir }), major);
  const trusted = areTrusted(file.bindir);
  const binaries = trusted ? await findBinaries({ bindir: file.bindir }).catch(() => undefined) : undefined;
  if (binaries) return sameMajor(binaries, major);
  return sameMajor(await findBinaries({ major }).catch(trusted ? undefined : () => refuseBindir(file.bindir)), major);
}

const programs = ['postgres', 'initdb', 'pg_ctl', 'psql', 'pg_basebackup'] as const;

const areTrusted = (bindir: string): boolean =>
  programs.map((name) => join(bindir, name)).every((path) => isTrusted(path) || !existsSync(path));

function refuseBindir(bindir: string): never {
  throw new ProblemError({
    what: `lab.json names the programs in ${bindir}; others than you may change them, so they are not run.`,
    fix: 'Name the folder yourself with --bindir DIR, if you trust it.',
  });
}

function sameMajor(binaries: Binaries, major: number): Binaries {
  if (binaries.major === major) return binaries;
  throw new ProblemError({
    what: `This lab's data directories are of PostgreSQL ${major}; the programs in ${binaries.bindir} are ${binaries.version}.`,
    fix: `Install PostgreSQL ${major}, name its folder with --bindir, or choose another lab with --lab DIR.`,
  });
}
