/**
 * Masks secrets in text for people. Where the end of a secret is uncertain, masks more; other text is unchanged. Each
 * step reads forward once, so that the time is linear in the length of the text.
 */
import { mask, maskConninfo, maskUris } from './conninfo.ts';
import { maskCommands, maskEchoes, maskVerifiers } from './echoes.ts';
import { isSecretWord } from './secret-words.ts';
import { maskSettings } from './settings.ts';
import { maskValues } from './values.ts';

export function maskText(text: string): string {
  if (text.length < shortest || !mayHoldSecret.test(text)) return text;
  return maskEchoes(maskVerifiers(maskCommands(maskValues(maskUris(maskSettings(text))))));
}

/** JSON with each string masked by itself: masking the whole text could remove what follows a secret. */
export const maskedJson = (value: unknown): string => JSON.stringify(value, masked);

function masked(key: string, value: unknown): unknown {
  if (typeof value === 'string') return value !== '' && key.length <= 40 && isSecretWord(key) ? mask : maskText(value);
  if (typeof value !== 'object' || value === null || !('value' in value) || typeof value.value !== 'string')
    return value;
  const name = 'name' in value ? value.name : key; // of a line in a file, or the key of a server's setting
  return typeof name === 'string' ? { ...value, value: maskSetting(name, value.value) } : value;
}

/** Masks a setting's value, of which the name tells more: in a connection string also what is not understood. */
export const maskSetting = (name: string, value: string): string =>
  name === 'primary_conninfo' ? maskConninfo(value) : maskText(value);

const shortest = 5; // characters: '-pX 1'
const mayHoldSecret =
  /ss?wr?o?r?d|p[a-z]{2,6}r?[dt]\b|p[as]{1,3}[a-z]{0,3}w|pas?s|pwd|\bpw\b|secret|SCRAM-SHA-256\$|md5[0-9a-f]{32}|:\/\/|conninfo|connection|crypt|hmac|identified|%70|%50| -[pu]|at or near|percent|"=" (?:after|in)|invalid (?:integer|port)|translate host/i;
