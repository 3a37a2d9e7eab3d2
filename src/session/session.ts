/** The session of a learner at a screen: what it knows, what can happen, what is to be done about it. Pure; src/session/update.ts moves it on. */
import type { Observation } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import type { Problem } from '../lab/problem.ts';
import { isFinished, type TaskState } from '../learner/judge.ts';
import { type LearnerChange, type LearnerState, lessonHere } from '../learner/progress.ts';
import type { Background } from '../learner/settings.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { StepProgress } from '../lesson/step-progress.ts';
import type { TerminalView } from '../terminal/emulator.ts';
import type { Intent, Pane, ScrollTarget } from './intent.ts';
import type { LogPart } from './log/buffer.ts';
import type { OpenLog } from './log/state.ts';
import type { Notice } from './notice.ts';
import type { SlowCommit } from './view/commit.ts';
import type { History } from './view/history.ts';

export type Session = {
  readonly lessons: readonly Lesson[]; // as this lab's learner gets them
  readonly plan: LabPlan;
  readonly about: string; // 'native · PostgreSQL 18.4'
  readonly folder: string; // of the lab, as it is shown: '~/repl-workshop'
  readonly background: Background; // what the terminal has behind the text
  readonly editor: string; // the name of the learner's: 'vim'
  readonly readOnly: boolean; // a second screen on this lab: saves nothing, changes nothing, until the first one is gone

  readonly learner: LearnerState;
  readonly saves: number; // changes sent to the files so far: what was read before the last of them is old
  readonly now: Observation | null;
  readonly history: History; // the lags of the last looks
  readonly lookProblem: Problem | null; // why the last look failed
  readonly lookState: 'idle' | 'under way' | 'under way, once more';
  readonly tasks: readonly TaskState[];
  readonly failing: readonly TaskState[]; // done before, failing at the last look: own tasks and ground
  readonly broken: readonly TaskState[]; // those that failed at the last two looks

  readonly clock: string; // ISO time of the last tick
  readonly columns: number;
  readonly rows: number;
  readonly pane: Pane;
  readonly scroll: Readonly<Record<ScrollTarget, number>>;
  readonly pageLines: number; // scroll.words is a line of so many
  readonly search: Search | null; // in the words
  readonly block: number | null; // the code block at hand: its place among those of the page
  readonly step: number | null; // what the verdict in sight says to do next: the one at hand
  readonly selected: string | null; // a task the learner chose to read; null: the first unfinished one
  readonly server: string | null; // chosen for psql and the log; null: the one that matters now
  readonly passed: { readonly tasks: readonly string[]; readonly at: string } | null; // just now
  readonly terminal: TerminalPane | null; // null: closed
  readonly noTerminalPane: boolean; // no terminal can be had beside the lesson: programs get the whole screen
  readonly overlay: Overlay | null;
  readonly under: Overlay | null; // where the overlay leads back to: a look at the log from a question
  readonly notice: Notice | null;
  readonly operation: Operation | null; // under way
  readonly stepProgress: StepProgress | null; // how far it has come; null: it has not begun
  readonly stopping: boolean; // the learner has stopped it, and what was before is coming back
  readonly changedElsewhere: boolean; // a command in another terminal changes the lab and its files
};

export type Search = {
  readonly text: string;
  readonly from: number; // the line at the top when it began
  readonly step: number; // hits after the first one from there, going round
};

const panes: readonly Pane[] = ['words', 'tasks', 'servers', 'terminal'];

export type Overlay =
  | { readonly kind: 'help' }
  | { readonly kind: 'map' }
  | SlowCommit
  | { readonly kind: 'welcome' }
  | { readonly kind: 'settings'; readonly cursor: number }
  | { readonly kind: 'lessons'; readonly cursor: number } // after the last lesson: what was learnt
  | { readonly kind: 'end' }
  | { readonly kind: 'layers'; readonly task: string; readonly cursor: number }
  | { readonly kind: 'hints'; readonly task: string; readonly newest: number } // newest: place of the hint asked for last
  | OpenLog
  | {
      readonly kind: 'question';
      readonly task: string;
      readonly question: string;
      readonly cursor: number;
      readonly taken: string | null;
    }
  | { readonly kind: 'confirm'; readonly what: ConfirmedAct }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** What the workshop does to a lab by itself. */
export type Operation =
  | { readonly do: 'solve'; readonly task: string }
  | { readonly do: 'reset'; readonly lesson: string }
  | { readonly do: 'measure'; readonly distance: number }; // ms
/** Of these a plan is shown before. */
export type PlannedOperation = Exclude<Operation, { readonly do: 'measure' }>;
export type ConfirmedAct = PlannedOperation | { readonly do: 'skip' } | { readonly do: 'quit' };

/** A program in the terminal beside the lesson, or on the whole screen for a while. `file` is relative to the lab folder. */
export type TerminalProgram =
  | { readonly run: 'shell' }
  | { readonly run: 'psql'; readonly server: string }
  | {
      readonly run: 'edit';
      readonly server: string;
      readonly file: string;
      readonly line?: number;
      readonly near?: string; // where no line is known: the line that this one is to replace, or to follow
    };

