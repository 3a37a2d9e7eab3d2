/** Compiles files that are not code to modules: one rule for each kind of file, used by the build and the tests. */
import { parse } from 'yaml';
import { parseLesson } from '../src/lesson/format/markdown.ts';

export type Asset = { readonly files: RegExp; readonly compile: (text: string, path: string) => string };

export const assetKinds: readonly Asset[] = [
  { files: /lesson\.md$/, compile: (text, path) => JSON.stringify(parseLesson(text, path)) },
  { files: /\.yaml$/, compile: (text) => JSON.stringify(parse(text)) },
  { files: /\.(sql|sh)$/, compile: (text) => JSON.stringify(text) },
];
