/** A lesson's words: `lesson.md` as JSON, made at build time, still with placeholders such as {{master.port}}. */
import type { DockerPlan, EngineId } from '../../lab/plan/plan.ts';

/** The readers of a block; every field must match. `pg` includes both ends ([15, null]: 15 and later). */
export type Only = {
  readonly engine?: EngineId;
  readonly storage?: DockerPlan['storage'];
  readonly pg?: readonly [number | null, number | null];
  readonly root?: boolean;
};

export type SpanStyle = 'strong' | 'emphasis' | 'code' | 'link' | 'keyword' | 'string' | 'comment' | 'number' | 'name';
export type Span = { readonly text: string; readonly style?: SpanStyle; readonly href?: string };

/** `only` comes from the `:::only{…}` around the block, and from the block's own words or attributes. */
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
      /** The server that the code is for, where its language needs one (`needsServer`). */
      readonly on?: string;
      readonly lines: readonly (readonly Span[])[];
      readonly text: string;
    }
  // Never wrapped; at most 60 columns
  | { readonly kind: 'diagram'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly header: readonly (readonly Span[])[];
      readonly rows: readonly (readonly (readonly Span[])[])[];
    }
  // Its notes are looked up when it is drawn.
  | { readonly kind: 'log'; readonly server: string; readonly text: string }
  // The learner's measurements
  | { readonly kind: 'measured' }
  | { readonly kind: 'rule' };

export type Choice = {
  readonly id: string; // 'a', 'b' … in the order of the file
  readonly right: boolean;
  readonly says: readonly Span[];
  readonly because: readonly Block[]; // the explanation of this choice
};
export type Question = {
  readonly id: string;
  readonly ask: readonly Block[];
  readonly choices: readonly Choice[];
  /** The task that shows what really happens: 'task' of this lesson, or 'lesson/task'. */
  readonly shows?: string;
};
/** `causes`: the hint is for a learner whose task fails with one of them, and is shown before the general hints. */
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
  readonly own: readonly Block[]; // :::own, a box about the learner's own servers
  readonly remember: readonly Block[]; // :::remember, one list of two sentences
};
