/**
 * postgresql.conf as text: parsed with line numbers, and changed without losing comments. Source: documentation,
 * "Setting Parameters" (config-setting).
 */
export type ConfSetting = {
  readonly name: string; // lower case; like PostgreSQL, folds only A to Z
  readonly value: string; // without quotes; '' becomes '
  readonly file: string; // as given to parseConf
  readonly line: number; // from 1
  readonly text: string; // the whole line
};
/**
 * A line that PostgreSQL refuses: "syntax error in file … line N, near token …". `near` is '' for "near end of line",
 * where PostgreSQL's own N is one too small if the file ends there without a newline (seen on 15 and 18).
 */
export type ConfError = { readonly file: string; readonly line: number; readonly near: string; readonly text: string };
/** A setting in a file that the server refuses, in the server's own words. */
export type RefusedSetting = Pick<ConfError, 'file' | 'line'> & { readonly name: string; readonly error: string };
export type ConfInclude = {
  readonly how: 'include' | 'include_if_exists' | 'include_dir';
  readonly path: string;
  readonly line: number;
};
export type ConfText = {
  readonly settings: readonly ConfSetting[];
  readonly commented: readonly ConfSetting[]; // every "#name = value" line
  readonly includes: readonly ConfInclude[];
  readonly errors: readonly ConfError[];
};

/** Never fails: `errors` contains what PostgreSQL would refuse. Included files are only named. */
export function parseConf(text: string, file: string): ConfText {
  const settings: ConfSetting[] = [];
  const commented: ConfSetting[] = [];
  const includes: ConfInclude[] = [];
  const errors: ConfError[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const where = { file, line: index + 1, text: raw.replace(/\r$/, '') };
    const parsed = parseLine(raw);
    if (parsed.kind === 'nothing') {
      const commentedOut = parseCommented(raw);
      if (commentedOut) commented.push({ name: commentedOut.name, value: commentedOut.value, ...where });
    } else if (parsed.kind === 'error') errors.push({ near: parsed.near, ...where });
    else if (isInclude(parsed.name)) includes.push({ how: parsed.name, path: parsed.value, line: where.line });
    else settings.push({ name: parsed.name, value: parsed.value, ...where });
  }
  return { settings, commented, includes, errors };
}

/**
 * Sets a value: changes the last active line, else uncomments the last commented one, else appends. Keeps trailing
 * comments. A refused line of this name counts as active; other refused lines of this name are commented out, because
 * one of them makes PostgreSQL refuse the whole file.
 */
export function setConf(text: string, name: string, value: string): string {
  const wanted = foldName(name);
  const lines = text.split('\n');
  const parsed = lines.map(parseLine);
  const active = parsed.findLastIndex((line) => line.kind !== 'nothing' && line.name === wanted);
  const commentedOut = active >= 0 ? -1 : lines.findLastIndex((line) => parseCommented(line)?.name === wanted);
  if (active < 0 && commentedOut < 0) return appendLine(text, `${wanted} = ${writeValue(value)}`);
  return lines
    .map((line, index) => {
      const at = parsed[index];
      if (index === commentedOut) return replaceValue(line.replace(commentMark, ''), value);
      if (index === active) return replaceValue(line, value);
      return at?.kind === 'error' && at.name === wanted ? `#${line}` : line;
    })
    .join('\n');
}

/** Comments out every active line of this setting, and refused lines of its name. */
export function unsetConf(text: string, name: string): string {
  const wanted = foldName(name);
  return text
    .split('\n')
    .map((line) => {
      const parsed = parseLine(line);
      return parsed.kind !== 'nothing' && parsed.name === wanted ? `#${line}` : line;
    })
    .join('\n');
}

/** The line without its trailing comment and the blanks before that. */
export const withoutComment = (text: string): string =>
  (/^(?:'(?:\\.|''|[^'\\])*(?:'|$)|[^#'])*/.exec(text)?.[0] ?? text).trim();

/** `it's` → `'it''s'` */
export function quoteConf(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`;
}

/** Several folders as one value (unix_socket_directories). Double quotes protect a comma, a quote or outer blanks. */
export const directoryList = (paths: readonly string[]): string =>
  paths.map((path) => (/[,"]|^\s|\s$/.test(path) ? `"${path.replaceAll('"', '""')}"` : path)).join(', ');

/** The folders of such a value. Source: SplitDirectoriesString in PostgreSQL's varlena.c; tried on 15 and 18. */
export const directoriesOf = (value: string): readonly string[] =>
  [...value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)]
    .map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim())
    .filter((path) => path !== '');

// ---- One line: no token of the grammar contains a line end, so each line is parsed alone. ----

type Token = { readonly kind: TokenKind; readonly text: string; readonly start: number; readonly end: number };
type TokenKind = 'id' | 'qualified' | 'string' | 'unquoted' | 'integer' | 'real' | 'equals' | 'bad';
type Line =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'setting'; readonly name: string; readonly value: string; readonly token: Token }
  | { readonly kind: 'error'; readonly name: string | undefined; readonly near: string };

