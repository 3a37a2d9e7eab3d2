/**
 * Advice leads out of mistakes where the containers are the learner's own: the tutorial's literal `docker run`, and
 * docker compose. The steps of a verdict are followed word for word, and no step and no fence of a lesson names a
 * container, a volume, a network or a folder that is not there.
 *
 * Each kind of lab has forty seconds; REPL_WORKSHOP_SHARE=20 gives twenty times as long.
 */
import { afterAll, describe, expect, it } from 'vitest';
import lessonsHere from '../../../lessons/index.ts';
import { emptyJournal } from '../../../src/check/journal.ts';
import type { Verdict } from '../../../src/check/verdict.ts';
import { readerHere } from '../../../src/cli/opening/access.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { fill } from '../../../src/lesson/format/fill.ts';
import { lessonsFor } from '../../../src/lesson/format/reader.ts';
import type { Lesson } from '../../../src/lesson/lesson.ts';
import { chosenWay } from '../../../src/lesson/mend/follow-steps.ts';
import { mendTasks, type Wanted } from '../../../src/lesson/mend/mend.ts';
import { type LessonPlayer, openLessonPlayer } from '../../../src/lesson/player.ts';
import { stepWords } from '../../../src/lesson/step.ts';
import { type TaskOfLesson, tasksOf } from '../../../src/lesson/task.ts';
import { endOfShare } from '../../campaign.ts';
import { answerOf, firstOpen, openScreen, settled } from '../../lead-out/learner.ts';
import { NotHere } from '../../lead-out/world.ts';
import { newRandom, type Random, seed } from '../../postgres/against/random.ts';
import { asOneLine, fencesIn, fencesOf } from '../fences.ts';
import { type DockerMajor, imageOf, whyNoImage } from '../lab.ts';
import { type Kind, labOfOthers, lackingFor } from './labs.ts';
import { type Wrong, wrongIn } from './mistakes.ts';
import { missingIn } from './names.ts';

const shareMs = 40_000;
const mostRounds = 5;
const lastLesson = 10; // the lessons behind it end servers themselves, and measure

type Outcome = 'passes' | 'takes a person' | 'takes the start of the lesson' | 'stuck';
type Played = { readonly name: string; readonly outcome: Outcome; readonly rounds: readonly string[] };

const kinds: readonly (readonly [Kind, DockerMajor])[] = [
  ['docker run', 15],
  ['compose 1.29', 18],
  ['compose 2', 15],
];

describe.each(kinds)('the lead-out test on containers of %s (PostgreSQL %i)', (kind, major) => {
  const all: Played[] = [];
  afterAll(() => console.log(`${kind}, PostgreSQL ${major}, seed ${seed}: ${line(all)}`));

  it(`advice leads out on containers of ${kind}`, { timeout: 4 * 3_600_000 }, async ({ skip }) => {
    const lacking = imageOf(major) ? lackingFor(kind) : whyNoImage(major);
    if (lacking) return skip(lacking);
    const end = endOfShare(shareMs);
    const faults: string[] = [];
    for (let turn = 0; turn === 0 || performance.now() < end; turn++) {
      const random = newRandom(`${kind} ${turn}`);
      await using others = await labOfOthers(kind, major);
      await oneLab(others.lab, random, () => performance.now() < end, all, faults);
    }
    expect(faults).toEqual([]);
  });
});

/** The lessons in order, on one lab, as `solve` does them; in some of them something goes wrong. */
async function oneLab(lab: Lab, random: Random, goesOn: () => boolean, all: Played[], faults: string[]): Promise<void> {
  const lessons = lessonsFor(lessonsHere, readerHere(lab.plan), lab.plan);
  await using player = openLessonPlayer(lab, emptyJournal);
  for (const lesson of lessons.filter(({ number }) => number <= lastLesson)) {
    const tasks = tasksOf(lesson);
    const wrong = lesson.number > 1 && random.chance(0.7) ? wrongIn(lesson, lab, random) : undefined;
    const at = wrong?.task == null ? tasks.length : tasks.findIndex(({ task }) => task.id === wrong.task);
    const unsolved = await mendTasks(player, tasks.slice(0, at).map(wanted));
    if (unsolved) {
      faults.push(`the solution of ${lesson.id}/${unsolved.failed.task.id}: ${wordsOf(unsolved.verdict)}`);
      return;
    }
    if (lesson.number > 2) faults.push(...(await wrongFences(lesson, player)));
    if (!wrong) continue;
    const played = await mended(player, lessons, lesson, wrong, faults);
    if (!played) continue;
    all.push(played);
    if (played.outcome === 'stuck') faults.push(`${played.name}: ${played.rounds.join('\n  ')}`);
    if (played.outcome !== 'passes' || !goesOn()) return;
    const rest = await mendTasks(player, tasks.slice(at + 1).map(wanted));
    if (rest) {
      faults.push(`after ${played.name}, ${lesson.id}/${rest.failed.task.id}: ${wordsOf(rest.verdict)}`);
      return;
    }
  }
}

