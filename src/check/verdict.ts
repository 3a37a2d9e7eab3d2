/** What a check says: what was seen, what is wanted, why, where, and what to do next. Words are made once, from the verdict's values. */
import type { Problem } from '../lab/problem.ts';
import type { LogRecord } from '../postgres/log/log.ts';

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

/** The next thing to do; `stepWords` (src/lesson/step.ts) puts it into the commands of the lab's engine. */
export type Step =
  | { readonly do: 'edit'; readonly on: string; readonly file: string; readonly line?: number; readonly text?: string } // text: the line to write
  | { readonly do: 'create' | 'reload' | 'restart' | 'start'; readonly on: string } // create: a new cluster, and its container
  | {
      readonly do: 'stop';
      readonly on: string;
      readonly how?: 'smart' | 'fast' | 'immediate';
      readonly folder?: string;
    } // folder: where its data directory was moved to under it
  | { readonly do: 'wake'; readonly on: string; readonly pid?: number } // a process or container that is held
  | { readonly do: 'touch' | 'remove'; readonly on: string; readonly file: string } // file: in the data directory
  | { readonly do: 'rename'; readonly on: string; readonly file: string; readonly to: string } // both in the data directory
  | { readonly do: 'close'; readonly on: string } // the data directory gets mode 0700
  | { readonly do: 'own'; readonly on: string } // the data directory and all in it belong to the user who runs servers again
  | { readonly do: 'put-aside'; readonly on: string; readonly to: string } // to: a path that is free
  | { readonly do: 'clone'; readonly from: string; readonly to: string } // pg_basebackup
  | { readonly do: 'knock'; readonly from: string; readonly on: string }
  | { readonly do: 'sql'; readonly on: string; readonly text: string; readonly database?: string }
  | { readonly do: 'answer'; readonly question: string } // of the task itself
  | { readonly do: 'run'; readonly text: string } // a command that is the same on every engine, or that belongs to what only one of them can get wrong
  | { readonly do: 'say'; readonly text: string }; // a sentence, where no command fits

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
