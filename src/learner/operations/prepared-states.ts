/**
 * The prepared states of the lessons: which one a lab needs, whether the cache has it, and making those that it lacks.
 */
import { createHash } from 'node:crypto';
import { version } from '../../../package.json';
import { emptyJournal, type Journal } from '../../check/journal.ts';
import { freeBytes } from '../../lab/backup/room.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Observation } from '../../lab/observation.ts';
import { type Cache, type CachedState, findPrepared, removePrepared, touchPrepared } from '../../lab/prepared/cache.ts';
import { readSeen, writeSeen } from '../../lab/prepared/seen.ts';
import { isDiskFull, refusedBy } from '../../lab/refused.ts';
import type { Lesson } from '../../lesson/lesson.ts';
import { openLessonPlayer, solutionOf, solveTasks } from '../../lesson/player.ts';
import type { OperationWatcher } from '../../lesson/step-progress.ts';
import { tasksOf } from '../../lesson/task.ts';
import { unsolvedProblem } from './unsolved.ts';

/**
 * Resolves with the key of the state that these lessons lead to, such as 'native-18-09-3f2a…'. It differs where the
 * program, the solutions, the servers' version or the passwords differ. undefined: this lab has no prepared states.
 */
async function stateKey({ plan, prepared }: Lab, before: readonly Lesson[]): Promise<string | undefined> {
  if (!prepared) return undefined;
  const solutions = before.map((lesson) => [lesson.id, tasksOf(lesson).map((one) => [one.task.id, solutionOf(one)])]);
  const content = JSON.stringify([version, plan.engine, plan.major, await prepared.traits(), solutions]);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 20);
  return `${plan.engine}-${plan.major}-${String(before.length + 1).padStart(2, '0')}-${hash}`;
}

/** Resolves with the state that these lessons lead to, if it is in the cache. */
export async function findState(
  lab: Lab,
  before: readonly Lesson[],
  cache: string | undefined,
): Promise<CachedState | undefined> {
  const key = await stateKey(lab, before);
  return key === undefined ? undefined : findPrepared(cache, key);
}

/**
 * Puts a prepared state into a lab whose own state is out of the way. Resolves with false when that was not possible:
 * then the lab is empty, and the state is no longer in the cache. Rejects where the disk is full.
 */
export async function placeState(lab: Lab, cached: CachedState, { onWarning }: OperationWatcher): Promise<boolean> {
  const { prepared } = lab;
  if (!prepared) return false;
  try {
    if (prepared.spareKey() !== cached.state.key) await prepared.makeSpare(cached);
    await prepared.place(cached.state);
    touchPrepared(cached);
    return true;
  } catch (error) {
    const refused = refusedBy(error);
    // The solutions need as much room, and the state is good. A server that finds no room only says that in its log.
    if (!refused || isDiskFull(error) || freeBytes(lab.dir) < leastRoom) throw error;
    await prepared.clear();
    removePrepared(cached);
    onWarning({
      what: `A prepared state could not be used: ${refused.problem.what} The state was made from the solutions instead.`,
      fix: refused.problem.fix,
    });
    return false;
  }
}

const leastRoom = 48e6; // three segments of WAL

/** What was seen of a prepared state when it was made, as it would be seen in this lab; the look may be missing. */
export function seenOf(
  cached: CachedState,
  { prepared }: Lab,
): { readonly now?: Observation; readonly journal: Journal } {
  const at = new Date().toISOString();
  const now = prepared && readSeen(cached, prepared.addresses());
  const events = cached.state.events.map((task) => [task, { at, seen: 'set up by the workshop' }]);
  return { ...(now ? { now: { ...now, at } } : {}), journal: { ...emptyJournal, events: Object.fromEntries(events) } };
}

/** Resolves with the keys of all states: the one at index n is what the first n lessons lead to. */
const keysOf = (lab: Lab, lessons: readonly Lesson[]): Promise<readonly string[]> =>
  Promise.all([0, ...lessons.keys()].map(async (_, count) => (await stateKey(lab, lessons.slice(0, count))) ?? ''));

/** Whether a lab finds all its states in the cache. */
export async function areAllPrepared(lab: Lab, lessons: readonly Lesson[], cache: Cache): Promise<boolean> {
  const [, ...keys] = await keysOf(lab, lessons);
  return keys.every((key) => findPrepared(cache.folder, key));
}

/**
 * Plays the solutions on an empty temporary lab, from the last state before the first missing one, and adds the states
 * that the cache lacks.
 */
export async function prepareStates(
  lab: Lab,
  lessons: readonly Lesson[],
  cache: Cache,
  onLesson: (lesson: Lesson) => void,
  signal: AbortSignal,
): Promise<void> {
  const { prepared } = lab;
  if (!prepared) return;
  const keys = await keysOf(lab, lessons);
  const isThere = (index: number) => findPrepared(cache.folder, keys[index] ?? '') !== undefined;
  const missing = [...keys.keys()].filter((index) => index > 0 && !isThere(index));
  const [first = 0, last = 0] = [missing[0], missing.at(-1)];
  const begun = findPrepared(cache.folder, keys[first - 1] ?? '');
  if (begun) {
    await prepared.makeSpare(begun);
    await prepared.place(begun.state);
  }
  await using player = openLessonPlayer(lab, begun ? seenOf(begun, lab).journal : emptyJournal, signal);
  for (let index = begun ? first : 1; index <= last; index++) {
    const lesson = lessons[index - 1];
    if (!lesson) break;
    onLesson(lesson);
    const unsolved = await solveTasks(player, tasksOf(lesson), { inRuns: true });
    if (unsolved) throw unsolvedProblem(unsolved);
    if (isThere(index)) continue;
    await player.forget(player.journal()); // ends statements in the background: the servers stop now
    const { now } = await player.look();
    await cache.add(keys[index] ?? '', async (folder) => {
      writeSeen(folder, now);
      return { schema: 1, version, ...(await prepared.save(folder)), events: Object.keys(player.journal().events) };
    });
  }
}
