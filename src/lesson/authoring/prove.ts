/**
 * Plays the lessons in order on one lab with real servers. For each lesson: no task passes at its start; each mistake
 * is caught with its own cause, and solve leads from it to a pass, or names goto; each alternative passes; each task
 * passes with its solution, and the next one does not yet; the tasks of earlier lessons still pass; and looking changed
 * nothing.
 */
import type { Verdict } from '../../check/verdict.ts';
import type { Lab } from '../../lab/lab.ts';
import { isFor, type Reader } from '../format/fill.ts';
import { type Alternative, type Lesson, type Mistake, taskKey } from '../lesson.ts';
import { type LessonPlayer, solutionOf, solveTasks } from '../player.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../task.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { solveFrom, tasksToStand } from './prove-solve.ts';

export type ProofStep = {
  readonly lesson: string;
  readonly what: 'start' | 'mistake' | 'solve' | 'alternative' | 'solution' | 'ground' | 'harmless' | 'left out';
  readonly name: string; // of the task, mistake or alternative
  readonly wrong: string | null; // null: proved
  readonly stuck?: string; // of 'solve': why it names goto
  readonly ms: number;
};

/** Which of a lesson's mistakes and alternatives are made; each is asked for when the one before is done. */
export type Tries = (all: readonly (Mistake | Alternative)[]) => Iterable<Mistake | Alternative>;

export type ProofOptions = {
  readonly reader: Reader;
  readonly only?: string | undefined; // prove only this lesson, and solve the ones before it
  readonly solutions?: boolean; // without mistakes and alternatives
  readonly chosen?: Tries;
  readonly solve?: boolean; // from each mistake that is caught
};

export async function* prove(
  player: LessonPlayer,
  lessons: readonly Lesson[],
  options: ProofOptions,
): AsyncIterable<ProofStep> {
  const { reader, only } = options;
  for (const lesson of lessons) {
    const play = tasksOf(lesson).filter(({ task }) => isFor(task.only, reader));
    const steps =
      only === undefined || only === lesson.id
        ? proveLesson(player, lessons, lesson, play, options)
        : played(player, lesson, play);
    for await (const step of steps) {
      yield step;
      if (step.what === 'solution' && step.wrong !== null) return; // later lessons build on this solution
    }
    if (only === lesson.id) return;
    yield* ground(player, lessons, lesson);
  }
}

async function* proveLesson(
  player: LessonPlayer,
  lessons: readonly Lesson[],
  lesson: Lesson,
  play: readonly TaskOfLesson[],
  options: ProofOptions,
): AsyncIterable<ProofStep> {
  const step = stepper(lesson);
  yield await step('start', 'nothing passes yet', () => startPassesNothing(player, play));
  if (!options.solutions) yield* otherAnswers(player, lessons, lesson, play, options);
  for (const [index, task] of play.entries()) {
    yield await step('solution', task.task.id, () => solutionPasses(player, task, play[index + 1]));
  }
  yield await step('harmless', 'looking changes nothing', () => lookingChangesNothing(player, play));
}

/** Tries each mistake and alternative from the lesson's start, which is restored after each. */
async function* otherAnswers(
  player: LessonPlayer,
  lessons: readonly Lesson[],
  lesson: Lesson,
  play: readonly TaskOfLesson[],
  { reader, chosen = (all) => all, solve }: ProofOptions,
): AsyncIterable<ProofStep> {
  const step = stepper(lesson);
  const journal = player.journal();
  let snapshot: string | undefined;
  for (const one of chosen([...lesson.mistakes, ...(lesson.alternatives ?? [])])) {
    if (!isFor(one.only, reader) || !(await hasImageFor(player.lab, one))) {
      yield await step('left out', one.id, async () => null);
      continue;
    }
    snapshot ??= await player.lab.snapshot(`proof ${lesson.id}`);
    if ('caught' in one) {
      const caught = await step('mistake', one.id, () => mistakeIsCaught(player, play, one));
      yield caught;
      if (solve && caught.wrong === null) yield await solveLeads(player, lessons, play, one);
      await player.act(lesson, one.undo ?? []);
    } else yield await step('alternative', one.id, () => alternativePasses(player, play, one));
    await player.forget(journal);
    await player.lab.restore(snapshot);
  }
}

/** Whether the image that a mistake needs is on this engine. */
export const hasImageFor = async (lab: Lab, one: Mistake | Alternative): Promise<boolean> =>
  !('image' in one) || one.image === undefined || (await lab.image?.isHere(one.image)) === true;

async function* played(player: LessonPlayer, lesson: Lesson, play: readonly TaskOfLesson[]): AsyncIterable<ProofStep> {
  yield await stepper(lesson)('solution', 'played', async () => {
    const unsolved = await solveTasks(player, play);
    return unsolved ? `${unsolved.failed.task.id}: ${verdictText(unsolved.verdict)}` : null;
  });
}

