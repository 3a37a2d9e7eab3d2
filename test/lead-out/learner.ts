/** A learner who looks at the screen and does what its next steps say, word for word. */

import type { Journal } from '../../src/check/journal.ts';
import type { Step, Verdict } from '../../src/check/verdict.ts';
import { ownPassword } from '../../src/check/verdict.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { judgePrerequisites, type TaskState } from '../../src/learner/judge.ts';
import { applyChanges, assistedBefore, emptyLearnerState } from '../../src/learner/progress.ts';
import type { Lesson } from '../../src/lesson/lesson.ts';
import { stepWords } from '../../src/lesson/step.ts';
import { adviceOf } from '../../src/session/advice.ts';
import type { Session } from '../../src/session/session.ts';
import { openSession, update } from '../../src/session/update.ts';
import type { Name, World } from './world.ts';

export type Screen = {
  /** Looks once; returns the tasks that are shown, the broken ones first. */
  saw(now: Observation): readonly TaskState[];
  /** The verdict came back after its advice was followed: the screen says so, and offers a reset. */
  isSecondTime(state: TaskState): boolean;
  /** The tasks of earlier lessons at the last look, also those that pass, which no screen shows. */
  earlier(): readonly TaskState[];
};

/** The screen of a learner at this lesson, who has done all earlier ones. */
export function openScreen(world: World, lessons: readonly Lesson[], lesson: Lesson, journal: Journal): Screen {
  const at = new Date().toISOString();
  const begun = { ...emptyLearnerState, journal, progress: { ...emptyLearnerState.progress, lesson: lesson.id } };
  const learner = applyChanges(begun, assistedBefore(lessons, begun.progress, lesson.id, at));
  const opening = { lessons, plan: world.lab.plan, about: '', readOnly: false, learner, at, columns: 120, rows: 40 };
  let session: Session = openSession(opening)[0];
  return {
    saw(now) {
      // Twice, since a task is broken at the second look in a row.
      for (let look = 0; look < 2; look++)
        session = update(session, { kind: 'observed', now, learner: session.learner, saves: session.saves })[0];
      const own = new Set(session.tasks.map(({ key }) => key));
      return [...session.broken.filter(({ key }) => !own.has(key)), ...session.tasks];
    },
    isSecondTime: (state) => adviceOf(session.advice, state)?.insufficient === true,
    earlier() {
      const { now, learner } = session;
      return now ? judgePrerequisites(lessons, lesson.id, { now, journal: learner.journal }, learner.progress) : [];
    },
  };
}

/** The states that count: of earlier lessons, and of this one up to the task that is asked for. */
export const upTo = (states: readonly TaskState[], lesson: string, task: string | null): readonly TaskState[] => {
  const own = states.findIndex((one) => one.lesson.id === lesson);
  const last = states.findIndex((one) => one.lesson.id === lesson && one.task.id === task);
  return states.slice(0, last >= 0 ? last + 1 : own);
};

/** The first that does not pass. */
export const firstOpen = (states: readonly TaskState[]): TaskState | undefined =>
  states.find(({ verdict }) => verdict.kind === 'fail' || verdict.kind === 'unknown');

/** Same cause and place: what the learner takes for the same answer. */
export const answerOf = ({ key, verdict }: TaskState): string => {
  if (verdict.kind !== 'fail') return `${key}: ${verdict.kind}`;
  const { at } = verdict;
  const place =
    at === undefined ? '' : 'file' in at ? `${at.file}:${at.line ?? ''}` : 'view' in at ? at.view : at.log.message;
  return `${key}: ${verdict.cause} at ${place}`;
};

export type Followed = {
  readonly words: string;
  readonly person: boolean; // a person must know what to do
  readonly error: string | null; // a command that ended with one
  readonly hung: boolean;
};

/** Does the steps of a verdict, in order. `toTheStart` is what `repl-workshop reset` does. */
export async function follow(
  world: World,
  verdict: Verdict,
  isSecondTime: boolean,
  toTheStart: () => Promise<void>,
): Promise<readonly Followed[]> {
  if (verdict.kind !== 'fail') return [{ words: '(unknown)', person: true, error: null, hung: false }];
  const reset = async (words: string): Promise<Followed> => {
    const error = await toTheStart().then(
      () => null,
      (refused: Error) => refused.message,
    );
    return { words, person: false, error, hung: false };
  };
  if (isSecondTime) return [await reset('repl-workshop reset')]; // what the screen offers then
  const done: Followed[] = [];
  for (const step of firstWay(verdict.next))
    done.push(
      step.do === 'run' && step.text.startsWith('repl-workshop reset')
        ? await reset(step.text)
        : await doStep(world, step),
    );
  return done;
}

/** Behind "or" another way begins. */
function firstWay(next: readonly Step[]): readonly Step[] {
  const other = next.findIndex(({ or }, at) => or && at > 0);
  return other < 0 ? next : next.slice(0, other);
}

/** A question that changes nothing: its answer has to be understood by a person. */
const isQuestion = (step: Step): boolean =>
  step.do === 'sql' && /^\s*(SHOW|SELECT(?!.*\bpg_(wal|reload|cancel|terminate|promote|drop)))/i.test(step.text);

async function doStep(world: World, step: Step): Promise<Followed> {
  const words = stepWords(step, world.lab.plan);
  const byPerson: Followed = { words, person: true, error: null, hung: false };
  switch (step.do) {
    case 'say':
    case 'answer':
      return byPerson;
    case 'edit':
      if (step.text === undefined) return byPerson;
      return { words, person: false, error: edit(world, step, step.text), hung: false };
    case 'chown':
      if (/: chown -R$/.test(words)) return byPerson;
  }
  const { status, out } = await world.shell(words, 8000);
  return {
    words,
    person: isQuestion(step),
    error: status === 0 ? null : out.trim().split('\n').slice(-3).join(' '),
    hung: status === null,
  };
}

type Edit = Extract<Step, { do: 'edit' }>;

/** An editor of the learner: the named line is replaced, else the line is added at the end. */
function edit(world: World, { on, file, line }: Edit, text: string): string | null {
  const path = file.startsWith('/')
    ? file
    : file.startsWith('rep/')
      ? `${world.dir}/${file}`
      : `${world.data(on as Name)}/${file}`;
  const filled = text.replaceAll(ownPassword, () => world.password);
  try {
    const before = world.read(path) ?? '';
    const lines = before === '' ? [] : before.replace(/\n$/, '').split('\n');
    if (typeof line === 'number' && line <= lines.length) lines.splice(line - 1, 1, ...filled.split('\n'));
    else lines.push(filled);
    world.write(path, `${lines.join('\n')}\n`);
    return null;
  } catch (error) {
    return String(error);
  }
}
