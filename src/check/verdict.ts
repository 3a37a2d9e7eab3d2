/** What a check says: what was seen, what is wanted, why, where, and what to do next. Words are made once, from the verdict's values. */
import type { Problem } from '../lab/problem.ts';
import type { LogRecord } from '../postgres/log/log.ts';
import type { LabCommand } from './lab-command.ts';

export type CauseId = string; // 'hba-not-loaded'; belongs to the check that gives it

export type Verdict =
  | { readonly kind: 'pass'; readonly seen: string; readonly layers?: readonly Layer[]; readonly warning?: string }
  | {
      readonly kind: 'fail';
      readonly cause: CauseId;
      readonly seen: string;
      readonly want: string;
      readonly why?: string;
      readonly at?: Location;
      readonly layers?: readonly Layer[];
      readonly next: readonly Step[];
    }
  | { readonly kind: 'unknown'; readonly problem: Problem };

export type Pass = Extract<Verdict, { kind: 'pass' }>;
export type Fail = Extract<Verdict, { kind: 'fail' }>;

/** Where a learner can be stuck between: saved, loaded, in effect, seen on the other server. */
export type Layer = {
  readonly layer: 'written' | 'loaded' | 'in effect' | 'observed';
  readonly ok: true | false | 'unknown';
  readonly seen: string;
  readonly at?: Location;
};

/** The next thing to do; `stepWords` (src/lesson/step.ts) puts it into the words of the lab's engine. */
export type Step =
  | LabCommand
  // file: relative to the data directory, or as an observation names it. text: the line to write
  | { readonly do: 'edit'; readonly on: string; readonly file: string; readonly line?: number; readonly text?: string }
  // pid: the process that is stopped by a signal; without it, a paused container
  | { readonly do: 'unfreeze'; readonly on: string; readonly pid?: number }
  // The data directory and all in it belong to the user who runs servers again.
  | { readonly do: 'chown'; readonly on: string }
  // question: one of the task itself
  | { readonly do: 'answer'; readonly question: string }
  // A sentence, where no command fits
  | { readonly do: 'say'; readonly text: string };

export type Location =
  | { readonly server: string; readonly file: string; readonly line?: number } // file: relative to the lab folder
  | { readonly server: string; readonly log: LogRecord }
  | {
      readonly server: string;
      readonly view: string;
      readonly row: Readonly<Record<string, string | number | boolean | null>>;
    };

/** Stands in the text of a step for the lab's own replication password, which a check does not know. `stepWords` puts it in. */
export const ownPassword = '{{password}}';
