/** Compiles files that are not code to modules: one rule for each kind of file, used by the build and the tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseLesson } from '../src/lesson/format/markdown.ts';
import type { LogNote } from '../src/postgres/log/notes.ts';

export type Asset = {
  readonly files: RegExp;
  readonly compile: (text: string, path: string) => string;
  readonly parts?: () => readonly string[]; // files that go into the module as well
};

export const assetKinds: readonly Asset[] = [
  { files: /lesson\.md$/, compile: (text, path) => JSON.stringify(parseLesson(text, path)) },
  {
    files: /log-notes\.yaml$/,
    compile: () => JSON.stringify(readLogNotes()),
    parts: () => logNoteFiles().map(({ path }) => path),
  },
  { files: /\.(sql|sh)$/, compile: (text) => JSON.stringify(text) },
];

/** All log notes, in the order in which they are tried. */
export const readLogNotes = (): readonly LogNote[] => logNoteFiles().flatMap(({ notes }) => notes);

/** The files that assets/log-notes.yaml names, in its order. */
export function logNoteFiles(): readonly { readonly path: string; readonly notes: readonly LogNote[] }[] {
  const inAssets = (path: string) => join(import.meta.dirname, path);
  const read = (path: string) => parse(readFileSync(path, 'utf8'));
  const names: readonly string[] = read(inAssets('log-notes.yaml'));
  return names.map((name) => inAssets(`log-notes/${name}.yaml`)).map((path) => ({ path, notes: read(path) }));
}
