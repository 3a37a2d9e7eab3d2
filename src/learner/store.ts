/** progress.json, journal.json and settings.json of a lab: what is remembered of the learner. */
import { join } from 'node:path';
import type { GenericSchema } from 'valibot';
import { journalJson } from '../check/journal.ts';
import { interrupted } from '../lab/backup/interrupted.ts';
import { isTakenByOthers } from '../lab/lock/lock.ts';
import { isOperationPending, withOperationLock } from '../lab/lock/operation-lock.ts';
import { ProblemError } from '../lab/problem.ts';
import { readJson, setAside, type Versioned, writeJson } from '../lab/store/store.ts';
import { emptyLearnerState, type LearnerState, progressJson } from './progress.ts';
import { settingsJson } from './settings.ts';

/**
 * The learner's files. Other programs write them too (commands in the lab's shell), so a change is applied to what the
 * files hold at that moment.
 */
export interface LearnerStore {
  load(): Promise<LearnerState>;
  isBusy(): boolean; // another command of the workshop is at work on this lab
  change(how: (learner: LearnerState) => LearnerState): Promise<LearnerState>; // under the lab's lock; resolves with what was written
}

const schemas = { progress: progressJson, journal: journalJson, settings: settingsJson };
const files = ['progress', 'journal', 'settings'] as const;

/** Reads without writing. A file that cannot be read counts as empty, and `says` tells so. */
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

/**
 * Moves files that cannot be read out of the way, so that the next write overwrites nothing. Returns what was done, in
 * words.
 */
export function setUnreadableAside(dir: string): readonly string[] {
  return files.flatMap((name) => {
    const path = join(dir, `${name}.json`);
    const read = readJson<Versioned>(path, schemas[name]);
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
 * A deed that was killed has the learner's files in a backup: what lies in their place is nobody's, and what would be
 * written there is lost with it.
 */
function refuseInterrupted(dir: string): void {
  const found = isOperationPending(dir) ? interrupted(dir) : undefined;
  if (found?.untrue) throw new ProblemError(found.problem);
}

/** Writes what differs from what the files hold (`before`; a file left out is written). */
export function writeLearner(dir: string, next: LearnerState, before: Partial<LearnerState>): void {
  for (const name of files) if (next[name] !== before[name]) writeJson(join(dir, `${name}.json`), next[name]);
}
