/**
 * PostgreSQL's regular expressions (AREs) translated to JavaScript's, as names of roles and databases in pg_hba.conf
 * need them: in the C collation, so only ASCII letters have a class and a case. Source: documentation, "POSIX Regular
 * Expressions" (functions-posix-regexp); what it leaves open was tried on 16 to 18.
 */
import { bracket } from './bracket.ts';
import { type Escape, escapeAt, Refused } from './escape.ts';

/** PostgreSQL's message when it refuses the expression; undefined: it takes it, or that cannot be told here. */
export function regexProblem(text: string): string | undefined {
  const read = translate(text);
  return 'problem' in read ? read.problem : undefined;
}

/**
 * Whether PostgreSQL's expression matches the name. 'unknown' for back references, which JavaScript takes in another
 * way, for the flavours BRE and ERE, and for bytes that are no UTF-8. Throws an Error for an expression that
 * regexProblem refuses.
 */
export function regexFits(text: string, name: string): boolean | 'unknown' {
  const read = translate(text);
  if ('problem' in read) throw new Error(`invalid regular expression: ${read.problem}`);
  return 'unknown' in read ? 'unknown' : new RegExp(read.source, 'su').test(name);
}

type Translated = { readonly source: string } | { readonly problem: string } | { readonly unknown: true };

function translate(text: string): Translated {
  // It was no UTF-8: PostgreSQL takes the bytes behind such a one with it, and they are not seen here.
  if (text.includes('\ufffd')) return { unknown: true };
  try {
    const { at, literal, ...options } = prefixes(text);
    if (options.flavour !== 'are') return { unknown: true };
    if (literal)
      return { source: [...text.slice(at)].map((char) => oneChar(char.codePointAt(0) ?? 0, options.noCase)).join('') };
    const { source, isKnown } = expression(text, at, options);
    return isKnown ? { source } : { unknown: true };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message };
    throw error;
  }
}

// ---- What comes before the expression itself: "***:", "***=" and "(?i)" ----

type Options = {
  readonly noCase: boolean;
  readonly expanded: boolean; // blanks and comments do not count
  readonly dotStops: boolean; // "." and "[^a]" do not match a line end
  readonly lines: boolean; // "^" and "$" also match at line ends
};
type Prefix = Options & { readonly at: number; readonly literal: boolean; readonly flavour: 'are' | 'other' };

function prefixes(text: string): Prefix {
  const found = { noCase: false, expanded: false, dotStops: false, lines: false, literal: false, at: 0 };
  const none: Prefix = { ...found, flavour: 'are' };
  if (/^\*\*\*./s.test(text)) {
    if (text[3] === '=') return { ...none, at: 4, literal: true };
    if (text[3] === '?') throw new Refused('invalid regexp (reg version 0.8)');
    if (text[3] !== ':') throw new Refused(badOperand);
    found.at = 4;
  }
  const [all = '', letters, close] = /^\(\?([a-z]+)(\)?)/i.exec(text.slice(found.at)) ?? [];
  if (letters === undefined) return { ...none, at: found.at };
  let flavour: Prefix['flavour'] = 'are';
  for (const letter of letters) {
    if (letter === 'c' || letter === 'i') found.noCase = letter === 'i';
    else if (letter === 't' || letter === 'x') found.expanded = letter === 'x';
    else if ('mnpsw'.includes(letter)) {
      found.dotStops = 'mnp'.includes(letter);
      found.lines = 'mnw'.includes(letter);
    } else if (letter === 'q') {
      found.literal = true;
      flavour = 'are';
    } else if (letter === 'b' || letter === 'e') {
      found.literal = false;
      flavour = 'other';
    } else throw new Refused('invalid embedded option');
  }
  if (!close) throw new Refused('invalid embedded option');
  return { ...found, at: found.at + all.length, flavour };
}

// ---- The expression ----

const badOperand = 'quantifier operand invalid';
const badParens = 'parentheses () not balanced';
const badCount = 'invalid repetition count(s)';

/** A group that is open: the number of a group in ( ), and whether it lies in a lookahead or lookbehind. */
type Open = { readonly number: number | undefined; readonly inLook: boolean; readonly isLook: boolean };

type Before = 'nothing' | 'atom';

