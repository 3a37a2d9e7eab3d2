/** The full screen: session, keys and pictures put together on one terminal. */
import { runInForegroundStatus } from '../lab/foreground.ts';
import type { Lab } from '../lab/lab.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { LogNote } from '../postgres/notes.ts';
import { type Ports, run, type Store } from '../session/effects.ts';
import type { Kept } from '../session/progress.ts';
import type { Planned, Program, Session } from '../session/session.ts';
import { isTyping } from '../session/terminal.ts';
import { openSession } from '../session/update.ts';
import type { Frame } from '../ui/frame.ts';
import { messages } from '../ui/messages.ts';
import { toClipboard } from './clipboard.ts';
import { openTerminal } from './pane.ts';
import { lendTo } from './programs.ts';
import { type Guest, openStage, type Terminal } from './terminal.ts';

export type ScreenOptions = {
  readonly lab: Lab;
  readonly lessons: readonly Lesson[]; // as this lab's learner gets them (lessonsFor)
  readonly store: Store;
  readonly kept: Kept; // what the store holds at the start
  readonly notes: readonly LogNote[];
  readonly root: boolean;
  readonly onlyLook: boolean;
  readonly planOf: (deed: Planned) => readonly string[]; // what it would do, in words
  readonly perform: Ports['perform'];
  readonly writeReport: Ports['writeReport'];
  readonly signal?: AbortSignal; // ends the screen
};

export type Leaving = { readonly stopServers: boolean };

/** Resolves when the learner leaves or the signal says so; rejects with an error that is ours. The terminal is as before in all cases. */
export async function openScreen(options: ScreenOptions, terminal: Terminal): Promise<Leaving> {
  const [{ openInk }, { frameMaker }, { painter, wantsAscii }, { intentOf, noReach }] = await Promise.all([
    import('../ui/screen.tsx'),
    import('../ui/frame.ts'),
    import('../ui/theme.ts'),
    import('../ui/keys.ts'),
  ]);
  const leaving = departure(options.signal);
  const blank: Frame = { lines: [], reach: noReach, cursor: null };
  const picture = pictureOf(frameMaker(options), painter(wantsAscii(terminal.env)), blank);
  const onTyped = (typed: string): string => {
    if (!isTyping(running.session)) return typed;
    const rest = beside.hear(typed);
    if (rest !== null) running.dispatch({ kind: 'intent', intent: { do: 'leave terminal' } });
    return rest ?? '';
  };
  const putUp = (stdin: NodeJS.ReadStream) => openInk(picture, onKey, { stdin, stdout: terminal.stdout });
  const stage = openStage(terminal, putUp, onTyped);
  const { lab, lessons, store, kept, notes, onlyLook, perform, writeReport } = options;
  const guest = (program: Program): Guest => ({
    greeting: messages.lent[program.run],
    waits: program.run !== 'shell', // a shell ends with the status of its last command
    run: () => lendTo(program, lab, terminal.env, running.session.now, runInForegroundStatus),
  });
  await using beside = openTerminal(
    (program, runIt) => lendTo(program, lab, terminal.env, running.session.now, runIt),
    (view) => running.dispatch({ kind: 'terminal drawn', view }),
  );
  const show = (session: Session) => {
    picture.show(session);
    beside.follow(picture.frame().reach.terminal);
    stage.markPastes(isTyping(session));
  };
  const ports: Ports = {
    lab,
    store,
    notes,
    perform,
    writeReport,
    lend: (program) => stage.lend(guest(program)),
    terminal: beside,
    copy: (text) => toClipboard(text, terminal),
    quit: (stopServers) => leaving.by({ stopServers }),
    clock: { now: () => new Date().toISOString(), everySecond },
  };
  const about = { lessons, plan: lab.plan, about: lab.about, onlyLook, kept };
  await using running = run(
    openSession({ ...about, at: ports.clock.now(), ...sizeOf(terminal) }),
    ports,
    show,
    leaving.failing,
  );
  const onKey = (name: string) => {
    const intent = intentOf(name, running.session, picture.frame().reach);
    if (intent) running.dispatch({ kind: 'intent', intent });
  };
  const onResize = () => running.dispatch({ kind: 'resized', ...sizeOf(terminal) });
  terminal.stdout.on('resize', onResize);
  show(running.session);
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
function pictureOf(draw: (session: Session) => Frame, paint: (line: Frame['lines'][number]) => string, blank: Frame) {
  const watchers = new Set<() => void>();
  let frame = blank;
  let rows: readonly string[] = [];
  let cursor: Frame['cursor'] = null;
  let drawn: Session | undefined;
  return {
    rows: () => rows,
    cursor: () => cursor,
    frame: () => frame,
    subscribe(changed: () => void) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    show(session: Session) {
      if (drawn && looksSame(drawn, session)) return;
      drawn = session;
      frame = draw(session);
      const next = frame.lines.map(paint);
      const isSame = next.length === rows.length && next.every((row, at) => row === rows[at]);
      if (isSame && isSamePlace(frame.cursor, cursor)) return;
      rows = next;
      cursor = isSamePlace(frame.cursor, cursor) ? cursor : frame.cursor;
      for (const changed of watchers) changed();
    },
  };
}

const isSamePlace = (a: Frame['cursor'], b: Frame['cursor']): boolean => a?.x === b?.x && a?.y === b?.y;

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

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}

const sizeOf = ({ stdout }: Terminal): { columns: number; rows: number } => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});
