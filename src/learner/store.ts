/** Reads and writes progress.json, journal.json and settings.json of a lab; sets those aside that cannot be read. */
import { join } from 'node:path';
import type { GenericSchema } from 'valibot';
import { journalJson } from '../check/journal.ts';
import { interrupted } from '../lab/backup/interrupted.ts';
import { isTakenByOthers } from '../lab/lock/lock.ts';
import { isOperationPending, withOperationLock } from '../lab/lock/operation-lock.ts';
import { ProblemError } from '../lab/problem.ts';
import { startsJson } from '../lab/state/starts.ts';
import { readJson, setAside, type Versioned, writeJson } from '../lab/store/store.ts';
import { emptyLearnerState, type LearnerState, progressJson } from './progress.ts';
import { settingsJson } from './settings.ts';

/**
 * The learner's files. Commands in the lab's shell write them too, so a change is applied to their contents at that
 * moment.
 */
export interface LearnerStore {
  load(): Promise<LearnerState>;
  isBusy(): boolean; // another command of the workshop has the lab's lock
  /** Applies `how` under the lab's lock, and resolves with the state that was written. */
  change(how: (learner: LearnerState) => LearnerState): Promise<LearnerState>;
}

const schemas = { progress: progressJson, journal: journalJson, settings: settingsJson };
const files = ['progress', 'journal', 'settings'] as const;

/** Reads without writing. A file that cannot be read counts as empty, and `says` has a line about it. */
export function readLearner(dir: string): { readonly learner: LearnerState; readonly says: readonly string[] } {
  const says: string[] = [];
  const read = <T extends Versioned>(name: (typeof files)[number], schema: GenericSchema<unknown, T>, empty: T): T => {
    const result = readJson(join(dir, `${name}.json`), schema);
    if (result.kind === 'unreadable')
      says.push(`${name}.json cannot be read (${result.why}); it stays as it is, and counts as empty here.`);
    return result.kind === 'value' ? result.value : empty;
  };
  return {
    learner: {
      progress: read('progress', progressJson, emptyLearnerState.progress),
      journal: read('journal', journalJson, emptyLearnerState.journal),
      settings: read('settings', settingsJson, emptyLearnerState.settings),
    },
    says,
  };
}

/** Renames files that cannot be read, so that the next write does not overwrite them. Returns a sentence for each. */
export function setUnreadableAside(dir: string): readonly string[] {
  return Object.entries({ ...schemas, starts: startsJson }).flatMap(([name, schema]) => {
    const path = join(dir, `${name}.json`);
    const read = readJson<Versioned>(path, schema);
    if (read.kind !== 'unreadable') return [];
    return [
      `${name}.json could not be read (${read.why}). It is kept as ${setAside(path, new Date())}; the workshop goes on with an empty one.`,
    ];
  });
}

export function openLearnerStore(dir: string): LearnerStore {
  return {
    async load() {
      refuseInterrupted(dir);
      return readLearner(dir).learner;
    },
    isBusy: () => isTakenByOthers(dir, 'deed'),
    change: (how) =>
      withOperationLock(dir, async () => {
        refuseInterrupted(dir);
        setUnreadableAside(dir);
        const { learner } = readLearner(dir);
        const next = how(learner);
        writeLearner(dir, next, learner);
        return next;
      }),
  };
}

/**
 * Throws a ProblemError after a killed goto, reset or undo. Its backup contains the learner's files, and whatever is in
 * their place is replaced when the operation is recovered.
 */
function refuseInterrupted(dir: string): void {
  const found = isOperationPending(dir) ? interrupted(dir) : undefined;
  if (found?.untrue) throw new ProblemError(found.problem);
}

/** Writes the files whose contents differ from `before`. A file that `before` lacks is written. */
export function writeLearner(dir: string, next: LearnerState, before: Partial<LearnerState>): void {
  for (const name of files) if (next[name] !== before[name]) writeJson(join(dir, `${name}.json`), next[name]);
}
