/** The session of a learner at a screen: what it knows, what can happen, what is to be done about it. Pure; src/session/update.ts moves it on. */
import type { Observation } from '../lab/observation.ts';
import type { LabPlan } from '../lab/plan.ts';
import type { Problem } from '../lab/problem.ts';
import type { Lesson } from '../lesson/lesson.ts';
import type { LogRecord } from '../postgres/log.ts';
import { isFinished, type TaskState } from './judge.ts';
import { type Change, type Kept, lessonHere } from './progress.ts';
import type { Ground } from './settings.ts';

export type Session = {
  readonly lessons: readonly Lesson[]; // as this lab's learner gets them
  readonly plan: LabPlan;
  readonly about: string; // 'native · PostgreSQL 18.4'
  readonly folder: string; // of the lab, as it is shown: '~/repl-workshop'
  readonly ground: Ground; // what the terminal has behind the text
  readonly onlyLook: boolean; // a second screen on this lab: saves nothing, changes nothing

  readonly kept: Kept;
  readonly saves: number; // changes sent to the files so far: what was read before the last of them is old
  readonly now: Observation | null;
  readonly blind: Problem | null; // why the last look failed
  readonly look: 'idle' | 'under way' | 'under way, once more';
  readonly tasks: readonly TaskState[];
  readonly failing: readonly TaskState[]; // done before, failing at the last look: own tasks and ground
  readonly broken: readonly TaskState[]; // those that failed at the last two looks

  readonly clock: string; // ISO time of the last tick
  readonly columns: number;
  readonly rows: number;
  readonly pane: Pane;
  readonly scroll: Readonly<Record<ScrollTarget, number>>;
  readonly selected: string | null; // a task the learner chose to read; null: the first unfinished one
  readonly server: string | null; // chosen for psql and the log; null: the one that matters now
  readonly overlay: Overlay | null;
  readonly notice: Notice | null;
  readonly deed: Deed | null; // under way
};

export type Pane = 'words' | 'tasks' | 'servers';
export type ScrollTarget = 'words' | 'tasks' | 'overlay';
export const panes: readonly Pane[] = ['words', 'tasks', 'servers'];

export type Overlay =
  | { readonly kind: 'help' }
  | { readonly kind: 'welcome' }
  | { readonly kind: 'settings'; readonly cursor: number }
  | { readonly kind: 'lessons'; readonly cursor: number } // after the last lesson: what was learnt
  | { readonly kind: 'end' }
  | { readonly kind: 'hints'; readonly task: string }
  | {
      readonly kind: 'log';
      readonly server: string;
      readonly size: number;
      readonly records: readonly LogRecord[] | null;
    } // null: not read yet
  | {
      readonly kind: 'question';
      readonly task: string;
      readonly question: string;
      readonly cursor: number;
      readonly taken: string | null;
    }
  | { readonly kind: 'confirm'; readonly what: Confirm }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** What the workshop does to a lab by itself. */
export type Deed = { readonly do: 'solve'; readonly task: string } | { readonly do: 'reset'; readonly lesson: string };
export type Confirm = Deed | { readonly do: 'skip' } | { readonly do: 'quit' };

/** A short word to the learner, gone with the next key. */
export type Notice =
  | { readonly kind: 'still to do'; readonly titles: readonly string[] }
  | {
      readonly kind:
        | 'first lesson'
        | 'only looking'
        | 'busy'
        | 'no question'
        | 'no hints'
        | 'nothing to solve'
        | 'looking first';
    }
  | { readonly kind: 'no server' | 'no files'; readonly server: string }
  | { readonly kind: 'solved'; readonly title: string }
  | { readonly kind: 'reset done'; readonly title: string };

/** A program that gets the whole terminal for a while. `file` is relative to the lab folder. */
export type Program =
  | { readonly run: 'shell' }
  | { readonly run: 'psql'; readonly server: string }
  | { readonly run: 'edit'; readonly server: string; readonly file: string; readonly line?: number };

export type Intent =
  | {
      readonly do:
        | 'next'
        | 'back'
        | 'skip'
        | 'pane'
        | 'edit'
        | 'psql'
        | 'shell'
        | 'answer'
        | 'hint'
        | 'solve'
        | 'reset';
    }
  | { readonly do: 'lessons' | 'settings' | 'log' | 'help' | 'quit' | 'close' | 'accept' | 'refuse' }
  | { readonly do: 'scroll'; readonly to: number; readonly what?: ScrollTarget } // the frame knows how far one can go
  | { readonly do: 'look at'; readonly pane: Pane }
  | { readonly do: 'row'; readonly index: number } // of an overlay: under the cursor, and taken
  | { readonly do: 'change'; readonly by: 1 | -1 } // the setting under the cursor
  | { readonly do: 'move'; readonly by: 1 | -1 } // the cursor of an overlay
  | { readonly do: 'choose'; readonly choice: string }
  | { readonly do: 'task'; readonly index: number; readonly line: number } // line: where its words begin
  | { readonly do: 'server'; readonly by: 1 | -1 };

export type Event =
  | { readonly kind: 'observed'; readonly now: Observation; readonly kept: Kept; readonly saves: number }
  | { readonly kind: 'look failed'; readonly problem: Problem }
  | { readonly kind: 'changed' } // something in the lab may have: a file, a process
  | { readonly kind: 'tick'; readonly at: string }
  | { readonly kind: 'background'; readonly ground: Ground } // the terminal has said what it is
  | { readonly kind: 'resized'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'intent'; readonly intent: Intent }
  | { readonly kind: 'log read'; readonly server: string; readonly records: readonly LogRecord[] }
  | { readonly kind: 'program ended' }
  | { readonly kind: 'refused'; readonly problem: Problem } // what the machine would not do: save, open a program, read a log
  | { readonly kind: 'deed ended'; readonly deed: Deed; readonly problem: Problem | null };

export type Effect =
  | { readonly do: 'observe'; readonly saves: number }
  | { readonly do: 'save'; readonly changes: readonly Change[] }
  | { readonly do: 'lend'; readonly program: Program }
  | { readonly do: 'read log'; readonly server: string }
  | { readonly do: 'perform'; readonly deed: Deed }
  | { readonly do: 'quit'; readonly stopServers: boolean };

export const currentLesson = ({ lessons, kept }: Session): Lesson => lessonHere(lessons, kept.progress);

/** The task that the screen speaks about: chosen, or the first that is broken again or unfinished, or the last. */
export const currentTask = (session: Session): TaskState | undefined =>
  session.tasks.find(({ key }) => key === session.selected) ??
  session.tasks.find((state) => isBroken(session, state) || !isFinished(state)) ??
  session.tasks.at(-1);

const isBroken = ({ broken }: Session, { key }: TaskState): boolean => broken.some((state) => state.key === key);

/** The server that psql and the log are about: chosen, or named by the current verdict, or the first. */
export function currentServer(session: Session): string {
  const verdict = currentTask(session)?.verdict;
  const named = verdict?.kind === 'fail' ? verdict.at?.server : undefined;
  return session.server ?? named ?? session.plan.servers[0]?.name ?? '';
}

export const isComplete = (session: Session): boolean =>
  session.tasks.length > 0 && session.tasks.every((state) => isFinished(state) && !isBroken(session, state));

export const isWide = ({ columns }: Pick<Session, 'columns'>): boolean => columns >= 100;
