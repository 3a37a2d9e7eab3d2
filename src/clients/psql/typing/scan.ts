/** Splits typed lines into statements and backslash commands, as psql's lexer does. */
export type ScannedPiece =
  | { readonly kind: 'statement'; readonly text: string }
  | { readonly kind: 'command'; readonly name: string; readonly words: readonly string[]; readonly pending: string };

export type Scanner = {
  /**
   * Yields the pieces that this line completes; the rest waits for the next line. Lazy, since a \set counts for the
   * rest of its line.
   */
  line(text: string): Iterable<ScannedPiece>;
  /** Returns what is typed and not yet sent. */
  pending(): string;
  clear(): void;
  /**
   * Returns the mark of the prompt: '=' for a new statement, '-' within one; a quote, '(', '$' or '*' where one is
   * open.
   */
  mark(): string;
};

const token =
  /(?<space>\s+|--[^\n]*)|(?<comment>\/\*)|(?<slash>\\)|(?<quote>e?'|"|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<cast>::)|(?<variable>:(?:'\w+'|"\w+"|\w+))|(?<word>[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+)|(?<sign>.)/isy;

const ends: Readonly<Record<string, RegExp>> = {
  "'": /(?:''|[^'])*'(?!')/y,
  '"': /(?:""|[^"])*"(?!")/y,
  "e'": /(?:\\.|''|[^'\\])*'(?!')/sy,
  '*': /.*?(?:\/\*|\*\/)/sy,
};
const endOf = (opened: string): RegExp => ends[opened] ?? new RegExp(`.*?${opened.replaceAll('$', '\\$')}`, 'sy');

const consumesPending = new Set(['g', 'gx', 'watch', 'e', 'edit', 'r', 'reset']);

type Variable = (name: string) => string | undefined;

/** `variable` returns the value of a psql variable for `:name`. */
export function scanner(variable: Variable): Scanner {
  let buffer = '';
  let opened = ''; // the open quote or comment
  let comments = 0; // depth: C comments nest in SQL
  const nesting = newNesting();

  const clear = () => {
    buffer = opened = '';
    comments = 0;
    nesting.reset();
  };

  /** Returns the part of the input that belongs to the open quote or comment. */
  const restOfOpened = (input: string, at: number): string => {
    const end = endOf(opened);
    end.lastIndex = at;
    const found = end.exec(input)?.[0];
    if (found === undefined) return input.slice(at);
    if (opened === '*') comments += found.endsWith('/*') ? 1 : -1;
    if (opened !== '*' || !comments) opened = '';
    return found;
  };

  function* line(text: string): Generator<ScannedPiece> {
    const input = `${text}\n`;
    for (let at = 0; at < input.length; ) {
      if (opened) {
        const inside = restOfOpened(input, at);
        buffer += inside;
        at += inside.length;
        continue;
      }
      token.lastIndex = at;
      const { 0: found = '', groups = {} } = token.exec(input) ?? {};
      at += found.length;
      if (groups.slash) {
        const command = readCommand(input.slice(at - 1, -1), variable);
        at += command.length - 1;
        const pending = buffer.trimEnd();
        if (consumesPending.has(command.name)) clear();
        yield { kind: 'command', name: command.name, words: command.words, pending };
        continue;
      }
      if (groups.space && !buffer) continue;
      if (groups.comment) comments = 1;
      if (groups.comment || groups.quote) opened = groups.comment ? '*' : found.toLowerCase();
      nesting.count(groups);
      buffer += groups.variable ? substituted(found, variable) : found;
      if (found === ';' && !nesting.isOpen()) {
        const statement = buffer;
        clear();
        yield { kind: 'statement', text: statement };
      }
    }
  }

  const mark = () => opened.slice(-1) || (nesting.inParens() ? '(' : buffer ? '-' : '=');
  return { line, pending: () => buffer.trimEnd(), clear, mark };
}

/**
 * Tells whether a semicolon ends the statement. It does not in parentheses, and in a function with an SQL body (BEGIN
 * ATOMIC … END).
 */
function newNesting() {
  let parens = 0;
  let blocks = 0; // open BEGIN and CASE
  let words: string[] = []; // the first four of the statement, which tell such a function
  const word = (text: string) => {
    if (words.length < 4) words.push(text);
    const isRoutine = /^create (or replace )?(function|procedure)\b/.test(words.join(' '));
    if (isRoutine && (text === 'begin' || (blocks && text === 'case'))) blocks++;
    if (blocks && text === 'end') blocks--;
  };
  return {
    count(groups: Readonly<Record<string, string | undefined>>) {
      if (groups.sign === '(') parens++;
      if (groups.sign === ')') parens = Math.max(0, parens - 1);
      if (groups.word) word(groups.word.toLowerCase());
    },
    isOpen: () => parens > 0 || blocks > 0,
    inParens: () => parens > 0,
    reset() {
      parens = blocks = 0;
      words = [];
    },
  };
}

/**
 * Reads a backslash command, which ends at the line's end or the next backslash. Single quotes are removed, double
 * quotes are kept.
 */
function readCommand(
  text: string,
  variable: Variable,
): { readonly name: string; readonly words: string[]; readonly length: number } {
  const [head = '', name = ''] = /^\\([^\s\\]*)/.exec(text) ?? [];
  const words = /(?:'(?:''|[^'])*'|"(?:""|[^"])*"|[^\\'"])*/y;
  words.lastIndex = head.length;
  const rest = words.exec(text)?.[0] ?? '';
  const separator = text.startsWith('\\\\', head.length + rest.length) ? 2 : 0;
  const found = rest.replace(/;\s*$/, '').match(/(?:'(?:''|[^'])*'|"(?:""|[^"])*"|\S)+/g) ?? [];
  return {
    name: name.replace(/;$/, ''),
    words: found.map((word) =>
      word.startsWith("'")
        ? word.slice(1, -1).replaceAll("''", "'")
        : word.startsWith(':')
          ? substituted(word, variable)
          : word,
    ),
    length: Math.max(1, head.length + rest.length + separator),
  };
}

function substituted(found: string, variable: Variable): string {
  const quote = /^:(['"])/.exec(found)?.[1] ?? '';
  const value = variable(found.replaceAll(/[:'"]/g, ''));
  return value === undefined ? found : quote + (quote ? value.replaceAll(quote, quote + quote) : value) + quote;
}
