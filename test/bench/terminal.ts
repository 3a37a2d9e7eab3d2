/** A program in an invisible terminal: its output, its screen, and its costs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

export type Screen = {
  readonly pid: number;
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  /** DEC's private modes that are set; 25 is the visible cursor. */
  readonly modes: ReadonlySet<number>;
  /** The number of bytes written so far. */
  written(): number;
  text(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  readonly ended: Promise<void>;
  /** Resolves with performance.now() when `holds` first returns true; it is called after each output of the program. */
  until(holds: (screen: Screen) => boolean, what: string, deadlineMs?: number): Promise<number>;
  close(): Promise<void>;
  /** As when a terminal's window is closed: the program gets a signal, and errors. */
  closeWindow(): Promise<void>;
};

export type ScreenOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
};

export function openInTerminal(argv: readonly string[], options: ScreenOptions = {}): Screen {
  const { columns: cols = 100, rows = 28, env = {} } = options;
  const { CI: _, NO_COLOR: __, ...outer } = process.env;
  const [file = '', ...args] = argv;
  const clean = Object.fromEntries(
    Object.entries({ ...outer, TERM: 'xterm-256color', ...env }).filter(([, value]) => value !== undefined),
  );
  const pty: IPty = spawn(file, args, { cols, rows, env: clean });
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  const modes = watchModes(terminal);
  const asking = new Set<() => void>();
  let bytes = 0;
  let ended = false;
  const ending = new Promise<void>((done) => {
    pty.onExit(() =>
      terminal.write('', () => {
        ended = true; // the last output is on the screen
        for (const ask of asking) ask();
        done();
      }),
    );
  });
  pty.onData((data) => {
    bytes += Buffer.byteLength(data);
    for (const ask of asking) ask(); // for callers that count bytes; text is on the screen a little later
    terminal.write(data, () => {
      for (const ask of asking) ask();
    });
  });
  terminal.onData((answer) => pty.write(answer)); // programs query the terminal
  const screen: Screen = {
    pid: pty.pid,
    terminal,
    modes,
    written: () => bytes,
    text: () =>
      Array.from(
        { length: terminal.rows },
        (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '',
      ).join('\n'),
    type: (keys) => pty.write(keys),
    resize(columns, rows) {
      terminal.resize(columns, rows);
      pty.resize(columns, rows);
    },
    ended: ending,
    until: (holds, what, deadlineMs = 20_000) =>
      new Promise((done, failed) => {
        const stop = (end: () => void) => {
          asking.delete(ask);
          clearTimeout(deadline);
          end();
        };
        const ask = () => {
          if (holds(screen)) stop(() => done(performance.now()));
          else if (ended) stop(() => failed(new Error(`the program ended before ${what}:\n${screen.text()}`)));
        };
        const deadline = setTimeout(
          () => stop(() => failed(new Error(`no ${what} in ${deadlineMs} ms:\n${screen.text()}`))),
          deadlineMs,
        );
        asking.add(ask);
        ask();
      }),
    async close() {
      if (!ended) pty.kill('SIGTERM');
      await ending;
      terminal.dispose();
    },
    async closeWindow() {
      (pty as IPty & { destroy(): void }).destroy();
      await ending;
    },
  };
  return screen;
}

function watchModes({ parser }: Screen['terminal']): ReadonlySet<number> {
  const modes = new Set([25]);
  const order = (final: 'h' | 'l') =>
    parser.registerCsiHandler({ prefix: '?', final }, (named) => {
      for (const mode of named.flat()) final === 'h' ? modes.add(mode) : modes.delete(mode);
      return false; // the terminal handles it too
    });
  order('h');
  order('l');
  return modes;
}

export const canMeasureProcesses = existsSync('/proc/self/schedstat');

/** CPU time of all threads of a process, in ms. Source: Linux, Documentation/scheduler/sched-stats. */
export const cpuOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(nanoseconds) / 1e6;
  }, 0);

/** Resident memory of a process, in MB. */
export const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
