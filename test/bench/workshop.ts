/** The workshop as the bench runs it: the built program on a lab of the bench. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stopping } from './stopping.ts';
import { openInTerminal, type Screen, type ScreenOptions } from './terminal.ts';

export const rounds = 9;
export const program = [process.execPath, resolve('dist/repl-workshop.cjs')];
export const scratch = mkdtempSync(join(tmpdir(), 'repl-workshop-bench-'));
export const lab = join(scratch, 'lab');

type Ran = { readonly status: number; readonly stdout: string };

export const workshop = (...args: readonly string[]): Promise<Ran> => workshopBy(run, ...args);
/** Stops the servers of the lab. */
export const down = (): Promise<Ran> => workshopBy(runToEnd, 'down');

function workshopBy(by: typeof run, ...args: readonly string[]): Promise<Ran> {
  const [node = '', ...front] = program;
  return by(node, [...front, ...args, '--lab', lab], { ...process.env, CI: 'true' });
}

/** Runs a program, and stops it when the bench is stopped. Status 1 ("not yet") is no error. */
export const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> =>
  runUntil(stopping, file, args, env);

/** As `run`, but not stopped with the bench: for what ends servers. */
export const runToEnd = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> =>
  runUntil(new AbortController().signal, file, args, env);

async function runUntil(
  signal: AbortSignal,
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  signal.throwIfAborted();
  const running = promisify(execFile)(file, [...args], { env, signal });
  const ended = new Promise((done) => running.child.once('exit', done));
  try {
    return { status: 0, stdout: (await running).stdout };
  } catch (error) {
    if (signal.aborted) await ended; // it may take back what it has begun
    const { code, stdout } = error as { code?: unknown; stdout: string };
    if (code === 1 && stdout !== '') return { status: 1, stdout };
    throw error;
  }
}

/** Opens the screen and waits for its first looks. */
export async function openWorkshop(options?: ScreenOptions): Promise<Screen & AsyncDisposable> {
  const screen = openInTerminal([...program, '--lab', lab], options);
  await screen.until(({ text }) => text().includes('quit'), 'first frame');
  await quiet(screen);
  return { ...screen, [Symbol.asyncDispose]: () => screen.close() };
}

/** Resolves with the ms from the deed to the first bytes that the workshop writes because of it. */
export async function answerTo(screen: Screen, deed: () => void | Promise<void>): Promise<number> {
  await quiet(screen);
  const before = screen.written();
  const begun = performance.now();
  const answered = screen.until(({ written }) => written() > before, 'answer');
  await deed();
  return (await answered) - begun;
}

/** Resolves when no byte was written for half a second. */
export async function quiet(screen: Screen): Promise<void> {
  for (;;) {
    const before = screen.written();
    await rest(500);
    if (screen.written() === before) return;
  }
}