const wanted = (task: TaskOfLesson): Wanted => ({ task, isNew: true, stays: false });

/** The mistake is made, and the steps of the verdicts are followed. undefined: nothing is wrong by it. */
async function mended(
  player: LessonPlayer,
  lessons: readonly Lesson[],
  lesson: Lesson,
  wrong: Wrong,
  faults: string[],
): Promise<Played | undefined> {
  const { lab } = player;
  const last = wrong.task ?? tasksOf(lesson).at(-1)?.task.id ?? null;
  const screen = openScreen({ lab }, lessons, lesson, player.journal());
  screen.saw(await lab.observe());
  try {
    await wrong.make(lab);
  } catch (error) {
    if (error instanceof NotHere) return undefined; // this state does not allow it
    throw error;
  }
  const name = `lesson ${lesson.number}, ${wrong.name}`;
  const rounds: string[] = [];
  for (;;) {
    const { now } = await player.look();
    const open = firstOpen(await settled(() => player.look().then((seen) => seen.now), screen, lesson.id, last));
    if (!open) return rounds.length === 0 && !now ? undefined : { name, outcome: 'passes', rounds };
    const { verdict } = open;
    const story = (said: string) => [...rounds, `${answerOf(open)}: ${wordsOf(verdict as Verdict)} → ${said}`];
    if (rounds.length >= mostRounds) return { name, outcome: 'stuck', rounds: story('') };
    const steps = verdict.kind === 'fail' ? chosenWay(verdict.next, lab.plan) : [];
    const said: string[] = [];
    for (const step of steps) {
      const words = stepWords(step, player.plan());
      if (words.startsWith('repl-workshop reset'))
        return { name, outcome: 'takes the start of the lesson', rounds: story(words) };
      if (step.do !== 'edit' && step.do !== 'say') faults.push(...(await missingIn(words, lab.dir)));
      const { person, error } = await player.follow(step);
      said.push(`${person ? 'PERSON ' : ''}${words}${error ? ` !! ${error}` : ''}`);
      if (person && step.do !== 'say') return { name, outcome: 'takes a person', rounds: story(said.join('; ')) };
    }
    if (steps.length > 0 && steps.every(({ do: what }) => what === 'say'))
      return { name, outcome: 'takes a person', rounds: story(said.join('; ')) };
    rounds.splice(0, rounds.length, ...story(said.join('; ')));
  }
}

/** The fences of a lesson for the shell, as the page shows them now. */
async function wrongFences({ number, words }: Lesson, player: LessonPlayer): Promise<readonly string[]> {
  await player.seen();
  const fences = [...fencesIn(words.intro), ...words.tasks.flatMap((task) => Object.values(fencesOf(task)).flat())];
  const found = await Promise.all(
    fences
      .filter(({ lang }) => lang === 'bash')
      .map(({ text }) => missingIn(asOneLine(fill(text, player.plan())), player.lab.dir)),
  );
  return found.flat().map((what) => `a fence of lesson ${number} names the ${what}`);
}

const wordsOf = (verdict: Verdict): string =>
  verdict.kind === 'fail'
    ? `${verdict.cause}: ${verdict.seen}`
    : verdict.kind === 'pass'
      ? verdict.seen
      : verdict.problem.what;

function line(all: readonly Played[]): string {
  const count = (outcome: Outcome) => all.filter((one) => one.outcome === outcome).length;
  const rounds = all.reduce((sum, one) => sum + one.rounds.length, 0) / Math.max(1, all.length);
  const outcomes: readonly Outcome[] = ['passes', 'takes a person', 'takes the start of the lesson', 'stuck'];
  return `${all.length} states, ${outcomes.map((one) => `${count(one)} ${one}`).join(', ')}; ${rounds.toFixed(1)} rounds each`;
}
