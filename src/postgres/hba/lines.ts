/**
 * pg_hba.conf as lines of words: continuations, quotes, lists, @files and included files. Source: documentation, "The
 * pg_hba.conf File" (auth-pg-hba-conf).
 */
import { dirname, resolve } from 'node:path';

/** A word of a list. Quotes remove a special meaning: "replication" in double quotes is a database of that name. */
export type HbaWord = {
  readonly word: string;
  readonly quoted: boolean;
  readonly regex?: true; // begins with a slash, on a server of 16 or newer
};
/** A field is a list of words. */
export type HbaField = readonly HbaWord[];
export type HbaLine = {
  readonly line: number; // the first one of a continued line
  readonly text: string; // with continuations joined
  readonly file?: string; // an included file; absent for the text itself
  readonly fields: readonly HbaField[]; // empty: a blank line or a comment
  readonly problem?: string; // PostgreSQL's message when the line cannot be split into fields
};
/** How to read other files; paths are absolute. undefined: does not exist. */
export type HbaPlace = {
  readonly path: string; // of the text itself
  readonly text: (path: string) => string | undefined;
  readonly names: (folder: string) => readonly string[] | undefined; // undefined: not a folder
};

/** The lines as a server of this major reads them. Without `place`, @file stays a word, and includes give no lines. */
export function readHbaLines(text: string, major: number, place?: HbaPlace, depth = 0): HbaLine[] {
  return logicalLines(text, major).flatMap((one) => {
    const read = toFields(one.text, { major, place, depth });
    const isInclude = major >= 16 && !read.problem && read.fields.length === 2;
    const how = isInclude ? includes.find((word) => word === read.fields[0]?.[0]?.word) : undefined;
    if (!how) return [{ ...one, ...read }];
    if (!place) return [];
    const included = follow(how, read.fields[1]?.[0]?.word ?? '', { major, place, depth });
    return [...included.lines, ...(included.problem ? [{ ...one, fields: [], problem: included.problem }] : [])];
  });
}

type Reader = { readonly major: number; readonly place: HbaPlace | undefined; readonly depth: number };

/** Blanks are only space, tab and carriage return, not a no-break space. A backslash continues a line since 14. */
function logicalLines(text: string, major: number): { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | undefined;
  const whole = text.replace(major >= 14 ? /\0[^\n]*\n?/g : /\0[^\n]*/g, ''); // a zero byte hides the rest of its line
  for (const [index, raw] of whole.split('\n').entries()) {
    const part = raw.replace(/\r+$/, '');
    const isContinued = major >= 14 && part.endsWith('\\');
    open ??= { line: index + 1, text: '' };
    open.text += isContinued ? part.slice(0, -1) : part;
    if (isContinued) continue;
    found.push(open);
    open = undefined;
  }
  return open ? [...found, open] : found;
}

const longest = 10_239; // bytes, before 16

type Fields = { readonly fields: HbaField[]; readonly problem?: string };

/** A comma directly after a word continues the field. An unclosed quote ends with the line. */
function toFields(text: string, reader: Reader): Fields {
  const fields: HbaWord[][] = [];
  let isContinued = false;
  for (const [, raw, comma] of text.matchAll(/#.*|((?:"(?:[^"]|"")*(?:"|$)|[^ \t\r,#"])+)(,?)/gs)) {
    if (raw === undefined) break; // a comment
    const word = unquote(raw);
    const limit = comma || raw.endsWith('"') ? longest - 1 : longest; // a comma or quote after the word takes room too
    if (reader.major < 16 && Buffer.byteLength(word) > limit)
      return { fields, problem: 'authentication file token too long' };
    const quoted = raw.startsWith('"');
    const expanded = reader.place && !quoted && /^@./s.test(word) ? wordsOf(word.slice(1), reader) : undefined;
    if (!isContinued) fields.push([]);
    fields.at(-1)?.push(...(expanded?.words ?? [wordOf(word, quoted, reader.major)]));
    if (expanded?.problem) return { fields, problem: expanded.problem };
    isContinued = comma === ',';
  }
  return { fields: fields.filter((field) => field.length > 0) }; // an empty @file is no field
}

const wordOf = (word: string, quoted: boolean, major: number): HbaWord =>
  word.startsWith('/') && major >= 16 ? { word, quoted, regex: true } : { word, quoted };

function unquote(word: string): string {
  return word.replace(/"((?:[^"]|"")*)(?:"|$)/g, (_, inner: string) => inner.replaceAll('""', '"'));
}

// ---- Other files ----

const includes = ['include', 'include_if_exists', 'include_dir'] as const;
const deepest = 10;

/** The words of an @file, which replace its name in the list. */
function wordsOf(name: string, { major, place, depth }: Reader): { words: readonly HbaWord[]; problem?: string } {
  if (!place) return { words: [] };
  const path = resolve(dirname(place.path), name);
  if (major >= 16 && depth >= deepest) return { words: [], problem: tooDeep(path) };
  const isFolder = place.names(path) !== undefined;
  if (isFolder && major < 14) return { words: [], problem: `could not read file "${path}": Is a directory` };
  const text = isFolder ? '' : place.text(path);
  if (text === undefined) {
    const problem = `could not open secondary authentication file "@${name}" as "${path}": ${notThere}`;
    return { words: [], problem: major >= 16 ? cannotOpen(path) : problem };
  }
  const lines = readHbaLines(text, major, { ...place, path }, depth + 1);
  const bad = lines.findIndex(({ problem }) => problem !== undefined);
  const words = (bad < 0 ? lines : lines.slice(0, bad)).flatMap(({ fields }) => fields.flat());
  const problem = lines[bad]?.problem;
  return problem === undefined ? { words } : { words, problem };
}

type Followed = { readonly lines: readonly HbaLine[]; readonly problem?: string };

function follow(how: (typeof includes)[number], name: string, reader: Reader): Followed {
  const { place } = reader;
  if (!place) return { lines: [] };
  const path = resolve(dirname(place.path), name);
  if (how !== 'include_dir') return includedFile(path, reader, how === 'include_if_exists');
  const names = place.names(path);
  if (!names) return { lines: [], problem: `could not open directory "${path}"` };
  const files = names.filter((file) => /^[^.].*\.conf$/s.test(file)).sort(byBytes);
  const read = files.map((file) => includedFile(resolve(path, file), reader, false));
  const problems = read.flatMap(({ problem }) => problem ?? []);
  const lines = read.flatMap((one) => one.lines);
  return problems.length > 0 ? { lines, problem: problems.join('\n') } : { lines };
}

function includedFile(path: string, { major, place, depth }: Reader, mayBeMissing: boolean): Followed {
  if (depth >= deepest) return { lines: [], problem: tooDeep(path) };
  // A folder can be opened; reading it fails, and PostgreSQL does not complain.
  const text = place?.names(path) ? '' : place?.text(path);
  if (!place || text === undefined) return mayBeMissing ? { lines: [] } : { lines: [], problem: cannotOpen(path) };
  const lines = readHbaLines(text, major, { ...place, path }, depth + 1);
  return { lines: lines.map((line) => ({ file: path, ...line })) };
}

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
const notThere = 'No such file or directory';
const cannotOpen = (path: string): string => `could not open file "${path}": ${notThere}`;
const tooDeep = (path: string): string => `could not open file "${path}": maximum nesting depth exceeded`;
