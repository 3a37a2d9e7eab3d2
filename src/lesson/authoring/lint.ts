/** The lint of a lesson, which needs no servers. LESSONS.md describes its rules. */
import { isFor, type Reader } from '../format/fill.ts';
import type { LessonWords, Question } from '../format/words.ts';
import type { LessonFacts, Task } from '../lesson.ts';
import { codeRules } from './lint-code.ts';
import { causesOf, nameRules } from './lint-names.ts';
import { wordRules } from './lint-words.ts';
import { joinNames, type LessonFolder, type LintContext, pairs, type Rule, say, twice } from './rule.ts';

/** Returns one sentence for each finding: what is wrong, and the remedy. */
export function lintLesson(folder: LessonFolder, facts: LessonFacts, words: LessonWords, known: LintContext): string[] {
  return rules.flatMap((rule) => rule({ folder, facts, words, known }));
}

const folderIsTidy: Rule = ({ folder, facts }) => [
  ...say(
    folder.name.replace(/^\d\d-/, '') !== facts.id || !/^\d\d-/.test(folder.name),
    `the id "${facts.id}" is not the folder's name "${folder.name}" without its number: rename one of them`,
  ),
  ...needed
    .filter((file) => !folder.files.includes(file))
    .map((file) => `${file} is missing: write it, \`dev new\` shows how it begins`),
  ...folder.files
    .filter((file) => !needed.includes(file))
    .map((file) => `${file} is a stray file: a lesson is ${needed.join(' and ')}, delete the rest`),
];
const needed: readonly string[] = ['lesson.md', 'lesson.ts'];

const headingsAreTasks: Rule = ({ facts, words }) => [
  ...say(
    facts.tasks.length !== words.tasks.length,
    `lesson.ts has ${facts.tasks.length} tasks (${joinNames(facts.tasks.map(({ id }) => id))}), lesson.md has ${words.tasks.length} headings (${joinNames(words.tasks.map(({ title }) => title))}): write one "## heading" per task, in the same order`,
  ),
  ...say(
    facts.tasks.filter(hasWork).length > 4,
    `${facts.tasks.filter(hasWork).length} tasks are too many for one sitting: keep four at most, or make two lessons`,
  ),
  ...say(facts.tasks.length === 0, 'there is no task: give the learner one thing to do at least'),
  ...twice(facts.tasks.map(({ id }) => id)).map((id) => `two tasks are called "${id}": rename one`),
  ...twice(words.tasks.map(({ title }) => title)).map(
    (title) => `two headings say "${title}": the learner cannot tell the tasks apart, rename one`,
  ),
];

/** A state task has no solution of its own when an earlier task's solution makes it pass. */
const hasWork = (task: Task): boolean => task.kind === 'answer' || task.solution.length > 0;

const hintsAreThree: Rule = ({ facts, words }) =>
  pairs(facts, words).flatMap(([task, { hints }]) => {
    if (task.kind === 'answer') return [];
    const count = (reader: Reader) => hints.filter(({ only, causes }) => !causes && isFor(only, reader)).length;
    const few = readers.filter((reader) => isFor(task.only, reader)).find((reader) => count(reader) < 3);
    if (!few) return [];
    return [
      `task "${task.id}" has ${count(few)} of three hints (engine ${few.engine}${few.storage ? `, data in a ${few.storage}` : ''}, PostgreSQL ${few.major}, ${few.root ? 'root' : 'not root'}): add a :::hint, from the idea to the place to the exact line`,
    ];
  });

const engines = [
  { engine: 'native' },
  { engine: 'docker', storage: 'folder' },
  { engine: 'docker', storage: 'volume' },
] as const;
const readers: readonly Reader[] = engines.flatMap((engine) =>
  [18, 17, 16, 15, 14, 13].flatMap((major) => [false, true].map((root) => ({ ...engine, major, root }))),
);

