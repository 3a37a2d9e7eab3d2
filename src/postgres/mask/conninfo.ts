/** Masks secrets in connection strings: everything but values of harmless keys, as a password may follow any typo. */
import { isConninfoKey } from '../conninfo.ts';
import { finder, withoutClosing } from './secret-value.ts';
import { isSecretWord } from './secret-words.ts';

export const mask = '********';

const isHarmless = (key: string): boolean =>
  isConninfoKey(key) && !isSecretWord(key) && !/^scram_(?:client|server)_key$/.test(key);

/** Masks a whole connection string, key=value or URI. */
export const maskConninfo = (text: string): string =>
  /^\s*postgres(?:ql)?:\/\//.test(text) ? maskUris(text) : maskPairs(text);

/** Reads pairs as libpq does, and continues where libpq stops. */
function maskPairs(text: string): string {
  const pair = /([ \t\n\v\f\r]*)([^= \t\n\v\f\r]*)([ \t\n\v\f\r]*)(=?)([ \t\n\v\f\r]*)/y;
  const out: string[] = [];
  for (let at = 0; at < text.length; ) {
    pair.lastIndex = at;
    const [all = '', lead = '', key = '', before = '', equals = '', after = ''] = pair.exec(text) ?? [];
    if (all === '') break;
    at += all.length;
    if (equals === '') {
      out.push(lead, key === '' || isHarmless(key) ? key : mask, before, after);
      continue;
    }
    const end = valueEnd(text, at);
    const value = text.slice(at, end);
    out.push(lead, isSafeKey(key) ? key : mask, before, equals, after, value === '' || isHarmless(key) ? value : mask);
    at = end;
  }
  return out.join('');
}

/** Only short words are shown as keys: another key may be part of a secret that a blank has split. */
const isSafeKey = (key: string): boolean => /^\w{1,32}$/.test(key);

/** The end of the value that begins at `from`. A backslash escapes the next character. */
function valueEnd(text: string, from: number): number {
  const isQuoted = text[from] === "'";
  for (let at = isQuoted ? from + 1 : from; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') at++;
    else if (isQuoted && character === "'") return at + 1;
    else if (!isQuoted && ' \t\n\v\f\r'.includes(character)) return at;
  }
  return text.length;
}

/** Masks the password of every URI, and in PostgreSQL's URIs the values of parameters unknown to libpq. */
export function maskUris(text: string): string {
  if (!text.includes('://')) return text;
  const places = { blank: finder(text, /\s/g), line: finder(text, '\n'), atSign: finder(text, '@') };
  const out: string[] = [];
  let at = 0;
  for (;;) {
    const slashes = text.indexOf('://', at);
    if (slashes === -1) break;
    const from = slashes + 3;
    const isOurs = /postgres(?:ql)?$/i.test(text.slice(Math.max(at, slashes - 10), slashes));
    const end = orEnd(text, places.blank(from));
    const secret = passwordIn(text, { from, end, isOurs, places });
    const until = secret ? secret.end : from;
    out.push(text.slice(at, secret ? secret.begin : from), ...(secret ? [mask] : []));
    at = until;
    if (!isOurs || end <= until) continue;
    out.push(maskQuery(text.slice(until, end)));
    at = end;
  }
  out.push(text.slice(at));
  return out.join('');
}

const orEnd = (text: string, place: number): number => (place === -1 ? text.length : place);

type Place = (from: number) => number;
type Uri = {
  readonly from: number; // after '://'
  readonly end: number; // the next blank
  readonly isOurs: boolean;
  readonly places: { readonly line: Place; readonly atSign: Place };
};
type Span = { readonly begin: number; readonly end: number };

const user = /[^\s:/?#@'"]{0,256}(?=:)/y;
const port = /\d{1,5}(?:[^\w@%]|$)/y;
const longest = 1000; // characters of a password

/**
 * A password may contain '/', '@' or a quote, which should be percent-encoded; in PostgreSQL's URIs blanks too. A
 * number after ':' is a port.
 */
function passwordIn(text: string, { from, end, isOurs, places }: Uri): Span | undefined {
  user.lastIndex = from;
  const begin = from + (user.exec(text)?.[0].length ?? -2) + 1;
  if (begin < from) return undefined;
  port.lastIndex = begin;
  if (port.test(text)) return undefined;
  const atSign = places.atSign(begin);
  if (atSign !== -1 && atSign < end)
    return { begin, end: lastSign(text.slice(begin, Math.min(end, begin + longest)), begin, atSign) };
  if (!isOurs) return undefined;
  const line = Math.min(orEnd(text, places.line(begin)), begin + longest);
  if (atSign !== -1 && atSign < line) return { begin, end: lastSign(text.slice(begin, line), begin, atSign) };
  return { begin, end: withoutClosing(text, begin, end) };
}

/** The last '@' before the query: the password may contain some, such as a mail address. */
function lastSign(rest: string, begin: number, first: number): number {
  const query = rest.indexOf('?');
  const before = rest.lastIndexOf('@', query === -1 ? undefined : query);
  return Math.max(begin + before, first);
}

const maskQuery = (rest: string): string =>
  rest.replace(/([?&])([\w.%-]{1,63})=([^&\s'")]*)/g, (whole, delimiter: string, key: string, value: string) =>
    value === '' || isHarmless(key) || key === 'ssl' ? whole : `${delimiter}${key}=${mask}`,
  );
