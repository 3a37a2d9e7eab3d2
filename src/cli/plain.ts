/**
 * Plain text of lessons, verdicts, questions and hints, for the commands and for a workshop opened without a screen.
 */
import type { Journal } from '../check/journal.ts';
import type { SeenPlan } from '../lab/plan/plan-seen.ts';
import { areStepsFolded } from '../learner/folded.ts';
import type { Hint } from '../learner/hints.ts';
import { isFinished, type TaskState } from '../learner/judge.ts';
import { outcomesOf } from '../learner/outcomes.ts';
import { type LearnerState, lessonHere } from '../learner/progress.ts';
import type { Choice, Question } from '../lesson/format/words.ts';
import type { Lesson } from '../lesson/lesson.ts';
import { nextQuestion } from '../lesson/task.ts';
import { indented } from '../ui/layout/fit.ts';
import { type Line, piece, wrap } from '../ui/layout/wrap.ts';
import { messages } from '../ui/messages.ts';
import { pageOf, type Reading } from '../ui/page/page.ts';
import { layout, type ProseContext, plainText } from '../ui/page/prose.ts';
import { lessonStanding } from '../ui/sheets/lesson-list.ts';
import { hintLines } from '../ui/tasks/hints.ts';
import { type Front, hang, titleLines, verdictLines } from '../ui/tasks/verdict.ts';

export type Plain = Reading & { readonly plan: SeenPlan; readonly width: number; readonly journal: Journal };

/** Returns COLUMNS where it is an integer of at least 20 (at most 200 are used), else 80. */
export function plainWidth(env: Readonly<Record<string, string | undefined>>): number {
  const columns = Number(env.COLUMNS);
  return Number.isInteger(columns) && columns >= 20 ? Math.min(columns, 200) : 80;
}

/** Returns the whole lesson, its verdicts, and the next command. */
export function renderLesson(
  lesson: Lesson,
  states: readonly TaskState[],
  learner: LearnerState,
  plain: Plain,
): string {
  const words = plainText(pageOf(lesson.words, proseOf(plain), outcomesOf(lesson, learner)).lines);
  return [words, '', renderCheck(states, plain, foldedFor(learner)), '', renderNext(states, learner, plain)].join('\n');
}

export const foldedFor =
  ({ progress }: Pick<LearnerState, 'progress'>) =>
  (state: TaskState): Front => ({ folded: areStepsFolded(state, progress) });

/** Returns the tasks with their verdicts, under the title of their lesson. */
export function renderCheck(
  states: readonly TaskState[],
  plain: Pick<Plain, 'plan' | 'width'>,
  frontOf: (state: TaskState) => Front = () => ({}),
): string {
  const lessons = [...new Set(states.map(({ lesson }) => lesson))];
  return lessons.map((lesson) => plainText(lessonLines(lesson, states, plain, frontOf))).join('\n\n');
}

function lessonLines(
  lesson: Lesson,
  states: readonly TaskState[],
  { plan, width }: Pick<Plain, 'plan' | 'width'>,
  frontOf: (state: TaskState) => Front,
): readonly Line[] {
  const own = states.filter((state) => state.lesson === lesson);
  const count = messages.progress(own.filter(isFinished).length, own.length);
  return [
    [piece(`${lesson.number}. ${lesson.words.title} (${count})`, 'heading')],
    ...own.flatMap((state) => [
      ...titleLines(state, failsNow(state), '  ', width),
      ...indented(verdictLines(state.verdict, plan, width - 6, { typed: true, ...frontOf(state) }), 6),
    ]),
  ];
}

/** The task was done and fails now. "Broken again" would need two looks in a row, and a command looks once. */
const failsNow = ({ done, verdict }: TaskState): boolean => done !== undefined && verdict.kind === 'fail';

/** Returns a sentence that names the next command. */
export function renderNext(
  states: readonly TaskState[],
  { journal }: Pick<LearnerState, 'journal'>,
  { width }: Pick<Plain, 'width'>,
): string {
  const state = states.find((one) => !isFinished(one));
  if (!state) return sentence(messages.plain.complete, width);
  const question = nextQuestion(state, journal);
  if (question) return sentence(messages.plain.answer(state.words.title, question.id), width);
  return sentence(messages.plain.work(state.words.title), width);
}

export function renderQuestion(question: Question, plain: Plain): string {
  const prose = proseOf(plain);
  const choices = question.choices.flatMap(({ id, says }) =>
    hang(
      [piece(`  ${id}  `)],
      says.map(({ text }) => piece(text)),
      prose.width,
    ),
  );
  return plainText([...layout(question.ask, prose), [], ...choices]);
}

/** Returns whether the choice is right, and why. */
export function renderAnswer({ right, because }: Choice, plain: Plain): string {
  return plainText([[piece(right ? messages.right : messages.wrong)], ...layout(because, proseOf(plain))]);
}

/** Returns the hints of a task up to a level, counted from 1. */
export function renderHints({ words }: Pick<TaskState, 'words'>, hints: readonly Hint[], level: number, plain: Plain) {
  if (hints.length === 0) return messages.notice({ kind: 'no hints' });
  const chosen = hints.slice(0, level).map((_, at) => at);
  return plainText([[piece(words.title, 'heading')], [], ...hintLines(hints, chosen, proseOf(plain)).flat()]).trimEnd();
}

/** Returns all lessons, one on each line. */
export function renderList(lessons: readonly Lesson[], learner: LearnerState): string {
  const here = lessonHere(lessons, learner.progress);
  const titleWidth = Math.max(...lessons.map(({ words }) => words.title.length));
  return lessons
    .map((lesson) => {
      const how = lessonStanding({ learner }, lesson);
      const glyph = how === 'done' || how === 'assisted' ? '✔' : lesson === here ? '▸' : ' ';
      const words = [
        messages.minutes(lesson.minutes),
        messages.lesson[how],
        lesson === here ? messages.youAreHere : '',
      ].filter(Boolean);
      return `${glyph} ${String(lesson.number).padStart(2)}  ${lesson.words.title.padEnd(titleWidth)}  ${words.join(', ')}`;
    })
    .join('\n');
}

const proseOf = ({ plan, notes, root, width, journal }: Plain): ProseContext => ({ plan, notes, root, width, journal });

const sentence = (text: string, width: number): string => plainText(wrap([piece(text)], width));
