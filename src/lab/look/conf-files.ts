/** Reads postgresql.conf and the files that it includes, in PostgreSQL's order. */
import { join } from 'node:path';
import { type ConfInclude, type ConfText, parseConf } from '../../postgres/conf/conf.ts';
import { readingOrder } from '../../postgres/conf/order.ts';
import type { ConfFile, Unreadable } from '../observation.ts';
import type { DataPlace, FileStat } from './data-place.ts';

/** Settings that lessons use: of the many commented-out lines in initdb's sample only these are kept. */
const commentedWorthKeeping =
  /^(primary_conninfo|primary_slot_name|synchronous_standby_names|sync_standby_names|standby_mode|port|listen_addresses|hot_standby|synchronous_commit|wal_level)$/;

export type ConfReader = (place: DataPlace, path: string) => ParsedConf | Unreadable;
type ParsedConf = { readonly file: Exclude<ConfFile, Unreadable>; readonly includes: readonly ConfInclude[] };

export function parseConfFile(text: string, path: string, stat: FileStat): ParsedConf {
  const { settings, commented, errors, includes } = parseConf(text, path);
  const file = {
    path,
    content: text,
    savedAt: stat.savedAt.toISOString(),
    settings,
    commented: commented.filter(({ name }) => commentedWorthKeeping.test(name)),
    errors,
  };
  return { file, includes };
}

/**
 * Empty when the file does not exist. A file that includes others is returned in pieces; its errors and commented
 * settings are in the first piece.
 */
export function confFiles(place: DataPlace, path: string, read: ConfReader): readonly ConfFile[] {
  if (!place.files.stat(path)) return [];
  const one = read(place, path);
  if ('unreadable' in one) return [one];
  return one.includes.length === 0 ? [one.file] : inPieces(place, path, read);
}

function inPieces(place: DataPlace, path: string, read: ConfReader): readonly ConfFile[] {
  const parsedFiles = new Map<string, ParsedConf | Unreadable>();
  const parsed = (file: string): ConfText | undefined => {
    const known = parsedFiles.get(file) ?? (place.files.stat(file) && read(place, file));
    if (!known) return undefined;
    parsedFiles.set(file, known);
    return 'unreadable' in known ? nothing : { ...known.file, includes: known.includes };
  };
  const { pieces, faults } = readingOrder(path, { parsed, names: (folder) => plainFiles(place, folder) });
  const listed = new Set<string>();
  return pieces.flatMap(({ file, settings }): ConfFile[] => {
    const known = parsedFiles.get(file);
    if (!known || 'unreadable' in known) return known ? [known] : [];
    const again = listed.has(file);
    listed.add(file);
    if (again) return [{ ...known.file, settings, commented: [], errors: [] }];
    const lost = place.whole ? faults.filter((fault) => fault.file === file) : [];
    const shown = lost.map(({ line, what }) => ({
      line,
      what: what.replace(/"(.+)"/, (_, to) => `"${place.shown(to)}"`),
    }));
    return [{ ...known.file, settings, ...(shown.length > 0 ? { faults: shown } : {}) }];
  });
}

const nothing: ConfText = { settings: [], commented: [], includes: [], errors: [] };

/** A folder may be called x.conf as well; PostgreSQL skips it. */
const plainFiles = ({ files }: DataPlace, folder: string): readonly string[] | undefined =>
  files.names(folder)?.filter((name) => !name.endsWith('.conf') || !files.names(join(folder, name)));
