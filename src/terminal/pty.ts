/** One program at a terminal of its own (a pseudo-terminal). Where this machine has no build of node-pty, there is none. */
import type { CommandSpec } from '../lab/lab.ts';
import { envWithout } from '../lab/machine/own-environment.ts';

export type Size = { readonly columns: number; readonly rows: number };
export type End = { readonly status: number; readonly signal: number }; // signal: 0 unless one ended it

export type Pty = {
  write(text: string): void;
  resize(size: Size): void;
  foreground(): string; // the name of the program that has this terminal now
  pause(): void; // the program waits as soon as the system's buffer is full
  resume(): void;
  readonly ended: Promise<End>;
  hangUp(): Promise<void>; // as a terminal does whose window is closed; resolves when the program has gone
};

const patienceMs = 1500;

/** undefined: no pseudo-terminal can be had here. */
export async function openPty(
  { command, args, cwd, env }: CommandSpec,
  { columns, rows }: Size,
  onOutput: (text: string) => void,
): Promise<Pty | undefined> {
  const node = await import('@lydell/node-pty').catch(() => undefined); // an optional dependency
  if (!node) return undefined;
  const options = { name: 'xterm-256color', cols: columns, rows, cwd, env: envWithout(env, ofOuterTerminal) };
  const pty = node.spawn(command, [...args], options);
  const ended = new Promise<End>((resolve) =>
    pty.onExit(({ exitCode, signal = 0 }) => resolve({ status: signal > 0 ? 128 + signal : exitCode, signal })),
  );
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  pty.onData(onOutput);
  const end = (signal: NodeJS.Signals) => {
    if (!gone) endGroup(pty.pid, signal);
  };
  return {
    write: (text) => void (gone || pty.write(text)),
    resize: (size) => void (gone || pty.resize(size.columns, size.rows)),
    foreground: () => pty.process,
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    ended,
    async hangUp() {
      end('SIGHUP');
      const timer = setTimeout(() => end('SIGKILL'), patienceMs);
      pty.resume(); // a program that is held back while it writes could not end
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The program leads a process group of its own. */
function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has just ended by itself
  }
}

/** Variables that describe the outer terminal: for a program in this one their values are wrong. */
const ofOuterTerminal = /^(COLUMNS|LINES|TERMCAP|TMUX|TMUX_PANE|STY|WINDOWID|VTE_VERSION|TERM_PROGRAM(_VERSION)?)$/;
