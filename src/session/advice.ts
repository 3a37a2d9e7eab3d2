/**
 * Remembers what verdicts advised, so that one that comes back after its advice was followed can say that it was not
 * enough. A check has no memory; a session has. Pure.
 */
import { written } from '../check/setting/settings.ts';
import { textOfFile } from '../check/steps/file-lines.ts';
import { type CauseId, placeKey, type Step } from '../check/verdict.ts';
import type { Observation, ServerView } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';
import type { TaskState } from '../learner/judge.ts';

/** What a verdict advised when it was first given. The same cause at the same place is the same verdict. */
export type Advice = {
  readonly task: string; // its key
  readonly cause: CauseId;
  readonly place: string;
  readonly steps: readonly Step[];
  readonly facts: readonly (string | null)[]; // of each step, as they were then; null: a look cannot see them
  readonly followedAt: string | null; // time of the first look at which the facts of one way had changed
  readonly insufficient: boolean; // the verdict has come back since
};

/**
 * Returns what is remembered after a look. `rests`: the look saw the same lab as the one before. A verdict comes back
 * when the lab has come to rest, or when it had `settleMs` for that; a standby that cannot connect never rests.
 */
export function adviceAfter(
  given: readonly Advice[],
  tasks: readonly TaskState[],
  now: Observation,
  rests: boolean,
): readonly Advice[] {
  const open = tasks.filter(({ verdict }) => verdict.kind !== 'pass').map(({ key }) => key);
  const kept = given.filter(({ task }) => open.includes(task));
  const seen = kept.map((advice) =>
    tasks.some((state) => adviceOf([advice], state)) ? lookedAtAgain(advice, now, rests) : advice,
  );
  const after = [...seen, ...tasks.flatMap((state) => (adviceOf(kept, state) ? [] : newAdvice(state, now)))];
  return after.length === given.length && after.every((one, at) => one === given[at]) ? given : after;
}

/** The advice that this verdict repeats. */
export const adviceOf = (given: readonly Advice[], { key, verdict }: TaskState): Advice | undefined =>
  verdict.kind === 'fail'
    ? given.find(({ task, cause, place }) => task === key && cause === verdict.cause && place === placeKey(verdict.at))
    : undefined;

/** The next look decides, even when it sees the same lab. */
export const awaitsAnswer = (given: readonly Advice[]): boolean =>
  given.some(({ followedAt, insufficient }) => followedAt !== null && !insufficient);

export const settleMs = 5000;

function newAdvice({ key, verdict }: TaskState, now: Observation): readonly Advice[] {
  if (verdict.kind !== 'fail') return [];
  const { cause, at, next } = verdict;
  const facts = next.map((step) => factOf(step, now));
  return [{ task: key, cause, place: placeKey(at), steps: next, facts, followedAt: null, insufficient: false }];
}

function lookedAtAgain(advice: Advice, now: Observation, rests: boolean): Advice {
  if (advice.insufficient) return advice;
  if (advice.followedAt === null) return isFollowed(advice, now) ? { ...advice, followedAt: now.at } : advice;
  const waited = Math.abs(Date.parse(now.at) - Date.parse(advice.followedAt)); // a clock may go back
  return rests || waited >= settleMs ? { ...advice, insufficient: true } : advice;
}

/** All that one of its ways names has changed, as far as a look sees it. */
function isFollowed({ steps, facts }: Advice, now: Observation): boolean {
  const starts = steps.flatMap(({ or }, at) => (at === 0 || or ? [at] : []));
  const ways = starts.map((from, at) => steps.map((_, index) => index).slice(from, starts[at + 1]));
  return ways.some((way) => {
    const visible = way.filter((at) => facts[at] !== null);
    return visible.length > 0 && visible.every((at) => hasChanged(steps[at], facts[at], now));
  });
}

function hasChanged(step: Step | undefined, before: string | null | undefined, now: Observation): boolean {
  const fact = step && factOf(step, now);
  if (!step || fact === before) return false;
  return step.do !== 'edit' || (fact ?? '').split('\n').some((line) => line.trim() === step.text.trim());
}

/** What a look sees of the thing that a step names; null: nothing. */
function factOf(step: Step, now: Observation): string | null {
  const view = 'on' in step ? now.servers[step.on] : 'to' in step ? now.servers[step.to] : undefined;
  switch (step.do) {
    case 'say':
    case 'answer':
      return null;
    case 'run':
      return JSON.stringify([now.network, Object.values(now.servers).map(({ container }) => container)]);
    case 'edit':
      return view ? fileText(view, step.file) : null;
    case 'reload':
      return view && !isProblem(view.sql) ? view.sql.loadedAt : null;
    case 'sql':
      return view ? sqlFact(view, step.text) : null;
    case 'replication-login':
      return view ? String(view.log.size) : null;
    default:
      return view ? serverFact(view) : null;
  }
}

/** A file that is not there has no lines. */
const fileText = (view: ServerView, file: string): string | null =>
  isProblem(view.disk) ? null : (textOfFile(view, file) ?? '');

/**
 * What a statement changes: ALTER SYSTEM one setting; the others roles, what is set for roles and databases, rows,
 * sessions that wait or hold a lock, a paused replay.
 */
function sqlFact({ sql, disk }: ServerView, text: string): string | null {
  if (isProblem(sql)) return null;
  const [, setting] = /\bALTER\s+SYSTEM\s+(?:RE)?SET\s+(\w+)/i.exec(text) ?? [];
  if (setting !== undefined) {
    const lines = isProblem(disk) ? [] : written(disk, setting).map(({ path, value }) => [path, value]);
    return JSON.stringify([sql.settings[setting]?.value, lines]);
  }
  const { roles, databases, closed, overrides, readOnly, catalogLocks, waiting, newest, position } = sql;
  const paused = position.role === 'standby' && position.paused;
  const pids = waiting.map(({ pid }) => pid);
  return JSON.stringify([roles, databases, closed, overrides, readOnly, catalogLocks, pids, newest, paused]);
}

/** Process and data directory. A start that fails again leaves the process as it was, and writes to the log. */
function serverFact({ process: { pid, state }, disk, log }: ServerView): string {
  const files = isProblem(disk)
    ? null
    : [disk.state, disk.mode, disk.ownedByServer, disk.foreignOwner, disk.signals, disk.leftBeside, disk.backupLabel];
  const identifier = isProblem(disk) ? null : disk.control?.systemIdentifier;
  return JSON.stringify([pid, state, pid === undefined ? log.size : null, files, identifier]);
}
