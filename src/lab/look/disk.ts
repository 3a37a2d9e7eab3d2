/** What stands in a data directory; works on a stopped server. Parsed files are kept by size and time, so a look at rest parses nothing. */
import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type ConfInclude, parseConf } from '../../postgres/conf.ts';
import { parseHba } from '../../postgres/hba.ts';
import { livePostmaster } from '../native/postmaster.ts';
import type { BackupLabel, ConfFile, Disk, HbaFile, Unreadable } from '../observation.ts';
import { parseControlFile } from './control-file.ts';
import { inLab } from './sql.ts';

/** Settings that a lesson talks about: only these are kept of the many commented lines of initdb's sample. */
const commentedWorthKeeping =
  /^(primary_conninfo|primary_slot_name|synchronous_standby_names|sync_standby_names|standby_mode|port|listen_addresses|hot_standby|synchronous_commit|wal_level)$/;
const signalLike = /^(standby|recovery)[._-]?(signal|conf|done)|\.signal/i;

export type DiskReader = (dir: string, data: string, serverUid: number | undefined, running: boolean) => Disk;

export function createDiskReader(): DiskReader {
  const conf = cached(parseConfFile);
  const hba = cached(parseHbaFile);
  return (dir, data, serverUid, running) => {
    const path = inLab(dir, data);
    const leftBeside = siblings(dir, data);
    const runningBeside = leftBeside.find((path) => livePostmaster(join(dir, path)));
    const nothing = {
      path,
      conf: [],
      hba: null,
      signals: [],
      backupLabel: null,
      backupLabelOld: false,
      control: null,
      leftBeside,
      ...(runningBeside ? { runningBeside } : {}),
    };
    const names = listed(data);
    if (!names) return { ...nothing, state: 'absent' };
    const stat = statSync(data);
    const common = { ...nothing, mode: `0${(stat.mode & 0o777).toString(8)}`, ownedByServer: stat.uid === serverUid };
    if (names.length === 0) return { ...common, state: 'empty' };
    if (!names.includes('PG_VERSION')) return { ...common, state: 'other' };
    const foreignOwner = running ? undefined : firstForeign(data, names, stat.uid);
    return {
      ...common,
      state: 'cluster',
      ...(foreignOwner ? { foreignOwner } : {}),
      major: Number.parseInt(readFileSync(join(data, 'PG_VERSION'), 'utf8'), 10),
      conf: [
        ...withIncludes(dir, join(data, 'postgresql.conf'), conf),
        ...withIncludes(dir, join(data, 'postgresql.auto.conf'), conf),
      ],
      hba: names.includes('pg_hba.conf') ? hba(dir, join(data, 'pg_hba.conf')) : null,
      signals: names.filter((name) => signalLike.test(name)).sort(),
      backupLabel: names.includes('backup_label')
        ? parseBackupLabel(readFileSync(join(data, 'backup_label'), 'utf8'))
        : null,
      backupLabelOld: names.includes('backup_label.old'),
      control: control(data),
    };
  };
}

const listed = (folder: string): string[] | undefined => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Clusters put aside next to the data directory. */
function siblings(dir: string, data: string): string[] {
  const folder = dirname(data);
  return (listed(folder) ?? [])
    .filter(
      (name) =>
        name !== basename(data) && name.startsWith(basename(data)) && existsSync(join(folder, name, 'PG_VERSION')),
    )
    .sort()
    .map((name) => inLab(dir, join(folder, name)));
}

/** Of the places where a copy made as another user shows first; walking all 970 files would cost more than a look may. */
function firstForeign(data: string, names: readonly string[], uid: number): string | undefined {
  const places = [...names, 'global/pg_control', 'base/1/PG_VERSION'];
  return places.find((name) => existsSync(join(data, name)) && statSync(join(data, name)).uid !== uid);
}

function control(data: string): Disk['control'] {
  try {
    return parseControlFile(readFileSync(join(data, 'global/pg_control'))) ?? null;
  } catch {
    return null; // a copy without it; the checks say what that means
  }
}

const readingOrder = 10; // PostgreSQL refuses deeper includes

/** A file with those it includes, in reading order. */
function withIncludes(dir: string, path: string, read: ConfReader, depth = 0): ConfFile[] {
  if (!existsSync(path) || depth > readingOrder) return [];
  const one = read(dir, path);
  if ('unreadable' in one) return [one];
  const included = one.includes.flatMap((include) => includedFiles(dirname(path), include));
  return [one.file, ...included.flatMap((include) => withIncludes(dir, include, read, depth + 1))];
}

function includedFiles(folder: string, { how, path }: ConfInclude): string[] {
  const full = resolve(folder, path);
  if (how !== 'include_dir') return [full];
  return (listed(full) ?? [])
    .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
    .sort()
    .map((name) => join(full, name));
}

type ConfReader = (dir: string, path: string) => ParsedConf | Unreadable;
type ParsedConf = { readonly file: ConfFile; readonly includes: readonly ConfInclude[] };

function parseConfFile(text: string, path: string, stat: Stats): ParsedConf {
  const { settings, commented, errors, includes } = parseConf(text, path);
  const file = {
    path,
    savedAt: stat.mtime.toISOString(),
    settings,
    commented: commented.filter(({ name }) => commentedWorthKeeping.test(name)),
    errors,
  };
  return { file, includes };
}

function parseHbaFile(text: string, path: string, stat: Stats): HbaFile {
  return { path, savedAt: stat.mtime.toISOString(), ...parseHba(text) };
}

/** backup_label of a base backup, 13 to 18 (12 and 13 say "master"). */
function parseBackupLabel(text: string): BackupLabel {
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    startWal: value('START WAL LOCATION').split(' ')[0] ?? '',
    from: value('BACKUP FROM') === 'standby' ? 'standby' : 'primary',
    method: value('BACKUP METHOD'),
  };
}

/** Reads and parses a file once per size and time. */
function cached<T>(
  parse: (text: string, path: string, stat: Stats) => T,
): (dir: string, path: string) => T | Unreadable {
  const known = new Map<string, { key: string; value: T }>();
  return (dir, path) => {
    try {
      const stat = statSync(path);
      const key = `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
      const before = known.get(path);
      if (before?.key === key) return before.value;
      const value = parse(readFileSync(path, 'utf8'), inLab(dir, path), stat);
      known.set(path, { key, value });
      return value;
    } catch (error) {
      return { path: inLab(dir, path), unreadable: (error as Error).message };
    }
  };
}
