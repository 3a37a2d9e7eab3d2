/** The fences of a lesson, in the order in which a learner meets them. */
import type { Block, TaskWords } from '../../src/lesson/format/words.ts';

export type Fence = { readonly lang: string; readonly text: string };

/** Those inside lists and quotes too. The words are one reader's already (lessonsFor). */
export const fencesIn = (blocks: readonly Block[]): readonly Fence[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'code') return [{ lang: block.lang, text: block.text }];
    if (block.kind === 'list') return block.items.flatMap(fencesIn);
    return block.kind === 'quote' ? fencesIn(block.blocks) : [];
  });

export const fencesOf = ({ blocks, hints }: TaskWords) => ({
  words: fencesIn(blocks),
  hints: hints.flatMap((hint) => fencesIn(hint.blocks)),
});

/** Without what only the eye needs: continued lines are one, lines after each other are joined with &&, one space is enough. */
export const asOneLine = (text: string): string =>
  text
    .replace(/\s*\\\n\s*/g, ' ')
    .replace(/\n+/g, ' && ')
    .replace(/\s+/g, ' ')
    .trim();
