/** The full screen: opens it, reads the keys, lends the terminal to the learner's programs, and gives it back on every way out. */
import { PassThrough } from 'node:stream';
import { runInForeground, terminalModes } from '../lab/foreground.ts';
import type { Lab } from '../lab/lab.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { LogNote } from '../postgres/notes.ts';
import { type Ports, run, type Store } from '../session/effects.ts';
import type { Kept } from '../session/progress.ts';
import type { Deed, Session } from '../session/session.ts';
import { openSession } from '../session/update.ts';
import type { Frame } from '../ui/frame.ts';
import { programArgv } from './programs.ts';

export type Terminal = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
};

export type ScreenOptions = {
  readonly lab: Lab;
  readonly lessons: readonly Lesson[]; // as this lab's learner gets them (lessonsFor)
  readonly store: Store;
  readonly kept: Kept; // what the store holds at the start
  readonly notes: readonly LogNote[];
  readonly root: boolean;
  readonly onlyLook: boolean;
  readonly planOf: (deed: Deed) => readonly string[]; // what it would do, in words
  readonly perform: (deed: Deed) => Promise<void>;
  readonly signal?: AbortSignal; // ends the screen
};

export type Leaving = { readonly stopServers: boolean };

/** Resolves when the learner leaves or the signal says so; rejects with an error that is ours. The terminal is as before in all cases. */
export async function openScreen(options: ScreenOptions, terminal: Terminal): Promise<Leaving> {
  const [{ openInk }, { frameMaker }, { painter, wantsAscii }, { intentOf }] = await Promise.all([
    import('../ui/screen.tsx'),
    import('../ui/frame.ts'),
    import('../ui/theme.ts'),
    import('../ui/keys.ts'),
  ]);
  const leaving = departure(options.signal);
  const picture = pictureOf(frameMaker(options), painter(wantsAscii(terminal.env)));
  const stage = openStage(terminal, (stdin) => openInk(picture, onKey, { stdin, stdout: terminal.stdout }));
  const { lab, lessons, store, kept, onlyLook, perform } = options;
  const ports: Ports = {
    lab,
    store,
    perform,
    lend: (program) => stage.lend(() => runInForeground(lab.command(programArgv(program, lab.plan, terminal.env)))),
    quit: (stopServers) => leaving.by({ stopServers }),
    clock: { now: () => new Date().toISOString(), everySecond },
  };
  const about = { lessons, plan: lab.plan, about: lab.about, onlyLook, kept };
  await using running = run(
    openSession({ ...about, at: ports.clock.now(), ...sizeOf(terminal) }),
    ports,
    picture.show,
    leaving.failing,
  );
  const onKey = (name: string) => {
    const intent = intentOf(name, running.session, picture.frame().reach);
    if (intent) running.dispatch({ kind: 'intent', intent });
  };
  const onResize = () => running.dispatch({ kind: 'resized', ...sizeOf(terminal) });
  terminal.stdout.on('resize', onResize);
  picture.show(running.session);
  stage.enter();
  try {
    return await leaving.way;
  } finally {
    terminal.stdout.off('resize', onResize);
    await stage.leave();
  }
}

/** Who has the terminal: the screen, or a program that borrowed it. The screen is taken down for a loan and built anew after it. */
function openStage({ stdin, stdout }: Terminal, open: (stdin: NodeJS.ReadStream) => () => Promise<void>) {
  const keyboard = openKeyboard(stdin);
  let close = async (): Promise<void> => undefined;
  let left = false;
  const enter = () => {
    if (!left) close = open(keyboard.connect());
  };
  return {
    enter,
    async lend(use: () => Promise<void>): Promise<void> {
      await close();
      close = async () => undefined;
      keyboard.pause();
      const modes = terminalModes();
      try {
        await use();
      } finally {
        modes.restore();
        stdout.write(cleanTerminal);
        keyboard.resume();
        stdout.emit('resize'); // it may have changed size meanwhile
        enter();
      }
    },
    async leave(): Promise<void> {
      left = true;
      await close();
      keyboard.close();
    },
  };
}

/** How the screen ends: the learner leaves, or an error of ours. */
function departure(signal: AbortSignal | undefined) {
  let by: (way: Leaving) => void = () => undefined;
  let failing: (error: unknown) => void = () => undefined;
  const way = new Promise<Leaving>((resolve, reject) => {
    by = resolve;
    failing = reject;
  });
  signal?.addEventListener('abort', () => by({ stopServers: false }), { once: true });
  return { way, by, failing };
}

/** The frame on the screen. Whoever watches hears of a new one only when it looks different. */
function pictureOf(draw: (session: Session) => Frame, paint: (line: Frame['lines'][number]) => string) {
  const watchers = new Set<() => void>();
  let frame: Frame = { lines: [], reach: { bounds: { words: 0, tasks: 0, overlay: 0 }, page: 0, tasks: [] } };
  let rows: readonly string[] = [];
  return {
    rows: () => rows,
    frame: () => frame,
    subscribe(changed: () => void) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    show(session: Session) {
      frame = draw(session);
      const next = frame.lines.map(paint);
      if (next.length === rows.length && next.every((row, at) => row === rows[at])) return;
      rows = next;
      for (const changed of watchers) changed();
    },
  };
}

/**
 * The terminal's keys, passed on to the screen of the moment. ink would go on reading the terminal itself while another program owns it,
 * and take its keys.
 */
function openKeyboard(stdin: NodeJS.ReadStream) {
  let screen = new PassThrough();
  const pass = (chunk: Buffer) => void screen.write(chunk);
  stdin.on('data', pass);
  return {
    connect(): NodeJS.ReadStream {
      screen = new PassThrough();
      const isRaw = (mode: boolean) => void stdin.setRawMode?.(mode);
      return Object.assign(screen, {
        isTTY: true,
        setRawMode: isRaw,
        ref: () => stdin.ref(),
        unref: () => stdin.unref(),
      }) as unknown as NodeJS.ReadStream;
    },
    pause() {
      stdin.pause();
      stdin.setRawMode?.(false);
    },
    resume: () => void stdin.resume(),
    close() {
      stdin.off('data', pass);
      stdin.pause();
    },
  };
}

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}

const sizeOf = ({ stdout }: Terminal): { columns: number; rows: number } => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});

/** Out of the alternate screen, keys and colours as usual, no mouse, no pasting marks: a killed program leaves its own. */
const cleanTerminal =
  '\u001b[?1049l\u001b[?1l\u001b>\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[0m\u001b[?25h';