/** The state tasks of this and earlier lessons still pass, except those that one of these lessons supersedes. */
async function* ground(player: LessonPlayer, lessons: readonly Lesson[], lesson: Lesson): AsyncIterable<ProofStep> {
  const watched = tasksToStand(lessons, lesson);
  yield await stepper(lesson)('ground', 'what was done still stands', async () => {
    const broken: string[] = [];
    for (const task of watched) {
      const verdict = await player.waitFor(task, ({ kind }) => kind === 'pass');
      if (verdict.kind !== 'pass') broken.push(`${taskKey(task.lesson.id, task.task.id)}: ${verdictText(verdict)}`);
    }
    return broken.length > 0 ? broken.join('; ') : null;
  });
}

const stepper =
  (lesson: Lesson) =>
  async (what: ProofStep['what'], name: string, look: () => Promise<string | null>): Promise<ProofStep> => {
    const begin = performance.now();
    const wrong = await look().catch((error: Error) => error.message);
    return { lesson: lesson.id, what, name, wrong, ms: Math.round(performance.now() - begin) };
  };

async function startPassesNothing(player: LessonPlayer, play: readonly TaskOfLesson[]): Promise<string | null> {
  const seen = await player.look();
  const passing = play.filter((task) => verdictOf(task, seen).kind === 'pass');
  return passing.length > 0
    ? `passes before anything was done: ${passing.map(({ task }) => task.id).join(', ')}`
    : null;
}

async function mistakeIsCaught(
  player: LessonPlayer,
  play: readonly TaskOfLesson[],
  mistake: Mistake,
): Promise<string | null> {
  const { lesson, task } = await upTo(player, play, mistake.caught.task);
  await player.act(lesson, mistake.actions);
  const verdict = await player.waitFor(task, (now) => now.kind === 'fail' && now.cause === mistake.caught.cause);
  return verdict.kind === 'fail' && verdict.cause === mistake.caught.cause
    ? null
    : `wanted ${mistake.caught.cause}, got ${verdictText(verdict)}`;
}

/** It leads to a pass, or it is stuck and would name goto. */
async function solveLeads(
  player: LessonPlayer,
  lessons: readonly Lesson[],
  play: readonly TaskOfLesson[],
  mistake: Mistake,
): Promise<ProofStep> {
  const begin = performance.now();
  const unsolved = await solveFrom(player, lessons, play, mistake);
  const stuck = unsolved ? { stuck: `${unsolved.failed.task.id}: ${verdictText(unsolved.verdict)}` } : {};
  const ms = Math.round(performance.now() - begin);
  return { lesson: play[0]?.lesson.id ?? '', what: 'solve', name: mistake.id, wrong: null, ms, ...stuck };
}

async function alternativePasses(
  player: LessonPlayer,
  play: readonly TaskOfLesson[],
  alternative: Alternative,
): Promise<string | null> {
  const { lesson, task } = await upTo(player, play, alternative.task);
  await player.act(lesson, alternative.actions);
  const verdict = await player.waitFor(task, ({ kind }) => kind === 'pass');
  return verdict.kind === 'pass' ? null : verdictText(verdict);
}

/** Solves the tasks before this one. */
async function upTo(
  player: LessonPlayer,
  play: readonly TaskOfLesson[],
  id: string,
): Promise<{ lesson: Lesson; task: TaskOfLesson }> {
  const index = play.findIndex(({ task }) => task.id === id);
  const task = play[index];
  if (!task) throw new Error(`there is no task ${id} in this lesson`);
  const unsolved = await solveTasks(player, play.slice(0, index));
  if (unsolved)
    throw new Error(`the solution of ${unsolved.failed.task.id} does not pass: ${verdictText(unsolved.verdict)}`);
  return { lesson: task.lesson, task };
}

async function solutionPasses(
  player: LessonPlayer,
  task: TaskOfLesson,
  next: TaskOfLesson | undefined,
): Promise<string | null> {
  await player.act(task.lesson, solutionOf(task));
  const verdict = await player.waitFor(task, ({ kind }) => kind === 'pass');
  if (verdict.kind !== 'pass') return verdictText(verdict);
  if (!next || solutionOf(next).length === 0) return null;
  return verdictOf(next, await player.look()).kind === 'pass' ? `${next.task.id} passes already` : null;
}

async function lookingChangesNothing(player: LessonPlayer, play: readonly TaskOfLesson[]): Promise<string | null> {
  const before = await fingerprint(player.lab);
  for (let looks = 0; looks < 3; looks++) {
    const seen = await player.look();
    for (const task of play) verdictOf(task, seen);
  }
  return differences(before, await fingerprint(player.lab));
}

function differences(before: Fingerprint, after: Fingerprint): string | null {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = keys.filter((key) => before[key] !== after[key]);
  return changed.length > 0
    ? `looking changed ${changed.map((key) => `${key}: ${before[key]} → ${after[key]}`).join('; ')}`
    : null;
}

const verdictText = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'pass':
      return `pass (${verdict.seen})`;
    case 'fail':
      return `${verdict.cause} (${verdict.seen})`;
    case 'unknown':
      return `unknown (${verdict.problem.what})`;
  }
};
