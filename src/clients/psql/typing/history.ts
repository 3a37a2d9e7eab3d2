/**
 * What was typed in our small psql, kept from one psql to the next in the file that PSQL_HISTORY names; without it
 * nothing is kept.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { maskText } from '../../../postgres/mask/mask.ts';

const most = 500;

/** The newest first, as node:readline has them. */
export function readHistory(path: string | undefined): string[] {
  if (!path) return [];
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-most).toReversed();
  } catch {
    return []; // there is none yet, or it is not to be read: psql starts with none
  }
}

/** Adds a line at the end; one with a password in it is not kept. Returns why it could not be kept. */
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
