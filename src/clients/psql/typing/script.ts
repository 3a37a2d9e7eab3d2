/** Performs lines of statements and commands from a file, a pipe or -c as they arrive. */
import { type Shell, type StatementOutcome, send, stopsOnError } from '../shell.ts';
import { slash } from '../slash.ts';
import { type Scanner, scanner } from './scan.ts';

export const newScanner = (shell: Shell): Scanner => scanner((name) => shell.variables.get(name));

export const readScript = (shell: Shell, name: string, text: string): Promise<StatementOutcome> =>
  readLines(shell, name, text.split('\n'));

/**
 * Performs all lines, or those up to the first error where ON_ERROR_STOP is set. Messages have the file's name and the
 * line number.
 */
export async function readLines(
  shell: Shell,
  name: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<StatementOutcome> {
  const scan = newScanner(shell);
  const before = shell.place;
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      if (name) shell.place = `psql:${name}:${number}: `;
      const outcome = await performLine(shell, scan, line);
      if (outcome === 'quit' || outcome === 'lost' || (outcome === 'error' && stopsOnError(shell))) return outcome;
    }
    const rest = scan.pending();
    return rest ? await send(shell, rest) : 'ok';
  } finally {
    shell.place = before;
  }
}

/**
 * Performs what a line completes and resolves with the worst outcome. An error ends the line only where ON_ERROR_STOP
 * is set.
 */
export async function performLine(shell: Shell, scan: Scanner, line: string): Promise<StatementOutcome> {
  let worst: StatementOutcome = 'ok';
  for (const piece of scan.line(line)) {
    const outcome = piece.kind === 'statement' ? await send(shell, piece.text) : await slash(shell, piece, readScript);
    if (outcome === 'quit' || outcome === 'lost') return outcome;
    if (outcome === 'error') worst = outcome;
    if (outcome === 'error' && stopsOnError(shell)) return outcome;
  }
  return worst;
}
