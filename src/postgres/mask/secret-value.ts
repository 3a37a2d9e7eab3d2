/** Finds where a value begins and ends in SQL, a configuration file, JSON or a command. Reads the text only once. */

/** Positions of `needle` for rising arguments. Remembers the last hit, so that many calls read the text once. */
export function finder(text: string, needle: string | RegExp): (from: number) => number {
  let found = -2;
  return (from) => {
    if (found === -1 || found >= from) return found;
    if (typeof needle === 'string') found = text.indexOf(needle, from);
    else {
      needle.lastIndex = from;
      found = needle.exec(text)?.index ?? -1;
    }
    return found;
  };
}

const isBlank = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

/** Skips blanks and SQL comments. Returns -1 for a comment without an end. */
export function triviaSkipper(text: string): (at: number) => number {
  const lineEnd = finder(text, '\n');
  const commentEnd = finder(text, '*/');
  return (from) => {
    let at = from;
    for (;;) {
      while (at < text.length && isBlank(text.charCodeAt(at))) at++;
      if (text.startsWith('--', at)) {
        const end = lineEnd(at);
        at = end === -1 ? text.length : end + 1;
      } else if (text.startsWith('/*', at)) {
        const end = commentEnd(at + 2);
        if (end === -1) return -1;
        at = end + 2;
      } else return at;
    }
  };
}

export type Quoted = { readonly end: number; readonly quote: string; readonly inner: string };

const prefix = /(?:[eE]|[uU]&)?(?=')/y;
const dollar = /\$(?:[A-Za-z_]\w{0,62})?\$/y;

/** The quoted text that begins here, in SQL, a setting, JSON or a shell. An unclosed one ends with the text. */
export function quotedAt(text: string, at: number): Quoted | undefined {
  prefix.lastIndex = at;
  const from = at + (prefix.exec(text)?.[0].length ?? 0);
  dollar.lastIndex = at;
  const tag = dollar.exec(text)?.[0];
  if (tag !== undefined) return upTo(text, at, tag, text.indexOf(tag, at + tag.length));
  for (const quote of ["\\'", '\\"', '`'])
    if (text.startsWith(quote, at)) return upTo(text, at, quote, text.indexOf(quote, at + quote.length));
  if (text.startsWith("''", from)) {
    const end = text.indexOf("''", from + 2); // a quoted value inside a quoted setting
    if (end !== -1 && !/['\n]/.test(text.slice(from + 2, end))) return upTo(text, from, "''", end);
  }
  if (text[from] === "'" || text[at] === '"') return withEscapes(text, text[at] === '"' ? at : from);
  return undefined;
}

const upTo = (text: string, at: number, quote: string, end: number): Quoted => ({
  end: end === -1 ? text.length : end + quote.length,
  quote,
  inner: text.slice(at + quote.length, end === -1 ? text.length : end),
});

/** A doubled quote, or one after a backslash, does not end the text. Text in "…" also ends with its line. */
function withEscapes(text: string, from: number): Quoted {
  const quote = text[from] ?? '';
  let at = from + 1;
  for (; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === quote && quote === "'" && text[at + 1] === quote) at++;
    else if (character === quote) return { end: at + 1, quote, inner: text.slice(from + 1, at) };
    else if (character === '\n' && quote === '"') return { end: at, quote, inner: text.slice(from + 1, at) };
  }
  return { end: text.length, quote, inner: text.slice(from + 1) };
}

/**
 * The end of an unquoted value: the next blank, or the next parameter of a URI. A quote or bracket that closes the
 * surrounding text is not part of it.
 */
export function bareEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
  const param = /&[\w.%-]{1,63}=/.exec(text.slice(from, end));
  return param ? from + param.index : withoutClosing(text, from, end);
}

/** Excludes quotes and brackets that close the surrounding text, unless the value consists of them. */
export function withoutClosing(text: string, from: number, end: number): number {
  let last = end;
  while (last > from && '"\'),;]}'.includes(text[last - 1] ?? '')) last--;
  return last > from ? last : end;
}
