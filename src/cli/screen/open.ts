/** The full screen: session, keys and pictures put together on one terminal. */

import type { Lab } from '../../lab/lab.ts';
import type { LearnerState } from '../../learner/progress.ts';
import type { LearnerStore } from '../../learner/store.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import type { LogNote } from '../../postgres/log/notes.ts';
import type { Intent } from '../../session/intent.ts';
import { type Ports, runSession } from '../../session/run/effects.ts';
import type { PlannedOperation, Session, TerminalProgram } from '../../session/session.ts';
import { isTyping } from '../../session/terminal.ts';
import { openSession } from '../../session/update.ts';
import { runInForegroundStatus } from '../../terminal/foreground.ts';
import { leaveKey, type MouseReport, pasteJoiner } from '../../terminal/input.ts';
import { mouseIntent, mouseOf } from '../../ui/input/mouse.ts';
import { pasteIntent } from '../../ui/input/paste.ts';
import { keyIntent } from '../../ui/keys/table.ts';
import { frameMaker } from '../../ui/layout/frame.ts';
import { messages } from '../../ui/messages.ts';
import { backgroundFrom, backgroundOf, createPainters } from '../../ui/theme.ts';
import { toClipboard } from './clipboard.ts';
import { openTerminal } from './pane.ts';
import { pictureOf } from './picture.ts';
import { editorName, runFullscreen } from './programs.ts';
import { type ForegroundProgram, type InputListener, openKeyboard, openScreenHost, type Terminal } from './terminal.ts';
import { transcriptOf } from './transcript.ts';

export type ScreenOptions = {
  readonly lab: Lab;
  readonly folder: string; // of the lab, as it is shown
  readonly lessons: readonly Lesson[]; // as this lab's learner gets them (lessonsFor)
  readonly store: LearnerStore;
  readonly learner: LearnerState; // what the store holds at the start
  readonly notes: readonly LogNote[];
  readonly root: boolean;
  readonly readOnly: boolean;
  readonly takeOver: Ports['takeOver'];
  readonly exposed: boolean; // other users of the machine get into this lab
  readonly planOf: (operation: PlannedOperation) => readonly string[]; // what it would do, in words
  readonly perform: Ports['perform'];
  readonly writeReport: Ports['writeReport'];
  readonly signal?: AbortSignal; // ends the screen
};

export type Leaving = { readonly stopServers: boolean };

/** Resolves when the learner leaves or the signal says so; rejects with an error that is ours. The terminal is as before in all cases. */
export async function openScreen(options: ScreenOptions, terminal: Terminal): Promise<Leaving> {
  const leaving = departure(options.signal);
  let background = backgroundOf(terminal.env);
  let listener: InputListener = (input) => {
    if (input.kind === 'background') background = backgroundFrom(input.colour) ?? background; // the answer may come before the screen
    return false;
  };
  const keyboard = openKeyboard(
    terminal,
    (input) => listener(input),
    () => leaving.by({ stopServers: false }),
  );
  const { openInk } = await import('../../ui/screen.tsx');
  const isSpoken = terminal.env.INK_SCREEN_READER === 'true';
  const picture = isSpoken
    ? transcriptOf(options)
    : pictureOf(frameMaker(options), createPainters(terminal.env), canHaveMouse(terminal.env));
  const stage = openScreenHost(terminal, keyboard, (stdin) =>
    openInk(picture, onKey, { stdin, stdout: terminal.stdout }),
  );
  const { folder, lab, lessons, store, learner, notes, readOnly, exposed, perform, takeOver, writeReport } = options;
  const guest = (program: TerminalProgram): ForegroundProgram => ({
    greeting: messages.lent[program.run],
    waits: program.run !== 'shell', // a shell ends with the status of its last command
    run: () =>
      runFullscreen(program, lab, terminal.env, running.session.now, (spec) =>
        runInForegroundStatus(spec, options.signal),
      ),
  });
  await using beside = openTerminal(
    (program, runIt) => runFullscreen(program, lab, terminal.env, running.session.now, runIt),
    (view) => running.dispatch({ kind: 'terminal drawn', view }),
  );
  const show = (session: Session) => {
    picture.show(session);
    beside.follow(picture.frame().reach.terminal);
  };
  const ports: Ports = {
    lab,
    store,
    notes,
    perform,
    takeOver,
    writeReport,
    runFullscreen: (program) => stage.runProgram(guest(program)),
    terminal: beside,
    copy: (text) => toClipboard(text, terminal),
    quit: (stopServers) => leaving.by({ stopServers }),
    clock: { now: () => new Date().toISOString(), everySecond },
  };
  const about = {
    lessons,
    plan: lab.plan,
    about: lab.about,
    folder,
    background,
    readOnly,
    exposed,
    learner,
    noTerminalPane: isSpoken,
    editor: editorName(terminal.env),
  };
  await using running = runSession(
    openSession({ ...about, at: ports.clock.now(), ...sizeOf(terminal) }),
    ports,
    show,
    leaving.failing,
  );
  const mean = (intent: Intent | undefined) => intent && running.dispatch({ kind: 'intent', intent });
  const click = (report: MouseReport) => {
    const mouse = mouseOf(report);
    if (mouse) mean(mouseIntent(mouse, running.session, picture.frame()));
  };
  const onKey = (name: string) => void mean(keyIntent(name, running.session, picture.frame().reach));
  const pastedText = pasteJoiner();
  listener = (input) => {
    const { session } = running;
    if (input.kind === 'background') {
      const answer = backgroundFrom(input.colour);
      if (answer) running.dispatch({ kind: 'background', background: answer });
    } else if (isTyping(session)) {
      if (session.notice) running.dispatch({ kind: 'typed' });
      if (input.kind === 'keys' && input.text === leaveKey) mean({ do: 'leave terminal' });
      else if (!beside.receive(input) && input.kind === 'mouse') click(input);
    } else if (input.kind === 'mouse') click(input);
    else if (input.kind === 'paste') {
      const text = pastedText(input);
      if (text !== null) mean(pasteIntent(text, session));
    } else return false;
    return true;
  };
  const onResize = () => running.dispatch({ kind: 'resized', ...sizeOf(terminal) });
  terminal.stdout.on('resize', onResize);
  show(running.session);
  stage.enter();
  try {
    return await leaving.way;
  } finally {
    terminal.stdout.off('resize', onResize);
    running.dispatch({ kind: 'leaving' });
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