/** What is open in the terminal. The programs lie on top of each other; the last one is seen. */
export type TerminalPane = {
  readonly programs: readonly TerminalProgram[];
  readonly view: TerminalView;
  readonly focused: boolean; // the keys are the program's
  readonly zoomed: boolean; // it takes the whole body while it has the keys
  readonly justLeft: boolean; // the next key may still be about the terminal
};

export type SessionEvent =
  | { readonly kind: 'observed'; readonly now: Observation; readonly learner: LearnerState; readonly saves: number }
  | { readonly kind: 'observed at work'; readonly now: Observation } // while a command in another terminal changes the lab
  | { readonly kind: 'look failed'; readonly problem: Problem }
  | { readonly kind: 'changed' } // something in the lab may have: a file, a process
  | { readonly kind: 'tick'; readonly at: string }
  | { readonly kind: 'took over' } // the first screen on this lab is gone
  | { readonly kind: 'background'; readonly background: Background } // the terminal has said what it is
  | { readonly kind: 'resized'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'intent'; readonly intent: Intent }
  | { readonly kind: 'log read'; readonly part: LogPart }
  | { readonly kind: 'log searched' } // the next slice of a search is due
  | { readonly kind: 'copied'; readonly text: string; readonly sure: boolean } // sure: the terminal is known to take it
  | { readonly kind: 'program ended' }
  | { readonly kind: 'typed' } // for the program in the terminal
  | { readonly kind: 'leaving' } // the screen ends, by whatever way
  | { readonly kind: 'terminal drawn'; readonly view: TerminalView }
  | {
      readonly kind: 'ready found';
      readonly program: TerminalProgram | null;
      readonly into: TerminalProgram;
      readonly text: string;
    }
  | { readonly kind: 'terminal ended'; readonly program: TerminalProgram; readonly killed: boolean }
  | { readonly kind: 'no terminal'; readonly program: TerminalProgram } // to be had on this machine
  | { readonly kind: 'refused'; readonly problem: Problem } // what the machine would not do: save, open a program, read a log
  | { readonly kind: 'progress'; readonly stepProgress: StepProgress } // of the deed under way
  | {
      readonly kind: 'operation ended';
      readonly operation: Operation;
      readonly problem: Problem | null;
      readonly stopped?: true;
    }
  | { readonly kind: 'report written'; readonly files: readonly string[] };

export type Effect =
  | { readonly do: 'observe'; readonly saves: number }
  | { readonly do: 'save'; readonly changes: readonly LearnerChange[] }
  | { readonly do: 'run fullscreen'; readonly program: TerminalProgram }
  | { readonly do: 'open terminal' | 'raise'; readonly program: TerminalProgram }
  | {
      readonly do: 'find ready';
      readonly among: readonly TerminalProgram[];
      readonly into: TerminalProgram;
      readonly text: string;
    } // to be typed into one that waits for it
  | { readonly do: 'scroll terminal'; readonly to: number }
  | { readonly do: 'copy' | 'paste'; readonly text: string } // to the clipboard; into the terminal beside the lesson
  | { readonly do: 'read log'; readonly servers: readonly { readonly name: string; readonly size: number }[] } // goes on while the log view is open
  | { readonly do: 'search log' }
  | { readonly do: 'perform'; readonly operation: Operation }
  | { readonly do: 'stop operation' }
  | { readonly do: 'write report' }
  | { readonly do: 'quit'; readonly stopServers: boolean };

export const currentLesson = ({ lessons, learner }: Session): Lesson => lessonHere(lessons, learner.progress);

/** The task that the screen speaks about: chosen, or the first that is broken again or unfinished, or the last. */
export const currentTask = (session: Session): TaskState | undefined =>
  session.tasks.find(({ key }) => key === session.selected) ??
  session.tasks.find((state) => isBroken(session, state) || !isFinished(state)) ??
  session.tasks.at(-1);

export const isBroken = ({ broken }: Session, { key }: TaskState): boolean => broken.some((state) => state.key === key);

/** The server that psql and the log are about: chosen, or named by the current verdict, or the first. */
export function currentServer(session: Session): string {
  const verdict = currentTask(session)?.verdict;
  const named = verdict?.kind === 'fail' ? verdict.at?.server : undefined;
  return session.server ?? named ?? session.plan.servers[0]?.name ?? '';
}

export const isComplete = (session: Session): boolean =>
  session.tasks.length > 0 && session.tasks.every((state) => isFinished(state) && !isBroken(session, state));

/** The panes that Tab goes through. On a wide screen the servers are in sight, and have nothing to scroll. */
export const panesOf = (session: Pick<Session, 'columns' | 'terminal'>): readonly Pane[] =>
  panes.filter((pane) => {
    if (pane === 'servers') return !isWide(session);
    return pane !== 'terminal' || session.terminal !== null;
  });

export const isWide = ({ columns }: Pick<Session, 'columns'>): boolean => columns >= 100;
