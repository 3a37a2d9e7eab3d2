/** The full screen: session, keys and pictures put together on one terminal. */
import { runInForegroundStatus } from '../lab/foreground.ts';
import type { Lab } from '../lab/lab.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { LogNote } from '../postgres/notes.ts';
import { type Ports, run, type Store } from '../session/effects.ts';
import type { Kept } from '../session/progress.ts';
import type { Deed, Intent, Program, Session } from '../session/session.ts';
import { openSession } from '../session/update.ts';
import type { Frame } from '../ui/frame.ts';
import { messages } from '../ui/messages.ts';
import { groundOf, painters } from '../ui/theme.ts';
import { lendTo } from './programs.ts';
import { type Guest, openKeyboard, openStage, type Said, type Terminal } from './terminal.ts';
import { transcriptOf } from './transcript.ts';

export type ScreenOptions = {
  readonly lab: Lab;
  readonly folder: string; // of the lab, as it is shown
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
  let ground = groundOf(terminal.env);
  let hear = (said: Said) => {
    if (said.kind === 'background') ground = said.ground; // the answer may come before the screen
  };
  const keyboard = openKeyboard(terminal, (said) => hear(said));
  const [{ openInk }, { frameMaker }, { intentOf }, { intentAt }] = await Promise.all([
    import('../ui/screen.tsx'),
    import('../ui/frame.ts'),
    import('../ui/keys.ts'),
    import('../ui/mouse.ts'),
  ]);
  const leaving = departure(options.signal);
  const picture =
    terminal.env.INK_SCREEN_READER === 'true'
      ? transcriptOf(options)
      : pictureOf(frameMaker(options), painters(terminal.env), canHaveMouse(terminal.env));
  const stage = openStage(terminal, keyboard, (stdin) => openInk(picture, onKey, { stdin, stdout: terminal.stdout }));
  const { folder, lab, lessons, store, kept, onlyLook, perform } = options;
  const guest = (program: Program): Guest => ({
    greeting: messages.lent[program.run],
    waits: program.run !== 'shell', // a shell ends with the status of its last command
    run: () => lendTo(program, lab, terminal.env, running.session.now, runInForegroundStatus),
  });
  const ports: Ports = {
    lab,
    store,
    perform,
    lend: (program) => stage.lend(guest(program)),
    quit: (stopServers) => leaving.by({ stopServers }),
    clock: { now: () => new Date().toISOString(), everySecond },
  };
  const about = { lessons, plan: lab.plan, about: lab.about, folder, ground, onlyLook, kept };
  await using running = run(
    openSession({ ...about, at: ports.clock.now(), ...sizeOf(terminal) }),
    ports,
    picture.show,
    leaving.failing,
  );
  const mean = (intent: Intent | undefined) => intent && running.dispatch({ kind: 'intent', intent });
  const onKey = (name: string) => void mean(intentOf(name, running.session, picture.frame().reach));
  hear = (said) =>
    said.kind === 'background'
      ? running.dispatch(said)
      : void mean(intentAt(said.mouse, running.session, picture.frame()));
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
function pictureOf(draw: (session: Session) => Frame, paintsFor: ReturnType<typeof painters>, canHaveMouse: boolean) {
  const watchers = new Set<() => void>();
  let frame: Frame = { lines: [], reach: { bounds: { words: 0, tasks: 0, overlay: 0 }, page: 0, tasks: [] } };
  let rows: readonly string[] = [];
  let drawn: Session | undefined;
  return {
    rows: () => rows,
    frame: () => frame,
    mouse: () => canHaveMouse && drawn?.kept.settings.mouse === true,
    subscribe(changed: () => void) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    show(session: Session) {
      if (drawn && looksSame(drawn, session)) return;
      drawn = session;
      frame = draw(session);
      const next = frame.lines.map(paintsFor(session.kept.settings, session.ground));
      if (next.length === rows.length && next.every((row, at) => row === rows[at])) return;
      rows = next;
      for (const changed of watchers) changed();
    },
  };
}

/** What no frame shows: a look that is under way, and the seconds of the clock. */
function looksSame(before: Session, after: Session): boolean {
  const minute = ({ clock }: Session) => clock.slice(0, 16);
  const { look, saves, failing, clock } = after;
  const asShown: Session = { ...before, look, saves, failing, clock };
  return (
    minute(before) === minute(after) &&
    Object.entries(asShown).every(([key, value]) => after[key as keyof Session] === value)
  );
}

/** REPL_WORKSHOP_MOUSE=0 leaves the mouse to the terminal, as the setting does. */
const canHaveMouse = ({ REPL_WORKSHOP_MOUSE }: NodeJS.ProcessEnv): boolean => REPL_WORKSHOP_MOUSE !== '0';

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}

const sizeOf = ({ stdout }: Terminal): { columns: number; rows: number } => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});
