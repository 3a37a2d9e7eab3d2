/** The fences of a lesson, in reading order. */
import type { SeenPlan } from '../../src/lab/plan/plan-seen.ts';
import { fill } from '../../src/lesson/format/fill.ts';
import type { Block, TaskWords } from '../../src/lesson/format/words.ts';

export type Fence = { readonly lang: string; readonly text: string };

/** The fences, also inside lists and quotes. The text must be that of one reader (lessonsFor). */
export const fencesIn = (blocks: readonly Block[]): readonly Fence[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'code') return [{ lang: block.lang, text: block.text }];
    if (block.kind === 'list') return block.items.flatMap(fencesIn);
    return block.kind === 'quote' ? fencesIn(block.blocks) : [];
  });

/** The fences as a learner of this lab reads them. */
export const filledFences = (fences: readonly Fence[], plan: SeenPlan): readonly Fence[] =>
  fences.map((fence) => ({ ...fence, text: fill(fence.text, plan) }));

export const fencesOf = ({ blocks, hints }: TaskWords) => ({
  words: fencesIn(blocks),
  hints: hints.flatMap((hint) => fencesIn(hint.blocks)),
});

/** A fence as one command line: continued lines are joined, other lines are joined with &&, spaces are collapsed. */
export const asOneLine = (text: string): string =>
  text
    .replace(/\s*\\\n\s*/g, ' ')
    .replace(/\n+/g, ' && ')
    .replace(/\s+/g, ' ')
    .trim();
