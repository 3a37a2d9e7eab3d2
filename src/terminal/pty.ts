/** Runs one program on a pseudo-terminal. node-pty is an optional dependency, without a build for some machines. */
import type { CommandSpec } from '../lab/lab.ts';
import { envWithout } from '../lab/machine/own-environment.ts';

export type Size = { readonly columns: number; readonly rows: number };
export type End = { readonly status: number; readonly signal: number }; // signal: 0 unless a signal ended the program

export type Pty = {
  write(text: string): void;
  resize(size: Size): void;
  foreground(): string; // the name of the program in the foreground
  pause(): void; // stops reading: the program waits once the system's buffer is full
  resume(): void;
  readonly ended: Promise<End>;
  hangUp(): Promise<void>; // sends SIGHUP, and SIGKILL when that is not enough; resolves when the program has ended
};

/** The time between SIGHUP and SIGKILL. */
const graceMs = 1500;

/** Resolves with undefined where node-pty cannot be loaded. */
export async function openPty(
  { command, args, cwd, env }: CommandSpec,
  { columns, rows }: Size,
  onOutput: (text: string) => void,
): Promise<Pty | undefined> {
  const node = await import('@lydell/node-pty').catch(() => undefined);
  if (!node) return undefined;
  const options = { name: 'xterm-256color', cols: columns, rows, cwd, env: envWithout(env, ofOuterTerminal) };
  const pty = node.spawn(command, [...args], options);
  const ended = new Promise<End>((resolve) =>
    pty.onExit(({ exitCode, signal = 0 }) => resolve({ status: signal > 0 ? 128 + signal : exitCode, signal })),
  );
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  pty.onData(onOutput);
  const send = (signal: NodeJS.Signals) => {
    if (!hasEnded) signalGroup(pty.pid, signal);
  };
  return {
    write: (text) => void (hasEnded || pty.write(text)),
    resize: (size) => void (hasEnded || pty.resize(size.columns, size.rows)),
    foreground: () => pty.process,
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    ended,
    async hangUp() {
      send('SIGHUP');
      const timer = setTimeout(() => send('SIGKILL'), graceMs);
      pty.resume(); // a program that waits to write could not end
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The program leads a process group, so its id is the group's id. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // the program has just ended
  }
}

/** Variables that describe the learner's own terminal. For a program in the pseudo-terminal they are wrong. */
const ofOuterTerminal = /^(COLUMNS|LINES|TERMCAP|TMUX|TMUX_PANE|STY|WINDOWID|VTE_VERSION|TERM_PROGRAM(_VERSION)?)$/;
