/**
 * The proof of all lessons on one PostgreSQL, a test for each lesson. It makes all mistakes, or those that a share of
 * time allows.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { emptyJournal } from '../../src/check/journal.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import type { LabWish } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { type ProofOptions, type ProofStep, prove, type Tries } from '../../src/lesson/authoring/prove.ts';
import { tallyOfSolve } from '../../src/lesson/authoring/prove-solve.ts';
import { isFor } from '../../src/lesson/format/fill.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { type LessonPlayer, openLessonPlayer } from '../../src/lesson/player.ts';
import { shareOf } from '../campaign.ts';
import { seed } from '../postgres/against/random.ts';
import { temporaryLab } from './lab.ts';

/** The proof on native servers. */
export const proveOn = (name: string, wish: LabWish, options: Options = {}): void =>
  proveIn(`PostgreSQL ${name}`, () => temporaryLab(wish), { solve: !options.solutions, ...options });

type Options = Pick<ProofOptions, 'solutions' | 'chosen' | 'solve'> & {
  readonly deadlineMs?: number; // for one lesson
  readonly shareMs?: number; // of all mistakes and alternatives together, each lesson with its part
};

export function proveIn(name: string, open: () => Promise<Lab>, options: Options = {}): void {
  const { solutions = false, solve = false, chosen = (all) => all, deadlineMs = 600_000, shareMs } = options;
  describe(`lessons on ${name}${solutions ? ', the solutions alone' : ''}`, () => {
    let lab: Lab;
    let player: LessonPlayer;
    let steps: AsyncIterator<ProofStep>;
    let ahead: ProofStep | undefined;
    let tries = 0;
    let [made, all, mistakes] = [0, 0, 0];
    const proved: ProofStep[] = [];
    beforeAll(async () => {
      lab = await open();
      player = openLessonPlayer(lab, emptyJournal);
      const reader = readerHere(lab.plan);
      const here = lessonsFor(lessons, reader, lab.plan);
      const isMeant = (some: Parameters<Tries>[0]) => some.filter(({ only }) => isFor(only, reader));
      all = here.flatMap(({ mistakes, alternatives = [] }) => isMeant([...mistakes, ...alternatives])).length;
      mistakes = here.flatMap((lesson) => isMeant(lesson.mistakes)).length;
      const part: Tries = (some) => shareOf(isMeant(some), ((shareMs ?? 0) * some.length) / all, name);
      const counted: Tries = function* (some) {
        for (const one of shareMs === undefined ? chosen(some) : part(some)) {
          tries++;
          yield one;
        }
      };
      steps = prove(player, here, { reader, solutions, solve, chosen: counted })[Symbol.asyncIterator]();
    });
    afterAll(async () => {
      if (!solutions) console.log(`${name}: ${made} of ${all} mistakes and other right answers made, seed ${seed}`);
      await player?.[Symbol.asyncDispose]();
      await lab?.[Symbol.asyncDispose]();
    });
    for (const lesson of lessons) {
      it(`lesson ${lesson.number} (${lesson.id}) is proved on ${name}`, { timeout: deadlineMs }, async () => {
        const seen: ProofStep['what'][] = [];
        const wrong: string[] = [];
        tries = 0;
        for (;;) {
          ahead ??= (await steps.next()).value;
          if (ahead?.lesson !== lesson.id) break;
          const { what, name: which } = ahead;
          if (what === 'left out') console.log(`left out on PostgreSQL ${lab.plan.major}: ${lesson.id}, ${which}`);
          seen.push(what);
          proved.push(ahead);
          if (ahead.wrong !== null) wrong.push(`${what} ${which}: ${ahead.wrong}`);
          ahead = undefined;
        }
        expect(wrong).toEqual([]);
        const fewest = solutions ? 0 : shareMs === undefined ? [...chosen(lesson.mistakes)].length : 1;
        expect(tries).toBeGreaterThanOrEqual(fewest);
        expect(seen.length).toBeGreaterThanOrEqual(lesson.tasks.length + tries);
        made += seen.filter((what) => what === 'mistake' || what === 'alternative').length;
      });
    }
    if (solve)
      it(`solve leads from nine in ten mistakes to a pass on ${name}`, () => {
        const tally = tallyOfSolve(proved, mistakes);
        console.log(tally.words.join('\n'));
        expect(proved.filter(({ what }) => what === 'solve').length).toBeGreaterThan(0);
        expect(tally.wrong).toBe(false);
      });
  });
}
