/** Programs that get the learner's terminal for a while: the lab's shell, psql, the editor. */
import { spawn, spawnSync } from 'node:child_process';
import type { CommandSpec } from '../lab/lab.ts';
import { ProblemError } from '../lab/problem.ts';

/** Resolves when the program has ended, however it did. Ctrl-C and Ctrl-\ are for the program, not for us. */
export async function runInForeground(spec: CommandSpec, ending: AbortSignal): Promise<void> {
  await runInForegroundStatus(spec, ending);
}

/** The same, with the program's exit status; 128 and more: ended by a signal. When we have to end, it ends too, as if its window were closed. */
export async function runInForegroundStatus(
  { command, args, cwd, env }: CommandSpec,
  ending?: AbortSignal,
): Promise<number> {
  using _deaf = deafTo('SIGINT', 'SIGQUIT');
  return await new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    const hangUp = () => void child.kill('SIGHUP');
    child.on('exit', (status) => {
      ending?.removeEventListener('abort', hangUp);
      resolve(status ?? 128);
    });
    child.on('error', (cause: NodeJS.ErrnoException) => reject(cannotRun(command, cause)));
    ending?.addEventListener('abort', hangUp);
  });
}

/** Sets our own listeners aside for a while: the terminal sends its signals to all programs in the foreground, us among them. */
function deafTo(...signals: readonly NodeJS.Signals[]): Disposable {
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

/** The terminal's modes, to be put back: a program that is killed leaves its own. Nothing to do where stty is missing. */
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
