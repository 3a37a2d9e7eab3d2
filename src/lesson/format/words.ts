/** A lesson's words: what `lesson.md` becomes at build time (JSON), ready to be laid out at any width. Text still holds {{master.port}} and the like. */
import type { DockerPlan, EngineId } from '../../lab/plan/plan.ts';

/** For whom a block is: all that is said must hold. `pg` counts both ends in: [15, null] is 15 and later. `storage`: of data on Docker. */
export type Only = {
  readonly engine?: EngineId;
  readonly storage?: DockerPlan['storage'];
  readonly pg?: readonly [number | null, number | null];
  readonly root?: boolean;
};

export type SpanStyle = 'strong' | 'emphasis' | 'code' | 'link' | 'keyword' | 'string' | 'comment' | 'number' | 'name';
export type Span = { readonly text: string; readonly style?: SpanStyle; readonly href?: string };

/** A block inside `:::only{…}` is only for those, as a fence or log is that says so itself. */
export type Block = AnyBlock & { readonly only?: Only };

type AnyBlock =
  | { readonly kind: 'heading'; readonly depth: number; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Block[])[];
    }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'code';
      readonly lang: string;
      readonly on?: string; // the server that it is for, where the language does not say all (see code-place.ts)
      readonly lines: readonly (readonly Span[])[];
      readonly text: string;
    }
  | { readonly kind: 'diagram'; readonly text: string } // ```diagram: never wrapped, at most 60 columns
  | {
      readonly kind: 'table';
      readonly header: readonly (readonly Span[])[];
      readonly rows: readonly (readonly (readonly Span[])[])[];
    }
  | { readonly kind: 'log'; readonly server: string; readonly text: string } // an excerpt; its notes are looked up when drawn
  | { readonly kind: 'measured' } // :::measured, drawn from the learner's own measurements
  | { readonly kind: 'rule' };

export type Choice = {
  readonly id: string; // 'a', 'b' … in the order of the file
  readonly right: boolean;
  readonly says: readonly Span[];
  readonly because: readonly Block[]; // the explanation for who takes this one
};
export type Question = {
  readonly id: string;
  readonly ask: readonly Block[];
  readonly choices: readonly Choice[];
  readonly shows?: string; // the task that shows what really happens: 'task' of this lesson, or 'lesson/task'
};
/** `causes`: the hint is for whoever made one of these mistakes, and comes before those that are for all. */
export type HintWords = {
  readonly blocks: readonly Block[];
  readonly causes?: readonly string[];
  readonly only?: Only;
};

export type TaskWords = {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly hints: readonly HintWords[];
  readonly questions: readonly Question[];
};

export type LessonWords = {
  readonly title: string;
  readonly intro: readonly Block[];
  readonly tasks: readonly TaskWords[];
  readonly remember: readonly Block[]; // :::remember, the two sentences
};
