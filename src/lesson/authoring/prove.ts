/**
 * Plays the lessons in order on one lab with real servers. For each lesson: no task passes at its start; each mistake
 * is caught with its own cause; each alternative passes; each task passes with its solution, and the next one does not
 * yet; the tasks of earlier lessons still pass; and looking changed nothing.
 */
import type { Verdict } from '../../check/verdict.ts';
import { isFor, type Reader } from '../format/fill.ts';
import { type Alternative, type Lesson, type Mistake, taskKey } from '../lesson.ts';
import { type LessonPlayer, solutionOf, solveTasks } from '../player.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../task.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';

export type ProofStep = {
  readonly lesson: string;
  readonly what: 'start' | 'mistake' | 'alternative' | 'solution' | 'ground' | 'harmless' | 'left out';
  readonly name: string; // of the task, mistake or alternative
  readonly wrong: string | null; // null: proved
  readonly ms: number;
};

/** Which of a lesson's mistakes and alternatives are made; each is asked for when the one before is done. */
export type Tries = (all: readonly (Mistake | Alternative)[]) => Iterable<Mistake | Alternative>;

export type ProofOptions = {
  readonly reader: Reader;
  readonly only?: string | undefined; // prove only this lesson, and solve the ones before it
  readonly solutions?: boolean; // without mistakes and alternatives
  readonly chosen?: Tries;
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
        ? proveLesson(player, lesson, play, options)
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
  lesson: Lesson,
  play: readonly TaskOfLesson[],
  { reader, solutions, chosen }: ProofOptions,
): AsyncIterable<ProofStep> {
  const step = stepper(lesson);
  yield await step('start', 'nothing passes yet', () => startPassesNothing(player, play));
  if (!solutions) yield* otherAnswers(player, lesson, play, reader, chosen);
  for (const [index, task] of play.entries()) {
    yield await step('solution', task.task.id, () => solutionPasses(player, task, play[index + 1]));
  }
  yield await step('harmless', 'looking changes nothing', () => lookingChangesNothing(player, play));
}

/** Tries each mistake and alternative from the lesson's start, which is restored after each. */
async function* otherAnswers(
  player: LessonPlayer,
  lesson: Lesson,
  play: readonly TaskOfLesson[],
  reader: Reader,
  chosen: Tries = (all) => all,
): AsyncIterable<ProofStep> {
  const step = stepper(lesson);
  const journal = player.journal();
  let snapshot: string | undefined;
  for (const one of chosen([...lesson.mistakes, ...(lesson.alternatives ?? [])])) {
    if (!isFor(one.only, reader)) {
      yield await step('left out', one.id, async () => null);
      continue;
    }
    snapshot ??= await player.lab.snapshot(`proof ${lesson.id}`);
    yield 'caught' in one
      ? await step('mistake', one.id, () => mistakeIsCaught(player, play, one))
      : await step('alternative', one.id, () => alternativePasses(player, play, one));
    await player.forget(journal);
    await player.lab.restore(snapshot);
  }
}

async function* played(player: LessonPlayer, lesson: Lesson, play: readonly TaskOfLesson[]): AsyncIterable<ProofStep> {
  yield await stepper(lesson)('solution', 'played', async () => {
    const unsolved = await solveTasks(player, play);
    return unsolved ? `${unsolved.failed.task.id}: ${verdictText(unsolved.verdict)}` : null;
  });
}

/** The state tasks of this and earlier lessons still pass, except those that one of these lessons supersedes. */
async function* ground(player: LessonPlayer, lessons: readonly Lesson[], lesson: Lesson): AsyncIterable<ProofStep> {
  const soFar = lessons.slice(0, lessons.indexOf(lesson) + 1);
  const superseded = new Set(soFar.flatMap(({ supersedes }) => supersedes ?? []));
  const watched = soFar
    .flatMap(tasksOf)
    .filter(({ lesson: { id }, task }) => task.kind === 'state' && !superseded.has(taskKey(id, task.id)));
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
  try {
    await player.act(lesson, mistake.actions);
    const verdict = await player.waitFor(task, (now) => now.kind === 'fail' && now.cause === mistake.caught.cause);
    return verdict.kind === 'fail' && verdict.cause === mistake.caught.cause
      ? null
      : `wanted ${mistake.caught.cause}, got ${verdictText(verdict)}`;
  } finally {
    await player.act(lesson, mistake.undo ?? []);
  }
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
