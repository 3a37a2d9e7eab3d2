/** postgresql.conf with what it includes, as PostgreSQL reads it. */
import { join } from 'node:path';
import { type ConfInclude, type ConfText, parseConf } from '../../postgres/conf/conf.ts';
import { readingOrder } from '../../postgres/conf/order.ts';
import type { ConfFile, Unreadable } from '../observation.ts';
import type { DataPlace, FileStat } from './data-place.ts';

/** Settings that a lesson talks about: only these are kept of the many commented lines of initdb's sample. */
const commentedWorthKeeping =
  /^(primary_conninfo|primary_slot_name|synchronous_standby_names|sync_standby_names|standby_mode|port|listen_addresses|hot_standby|synchronous_commit|wal_level)$/;

export type ConfReader = (place: DataPlace, path: string) => ParsedConf | Unreadable;
type ParsedConf = { readonly file: Exclude<ConfFile, Unreadable>; readonly includes: readonly ConfInclude[] };

export function parseConfFile(text: string, path: string, stat: FileStat): ParsedConf {
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

/** None where there is no such file. One that includes others comes in pieces; what is not a setting stands with the first. */
export function confFiles(place: DataPlace, path: string, read: ConfReader): readonly ConfFile[] {
  if (!place.files.stat(path)) return [];
  const one = read(place, path);
  if ('unreadable' in one) return [one];
  return one.includes.length === 0 ? [one.file] : inPieces(place, path, read);
}

function inPieces(place: DataPlace, path: string, read: ConfReader): readonly ConfFile[] {
  const found = new Map<string, ParsedConf | Unreadable>();
  const parsed = (file: string): ConfText | undefined => {
    const one = found.get(file) ?? (place.files.stat(file) && read(place, file));
    if (!one) return undefined;
    found.set(file, one);
    return 'unreadable' in one ? nothing : { ...one.file, includes: one.includes };
  };
  const { pieces, faults } = readingOrder(path, { parsed, names: (folder) => plainFiles(place, folder) });
  const seen = new Set<string>();
  return pieces.flatMap(({ file, settings }): ConfFile[] => {
    const one = found.get(file);
    if (!one || 'unreadable' in one) return one ? [one] : [];
    const again = seen.has(file);
    seen.add(file);
    if (again) return [{ ...one.file, settings, commented: [], errors: [] }];
    const lost = place.whole ? faults.filter((fault) => fault.file === file) : [];
    const shown = lost.map(({ line, what }) => ({
      line,
      what: what.replace(/"(.+)"/, (_, to) => `"${place.shown(to)}"`),
    }));
    return [{ ...one.file, settings, ...(shown.length > 0 ? { faults: shown } : {}) }];
  });
}

const nothing: ConfText = { settings: [], commented: [], includes: [], errors: [] };

/** A folder may have the name of a file; PostgreSQL passes it over. */
const plainFiles = ({ files }: DataPlace, folder: string): readonly string[] | undefined =>
  files.names(folder)?.filter((name) => !name.endsWith('.conf') || !files.names(join(folder, name)));