const questionsAreFair: Rule = ({ facts, words }) => [
  ...twice(words.tasks.flatMap(({ questions }) => questions.map(({ id }) => id))).map(
    (id) => `two questions are called "${id}": rename one`,
  ),
  ...words.tasks.flatMap(({ questions }) => questions.flatMap(questionFindings)),
  ...pairs(facts, words).flatMap(([task, { title, questions }]) => {
    const [listed, asked] = [task.kind === 'answer' ? task.questions : [], questions.map(({ id }) => id)];
    return [
      ...asked
        .filter((id) => !listed.includes(id))
        .map(
          (id) =>
            `question "${id}" is under "${title}", but task "${task.id}" does not list it: add it to the questions of an answer task, under that task's heading`,
        ),
      ...listed
        .filter((id) => !asked.includes(id))
        .map(
          (id) =>
            `task "${task.id}" lists question "${id}", which is not under "${title}": write :::predict{#${id}} there`,
        ),
      ...say(
        task.kind === 'answer' && listed.length === 0,
        `answer task "${task.id}" lists no question, so it passes by itself: list one`,
      ),
    ];
  }),
];

function questionFindings({ id, choices }: Question): readonly string[] {
  const right = choices.filter((choice) => choice.right).length;
  return [
    ...say(choices.length < 2, `question "${id}" has ${choices.length} choice: give two at least`),
    ...say(right !== 1, `question "${id}" has ${right} right choices: mark exactly one with [x]`),
    ...choices
      .filter(({ because }) => because.length === 0)
      .map(
        (choice) =>
          `choice ${choice.id} of question "${id}" has no explanation: add an indented paragraph below it, after an empty line`,
      ),
  ];
}

const causesAreCaught: Rule = ({ facts, known }) => {
  const own = new Set(facts.mistakes.map((mistake) => mistake.caught.cause));
  const excused = Object.keys(facts.excused ?? {});
  const possible = facts.tasks.flatMap((task) =>
    task.kind === 'answer' ? [] : task.check.causes.map((cause) => ({ cause, task: task.id })),
  );
  return [
    ...possible
      .filter(
        ({ cause }) =>
          !known.caught.has(cause) && !own.has(cause) && !excused.includes(cause) && !(cause in known.unproven),
      )
      .map(
        ({ cause, task }) =>
          `no mistake shows the cause "${cause}" of task "${task}": add one to mistakes, or say in excused why none can`,
      ),
    ...excused
      .filter((cause) => !possible.some((one) => one.cause === cause))
      .map((cause) => `excused names "${cause}", which no check of this lesson gives: delete it`),
    ...excused
      .filter((cause) => own.has(cause))
      .map((cause) => `excused names "${cause}", yet a mistake shows it: delete the excuse`),
  ];
};

const causesHaveKinds: Rule = ({ facts, known }) =>
  facts.tasks.flatMap((task) =>
    causesOf(task)
      .filter((cause) => known.kindOf(cause) === undefined)
      .map((cause) => `the cause "${cause}" of task "${task.id}" has no kind: add it to src/check/cause-kinds.ts`),
  );

const mistakesAreCatchable: Rule = ({ facts }) => [
  ...twice(facts.mistakes.map(({ id }) => id)).map((id) => `two mistakes are called "${id}": rename one`),
  ...facts.mistakes.flatMap(({ id, caught }) => {
    const task = facts.tasks.find((candidate) => candidate.id === caught.task);
    if (!task)
      return [
        `mistake "${id}" is to be caught by task "${caught.task}", which does not exist: name one of ${joinNames(facts.tasks.map((known) => known.id))}`,
      ];
    const causes = causesOf(task);
    return say(
      !causes.includes(caught.cause),
      `mistake "${id}" is to be caught with "${caught.cause}", which the check of task "${task.id}" never gives: name one of ${joinNames(causes)}`,
    );
  }),
  ...(facts.alternatives ?? [])
    .filter((alternative) => !facts.tasks.some(({ id, kind }) => id === alternative.task && kind !== 'answer'))
    .map(
      ({ id, task }) =>
        `alternative "${id}" is for task "${task}", which is no task with a check here: name one of ${joinNames(facts.tasks.map((known) => known.id))}`,
    ),
];

const otherTasksExist: Rule = ({ facts, known }) =>
  (['supersedes', 'disturbs'] as const).flatMap((field) =>
    (facts[field] ?? [])
      .filter((key) => !known.tasks.includes(key))
      .map((key) => `${field} names "${key}", which is no task: write "lesson-id/task-id" of an existing one`),
  );

const rules: readonly Rule[] = [
  folderIsTidy,
  headingsAreTasks,
  hintsAreThree,
  questionsAreFair,
  causesAreCaught,
  causesHaveKinds,
  mistakesAreCatchable,
  otherTasksExist,
  ...nameRules,
  ...wordRules,
  ...codeRules,
];