function expression(text: string, start: number, options: Options) {
  let source = '';
  let isKnown = true;
  let before: Before = 'nothing'; // a quantifier needs an atom before it
  let groups = 0;
  const open: Open[] = [];
  const closed = new Set<number>();
  const put = (piece: string, then: Before) => {
    source += piece;
    before = then;
  };
  for (let at = skipped(text, start, options); at < text.length; at = skipped(text, at, options)) {
    const rest = text.slice(at);
    const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    const inBraces = char === '{' ? skipped(text, at + 1, options) : text.length;
    if ('*+?'.includes(char) || /\d/.test(text[inBraces] ?? '')) {
      if (before === 'nothing') throw new Refused(badOperand);
      const quantifier = char === '{' ? bounds(text, inBraces, options) : { source: char, end: at + 1 };
      put(quantifier.source, 'nothing');
      at = quantifier.end + (text[quantifier.end] === '?' ? 1 : 0); // "as few as possible" is no matter here
    } else if (char === '(') {
      const group = groupAt(rest);
      at += group.length;
      if (group.source === '') continue; // a comment
      const inLook = group.isLook || open.at(-1)?.inLook === true;
      const isNumbered = group.isNumbered && !inLook;
      if (isNumbered) groups += 1;
      open.push({ number: isNumbered ? groups : undefined, inLook, isLook: group.isLook });
      put(group.source, 'nothing');
    } else if (char === ')') {
      const group = open.pop();
      if (!group) throw new Refused(badParens);
      if (group.number !== undefined) closed.add(group.number);
      put(')', group.isLook ? 'nothing' : 'atom');
      at += 1;
    } else if (char === '\\') {
      const read = escapeAt(text, at + 1, groups);
      if (read.kind === 'reference') {
        if (open.at(-1)?.inLook || !closed.has(read.number)) throw new Refused('invalid backreference number');
        isKnown = false;
      }
      put(escaped(read, options), read.kind === 'place' ? 'nothing' : 'atom');
      at = read.end;
    } else if (char === '[') {
      const read = bracket(text, at, options);
      put(read.source, read.isPlace ? 'nothing' : 'atom');
      at = read.end;
    } else {
      put(plainOrPlace(char, options), '^$|'.includes(char) ? 'nothing' : 'atom');
      at += char.length;
    }
  }
  if (open.length > 0) throw new Refused(badParens);
  return { source, isKnown };
}

/** The next position that counts: with (?x), behind blanks and comments. */
function skipped(text: string, at: number, { expanded }: Options): number {
  return at + (expanded ? (/^(?:[ \t\n\v\f\r]+|#[^\n]*)*/.exec(text.slice(at))?.[0].length ?? 0) : 0);
}

/** `2}`, `2,}` and `2,5}`, up to 255. Throws Refused, for the first thing that is wrong. */
function bounds(text: string, from: number, options: Options): { readonly source: string; readonly end: number } {
  const counts = [0];
  let at = from;
  for (; text[at] !== '}'; at = skipped(text, at + 1, options)) {
    const char = text[at];
    const last = counts.length - 1;
    if (char === undefined) throw new Refused('braces {} not balanced');
    if (char === ',' && last === 0) counts.push(Number.NaN);
    else if (!/\d/.test(char) || (counts[last] ?? 0) >= 255) throw new Refused(badCount);
    else counts[last] = (counts[last] || 0) * 10 + Number(char);
    // PostgreSQL reads on before it compares.
    if ((counts[last] ?? 0) > 255 && skipped(text, at + 1, options) < text.length) throw new Refused(badCount);
  }
  const [least = 0, most] = counts;
  if (most !== undefined && least > most) throw new Refused(badCount);
  const upTo = most === undefined ? '' : `,${Number.isNaN(most) ? '' : most}`;
  return { source: `{${least}${upTo}}`, end: at + 1 };
}

type Group = {
  readonly source: string;
  readonly length: number;
  readonly isNumbered: boolean;
  readonly isLook: boolean;
};

function groupAt(rest: string): Group {
  if (rest[1] !== '?') return { source: '(?:', length: 1, isNumbered: true, isLook: false };
  if (rest[2] === ':') return { source: '(?:', length: 3, isNumbered: false, isLook: false };
  const [comment] = /^\(\?#[^)]*\)?/.exec(rest) ?? [];
  if (comment) return { source: '', length: comment.length, isNumbered: false, isLook: false };
  const [look] = /^\(\?<?[=!]/.exec(rest) ?? [];
  if (!look) throw new Refused(badOperand);
  return { source: look, length: look.length, isNumbered: false, isLook: true };
}

function escaped(one: Escape, { noCase }: Options): string {
  if (one.kind === 'char') return oneChar(one.code, noCase);
  return one.kind === 'reference' ? '' : one.source;
}

function plainOrPlace(char: string, { noCase, dotStops, lines }: Options): string {
  if (char === '|') return char;
  if (char === '.') return dotStops ? '[^\\n]' : '.';
  if (char === '^') return lines ? '(?:^|(?<=\\n))' : '^';
  if (char === '$') return lines ? '(?:$|(?=\\n))' : '$';
  return oneChar(char.codePointAt(0) ?? 0, noCase);
}

/** Without case a letter of ASCII matches both of its forms. */
function oneChar(code: number, noCase: boolean): string {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return '(?!)'; // no character of UTF-8
  const char = String.fromCodePoint(code);
  const forms = noCase && /^[a-z]$/i.test(char) ? [char.toLowerCase(), char.toUpperCase()] : [char];
  const codes = forms.map((form) => `\\u{${form.codePointAt(0)?.toString(16)}}`).join('');
  return forms.length > 1 ? `[${codes}]` : codes;
}
