/**
 * Masks secrets without a word before them: stored verifiers, options of commands, and what a server or libpq quotes
 * from text that it could not read.
 */
import { isConninfoKey } from '../conninfo.ts';
import { mask } from './conninfo.ts';

export const maskVerifiers = (text: string): string =>
  text.replace(/(SCRAM-SHA-256\$)[\w+/=:$]+/g, `$1${mask}`).replace(/\bmd5[0-9a-f]{32}\b/g, `md5${mask}`);

const wordStart = /(^|[\s'"(`;|&])/.source;
/** No passwords: options of find and others with one dash, and -pv. */
const ordinary = '(?!path|perm|port|print|progress|passfile|primary|[a-z]{0,2}[\\s\'"])';
const shortPassword = new RegExp(`${wordStart}-p${ordinary}[A-Za-z_!#$%^&*.~][^\\s'"]*`, 'g');
const userPassword = new RegExp(
  `${wordStart}(-u|--user)([ =]{1,4}['"]?)([^\\s:'"]{1,256}):(?!\\d+(?:[\\s'"]|$))[^\\s'"]+`,
  'g',
);

/** mysql's -pX and curl's -u user:X. A number after -p is a port; two numbers after -u are user and group. */
export const maskCommands = (text: string): string =>
  / -[pu]|--user/.test(text)
    ? text.replace(shortPassword, `$1-p${mask}`).replace(userPassword, `$1$2$3$4:${mask}`)
    : text;

const quoted = '"([^"\\n]*)"';
const numeric = /^[\d\s,.+-]*\w?$/; // one more letter is a typo

const echoes: readonly (readonly [pattern: RegExp, isOrdinary: (value: string) => boolean])[] = [
  [new RegExp(`(missing "=" after )${quoted}`, 'g'), isConninfoKey],
  [new RegExp(`(missing key/value separator "=" in URI query parameter: )${quoted}`, 'g'), isConninfoKey],
  [new RegExp(`(extra key/value separator "=" in URI query parameter: )${quoted}`, 'g'), isConninfoKey],
  [new RegExp(`(invalid percent-encoded token: )${quoted}`, 'g'), () => false],
  [new RegExp(`(unexpected spaces found in )${quoted}`, 'g'), () => false],
  [new RegExp(`(forbidden value %00 in percent-encoded value: )${quoted}`, 'g'), () => false],
  [new RegExp(`(invalid port number: )${quoted}`, 'g'), (value) => numeric.test(value)],
  [
    new RegExp(`(invalid integer value )${quoted}(?= for connection option "port")`, 'g'),
    (value) => numeric.test(value),
  ],
  [/(could not translate host name ")([^"\n]*@)/g, () => false],
];

/** Masks parts of connection strings in libpq's errors, and the rest of a statement after an unterminated quote. */
export function maskEchoes(text: string): string {
  if (!/at or near|percent|spaces found|"=" |invalid (?:integer|port)|translate host/.test(text)) return text;
  const shown = echoes.reduce(
    (whole, [pattern, isOrdinary]) =>
      whole.replace(pattern, (all, before: string, value: string) =>
        isOrdinary(value) ? all : all.startsWith('could') ? `${before}${mask}@` : `${before}"${mask}"`,
      ),
    text,
  );
  return maskUnterminated(shown);
}

const unterminated =
  /unterminated (?:quoted string|dollar-quoted string|quoted identifier|bit string literal|hexadecimal string literal) at or near "/;

/** Masks nothing when the log shows the statement and no secret was found in it; the message alone does not show it. */
function maskUnterminated(text: string): string {
  const found = unterminated.exec(text);
  if (!found) return text;
  const from = found.index + found[0].length;
  const end = text.indexOf('" at character', from);
  const lineEnd = text.indexOf('\n', from);
  const line = text.slice(from, lineEnd === -1 ? text.length : lineEnd);
  const close = end === -1 ? (line.lastIndexOf('"') === -1 ? text.length : from + line.lastIndexOf('"')) : end;
  const after = text.slice(close);
  return /STATEMENT|QUERY/.test(after) && !after.includes(mask) ? text : text.slice(0, from) + mask + after;
}