// PostgreSQL takes every byte above 127 for a letter, so “ and a no-break space can begin a word.
const id = '[A-Za-z_\\u0080-\\uffff][A-Za-z_0-9\\u0080-\\uffff]*';
// The first wins where two match the same length, as in guc-file.l.
const tokens: readonly (readonly [TokenKind, RegExp])[] = [
  ['id', new RegExp(id, 'y')],
  ['qualified', new RegExp(`${id}\\.${id}`, 'y')],
  ['string', /'(?:[^'\\]|\\[\s\S]|'')*'/y],
  ['unquoted', /[A-Za-z_\u0080-\uffff][A-Za-z_0-9\u0080-\uffff\-._:/]*/y],
  ['integer', /[-+]?(?:0x[\da-fA-F]+|\d+)[a-zA-Z]*/y],
  ['real', /[-+]?\d*\.\d*(?:[Ee][-+]?\d+)?/y],
  ['equals', /=/y],
  ['bad', /./sy],
];
const values: readonly TokenKind[] = ['id', 'string', 'integer', 'real', 'unquoted'];

function parseLine(line: string): Line {
  const [first, ...others] = tokenize(line);
  if (!first) return { kind: 'nothing' };
  if (first.kind !== 'id' && first.kind !== 'qualified') return { kind: 'error', name: undefined, near: first.text };
  const name = foldName(first.text);
  const [token, extra] = others[0]?.kind === 'equals' ? others.slice(1) : others;
  if (!token || !values.includes(token.kind)) return { kind: 'error', name, near: token?.text ?? '' };
  if (extra) return { kind: 'error', name, near: extra.text };
  return { kind: 'setting', name, value: token.kind === 'string' ? unquote(token.text) : token.text, token };
}

function tokenize(line: string): Token[] {
  const found: Token[] = [];
  for (let at = skipBlanks(line, 0); at < line.length && line[at] !== '#'; ) {
    const token = longest(line, at);
    found.push(token);
    at = skipBlanks(line, token.end);
  }
  return found;
}

function longest(line: string, start: number): Token {
  let best: Token = { kind: 'bad', text: '', start, end: start };
  for (const [kind, pattern] of tokens) {
    pattern.lastIndex = start;
    const text = pattern.exec(line)?.[0] ?? '';
    if (text.length > best.text.length) best = { kind, text, start, end: start + text.length };
  }
  return best;
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line[at] === ' ' || line[at] === '\t' || line[at] === '\r') at += 1;
  return at;
}

const foldName = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const letterEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * An octal escape is one byte: two of them may be one UTF-8 character. A zero byte ends the value, which is a C string.
 */
function unquote(text: string): string {
  const parts = text.slice(1, -1).match(/''|\\[0-7]{1,3}|\\[\s\S]|[^'\\]+/gu) ?? [];
  const value = Buffer.concat(
    parts.map((part) => {
      if (/^\\[0-7]/.test(part)) return Buffer.of(Number.parseInt(part.slice(1), 8) & 255);
      if (part.startsWith('\\')) return Buffer.from(letterEscapes[part.slice(1)] ?? part.slice(1));
      return Buffer.from(part === "''" ? "'" : part);
    }),
  ).toString();
  return value.split('\0', 1)[0] ?? '';
}

function isInclude(name: string): name is ConfInclude['how'] {
  return name === 'include' || name === 'include_if_exists' || name === 'include_dir';
}

// ---- Comments and changes ----

const commentMark = /^[ \t]*#[# \t]*/;
// Requires the equals sign, although PostgreSQL does not: "# Replication slots" is prose.
const commentedSetting = /^[ \t]*#[# \t]*[A-Za-z_][A-Za-z_0-9.]*[ \t]*=/;

function parseCommented(line: string): { readonly name: string; readonly value: string } | undefined {
  if (!commentedSetting.test(line)) return undefined;
  const parsed = parseLine(line.replace(commentMark, ''));
  return parsed.kind === 'setting' ? parsed : undefined;
}

function replaceValue(line: string, value: string): string {
  const parsed = parseLine(line);
  if (parsed.kind === 'setting') {
    const { start, end, kind } = parsed.token;
    return line.slice(0, start) + (kind === 'string' ? quoteConf(value) : writeValue(value)) + line.slice(end);
  }
  // A refused line: value and comment cannot be told apart, so everything after the name is replaced.
  const [name] = tokenize(line);
  return `${line.slice(0, name?.end)} = ${writeValue(value)}${line.endsWith('\r') ? '\r' : ''}`;
}

/** Numbers and plain words need no quotes, everything else does. */
function writeValue(value: string): string {
  return /^(?:[A-Za-z_]\w*|\d+[A-Za-z]*)$/.test(value) ? value : quoteConf(value);
}

function appendLine(text: string, line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const open = text !== '' && !text.endsWith('\n');
  return `${text}${open ? newline : ''}${line}${newline}`;
}
