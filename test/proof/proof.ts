/** The proof of all lessons on one major, a test for each lesson. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { emptyJournal } from '../../src/check/journal.ts';
import { type ProofStep, prove } from '../../src/lesson/prove.ts';
import { lessonsFor } from '../../src/lesson/reader.ts';
import { openStage, type Stage } from '../../src/lesson/stage.ts';
import { temporaryLab } from './lab.ts';

export function proveOn(wish: { major: number; bindir?: string }): void {
  describe(`lessons on PostgreSQL ${wish.major}`, () => {
    let lab: Awaited<ReturnType<typeof temporaryLab>>;
    let stage: Stage;
    let steps: AsyncIterator<ProofStep>;
    let ahead: ProofStep | undefined;
    beforeAll(async () => {
      lab = await temporaryLab(wish);
      stage = openStage(lab, emptyJournal);
      const reader = { engine: lab.plan.engine, major: lab.plan.major, root: process.getuid?.() === 0 };
      steps = prove(stage, lessonsFor(lessons, reader, lab.plan), { reader })[Symbol.asyncIterator]();
    });
    afterAll(async () => {
      await stage?.[Symbol.asyncDispose]();
      await lab?.[Symbol.asyncDispose]();
    });
    for (const lesson of lessons) {
      it(`${lesson.number} ${lesson.id}`, { timeout: 180_000 }, async () => {
        const wrong: string[] = [];
        for (;;) {
          ahead ??= (await steps.next()).value;
          if (ahead?.lesson !== lesson.id) break;
          const { what, name, ms } = ahead;
          console.log(`  ${lesson.number} ${what} ${name}: ${ahead.wrong ?? 'ok'} (${ms} ms)`);
          if (ahead.wrong !== null) wrong.push(`${what} ${name}: ${ahead.wrong}`);
          ahead = undefined;
        }
        expect(wrong).toEqual([]);
      });
    }
  });
}
