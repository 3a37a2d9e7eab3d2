/** The session of a learner at a screen: its state, its events and its effects. Pure; only `update` changes it. */
import type { Observation } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import type { Problem } from '../lab/problem.ts';
import { isFinished, type TaskState } from '../learner/judge.ts';
import { type LearnerChange, type LearnerState, lessonHere } from '../learner/progress.ts';
import type { Background } from '../learner/settings.ts';
import type { ComparedWith, StateComparison } from '../learner/states.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { StepProgress } from '../lesson/step-progress.ts';
import type { TerminalView } from '../terminal/emulator.ts';
import type { Advice } from './advice.ts';
import type { Intent, Pane, ScrollTarget } from './intent.ts';
import type { LogPart } from './log/buffer.ts';
import type { OpenLog } from './log/state.ts';
import type { Notice } from './notice.ts';
import type { SlowCommit } from './view/commit.ts';
import type { History } from './view/history.ts';

export type Session = {
  readonly lessons: readonly Lesson[]; // as `lessonsFor` prepares them for this lab
  readonly plan: LabPlan;
  readonly about: string; // 'native · PostgreSQL 18.4'
  readonly folder: string; // the lab's folder as the screen shows it: '~/repl-workshop'
  readonly background: Background; // of the terminal
  readonly editor: string; // name of the learner's editor: 'vim'
  readonly readOnly: boolean; // another screen is open on this lab: until it is closed, this one changes nothing

  readonly learner: LearnerState;
  readonly saves: number; // changes sent to the learner's files; files read before the last of them are out of date
  readonly now: Observation | null;
  readonly history: History; // lags at the last looks
  readonly lookProblem: Problem | null; // why the last look failed
  readonly lookState: 'idle' | 'under way' | 'under way, once more';
  readonly tasks: readonly TaskState[];
  // Tasks that were done and fail at the last look: of this lesson, and of earlier lessons that it builds on.
  readonly failing: readonly TaskState[];
  readonly broken: readonly TaskState[]; // those of `failing` that failed at the look before too
  readonly advice: readonly Advice[]; // what the verdicts advised, for those that come back

  readonly clock: string; // ISO time of the last tick
  readonly columns: number;
  readonly rows: number;
  readonly pane: Pane;
  readonly scroll: Readonly<Record<ScrollTarget, number>>;
  readonly pageLines: number; // number of lines of the page that scroll.words is counted on
  readonly search: Search | null; // in the lesson's text
  readonly block: number | null; // the chosen code block: its index on the page
  readonly step: number | null; // the chosen next step of the current verdict: its index
  readonly unfolded: string | null; // the verdict whose steps the learner has unfolded (`verdictKey`)
  readonly selected: string | null; // key of the task that the learner chose; null: see `currentTask`
  readonly server: string | null; // the server that the learner chose for psql and the log; null: see `currentServer`
  readonly passed: { readonly tasks: readonly string[]; readonly at: string } | null; // highlighted for a moment
  readonly terminal: TerminalPane | null; // null: closed
  readonly noTerminalPane: boolean; // no terminal can be opened beside the lesson: programs get the whole screen
  readonly overlay: Overlay | null;
  readonly under: Overlay | null; // what is shown again when the overlay is closed: a question below the log
  readonly notice: Notice | null;
  readonly operation: Operation | null; // under way
  readonly stepProgress: StepProgress | null; // of the operation; null: it has not reported a step yet
  readonly stopping: boolean; // the learner has stopped the operation, and the state before it is being restored
  readonly startOf: string; // id of the lesson whose start was handed on to be kept; '': none
  readonly changedElsewhere: boolean; // a command in another terminal changes the lab and its files
};

export type Search = {
  readonly text: string;
  readonly from: number; // the line at the top when the search began
  readonly step: number; // the current hit, counted from the first one at or below `from`; wraps around
};

const panes: readonly Pane[] = ['words', 'tasks', 'servers', 'terminal'];

export type Overlay =
  | { readonly kind: 'help' }
  | { readonly kind: 'map' }
  // `found` null: not compared yet
  | { readonly kind: 'changes'; readonly against: ComparedWith; readonly found: StateComparison | Problem | null }
  | SlowCommit
  | { readonly kind: 'welcome' }
  | { readonly kind: 'settings'; readonly cursor: number }
  | { readonly kind: 'lessons'; readonly cursor: number } // the row after the last lesson opens 'end'
  | { readonly kind: 'end' }
  | { readonly kind: 'layers'; readonly task: string; readonly cursor: number }
  | { readonly kind: 'hints'; readonly task: string; readonly newest: number } // newest: index of the hint shown last
  | OpenLog
  | {
      readonly kind: 'question';
      readonly task: string;
      readonly question: string;
      readonly cursor: number;
      readonly taken: string | null;
    }
  | { readonly kind: 'confirm'; readonly what: Confirmation }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** What the workshop itself does to a lab. `distance`: the one-way delay between the servers, in ms. */
export type Operation =
  | { readonly do: 'solve'; readonly task: string }
  | { readonly do: 'reset'; readonly lesson: string }
  | { readonly do: 'undo' | 'redo' }
  | { readonly do: 'measure'; readonly distance: number };
/** Operations that are confirmed: the question shows what they will do. */
export type PlannedOperation = Exclude<Operation, { readonly do: 'measure' }>;
export type Confirmation = PlannedOperation | { readonly do: 'skip' } | { readonly do: 'quit' };

/**
 * A program in the terminal beside the lesson, or on the whole screen where there is no such terminal. `file` is
 * relative to the server's data directory, or as an observation names it ('rep/master_data/pg_hba.conf').
 */
