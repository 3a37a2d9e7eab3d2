/** The terminal beside the lesson: its programs, its contents, and whether it has the keys. */
import type { TerminalView } from '../terminal/emulator.ts';
import type { Pane } from './intent.ts';
import type { Session, SessionEvent, TerminalPane, TerminalProgram } from './session.ts';
import { notify, remember, type Transition } from './transition.ts';

const empty: TerminalView = { rows: [], cursor: null, top: 0, bottom: 0 };

/** Whether keys go to the program in the terminal. An overlay gets the keys first. */
export const isTyping = ({ terminal, overlay }: Pick<Session, 'terminal' | 'overlay'>): boolean =>
  terminal?.focused === true && overlay === null;

export const isZoomed = (session: Pick<Session, 'terminal' | 'overlay'>): boolean =>
  isTyping(session) && session.terminal?.zoomed === true;

/** The pane that has the keys. */
export const paneInUse = (session: Pick<Session, 'terminal' | 'overlay' | 'pane'>): Pane =>
  isTyping(session) ? 'terminal' : session.pane;

/** Opens a program in the terminal, or raises it when it is open already; without a terminal, on the whole screen. */
export function runInTerminal(session: Session, program: TerminalProgram): Transition {
  const { terminal, noTerminalPane } = session;
  if (noTerminalPane) return [session, [{ do: 'run fullscreen', program }]];
  const running = terminal?.programs.findLast((one) => isSame(one, program));
  return running ? raise(session, running) : openProgram(session, program);
}

function openProgram(session: Session, program: TerminalProgram): Transition {
  const { terminal } = session;
  const programs = [...(terminal?.programs ?? []), program];
  const opened: TerminalPane = { zoomed: false, ...terminal, programs, view: empty, focused: true, justLeft: false };
  return [{ ...session, terminal: opened }, [{ do: 'open terminal', program }]];
}

/** Shows a program that is open already, and gives it the keys. */
function raise(session: Session, program: TerminalProgram): Transition {
  const programs = session.terminal?.programs ?? [];
  if (programs.at(-1) === program) return enterTerminal(session);
  const raised = [...programs.filter((one) => one !== program), program];
  return [withTerminal(session, { programs: raised, focused: true, justLeft: false }), [{ do: 'raise', program }]];
}

/** Files are compared because a second editor on one file would find it locked. */
function isSame(a: TerminalProgram, b: TerminalProgram): boolean {
  switch (a.run) {
    case 'shell':
      return b.run === 'shell';
    case 'psql':
      return b.run === 'psql' && a.server === b.server;
    case 'edit':
      return b.run === 'edit' && a.server === b.server && a.file === b.file;
  }
}

/** Gives the keys to the terminal; opens a shell when no program is open. */
export const enterTerminal = (session: Session): Transition =>
  session.terminal ? [withTerminal(session, { focused: true, justLeft: false }), []] : openShell(session);

const openShell = (session: Session): Transition => runInTerminal(session, { run: 'shell' });

export const leaveTerminal = (session: Session): Transition => [
  { ...withTerminal(session, { focused: false, justLeft: true }), pane: notTerminal(session.pane) },
  [],
];

/** Toggles the zoom right after the terminal had the keys; from the lesson it always zooms. */
export const zoomTerminal = (session: Session): Transition => {
  const { terminal } = session;
  const zoomed = terminal?.justLeft ? !terminal.zoomed : true;
  return [withTerminal(session, { focused: true, justLeft: false, zoomed }), []];
};

/** Scrolls the terminal. A program that had the keys gets them back. */
export const scrollTerminal = (session: Session, to: number): Transition => {
  const scrolled: Session = { ...session, scroll: { ...session.scroll, terminal: to } };
  return [withTerminal(scrolled, { focused: session.terminal?.justLeft ?? false }), [{ do: 'scroll terminal', to }]];
};

/** Clears `justLeft`: another key was pressed since the learner left the terminal. */
export const afterTerminal = (session: Session): Session =>
  session.terminal?.justLeft ? withTerminal(session, { justLeft: false }) : session;

/** Types text into the program on top, without Enter: the learner runs it. */
export function typeIntoTerminal(session: Session, text: string): Transition {
  if (session.noTerminalPane) return notify(session, { kind: 'no terminal' });
  const [entered, effects] = enterTerminal(session);
  return [entered, [...effects, { do: 'paste', text }]];
}

/** Types text into a program like `into` that waits for input. When all of them are busy, another one is opened. */
export function typeInto(session: Session, into: TerminalProgram, text: string): Transition {
  if (session.noTerminalPane) return notify(session, { kind: 'no terminal' });
  const among = session.terminal?.programs.filter((one) => isSame(one, into)) ?? [];
  return among.length > 0
    ? [session, [{ do: 'find ready', among, into, text }]]
    : readyFound(session, { program: null, into, text });
}

export function readyFound(
  session: Session,
  { program, into, text }: Pick<Extract<SessionEvent, { kind: 'ready found' }>, 'program' | 'into' | 'text'>,
): Transition {
  const isOpen = program !== null && session.terminal?.programs.includes(program);
  const [entered, effects] = isOpen ? raise(session, program) : openProgram(session, into);
  return [entered, [...effects, { do: 'paste', text }]];
}

export function terminalDrawn(session: Session, view: TerminalView): Session {
  if (!session.terminal) return session;
  return { ...withTerminal(session, { view }), scroll: { ...session.scroll, terminal: view.top } };
}

/** A program has ended: the one below it is shown again, and the lesson gets the keys. */
export function terminalEnded(session: Session, program: TerminalProgram, killed: boolean): Transition {
  const { terminal } = session;
  if (!terminal) return [session, []];
  const programs = terminal.programs.filter((one) => one !== program);
  const wasOnTop = terminal.programs.at(-1) === program;
  const next: Session =
    programs.length > 0
      ? withTerminal(session, wasOnTop ? { programs, focused: false, justLeft: false } : { programs })
      : { ...session, terminal: null, pane: notTerminal(session.pane) };
  return killed ? notify(next, { kind: 'killed', program: program.run }) : [next, []];
}

/** Opening a terminal has failed on this machine: from now on programs get the whole screen. */
export const withoutTerminal = (session: Session, program: TerminalProgram): Transition =>
  runInTerminal({ ...session, terminal: null, noTerminalPane: true, pane: notTerminal(session.pane) }, program);

/** Moves the border between the lesson and the right column. `left`: the lesson's share in percent; null: default. */
export const divide = (session: Session, left: number | null): Transition =>
  remember(session, [{ kind: 'settings', settings: { left } }]);

const withTerminal = (session: Session, change: Partial<TerminalPane>): Session =>
  session.terminal ? { ...session, terminal: { ...session.terminal, ...change } } : session;

const notTerminal = (pane: Pane): Pane => (pane === 'terminal' ? 'words' : pane);
