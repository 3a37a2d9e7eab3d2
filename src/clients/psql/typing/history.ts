/** The history of our small psql, in the file that PSQL_HISTORY names. Without PSQL_HISTORY nothing is kept. */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { maskText } from '../../../postgres/mask/mask.ts';

const most = 500;

/** Returns the newest lines first, as node:readline expects them. */
export function readHistory(path: string | undefined): string[] {
  if (!path) return [];
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-most).toReversed();
  } catch {
    return []; // no history yet, or an unreadable file
  }
}

/** Appends a line, unless it contains a password. Returns the reason when the line could not be written. */
export function keepLine(path: string | undefined, line: string): string | undefined {
  if (!path || line.trim() === '' || maskText(line) !== line) return undefined;
  try {
    const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
    const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    try {
      writeSync(file, `${line}\n`);
    } finally {
      closeSync(file);
    }
    return undefined;
  } catch (error) {
    return `could not save history to file "${path}": ${(error as Error).message}`;
  }
}
