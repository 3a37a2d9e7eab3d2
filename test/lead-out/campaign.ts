/** States of one or two mistakes, chosen by a seed, on a lab with the start of each lesson. */
import { mkdtempSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import lessonsHere from '../../lessons/index.ts';
import { emptyJournal } from '../../src/check/journal.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { isFor } from '../../src/lesson/format/fill.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import type { Lesson } from '../../src/lesson/lesson.ts';
import { openLessonPlayer, solveTasks } from '../../src/lesson/player.ts';
import { tasksOf } from '../../src/lesson/task.ts';
import type { Random } from '../postgres/against/random.ts';
import { temporaryLab } from '../proof/lab.ts';
import { familiesAt, mutationOf } from './grammar.ts';
import { earlierMistake, ownMistake } from './listed.ts';
import { type Fault, type Outcome, play, type Start, type State } from './play.ts';
import { openProbe, type Probe } from './probe.ts';
import type { Place } from './sessions.ts';
import { NotHere, type World, worldOf } from './world.ts';

export type Bench = AsyncDisposable & {
  readonly world: World;
  /** Plays a state; 'left out' with the reason when its mistakes cannot be made. */
  play(state: State): Promise<Outcome | { readonly leftOut: string }>;
  state(random: Random, lesson: number, family: string): State | undefined;
  readonly numbers: readonly number[];
};

/** A lab with a copy of its state at the start of each lesson from 2 to `last`. */
export async function openBench(wish: { major?: number; bindir: string }, last = 12): Promise<Bench> {
  const lab = await temporaryLab(wish);
  const world = worldOf(lab, wish.bindir);
  const reader = readerHere(lab.plan);
  const lessons = lessonsFor(lessonsHere, reader, lab.plan);
  const kept = mkdtempSync(`${lab.dir}-starts-`);
  const starts = new Map<number, Start>();
  await using player = openLessonPlayer(lab, emptyJournal);
  for (const lesson of lessons.filter(({ number }) => number <= last)) {
    if (lesson.number >= 2) {
      const snapshot = await lab.snapshot(`lead-out ${lesson.id}`);
      starts.set(lesson.number, { lesson, snapshot, journal: player.journal() });
      renameSync(join(lab.dir, snapshot), join(kept, basename(snapshot))); // a lab keeps only its newest snapshots
    }
    if (lesson.number === last) break;
    const unsolved = await solveTasks(
      player,
      tasksOf(lesson).filter(({ task }) => isFor(task.only, reader)),
    );
    if (unsolved)
      throw new Error(`${lesson.id}/${unsolved.failed.task.id} is not solved: ${JSON.stringify(unsolved.verdict)}`);
  }
  for (const { snapshot } of starts.values()) renameSync(join(kept, basename(snapshot)), join(lab.dir, snapshot));
  rmdirSync(kept);
  const probe: Probe = await openProbe(wish.bindir, world.data('master'), world.password);
  const place: Place = {
    bindir: wish.bindir,
    host: world.host,
    sockets: world.sockets,
    user: world.user,
    password: world.password,
    passwords: world.passwords,
    owner: statSync(world.data('master')),
    servers: {
      master: { data: world.data('master'), port: world.port('master') },
      slave: { data: world.data('slave'), port: world.port('slave') },
    },
  };
  return {
    world,
    numbers: [...starts.keys()],
    async play(state) {
      const start = starts.get(state.lesson);
      if (!start) throw new Error(`no start of lesson ${state.lesson}`);
      try {
        return await play(world, place, probe, lessons, start, state);
      } catch (error) {
        if (error instanceof NotHere) return { leftOut: error.message };
        throw error;
      }
    },
    state(random, number, family) {
      const lesson = starts.get(number)?.lesson;
      return lesson && chosen(world, lesson, random, family);
    },
    async [Symbol.asyncDispose]() {
      await world.clear();
      await probe[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    },
  };
}

/** The first mistake is of the family, or listed in the lesson; two states in five have another one beside it. */
function chosen(world: World, lesson: Lesson, random: Random, family: string): State | undefined {
  const { number } = lesson;
  const open = tasksOf(lesson).filter(
    ({ task }) => task.kind !== 'answer' && isFor(task.only, readerHere(world.lab.plan)),
  );
  const other = () => {
    const name = random.pick(familiesAt(number));
    const earlier = random.chance(0.3) ? earlierMistake(world, number, random) : undefined;
    return earlier ? { ...earlier, family: 'listed' } : { ...mutationOf(number, name, random), family: name };
  };
  const second = random.chance(0.4) ? [other()] : [];
  if (family === 'listed') {
    const own = ownMistake(world, lesson, random);
    return (
      own && { lesson: number, task: own.task, solved: false, mutations: [{ ...own.mutation, family }, ...second] }
    );
  }
  const name = familiesAt(number).find((one) => one === family);
  // To measure takes long, and writes into the lab's journal.
  const task = number === 12 ? null : random.pick(open).task.id;
  if (!name) return undefined;
  const solved = task !== null && random.chance(0.4);
  return { lesson: number, task, solved, mutations: [{ ...mutationOf(number, name, random), family }, ...second] };
}

/** A smaller state with the same kind of fault, when one mistake alone has it. */
export async function shrunk(bench: Bench, state: State, kind: Fault): Promise<State> {
  if (state.mutations.length < 2) return state;
  for (const one of state.mutations) {
    const smaller = { ...state, mutations: [one] };
    const outcome = await bench.play(smaller);
    if ('faults' in outcome && outcome.faults.some((fault) => fault.kind === kind)) return smaller;
  }
  return state;
}
