/** The result of a check: what was seen, what is wanted, why, where, and what to do next. */
import type { Problem } from '../lab/problem.ts';
import type { LogRecord } from '../postgres/log/log.ts';
import type { LabCommand } from './lab-command.ts';

/** 'hba-not-loaded'. An identifier belongs to the check that gives it, and stays the same while the words change. */
export type CauseId = string;

export type Verdict =
  | { readonly kind: 'pass'; readonly seen: string; readonly layers?: readonly Layer[]; readonly warning?: string }
  | {
      readonly kind: 'fail';
      readonly cause: CauseId;
      readonly seen: string;
      readonly also?: readonly string[]; // what else is wrong, whatever the task is about; its steps come first
      readonly want: string;
      readonly why?: string;
      readonly at?: Location;
      readonly layers?: readonly Layer[];
      readonly next: readonly Step[];
    }
  | { readonly kind: 'unknown'; readonly problem: Problem };

export type Pass = Extract<Verdict, { kind: 'pass' }>;
export type Fail = Extract<Verdict, { kind: 'fail' }>;

/** A stage of a setting. A learner can be stuck between two: saved but not loaded, loaded but not in effect. */
export type Layer = {
  readonly layer: 'written' | 'loaded' | 'in effect' | 'observed';
  readonly ok: true | false | 'unknown';
  readonly seen: string;
  readonly at?: Location;
};

/**
 * The next thing to do; `stepWords` (src/lesson/step.ts) puts it into the words of the lab's engine. `or`: from here on
 * another way begins, in place of the steps before it.
 */
export type Step = Deed & { readonly or?: true };
export type Edit = Extract<Step, { do: 'edit' }>;

type Deed =
  | LabCommand
  /**
   * text: the whole line as it is to be. line: the one that it replaces; 'new': a line at the end. file: relative to
   * the data directory, or as an observation names it. A check may leave out the line: `doableSteps`
   * (src/check/steps/doable.ts) finds it. The steps of a verdict have it, and name the file as the observation does.
   */
  | {
      readonly do: 'edit';
      readonly on: string;
      readonly file: string;
      readonly line?: number | 'new';
      readonly text: string;
    }
  // pid: the process that SIGSTOP froze; without it, the server's container is paused
  | { readonly do: 'unfreeze'; readonly on: string; readonly pid?: number }
  // The data directory and all in it belong to the user who runs servers again. uid: of that user, where root asks
  | { readonly do: 'chown'; readonly on: string; readonly uid?: number }
  // question: one of the task itself
  | { readonly do: 'answer'; readonly question: string }
  // A sentence, where no command fits
  | { readonly do: 'say'; readonly text: string };

export type Location =
  // file: relative to the lab folder
  | { readonly server: string; readonly file: string; readonly line?: number }
  | { readonly server: string; readonly log: LogRecord }
  | {
      readonly server: string;
      readonly view: string;
      readonly row: Readonly<Record<string, string | number | boolean | null>>;
    };

/** Stands for the lab's replication password in a step, because checks do not know it. `stepWords` fills it in. */
export const ownPassword = '{{password}}';

/** A place as text. Without what differs from look to look: times, process ids, positions. */
export function placeKey(at: Location | undefined): string {
  if (!at) return '';
  if ('file' in at) return `${at.server} ${at.file} ${at.line ?? ''}`;
  return 'log' in at ? `${at.server} ${at.log.message.replace(/\d+/g, '0')}` : `${at.server} ${at.view}`;
}
