/**
 * Masks the value after a word that names a secret: 'password=…', PASSWORD '…', "password": "…", --password …,
 * set_config('x.password', '…').
 */
import { isConninfoKey } from '../conninfo.ts';
import { mask } from './conninfo.ts';
import { bareEnd, finder, quotedAt, triviaSkipper } from './secret-value.ts';
import { isHbaSecret, isSecretWord } from './secret-words.ts';

type Hidden = { readonly from: number; readonly to: number; readonly shown: string };
type Reading = {
  readonly text: string;
  readonly skip: (at: number) => number;
  readonly values: (from: number) => number; // position of VALUES in an INSERT
  readonly isRole: boolean; // the text is about a role: PASSWORD without quotes is a mistake there
};

export function maskValues(text: string): string {
  const words = /[A-Za-z_%][\w%.-]*/g;
  const reading: Reading = {
    text,
    skip: triviaSkipper(text),
    values: finder(text, /\bvalues\b/gi),
    isRole: /\b(?:role|user|group)\s/i.test(text) && /\b(?:create|alter)\s/i.test(text),
  };
  const out: string[] = [];
  let at = 0;
  for (let word = words.exec(text); word; word = words.exec(text)) {
    const tail = word[0].slice(-40);
    if (!/[pst]/i.test(tail) && !tail.includes('%')) continue;
    const hidden = secretAfter(reading, tail, word.index + word[0].length - tail.length, word.index + word[0].length);
    if (!hidden) continue;
    out.push(text.slice(at, hidden.from), hidden.shown);
    at = hidden.to;
    words.lastIndex = at;
  }
  out.push(text.slice(at));
  return out.join('');
}

