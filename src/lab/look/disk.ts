/**
 * What a data directory contains; works on a stopped server. Parsed files are cached by size and time, so that a look
 * at an unchanged lab parses nothing.
 */
import { join } from 'node:path';
import type { BackupLabel, Disk, Unreadable } from '../observation.ts';
import { newestMajor } from '../plan/plan.ts';
import { confFiles, parseConfFile } from './conf-files.ts';
import { parseControlFile } from './control-file.ts';
import { type DataPlace, type FileStat, refuseShutFile, unreadable } from './data-place.ts';
import { createHbaReader } from './hba-file.ts';

const signalLike = /^(standby|recovery)[._-]?(signal|conf|done)|\.signal/i;

export type DiskReader = (place: DataPlace) => Disk;

/** The value for a folder that does not exist. */
export const absentDisk = (path: string): Disk => ({
  path,
  state: 'absent',
  conf: [],
  hba: null,
  ident: null,
  signals: [],
  backupLabel: null,
  backupLabelOld: false,
  neverStarted: false,
  control: null,
  leftBeside: [],
});

export function createDiskReader(): DiskReader {
  const conf = cached(parseConfFile);
  const hba = createHbaReader();
  const ident = cached((content, path) => ({ path, content }));
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
      ...(serverUid !== undefined && process.getuid?.() === 0 ? { serverUid } : {}),
    };
    if (names.length === 0) return { ...common, state: 'empty' };
    const text = (name: string) => files.bytes(join(data, name)).toString();
    const isMarked = names.includes('PG_VERSION');
    // A running server does not need the file.
    if (!isMarked && !running) return { ...common, state: 'other', control: control(place) };
    const major = isMarked ? Number.parseInt(text('PG_VERSION'), 10) : undefined;
    const foreignOwner = running || serverUid === undefined ? undefined : firstForeign(place, names, stat.uid);
    return {
      ...common,
      state: 'cluster',
      ...(foreignOwner ? { foreignOwner } : {}),
      ...(major === undefined ? {} : { major }),
      conf: ['postgresql.conf', 'postgresql.auto.conf'].flatMap((name) => confFiles(place, join(data, name), conf)),
      hba: names.includes('pg_hba.conf') ? hba(place, join(data, 'pg_hba.conf'), major ?? newestMajor) : null,
      ident: names.includes('pg_ident.conf') ? ident(place, join(data, 'pg_ident.conf')) : null,
      // A link to nothing is no file for the server.
      signals: names.filter((name) => signalLike.test(name) && files.stat(join(data, name))).sort(),
      backupLabel: names.includes('backup_label') ? parseBackupLabel(text('backup_label')) : null,
      backupLabelOld: names.includes('backup_label.old'),
      neverStarted: !names.includes('postmaster.opts'),
      control: control(place),
    };
  };
}

/** Checks the files in which a copy made by another user shows first; all 970 files would be too slow for a look. */
function firstForeign({ data, files }: DataPlace, names: readonly string[], uid: number): string | undefined {
  const places = [...names, 'global/pg_control', 'base/1/PG_VERSION'];
  return places.find((name) => (files.stat(join(data, name))?.uid ?? uid) !== uid);
}

function control({ data, files }: DataPlace): Disk['control'] {
  try {
    return parseControlFile(files.bytes(join(data, 'global/pg_control'))) ?? null;
  } catch {
    return null; // a copy without pg_control; the checks explain it
  }
}

/** Parses backup_label of a base backup. 13 writes "master" where 14 to 18 write "primary". */
function parseBackupLabel(text: string): BackupLabel {
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    startWal: value('START WAL LOCATION').split(' ')[0] ?? '',
    from: value('BACKUP FROM') === 'standby' ? 'standby' : 'primary',
    method: value('BACKUP METHOD'),
  };
}

/** Reads and parses a file again only when its size or time changed. */
function cached<T>(
  parse: (text: string, path: string, stat: FileStat) => T,
): (place: DataPlace, path: string) => T | Unreadable {
  const cache = new Map<string, { key: string; value: T }>();
  return (place, path) => {
    const { files, shown } = place;
    try {
      const stat = files.stat(path);
      if (!stat) throw new Error('it is gone');
      const previous = cache.get(shown(path));
      if (previous?.key === stat.key) return previous.value;
      refuseShutFile(stat);
      const value = parse(files.bytes(path).toString(), shown(path), stat);
      cache.set(shown(path), { key: stat.key, value });
      return value;
    } catch (error) {
      return unreadable(place, path, error);
    }
  };
}
