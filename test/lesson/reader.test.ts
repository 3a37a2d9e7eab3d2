import { expect, it } from 'vitest';
import { readerOf } from '../../src/lesson/format/fill.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import type { Block, LessonWords } from '../../src/lesson/format/words.ts';
import type { Lesson } from '../../src/lesson/lesson.ts';
import { onDocker } from './docker-plan.ts';
import { plan } from './plan.ts';

const words = parseLesson(
  `# Two

:::only{native}
Port {{master.port}}.
:::

:::only{docker}
Container {{master.container}}.

- it stays
:::

## One engine only

Make a network.

## A guess

::::predict{#who}

:::only{native}
Which process?
:::

:::only{docker}
Which container?
:::

- [x] This.

  Because.

- [ ] That.

  :::only{docker volume}
  It lies in a volume.
  :::

  Because not.
::::

:::hint{native}
Look at the process.
:::

:::hint{docker}
Look at the container.
:::
`,
  'lesson.md',
);
const lesson: Lesson = {
  id: 'two',
  number: 2,
  minutes: 5,
  words,
  tasks: [
    { id: 'network', kind: 'answer', questions: [], only: { engine: 'docker' } },
    { id: 'guess', kind: 'answer', questions: ['who'] },
  ],
  mistakes: [],
};

const readBy = (lab: typeof plan) => {
  const [read] = lessonsFor([lesson], readerOf(lab, false), lab);
  if (!read) throw new Error('the lesson is gone');
  return read;
};
const say = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'list') return block.items.flatMap(say);
    return 'spans' in block ? [block.spans.map(({ text }) => text).join('')] : [];
  });
const guess = ({ tasks }: LessonWords) => tasks.at(-1);

it('a learner reads the text for one engine, with the values of the lab', () => {
  expect(say(readBy(plan).words.intro)).toEqual(['Port 5432.']);
  expect(say(readBy(onDocker()).words.intro)).toEqual(['Container {{master.container}}.', 'it stays']);
});

it('a task for another reader is left out together with its text', () => {
  expect(readBy(plan).tasks.map(({ id }) => id)).toEqual(['guess']);
  expect(readBy(plan).words.tasks.map(({ title }) => title)).toEqual(['A guess']);
  expect(readBy(onDocker()).words.tasks.map(({ title }) => title)).toEqual(['One engine only', 'A guess']);
});

it('questions, explanations and hints for other readers are left out too', () => {
  const asked = (lab: typeof plan) => guess(readBy(lab).words)?.questions[0];
  expect(say(asked(plan)?.ask ?? [])).toEqual(['Which process?']);
  expect(say(asked(onDocker())?.ask ?? [])).toEqual(['Which container?']);
  expect(say(asked(onDocker())?.choices[1]?.because ?? [])).toEqual(['Because not.']);
  expect(say(asked(onDocker({ storage: 'volume' }))?.choices[1]?.because ?? [])).toEqual([
    'It lies in a volume.',
    'Because not.',
  ]);
  expect(guess(readBy(plan).words)?.hints.map(({ blocks }) => say(blocks))).toEqual([['Look at the process.']]);
});