export type TerminalProgram =
  | { readonly run: 'shell' }
  | { readonly run: 'psql'; readonly server: string }
  | {
      readonly run: 'edit';
      readonly server: string;
      readonly file: string;
      readonly line?: number;
      readonly near?: string; // without `line`: a line to write; the editor opens where it belongs
    };

/** The terminal beside the lesson. Several programs can run in it; the last one of the list is shown. */
export type TerminalPane = {
  readonly programs: readonly TerminalProgram[];
  readonly view: TerminalView;
  readonly focused: boolean; // the program gets the keys
  readonly zoomed: boolean; // the terminal takes the whole body while it is focused
  readonly justLeft: boolean; // the last key left the terminal: the next one may zoom or scroll it
};

export type SessionEvent =
  | { readonly kind: 'observed'; readonly now: Observation; readonly learner: LearnerState; readonly saves: number }
  | { readonly kind: 'observed at work'; readonly now: Observation } // a command in another terminal changes the lab
  | { readonly kind: 'look failed'; readonly problem: Problem }
  | { readonly kind: 'changed' } // something in the lab may have changed: a file, a process
  | { readonly kind: 'tick'; readonly at: string }
  | { readonly kind: 'took over' } // the other screen on this lab is closed
  | { readonly kind: 'background'; readonly background: Background } // the terminal's answer
  | { readonly kind: 'resized'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'intent'; readonly intent: Intent }
  | { readonly kind: 'log read'; readonly part: LogPart }
  | { readonly kind: 'log searched' } // the next slice of a search is due
  | { readonly kind: 'copied'; readonly text: string; readonly sure: boolean } // sure: this terminal supports copying
  | { readonly kind: 'program ended' }
  | { readonly kind: 'typed' } // a key went to the program in the terminal
  | { readonly kind: 'leaving' } // the screen ends, for whatever reason
  | { readonly kind: 'terminal drawn'; readonly view: TerminalView }
  | {
      readonly kind: 'ready found';
      readonly program: TerminalProgram | null;
      readonly into: TerminalProgram;
      readonly text: string;
    }
  | { readonly kind: 'terminal ended'; readonly program: TerminalProgram; readonly killed: boolean }
  | { readonly kind: 'no terminal'; readonly program: TerminalProgram } // this machine has none for us
  | { readonly kind: 'refused'; readonly problem: Problem } // the machine refused: a save, a program, a report
  | { readonly kind: 'progress'; readonly stepProgress: StepProgress } // of the operation under way
  | {
      readonly kind: 'operation ended';
      readonly operation: Operation;
      readonly problem: Problem | null;
      readonly stopped?: true;
    }
  | { readonly kind: 'compared'; readonly against: ComparedWith; readonly found: StateComparison | Problem }
  | { readonly kind: 'step found'; readonly which: 'undo' | 'redo'; readonly there: boolean }
  | { readonly kind: 'report written'; readonly files: readonly string[] };

export type Effect =
  | { readonly do: 'observe'; readonly saves: number }
  | { readonly do: 'save'; readonly changes: readonly LearnerChange[] }
  | { readonly do: 'run fullscreen'; readonly program: TerminalProgram }
  | { readonly do: 'open terminal' | 'raise'; readonly program: TerminalProgram }
  // Finds a program of `among` that waits for input, so that `text` can be typed into it; else `into` is opened.
  | {
      readonly do: 'find ready';
      readonly among: readonly TerminalProgram[];
      readonly into: TerminalProgram;
      readonly text: string;
    }
  | { readonly do: 'scroll terminal'; readonly to: number }
  | { readonly do: 'copy' | 'paste'; readonly text: string } // copy: to the clipboard; paste: into the terminal
  // Reads on until the log view is closed.
  | { readonly do: 'read log'; readonly servers: readonly { readonly name: string; readonly size: number }[] }
  | { readonly do: 'search log' }
  | { readonly do: 'perform'; readonly operation: Operation }
  | { readonly do: 'stop operation' }
  | { readonly do: 'find step'; readonly which: 'undo' | 'redo' } // a state that undo or redo would bring back
  | { readonly do: 'write report' }
  | { readonly do: 'keep start'; readonly lesson: string; readonly now: Observation }
  | {
      readonly do: 'compare';
      readonly against: ComparedWith;
      readonly lesson: string;
      readonly now: Observation;
    }
  | { readonly do: 'quit'; readonly stopServers: boolean };

export const currentLesson = ({ lessons, learner }: Session): Lesson => lessonHere(lessons, learner.progress);

/** The task that the screen is about: the chosen one, else the first broken or unfinished one, else the last. */
export const currentTask = (session: Session): TaskState | undefined =>
  session.tasks.find(({ key }) => key === session.selected) ??
  session.tasks.find((state) => isBroken(session, state) || !isFinished(state)) ??
  session.tasks.at(-1);

export const isBroken = ({ broken }: Session, { key }: TaskState): boolean => broken.some((state) => state.key === key);

/** The server that psql and the log are about: the chosen one, else that of the current verdict, else the first. */
export function currentServer(session: Session): string {
  const verdict = currentTask(session)?.verdict;
  const named = verdict?.kind === 'fail' ? verdict.at?.server : undefined;
  return session.server ?? named ?? session.plan.servers[0]?.name ?? '';
}

export const isComplete = (session: Session): boolean =>
  session.tasks.length > 0 && session.tasks.every((state) => isFinished(state) && !isBroken(session, state));

/** The panes that Tab goes through. On a wide screen the servers are always in sight and do not scroll. */
export const panesOf = (session: Pick<Session, 'columns' | 'terminal'>): readonly Pane[] =>
  panes.filter((pane) => {
    if (pane === 'servers') return !isWide(session);
    return pane !== 'terminal' || session.terminal !== null;
  });

export const isWide = ({ columns }: Pick<Session, 'columns'>): boolean => columns >= 100;