// Sticky patterns, compiled once: a text of some megabytes tests them a million times.
const closingQuote = /\\?["'`]{0,2}/y;
const separators = /=>|:=|={1,2}|[:,()]|(?:to|as|is)\b/iy;
const placeholder = /%(?:\d{1,2}\$)?[sLI]|\$\d|\|\||:['"]?\w/y;
const nothing = /[\s"'),;\]}]/y;
const blanks = /[ \t]{1,8}/y;
const opening = /\s{0,8}\(/y;
const callOpens = /\s{0,8}\(\s{0,8}/y;
const byWord = /\s{1,8}by\s{1,8}/iy;
const identified = /^identified$/i;

const functions = /^(?:crypt|hmac|pgp_(?:sym|pub)_\w{1,20})$/i;

function secretAfter(reading: Reading, word: string, start: number, end: number): Hidden | undefined {
  const { text, skip } = reading;
  if (identified.test(word)) return afterQuote(reading, byWord, end);
  if (functions.test(word))
    return /crypt$/i.test(word) && word.length === 5 ? afterQuote(reading, callOpens, end) : wholeCall(text, end);
  if (!isSecretWord(word)) return undefined;
  if (text.startsWith('--', start - 2)) {
    const option = optionValue(text, end);
    if (option) return option;
  }
  const closed = match(closingQuote, text, end);
  const separatorAt = skip(end + closed.length);
  if (separatorAt === -1) return rest(text, end);
  const separator = match(separators, text, separatorAt);
  const at = skip(separatorAt + separator.length);
  if (at === -1) return rest(text, end);
  if (/^[,)]$/.test(separator) && closed === '') return insertedRow(reading, separatorAt);
  if (match(placeholder, text, at) !== '' && separator !== ':') return rest(text, at);
  if (text.startsWith("'''", at)) return rest(text, at); // a quote in a quote: concatenated SQL
  const quoted = separator === ')' ? undefined : quotedAt(text, at);
  if (quoted) return hiddenQuote(text, { at, separator, closed, quoted });
  return bareValue(reading, { word, start, at, separator, closed });
}

type Found = { readonly at: number; readonly separator: string; readonly closed: string };

/** The quoted text is the secret, or a piece of concatenated SQL: then the secret follows it. */
function hiddenQuote(
  text: string,
  { at, separator, closed, quoted }: Found & { readonly quoted: ReturnType<typeof quotedAt> & object },
): Hidden | undefined {
  if (/^\s*\|\||%(?:\d{1,2}\$)?[sLI]|^\s*,/.test(quoted.inner) && quoted.quote !== '"') return rest(text, at);
  if (separator === ':' && closed !== '')
    return { from: at, to: quoted.end, shown: `${quoted.quote}${mask}${quoted.quote}` };
  return { from: at, to: quoted.end, shown: separator.includes('=') ? mask : `'${mask}'` };
}

function bareValue(
  { text, isRole }: Reading,
  { word, start, at, separator, closed }: Found & { readonly word: string; readonly start: number },
): Hidden | undefined {
  const from = sameLine(text, start + word.length, at) ? at : -1;
  if (from === -1 || from >= text.length) return undefined;
  if (
    separator === '' &&
    !(
      isRole &&
      closed === '' &&
      !/null\b/iy.test(text.slice(from, from + 5)) &&
      text[from] !== ';' &&
      /\w/.test(text[from] ?? '')
    )
  )
    return undefined;
  if (separator !== '' && !separator.includes('=') && separator !== ':') return undefined;
  if (separator === ':' && match(nothing, text, from) !== '') return undefined;
  const isHba = isHbaSecret(word);
  if (isHba && text[start - 1] === '"') {
    const close = text.indexOf('"', from);
    if (close !== -1) return { from, to: close, shown: mask };
  }
  const end = bareEnd(text, from);
  if (text.slice(from, end) === mask) return undefined; // already masked
  return {
    from,
    to: separator.includes('=') && (isHba || isConninfoKey(word.toLowerCase())) ? loneWords(text, end, isHba) : end,
    shown: mask,
  };
}

const sameLine = (text: string, from: number, to: number): boolean => !text.slice(from, to).includes('\n');

/** The end of a secret with blanks and without its quotes: before the next key, or at the end of the string or line. */
function loneWords(text: string, from: number, toLineEnd: boolean): number {
  const word = /[ \t]{1,8}(?![\w.%]{1,64}\s{0,8}=)[^\s'"=]{1,200}/y;
  let end = from;
  for (word.lastIndex = end; word.test(text); ) end = word.lastIndex;
  const next = /[ \t]{1,8}[\w.]{1,64}\s{0,8}=/y;
  next.lastIndex = end;
  if (next.test(text)) return end;
  const closes = toLineEnd ? /\s{0,8}(?:['"\n]|$)/y : /\s{0,8}['"]/y;
  closes.lastIndex = end;
  return closes.test(text) ? end : from;
}

/** Masks '--password X', but not '--password -h'. */
function optionValue(text: string, end: number): Hidden | undefined {
  const blank = match(blanks, text, end);
  const from = end + blank.length;
  if (blank === '' || from >= text.length || /[-\s'"]/.test(text[from] ?? '')) return undefined;
  return { from, to: bareEnd(text, from), shown: mask };
}

function afterQuote({ text }: Reading, lead: RegExp, end: number): Hidden | undefined {
  const before = match(lead, text, end);
  const quoted = before === '' ? undefined : quotedAt(text, end + before.length);
  return quoted ? { from: end + before.length, to: quoted.end, shown: `'${mask}'` } : undefined;
}

const wholeCall = (text: string, end: number): Hidden | undefined => {
  const open = match(opening, text, end);
  return open === '' ? undefined : rest(text, end + open.length);
};

/** INSERT INTO users (name, password) VALUES …: masks all values, because it does not determine the password's. */
function insertedRow({ text, values }: Reading, at: number): Hidden | undefined {
  const valuesAt = values(at);
  return valuesAt === -1 ? undefined : rest(text, valuesAt + 'values'.length);
}

const rest = (text: string, from: number): Hidden => ({
  from,
  to: text.length,
  shown: text.slice(from) === '' ? '' : ` ${mask}`,
});

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
