/** The terminal beside the lesson: what runs in it, what stands on it, and who has the keys. */
import type { TerminalView } from '../terminal/emulator.ts';
import type { Pane } from './intent.ts';
import type { Session, SessionEvent, TerminalPane, TerminalProgram } from './session.ts';
import { notify, remember, type Transition } from './transition.ts';

const empty: TerminalView = { rows: [], cursor: null, top: 0, bottom: 0 };

/** The keys go to the program; what lies over the lesson has them first. */
export const isTyping = ({ terminal, overlay }: Pick<Session, 'terminal' | 'overlay'>): boolean =>
  terminal?.focused === true && overlay === null;

export const isZoomed = (session: Pick<Session, 'terminal' | 'overlay'>): boolean =>
  isTyping(session) && session.terminal?.zoomed === true;

/** The pane that the learner is in. */
export const paneInUse = (session: Pick<Session, 'terminal' | 'overlay' | 'pane'>): Pane =>
  isTyping(session) ? 'terminal' : session.pane;

/** Opens a program in the terminal, or gives the keys to it where it is open already. Where there is no terminal, it is lent the whole screen. */
export function runInTerminal(session: Session, program: TerminalProgram): Transition {
  const { terminal, noTerminalPane } = session;
  if (noTerminalPane) return [session, [{ do: 'run fullscreen', program }]];
  const there = terminal?.programs.findLast((one) => isSame(one, program));
  return there ? raise(session, there) : openProgram(session, program);
}

function openProgram(session: Session, program: TerminalProgram): Transition {
  const { terminal } = session;
  const programs = [...(terminal?.programs ?? []), program];
  const opened: TerminalPane = { zoomed: false, ...terminal, programs, view: empty, focused: true, justLeft: false };
  return [{ ...session, terminal: opened }, [{ do: 'open terminal', program }]];
}

/** One that is open already comes to the top, and has the keys. */
function raise(session: Session, program: TerminalProgram): Transition {
  const programs = session.terminal?.programs ?? [];
  if (programs.at(-1) === program) return enterTerminal(session);
  const raised = [...programs.filter((one) => one !== program), program];
  return [withTerminal(session, { programs: raised, focused: true, justLeft: false }), [{ do: 'raise', program }]];
}

/** A second editor on one file would find it locked. */
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

/** A shell in the lab; what is open already goes on. */
export const enterTerminal = (session: Session): Transition =>
  session.terminal ? [withTerminal(session, { focused: true, justLeft: false }), []] : openShell(session);

const openShell = (session: Session): Transition => runInTerminal(session, { run: 'shell' });

export const leaveTerminal = (session: Session): Transition => [
  { ...withTerminal(session, { focused: false, justLeft: true }), pane: notTerminal(session.pane) },
  [],
];

/** Right after the keys were the terminal's, the zoom is turned over; from the lesson it is always wanted. */
export const zoomTerminal = (session: Session): Transition => {
  const { terminal } = session;
  const zoomed = terminal?.justLeft ? !terminal.zoomed : true;
  return [withTerminal(session, { focused: true, justLeft: false, zoomed }), []];
};

/** A page up or down, and the keys stay with the program. */
export const scrollTerminal = (session: Session, to: number): Transition => {
  const scrolled: Session = { ...session, scroll: { ...session.scroll, terminal: to } };
  return [withTerminal(scrolled, { focused: session.terminal?.justLeft ?? false }), [{ do: 'scroll terminal', to }]];
};

/** Another key was pressed since the learner came out of the terminal. */
export const afterTerminal = (session: Session): Session =>
  session.terminal?.justLeft ? withTerminal(session, { justLeft: false }) : session;

/** Text for the program on top, not yet run: Enter is the learner's. */
export function typeIntoTerminal(session: Session, text: string): Transition {
  if (session.noTerminalPane) return notify(session, { kind: 'no terminal' });
  const [entered, effects] = enterTerminal(session);
  return [entered, [...effects, { do: 'paste', text }]];
}

/** Text for a program of this kind, as well. One in which something else is under way is not interrupted: another is opened on top of it. */
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
  const isThere = program !== null && session.terminal?.programs.includes(program);
  const [entered, effects] = isThere ? raise(session, program) : openProgram(session, into);
  return [entered, [...effects, { do: 'paste', text }]];
}

export function terminalDrawn(session: Session, view: TerminalView): Session {
  if (!session.terminal) return session;
  return { ...withTerminal(session, { view }), scroll: { ...session.scroll, terminal: view.top } };
}

/** A program has ended: the one below it is seen again, and the keys are the lesson's. */
export function terminalEnded(session: Session, program: TerminalProgram, killed: boolean): Transition {
  const { terminal } = session;
  if (!terminal) return [session, []];
  const programs = terminal.programs.filter((one) => one !== program);
  const wasOnTop = terminal.programs.at(-1) === program;
  const left: Session =
    programs.length > 0
      ? withTerminal(session, wasOnTop ? { programs, focused: false, justLeft: false } : { programs })
      : { ...session, terminal: null, pane: notTerminal(session.pane) };
  return killed ? notify(left, { kind: 'killed', program: program.run }) : [left, []];
}

/** The first try has shown that this machine has no terminal for us. */
export const withoutTerminal = (session: Session, program: TerminalProgram): Transition =>
  runInTerminal({ ...session, terminal: null, noTerminalPane: true, pane: notTerminal(session.pane) }, program);

/** Moves the division between the lesson and what stands beside it. */
export const divide = (session: Session, left: number | null): Transition =>
  remember(session, [{ kind: 'settings', settings: { left } }]);

const withTerminal = (session: Session, change: Partial<TerminalPane>): Session =>
  session.terminal ? { ...session, terminal: { ...session.terminal, ...change } } : session;

const notTerminal = (pane: Pane): Pane => (pane === 'terminal' ? 'words' : pane);
