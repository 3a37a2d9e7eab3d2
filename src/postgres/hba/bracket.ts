/** Bracket expressions of PostgreSQL's regular expressions, in the C collation. Source: as regex.ts. */
import { escapeAt, Refused } from './escape.ts';

type How = { readonly noCase: boolean; readonly dotStops: boolean };
export type Bracket = {
  readonly source: string;
  readonly end: number;
  readonly isPlace: boolean; // [[:<:]] and [[:>:]]
};

/** `at`: of the opening bracket. Throws Refused, for the same mistake as PostgreSQL, which reads one token ahead. */
export function bracket(text: string, at: number, { noCase, dotStops }: How): Bracket {
  const [word, mark] = /^\[\[:([<>]):\]\]/.exec(text.slice(at)) ?? [];
  if (word !== undefined) {
    const source = mark === '<' ? '\\b(?=\\w)' : '\\b(?<=\\w)';
    return { source, end: at + word.length, isPlace: true };
  }
  const not = text[at + 1] === '^';
  const tokens = reader(text, at + (not ? 2 : 1));
  let source = not && dotStops ? '\\n' : '';
  while (tokens.seen().kind !== 'end') source += itemOf(tokens, noCase);
  return { source: `[${not ? '^' : ''}${source}]`, end: tokens.end(), isPlace: false };
}

// ---- Items ----

function itemOf(tokens: Reader, noCase: boolean): string {
  const token = tokens.seen();
  if (token.kind === 'range') throw new Refused(badRange);
  if (token.kind === 'class') {
    tokens.next();
    return token.source;
  }
  if (token.kind === 'named' && token.mark === ':') return classOf(tokens.name(badClass), noCase);
  const from = elementOf(tokens);
  const isEquivalence = token.kind === 'named' && token.mark === '=';
  if (isEquivalence || tokens.seen().kind !== 'range') return span(from, from, noCase);
  tokens.next();
  const last = tokens.seen();
  if (last.kind === 'named' && last.mark === '=') throw new Refused(badRange);
  const to = elementOf(tokens);
  if (from > to) throw new Refused(badRange);
  return span(from, to, noCase);
}

/** The code of one character; a range's end may be a hyphen. */
function elementOf(tokens: Reader): number {
  const token = tokens.seen();
  if (token.kind === 'char' || token.kind === 'range') {
    tokens.next();
    return token.kind === 'char' ? token.code : hyphen;
  }
  if (token.kind !== 'named' || token.mark === ':') throw new Refused(badRange);
  const [char = '', ...more] = tokens.name(badElement);
  if (more.length === 0) return char.codePointAt(0) ?? 0;
  const code = elements.get([char, ...more].join(''));
  if (code === undefined) throw new Refused(badElement);
  return code;
}

/** The names of ASCII's characters; some have two. Letters have none. */
const elements = new Map(
  [
    ...'NUL SOH STX ETX EOT ENQ ACK BEL|alert BS|backspace HT|tab LF|newline VT|vertical-tab'.split(' '),
    ...'FF|form-feed CR|carriage-return SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC'.split(' '),
    ...'IS4|FS IS3|GS IS2|RS IS1|US space exclamation-mark quotation-mark number-sign dollar-sign'.split(' '),
    ...'percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma'.split(' '),
    ...'hyphen|hyphen-minus period|full-stop slash|solidus zero one two three four five six seven'.split(' '),
    ...'eight nine colon semicolon less-than-sign equals-sign greater-than-sign question-mark'.split(' '),
    ...['commercial-at', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'left-square-bracket', 'backslash|reverse-solidus'],
    ...['right-square-bracket', 'circumflex|circumflex-accent', 'underscore|low-line', 'grave-accent'],
    ...[...'abcdefghijklmnopqrstuvwxyz', 'left-brace|left-curly-bracket', 'vertical-line'],
    ...['right-brace|right-curly-bracket', 'tilde', 'DEL'],
  ].flatMap((names, code) => names.split('|').map((name): [string, number] => [name, code])),
);

const hyphen = 45;
const badElement = 'invalid collating element';
const badRange = 'invalid character range';
const badClass = 'invalid character class';

/** Without case, letters of ASCII stand for both of their forms. */
function span(from: number, to: number, noCase: boolean): string {
  const other = (first: number, shift: number) => {
    const [low, high] = [Math.max(from, first), Math.min(to, first + 25)];
    return noCase && low <= high ? range(low + shift, high + shift) : '';
  };
  return `${range(from, to)}${other(65, 32)}${other(97, -32)}`;
}

const range = (from: number, to: number): string => {
  const code = (one: number) => `\\u{${Math.min(one, 0x10ffff).toString(16)}}`;
  return from > 0x10ffff ? '' : `${code(from)}-${code(to)}`;
};

function classOf(name: string, noCase: boolean): string {
  const source = classes[noCase && (name === 'lower' || name === 'upper') ? 'alpha' : name];
  if (source === undefined) throw new Refused(badClass);
  return source;
}

const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z\\d',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: ' \\t',
  cntrl: '\\0-\\x1f\\x7f-\\x9f',
  digit: '\\d',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: ' \\t-\\r',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '\\dA-Fa-f',
};

/** JavaScript's \s and \S know blanks that are not of ASCII. */
const shorthand = (source: string): string =>
  ({ s: ' \\t-\\r', S: '\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}' })[source] ?? `\\${source}`;

// ---- Tokens ----

type Token =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'class'; readonly source: string }
  | { readonly kind: 'named'; readonly mark: string } // [. [= [: and what is in them follows
  | { readonly kind: 'range' | 'end' };
type Reader = {
  readonly seen: () => Token;
  readonly next: () => void;
  /** What stands in [. .], [= =] or [: :], and is not empty. */
  readonly name: (ifEmpty: string) => string;
  readonly end: () => number;
};

function reader(text: string, start: number): Reader {
  let at = start;
  const read = (): Token => {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (at >= text.length) throw new Refused(notClosed);
    const isFirst = at === start;
    at += char.length;
    if (char === ']' && !isFirst) return { kind: 'end' };
    if (char === '-' && !isFirst && text[at] !== ']') return { kind: 'range' };
    if (char === '\\') return escaped();
    if (char !== '[') return { kind: 'char', code: char.codePointAt(0) ?? 0 };
    const mark = text[at];
    if (mark === undefined) throw new Refused(notClosed);
    if (!'.=:'.includes(mark)) return { kind: 'char', code: 91 };
    at += 1;
    return { kind: 'named', mark };
  };
  const escaped = (): Token => {
    const letter = text[at] ?? '';
    const one = escapeAt(text, at, 0);
    at = one.end;
    if (one.kind === 'char') return { kind: 'char', code: one.code };
    if (one.kind === 'class') return { kind: 'class', source: shorthand(letter) };
    throw new Refused('invalid escape \\ sequence');
  };
  let token = read();
  return {
    seen: () => token,
    next: () => {
      token = read();
    },
    name: (ifEmpty) => {
      const close = token.kind === 'named' ? text.indexOf(`${token.mark}]`, at) : -1;
      if (close < 0) throw new Refused(notClosed);
      const name = text.slice(at, close);
      at = close + 2;
      token = read();
      if (name === '') throw new Refused(ifEmpty);
      return name;
    },
    end: () => at,
  };
}

const notClosed = 'brackets [] not balanced';
