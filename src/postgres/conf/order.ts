/**
 * The order in which PostgreSQL reads a configuration file and its includes: the last line of a name wins. Source:
 * documentation, "Managing Configuration File Contents" (config-includes).
 */
import { dirname, resolve } from 'node:path';
import type { ConfInclude, ConfSetting, ConfText } from './conf.ts';

/** How to read files; paths are absolute. undefined: the file does not exist or cannot be read. */
export type ConfPlace = {
  readonly parsed: (path: string) => ConfText | undefined;
  readonly names: (folder: string) => readonly string[] | undefined; // regular files in the folder
};
/** An include that PostgreSQL cannot follow; it then refuses the whole configuration. `what` is its message. */
type ConfFault = { readonly file: string; readonly line: number; readonly what: string };
/** A part of one file that is read without interruption: an including file has one above and one below each include. */
type ConfPiece = { readonly file: string; readonly settings: readonly ConfSetting[] };
export type ConfOrder = { readonly pieces: readonly ConfPiece[]; readonly faults: readonly ConfFault[] };

/** The pieces of a file and all its includes, in PostgreSQL's order: an include is read at its line. */
export function readingOrder(path: string, place: ConfPlace, depth = 0): ConfOrder {
  const { settings = [], includes = [] } = place.parsed(path) ?? {};
  const between = (above: number, below = Number.POSITIVE_INFINITY): ConfPiece => ({
    file: path,
    settings: settings.filter(({ line }) => line > above && line < below),
  });
  const rest = includes.map((include, at): ConfOrder => {
    const { pieces, faults } = follow(path, include, place, depth + 1);
    const after = between(include.line, includes[at + 1]?.line);
    return { pieces: after.settings.length > 0 ? [...pieces, after] : pieces, faults };
  });
  return inOrder([{ pieces: [between(0, includes[0]?.line)], faults: [] }, ...rest]);
}

const deepest = 10;

function follow(path: string, include: ConfInclude, place: ConfPlace, depth: number): ConfOrder {
  const fault = (what: string): ConfOrder => ({ pieces: [], faults: [{ file: path, line: include.line, what }] });
  const isFolder = include.how === 'include_dir';
  if (/^[ \t\r\n]*$/.test(include.path)) return fault(`empty configuration ${isFolder ? 'directory' : 'file'} name`);
  const full = resolve(dirname(path), include.path);
  const names = isFolder ? place.names(full) : [];
  if (!names) return fault(`could not open directory "${full}"`);
  // strcmp sorts by bytes. A file ".conf" is hidden, and skipped.
  const inFolder = names
    .filter((name) => /^[^.].*\.conf$/s.test(name))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const read: ConfOrder[] = [];
  for (const file of isFolder ? inFolder.map((name) => resolve(full, name)) : [full]) {
    if (depth > deepest) read.push(fault('nesting depth exceeded'));
    else if (file === path) read.push(fault('configuration file recursion'));
    else if (place.parsed(file)) read.push(readingOrder(file, place, depth));
    else if (place.names(file))
      read.push({ pieces: [], faults: [{ file, line: 1, what: 'input in flex scanner failed' }] }); // a folder
    else if (include.how !== 'include_if_exists') read.push(fault(`could not open file "${file}"`));
    if (isFolder && read.at(-1)?.faults.length) break; // PostgreSQL skips the rest of the folder
  }
  return inOrder(read);
}

const inOrder = (parts: readonly ConfOrder[]): ConfOrder => ({
  pieces: parts.flatMap(({ pieces }) => pieces),
  faults: parts.flatMap(({ faults }) => faults),
});
