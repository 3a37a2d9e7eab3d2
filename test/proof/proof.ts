/** The proof of all lessons on one PostgreSQL, a test for each lesson. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { emptyJournal } from '../../src/check/journal.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import type { LabWish } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { type ProofOptions, type ProofStep, prove } from '../../src/lesson/authoring/prove.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { type LessonPlayer, openLessonPlayer } from '../../src/lesson/player.ts';
import { temporaryLab } from './lab.ts';

/** The proof on native servers. */
export const proveOn = (name: string, wish: LabWish, options: Options = {}): void =>
  proveIn(`PostgreSQL ${name}`, () => temporaryLab(wish), options);

/** `deadlineMs` is for one lesson. */
type Options = Pick<ProofOptions, 'solutions' | 'chosen'> & { readonly deadlineMs?: number };

export function proveIn(name: string, open: () => Promise<Lab>, options: Options = {}): void {
  const { solutions = false, chosen = () => true, deadlineMs = 180_000 } = options;
  describe(`lessons on ${name}${solutions ? ', the solutions alone' : ''}`, () => {
    let lab: Lab;
    let player: LessonPlayer;
    let steps: AsyncIterator<ProofStep>;
    let ahead: ProofStep | undefined;
    beforeAll(async () => {
      lab = await open();
      player = openLessonPlayer(lab, emptyJournal);
      const reader = readerHere(lab.plan);
      steps = prove(player, lessonsFor(lessons, reader, lab.plan), { reader, solutions, chosen })[
        Symbol.asyncIterator
      ]();
    });
    afterAll(async () => {
      await player?.[Symbol.asyncDispose]();
      await lab?.[Symbol.asyncDispose]();
    });
    for (const lesson of lessons) {
      it(`lesson ${lesson.number} (${lesson.id}) is proved on ${name}`, { timeout: deadlineMs }, async () => {
        const seen: string[] = [];
        const wrong: string[] = [];
        for (;;) {
          ahead ??= (await steps.next()).value;
          if (ahead?.lesson !== lesson.id) break;
          const { what, name: which } = ahead;
          if (what === 'left out') console.log(`left out on PostgreSQL ${lab.plan.major}: ${lesson.id}, ${which}`);
          seen.push(`${what} ${which}`);
          if (ahead.wrong !== null) wrong.push(`${what} ${which}: ${ahead.wrong}`);
          ahead = undefined;
        }
        expect(wrong).toEqual([]);
        expect(seen.length).toBeGreaterThanOrEqual(
          lesson.tasks.length + (solutions ? 0 : lesson.mistakes.filter(chosen).length),
        );
      });
    }
  });
}
