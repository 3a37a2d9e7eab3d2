/** A rule of the lint returns one sentence for each finding in a lesson, with the remedy. */
import type { CauseKind } from '../../check/cause-kinds.ts';
import type { CauseId } from '../../check/verdict.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import type { LogNote } from '../../postgres/log/notes.ts';
import type { LessonWords, TaskWords } from '../format/words.ts';
import type { LessonFacts, Task } from '../lesson.ts';

/** `text` is that of lesson.md. */
export type LessonFolder = { readonly name: string; readonly files: readonly string[]; readonly text: string };

/** What a rule knows besides the lesson itself. */
export type LintContext = {
  readonly folders: readonly string[]; // of all lessons: '04-let-the-standby-in'
  readonly tasks: readonly string[]; // of all lessons: 'let-the-standby-in/line'
  readonly caught: ReadonlySet<CauseId>; // causes that a mistake of any lesson gives
  readonly unproven: Readonly<Record<CauseId, string>>; // causes that no mistake gives yet → the reason
  readonly kindOf: (cause: CauseId) => CauseKind | undefined;
  readonly notes: readonly LogNote[];
  readonly plan: LabPlan; // of any lab, for the values of placeholders
};

export type Subject = {
  readonly folder: LessonFolder;
  readonly facts: LessonFacts;
  readonly words: LessonWords;
  readonly known: LintContext;
};
export type Rule = (subject: Subject) => readonly string[];

export const say = (wrong: boolean, finding: string): readonly string[] => (wrong ? [finding] : []);
export const joinNames = (names: readonly string[]): string => names.join(', ') || 'none';
export const twice = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, at) => names.indexOf(name) !== at)),
];

/** Tasks with their words: both have the same index. */
export const pairs = (facts: LessonFacts, words: LessonWords): readonly (readonly [Task, TaskWords])[] =>
  facts.tasks.flatMap((task, at) => {
    const found = words.tasks[at];
    return found ? [[task, found] as const] : [];
  });
