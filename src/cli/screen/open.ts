/** Opens the full screen: connects session, keys, mouse and frames with the learner's terminal. */

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
import { openTerminalPane } from './pane.ts';
import { pictureOf } from './picture.ts';
import { editorName, runFullscreen } from './programs.ts';
import { type ForegroundProgram, type InputListener, openKeyboard, openScreenHost, type Terminal } from './terminal.ts';
import { transcriptOf } from './transcript.ts';

export type ScreenOptions = {
  readonly lab: Lab;
  readonly folder: string; // the lab's folder, as the title shows it
  readonly lessons: readonly Lesson[]; // the lessons of this lab (lessonsFor)
  readonly store: LearnerStore;
  readonly learner: LearnerState; // the contents of the store at the start
  readonly notes: readonly LogNote[];
  readonly root: boolean;
  readonly readOnly: boolean;
  readonly takeOver: Ports['takeOver'];
  readonly hasStep: Ports['hasStep'];
  readonly exposed: boolean; // other users of the machine may log in to this lab's servers
  readonly planOf: (operation: PlannedOperation) => readonly string[]; // sentences that say what the operation would do
  readonly perform: Ports['perform'];
  readonly writeReport: Ports['writeReport'];
  readonly keepStart: Ports['keepStart'];
  readonly compare: Ports['compare'];
  readonly signal?: AbortSignal; // closes the screen
};

export type ScreenResult = { readonly stopServers: boolean };

/**
 * Resolves when the learner leaves, the terminal's input ends or `signal` aborts; rejects with the first error that
 * is not a ProblemError. The terminal is restored in every case.
 */
export async function openScreen(options: ScreenOptions, terminal: Terminal): Promise<ScreenResult> {
  const exit = screenExit(options.signal);
  let background = backgroundOf(terminal.env);
  let listener: InputListener = (input) => {
    // The answer may come before the screen is open.
    if (input.kind === 'background') background = backgroundFrom(input.colour) ?? background;
    return false;
  };
  const keyboard = openKeyboard(
    terminal,
    (input) => listener(input),
    () => exit.leave({ stopServers: false }),
  );
  const { openInk } = await import('../../ui/screen.tsx');
  const isSpoken = terminal.env.INK_SCREEN_READER === 'true';
  const picture = isSpoken
    ? transcriptOf(options)
    : pictureOf(frameMaker(options), createPainters(terminal.env), canHaveMouse(terminal.env));
  const host = openScreenHost(terminal, keyboard, (stdin) =>
    openInk(picture, onKey, { stdin, stdout: terminal.stdout }),
  );
  const { folder, lab, lessons, store, learner, notes, readOnly, exposed, perform, takeOver, writeReport } = options;
  const { keepStart, compare, hasStep } = options;
  const foregroundProgram = (program: TerminalProgram): ForegroundProgram => ({
    greeting: messages.lent[program.run],
    waitsAfterFailure: program.run !== 'shell', // a shell ends with the status of its last command
    run: () =>
      runFullscreen(program, lab, terminal.env, running.session.now, (spec) =>
        runInForegroundStatus(spec, options.signal),
      ),
  });
  await using pane = openTerminalPane(
    (program, runIt) => runFullscreen(program, lab, terminal.env, running.session.now, runIt),
    (view) => running.dispatch({ kind: 'terminal drawn', view }),
  );
  const show = (session: Session) => {
    picture.show(session);
    pane.setArea(picture.frame().reach.terminal);
  };
  const ports: Ports = {
    lab,
    store,
    notes,
    perform,
    takeOver,
    writeReport,
    keepStart,
    compare,
    hasStep,
    runFullscreen: (program) => host.runProgram(foregroundProgram(program)),
    terminal: pane,
    copy: (text) => toClipboard(text, terminal),
    quit: (stopServers) => exit.leave({ stopServers }),
    clock: { now: () => new Date().toISOString(), everySecond },
  };
  const opening = {
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
    openSession({ ...opening, at: ports.clock.now(), ...sizeOf(terminal) }),
    ports,
    show,
    exit.fail,
  );
  const dispatchIntent = (intent: Intent | undefined) => intent && running.dispatch({ kind: 'intent', intent });
  const click = (report: MouseReport) => {
    const mouse = mouseOf(report);
    if (mouse) dispatchIntent(mouseIntent(mouse, running.session, picture.frame()));
  };
  const onKey = (name: string) => void dispatchIntent(keyIntent(name, running.session, picture.frame().reach));
  const pastedText = pasteJoiner();
  listener = (input) => {
    const { session } = running;
    if (input.kind === 'background') {
      const answer = backgroundFrom(input.colour);
      if (answer) running.dispatch({ kind: 'background', background: answer });
    } else if (isTyping(session)) {
      if (session.notice) running.dispatch({ kind: 'typed' });
      if (input.kind === 'keys' && input.text === leaveKey) dispatchIntent({ do: 'leave terminal' });
      else if (!pane.handleInput(input) && input.kind === 'mouse') click(input);
    } else if (input.kind === 'mouse') click(input);
    else if (input.kind === 'paste') {
      const text = pastedText(input);
      if (text !== null) dispatchIntent(pasteIntent(text, session));
    } else return false;
    return true;
  };
  const onResize = () => running.dispatch({ kind: 'resized', ...sizeOf(terminal) });
  terminal.stdout.on('resize', onResize);
  show(running.session);
  host.enter();
  try {
    return await exit.result;
  } finally {
    terminal.stdout.off('resize', onResize);
    running.dispatch({ kind: 'leaving' });
    await host.leave();
  }
}

/** `result` settles with the first call of `leave` or `fail`; it resolves when `signal` aborts. */
function screenExit(signal: AbortSignal | undefined) {
  let leave: (result: ScreenResult) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const result = new Promise<ScreenResult>((resolve, reject) => {
    leave = resolve;
    fail = reject;
  });
  signal?.addEventListener('abort', () => leave({ stopServers: false }), { once: true });
  return { result, leave, fail };
}

/** REPL_WORKSHOP_MOUSE=0 turns mouse reports off, as the setting does. */
const canHaveMouse = ({ REPL_WORKSHOP_MOUSE }: NodeJS.ProcessEnv): boolean => REPL_WORKSHOP_MOUSE !== '0';

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}

const sizeOf = ({ stdout }: Terminal): { columns: number; rows: number } => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});
