/** Runs the lab's shell, psql or the editor on the learner's own terminal. */
import { spawn, spawnSync } from 'node:child_process';
import type { CommandSpec } from '../lab/lab.ts';
import { ProblemError } from '../lab/problem.ts';

/**
 * Resolves when the program has ended, with any status. Ctrl-C and Ctrl-\ go to the program; the workshop ignores them
 * meanwhile. Throws a ProblemError when the program cannot be started.
 */
export async function runInForeground(spec: CommandSpec, signal: AbortSignal): Promise<void> {
  await runInForegroundStatus(spec, signal);
}

/**
 * As `runInForeground`, but resolves with the exit status: 128 when a signal has ended the program. When `signal`
 * aborts, the program gets SIGHUP, as if its window were closed.
 */
export async function runInForegroundStatus(
  { command, args, cwd, env }: CommandSpec,
  signal?: AbortSignal,
): Promise<number> {
  using _ignored = ignoreSignals('SIGINT', 'SIGQUIT');
  return await new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    const hangUp = () => void child.kill('SIGHUP');
    child.on('exit', (status) => {
      signal?.removeEventListener('abort', hangUp);
      resolve(status ?? 128);
    });
    child.on('error', (cause: NodeJS.ErrnoException) => reject(cannotRun(command, cause)));
    signal?.addEventListener('abort', hangUp);
  });
}

/**
 * Replaces the workshop's listeners for these signals until it is disposed. The terminal sends its signals to all
 * processes in the foreground, the workshop included.
 */
function ignoreSignals(...signals: readonly NodeJS.Signals[]): Disposable {
  const ignore = () => undefined;
  const before = signals.map((signal) => ({
    signal,
    listeners: process.listeners(signal) as NodeJS.SignalsListener[],
  }));
  for (const signal of signals) process.removeAllListeners(signal).on(signal, ignore);
  return {
    [Symbol.dispose]() {
      for (const { signal, listeners } of before) {
        for (const listener of listeners) process.on(signal, listener);
        process.off(signal, ignore);
      }
    },
  };
}

/**
 * Reads the terminal's modes. `restore` sets them again, after a killed program; it does nothing where stty is
 * missing.
 */
export function terminalModes(): { restore(): void } {
  const { status, stdout } = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  const modes = status === 0 ? stdout.trim() : '';
  return {
    restore() {
      if (modes) spawnSync('stty', [modes], { stdio: ['inherit', 'ignore', 'ignore'] });
    },
  };
}

const cannotRun = (command: string, cause: NodeJS.ErrnoException): ProblemError =>
  new ProblemError(
    {
      what:
        cause.code === 'ENOENT'
          ? `There is no program "${command}" on this machine.`
          : `"${command}" could not be started: ${cause.message}.`,
      fix: 'For an editor of your choice set EDITOR before you start the workshop; for a shell, SHELL.',
    },
    3,
    { cause },
  );
