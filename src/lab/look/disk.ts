/** What stands in a data directory; works on a stopped server. Parsed files are kept by size and time, so a look at rest parses nothing. */
import { dirname, join, resolve } from 'node:path';
import { type ConfInclude, parseConf } from '../../postgres/conf.ts';
import { parseHba } from '../../postgres/hba.ts';
import type { BackupLabel, ConfFile, Disk, HbaFile, Unreadable } from '../observation.ts';
import { parseControlFile } from './control-file.ts';

/** Settings that a lesson talks about: only these are kept of the many commented lines of initdb's sample. */
const commentedWorthKeeping =
  /^(primary_conninfo|primary_slot_name|synchronous_standby_names|sync_standby_names|standby_mode|port|listen_addresses|hot_standby|synchronous_commit|wal_level)$/;
const signalLike = /^(standby|recovery)[._-]?(signal|conf|done)|\.signal/i;

/** Files wherever they are: on this machine, or fetched from a container. Paths are absolute there. */
export type Files = {
  names(folder: string): readonly string[] | undefined; // undefined: there is no such folder
  stat(path: string): FileStat | undefined;
  bytes(path: string): Buffer; // throws when it cannot be read
};
export type FileStat = {
  readonly uid: number;
  readonly mode: number; // permission bits
  readonly savedAt: Date;
  readonly key: string; // another one when the file may have changed
};

/** A data directory and what stands around it. */
export type DataPlace = {
  readonly data: string;
  readonly files: Files;
  readonly shown: (path: string) => string; // as observations show it
  readonly serverUid: number | undefined; // as whom the server runs; undefined: it takes what it is given (an image that begins as root)
  readonly running: boolean;
  readonly leftBeside: readonly string[];
  readonly runningBeside?: string;
};
export type DiskReader = (place: DataPlace) => Disk;

/** There is no such folder. */
export const absentDisk = (path: string): Disk => ({
  path,
  state: 'absent',
  conf: [],
  hba: null,
  signals: [],
  backupLabel: null,
  backupLabelOld: false,
  neverStarted: false,
  control: null,
  leftBeside: [],
});

export function createDiskReader(): DiskReader {
  const conf = cached(parseConfFile);
  const hba = cached(parseHbaFile);
  return (place) => {
    const { data, files, shown, serverUid, running, leftBeside, runningBeside } = place;
    const nothing = { ...absentDisk(shown(data)), leftBeside, ...(runningBeside ? { runningBeside } : {}) };
    const names = files.names(data);
    const stat = files.stat(data);
    if (!names || !stat) return nothing;
    const common = {
      ...nothing,
      mode: `0${stat.mode.toString(8)}`,
      ownedByServer: serverUid === undefined || stat.uid === serverUid,
    };
    if (names.length === 0) return { ...common, state: 'empty' };
    if (!names.includes('PG_VERSION')) return { ...common, state: 'other' };
    const text = (name: string) => files.bytes(join(data, name)).toString();
    const foreignOwner = running || serverUid === undefined ? undefined : firstForeign(place, names, stat.uid);
    return {
      ...common,
      state: 'cluster',
      ...(foreignOwner ? { foreignOwner } : {}),
      major: Number.parseInt(text('PG_VERSION'), 10),
      conf: ['postgresql.conf', 'postgresql.auto.conf'].flatMap((name) => withIncludes(place, join(data, name), conf)),
      hba: names.includes('pg_hba.conf') ? hba(place, join(data, 'pg_hba.conf')) : null,
      signals: names.filter((name) => signalLike.test(name)).sort(),
      backupLabel: names.includes('backup_label') ? parseBackupLabel(text('backup_label')) : null,
      backupLabelOld: names.includes('backup_label.old'),
      neverStarted: !names.includes('postmaster.opts'),
      control: control(place),
    };
  };
}

/** Of the places where a copy made as another user shows first; walking all 970 files would cost more than a look may. */
function firstForeign({ data, files }: DataPlace, names: readonly string[], uid: number): string | undefined {
  const places = [...names, 'global/pg_control', 'base/1/PG_VERSION'];
  return places.find((name) => (files.stat(join(data, name))?.uid ?? uid) !== uid);
}

function control({ data, files }: DataPlace): Disk['control'] {
  try {
    return parseControlFile(files.bytes(join(data, 'global/pg_control'))) ?? null;
  } catch {
    return null; // a copy without it; the checks say what that means
  }
}

const readingOrder = 10; // PostgreSQL refuses deeper includes

/** A file with those it includes, in reading order. */
function withIncludes(place: DataPlace, path: string, read: ConfReader, depth = 0): ConfFile[] {
  if (!place.files.stat(path) || depth > readingOrder) return [];
  const one = read(place, path);
  if ('unreadable' in one) return [one];
  const included = one.includes.flatMap((include) => includedFiles(place, dirname(path), include));
  return [one.file, ...included.flatMap((include) => withIncludes(place, include, read, depth + 1))];
}

function includedFiles({ files }: DataPlace, folder: string, { how, path }: ConfInclude): string[] {
  const full = resolve(folder, path);
  if (how !== 'include_dir') return [full];
  return (files.names(full) ?? [])
    .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
    .sort()
    .map((name) => join(full, name));
}

type ConfReader = (place: DataPlace, path: string) => ParsedConf | Unreadable;
type ParsedConf = { readonly file: ConfFile; readonly includes: readonly ConfInclude[] };

function parseConfFile(text: string, path: string, stat: FileStat): ParsedConf {
  const { settings, commented, errors, includes } = parseConf(text, path);
  const file = {
    path,
    savedAt: stat.savedAt.toISOString(),
    settings,
    commented: commented.filter(({ name }) => commentedWorthKeeping.test(name)),
    errors,
  };
  return { file, includes };
}

function parseHbaFile(text: string, path: string, stat: FileStat): HbaFile {
  return { path, savedAt: stat.savedAt.toISOString(), ...parseHba(text) };
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
  parse: (text: string, path: string, stat: FileStat) => T,
): (place: DataPlace, path: string) => T | Unreadable {
  const known = new Map<string, { key: string; value: T }>();
  return ({ files, shown }, path) => {
    try {
      const stat = files.stat(path);
      if (!stat) throw new Error('it is gone');
      const before = known.get(shown(path));
      if (before?.key === stat.key) return before.value;
      const value = parse(files.bytes(path).toString(), shown(path), stat);
      known.set(shown(path), { key: stat.key, value });
      return value;
    } catch (error) {
      return { path: shown(path), unreadable: (error as Error).message };
    }
  };
}
