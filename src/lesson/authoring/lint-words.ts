/** The lint's rules about the words of a lesson: logs, placeholders, diagrams, links, and text for one engine. */
import type { LabPlan } from '../../lab/plan/plan.ts';
import { parseLog } from '../../postgres/log/log.ts';
import { noteOf } from '../../postgres/log/notes.ts';
import { columns } from '../../terminal/width.ts';
import { fill, placeholder } from '../format/fill.ts';
import type { Block, LessonWords, Span } from '../format/words.ts';
import { pairs, type Rule, type Subject, say } from './rule.ts';
import { voiceBreaks } from './voice.ts';

const logsAreExplained: Rule = (subject) =>
  blocksOf(subject.words).flatMap((block) => {
    if (block.kind !== 'log') return [];
    const text = filledText(block.text, subject);
    const records = parseLog(text);
    if (records.length === 0) return [`a :::log of ${block.server} is empty: paste the lines of a real log`];
    return records.flatMap((record) => {
      const line = text.split('\n')[record.line - 1] ?? '';
      if (!record.level)
        return [
          `${place(line, subject)} this is no line of a server's log: "${line}"; paste real lines, with time and level`,
        ];
      return say(
        !noteOf(record, subject.known.notes),
        `${place(line, subject)} no note explains "${record.level}:  ${record.message}": add one to assets/log-notes/, or leave the line out`,
      );
    });
  });

const placeholdersHaveValues: Rule = ({ folder, known }) =>
  folder.text.split('\n').flatMap((line, at) =>
    [...line.matchAll(placeholder)].flatMap(([whole]) => {
      const problem = tryFill(whole, known.plan);
      return typeof problem === 'string' ? [] : [`lesson.md:${at + 1}: ${problem.message}`];
    }),
  );

const diagramsFit: Rule = (subject) => {
  const diagrams = blocksOf(subject.words).filter((block) => block.kind === 'diagram');
  if (diagrams.length === 0) return ['there is no diagram: draw the idea in a ```diagram fence'];
  return diagrams
    .flatMap(({ text }) => filledText(text, subject).split('\n'))
    .filter((line) => columns(line) > 60)
    .map((line) => `${place(line, subject)} a diagram is ${columns(line)} columns wide: draw it in 60 at most`);
};

const twoSentencesRemain: Rule = ({ words: { remember } }) => {
  const [only] = remember;
  const sentences = remember.length === 1 && only?.kind === 'list' ? only.items.length : 0;
  return say(sentences !== 2, `:::remember holds ${sentences} sentences: write a list of exactly two, "- …" each`);
};

const linksResolve: Rule = (subject) =>
  blocksOf(subject.words)
    .flatMap(spansOf)
    .flatMap(({ href }) => {
      if (href === undefined || (href.startsWith('https://') && URL.canParse(href))) return [];
      const folder = /^\.\.\/([^/]+)\/lesson\.md$/.exec(href)?.[1];
      return say(
        !folder || !subject.known.folders.includes(folder),
        `${place(href, subject)} the link to "${href}" leads nowhere: write https://… or ../NN-lesson/lesson.md of an existing lesson`,
      );
    });

const enginesAreServed: Rule = ({ facts, words }) => [
  ...missingEngine(words.intro, 'the intro'),
  ...pairs(facts, words).flatMap(([task, { title, blocks, hints }]) => {
    if (task.only?.engine) return [];
    const inHints = hints.flatMap((hint) =>
      nested(hint.blocks).map((block) => (hint.only ? { ...block, only: hint.only } : block)),
    );
    return [...missingEngine(blocks, `"${title}"`), ...missingEngine(inHints, `one of the hints of "${title}"`)];
  }),
];

function missingEngine(blocks: readonly Block[], where: string): readonly string[] {
  const meant = nested(blocks).flatMap(({ kind, only }) => (only?.engine ? [{ kind, engine: only.engine }] : []));
  const typed = new Set(meant.flatMap(({ kind, engine }) => (kind === 'code' ? [engine] : [])));
  const missing = typed.has('native') ? 'docker' : 'native';
  return say(
    typed.size === 1 && !meant.some(({ engine }) => engine === missing),
    `${where} has commands for one engine and no word for ${missing}: add a fence or a paragraph marked ${missing}, or make the commands serve both`,
  );
}

/** Code, and what others have written (logs, diagrams), is left out. */
const voiceIsKept: Rule = (subject) =>
  blocksOf(subject.words)
    .map((block) => spansOf(block).map(({ text, style }) => (style === 'code' ? '`…`' : text)))
    .flatMap((texts) => voiceBreaks(texts.join('')))
    .map(
      ({ rule, words }) =>
        `${place(words, subject)} "${words}" breaks rule ${rule} of the voice (LESSONS.md): write it more plainly`,
    );

export const wordRules: readonly Rule[] = [
  logsAreExplained,
  placeholdersHaveValues,
  diagramsFit,
  twoSentencesRemain,
  linksResolve,
  enginesAreServed,
  voiceIsKept,
];

/** Leaves unknown placeholders as they are: `placeholdersHaveValues` reports them. */
export function filledText(text: string, { known }: Subject): string {
  return text.replace(placeholder, (whole) => {
    const value = tryFill(whole, known.plan);
    return typeof value === 'string' ? value : whole;
  });
}

function tryFill(text: string, plan: LabPlan): string | Error {
  try {
    return fill(text, plan);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** 'lesson.md:12:', the line of the text in lesson.md. */
export function place(text: string, { folder }: Subject): string {
  const at = folder.text.split('\n').findIndex((line) => line.includes(text.trim()));
  return at < 0 ? 'lesson.md:' : `lesson.md:${at + 1}:`;
}

export const blocksOf = ({ intro, tasks, own, remember }: LessonWords): readonly Block[] => [
  ...nested(intro),
  ...tasks.flatMap(({ blocks, hints, questions }) => [
    ...nested(blocks),
    ...hints.flatMap((hint) => nested(hint.blocks)),
    ...questions.flatMap(({ ask, choices }) => [
      ...nested(ask),
      ...choices.flatMap(({ says, because }) => [{ kind: 'paragraph', spans: says } as const, ...nested(because)]),
    ]),
  ]),
  ...nested(own),
  ...nested(remember),
];

/** All blocks, including those inside lists and quotes. */
const nested = (blocks: readonly Block[]): readonly Block[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'list') return [block, ...block.items.flatMap(nested)];
    return block.kind === 'quote' ? [block, ...nested(block.blocks)] : [block];
  });

function spansOf(block: Block): readonly Span[] {
  if (block.kind === 'table') return [...block.header, ...block.rows.flat()].flat();
  return 'spans' in block ? block.spans : [];
}
