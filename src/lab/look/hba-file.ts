/** Reads pg_hba.conf and the files that it names; parses again only when one of them changed. */
import { type HbaText, parseHba } from '../../postgres/hba/hba.ts';
import type { HbaFile, Unreadable } from '../observation.ts';
import { type DataPlace, refuseShutFile, unreadable } from './data-place.ts';

type Known = {
  readonly stamp: string; // keys of all files and folders that were asked for
  readonly sources: readonly string[];
  readonly file: HbaFile;
};

export function createHbaReader(): (place: DataPlace, path: string, major: number) => HbaFile | Unreadable {
  const cache = new Map<string, Known>();
  return (place, path, major) => {
    const id = `${major} ${place.shown(path)}`;
    const previous = cache.get(id);
    if (previous && stampOf(place, previous.sources) === previous.stamp) return previous.file;
    try {
      const { file, sources } = read(place, path, major);
      cache.set(id, { file, sources, stamp: stampOf(place, sources) });
      return file;
    } catch (error) {
      return unreadable(place, path, error);
    }
  };
}

function read(place: DataPlace, path: string, major: number) {
  const { files, shown, whole, data } = place;
  const stat = files.stat(path);
  if (!stat) throw new Error('it is gone');
  refuseShutFile(stat);
  const sources = [path];
  const contents = new Map([[path, files.bytes(path).toString()]]);
  // A path that a server in a container names outside its data directory is no file of this machine. A file that is not
  // known here may exist there, so it is skipped.
  const isKnown = (other: string) => whole || (other.startsWith(`${data}/`) && files.stat(other) !== undefined);
  const others = {
    path,
    text: (other: string) => {
      sources.push(other);
      if (!isKnown(other)) return '';
      if (!files.stat(other)) return undefined;
      const content = files.bytes(other).toString();
      contents.set(other, content);
      return content;
    },
    names: (folder: string) => {
      sources.push(folder);
      return isKnown(folder) ? files.names(folder) : [];
    },
  };
  const found = parseHba(contents.get(path) ?? '', { major, place: others });
  const texts = [...contents].map(([one, content]) => ({ path: shown(one), content }));
  const newest = sources.map((one) => files.stat(one)?.savedAt ?? stat.savedAt).reduce((a, b) => (a > b ? a : b));
  return { sources, file: { path: shown(path), savedAt: newest.toISOString(), ...shownAs(found, shown), texts } };
}

function shownAs({ rules, commented, errors }: HbaText, shown: (path: string) => string): HbaText {
  const named = <T extends { readonly file?: string }>(one: T): T =>
    one.file ? { ...one, file: shown(one.file) } : one;
  return { rules: rules.map(named), commented: commented.map(named), errors: errors.map(named) };
}

const stampOf = ({ files }: DataPlace, paths: readonly string[]): string =>
  paths.map((path) => files.stat(path)?.key ?? 'gone').join('\n');
