/** check: prints verdicts, for people, programs and CI. It writes nothing but the --junit file. */
import { setTimeout as pause } from 'node:timers/promises';
import { interrupted } from '../../../lab/backup/interrupted.ts';
import { readRegular } from '../../../lab/files/regular-file.ts';
import { writeNamed } from '../../../lab/files/write-file.ts';
import type { LabPlan } from '../../../lab/plan/plan.ts';
import { planSeen } from '../../../lab/plan/plan-seen.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import { cannotWrite } from '../../../lab/store/store.ts';
import { areStepsFolded } from '../../../learner/folded.ts';
import type { TaskState } from '../../../learner/judge.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { lessonHere } from '../../../learner/progress.ts';
import { readLearner } from '../../../learner/store.ts';
import { maskedJson } from '../../../postgres/mask/mask.ts';
import type { Front } from '../../../ui/tasks/verdict.ts';
import { isJunit, junit } from '../../check/junit.ts';
import { verdictJson } from '../../check/verdict-json.ts';
import type { WatchSession } from '../../check/watch-session.ts';
import { flag, type Invocation, isOutput, type Run, textOption } from '../../command.ts';
import { atMost, chosenLesson, openToLook } from '../../opening/access.ts';
import { brokenPrerequisites, exitStatus, judge, plainOf } from '../../opening/evaluate.ts';
import { tellExposed } from '../../opening/exposed.ts';
import { tellUnseen } from '../../opening/unseen.ts';
import { renderCheck } from '../../plain.ts';

export const check: Run = async (invocation) => {
  atMost(invocation, 1, 'check [lesson] [--all]');
  const watch = flag(invocation.options, 'watch');
  if (flag(invocation.options, 'json') && isOutput(textOption(invocation.options, 'junit')))
    throw new ProblemError(
      {
        what: '--json and --junit both ask for the output.',
        fix: 'Name a file for one: repl-workshop check --json --junit FILE',
      },
      2,
    );
  // Opened once, also with --watch: a lab remembers logins that a server has refused, and does not try them again.
  const opened = await openToLook(invocation);
  tellExposed(opened.lab, invocation);
  tellUnseen(opened, invocation);
  const session = watch ? (await import('../../check/watch-session.ts')).watchSession(opened) : null;
  let [before, lastWarning] = ['', ''];
  for (;;) {
    const { shown, warning, status } = await look(opened, invocation, session);
    if (warning !== lastWarning && warning !== '') invocation.io.err(warning);
    lastWarning = warning;
    if (shown !== before) invocation.io.out(watch && before !== '' ? `\n${shown}` : shown);
    before = shown;
    if (!watch || status === 0 || invocation.unheard.aborted) return status;
    await pause(1000, undefined, { signal: invocation.unheard }).catch(() => undefined); // rejects on Ctrl-C
    if (invocation.unheard.aborted) return status;
  }
};

async function look(
  opened: OpenedLab,
  invocation: Invocation,
  session: WatchSession | null,
): Promise<{ shown: string; warning: string; status: number }> {
  const { options, args, dir } = invocation;
  const learner = readLearner(dir).learner;
  const seen = { now: await opened.lab.observe(invocation.unheard), journal: learner.journal };
  const lesson = chosenLesson(opened.lessons, learner, args[0]);
  const here = lessonHere(opened.lessons, learner.progress);
  const upTo = opened.lessons.slice(0, opened.lessons.indexOf(here) + 1);
  const states = flag(options, 'all')
    ? upTo.flatMap((one) => judge(opened, one, seen, learner))
    : judge(opened, lesson, seen, learner);
  const broken = flag(options, 'all') ? [] : brokenPrerequisites(opened, lesson, seen, learner);
  const comeBack = session?.(lesson, seen.now, learner);
  const front = (state: TaskState): Front => {
    const again = comeBack?.(state);
    return { comeBack: again, folded: !flag(options, 'steps') && !again && areStepsFolded(state, learner.progress) };
  };
  const file = textOption(options, 'junit');
  const asJunit = file ? hideSecrets(junit(states), opened.file.plan) : '';
  if (file && !isOutput(file)) write(file, asJunit);
  const all = [...broken, ...states];
  const plan = planSeen(opened.lab.plan, seen.now);
  const shown = isOutput(file)
    ? asJunit.trimEnd()
    : flag(options, 'json')
      ? hideSecrets(
          JSON.stringify({
            schema: 1,
            lesson: lesson.id,
            tasks: states.map(taskJson(plan, front)),
            broken: broken.map(taskJson(plan, front)),
            ...(opened.unseen ? { unseen: JSON.parse(maskedJson(opened.unseen)) } : {}),
          }),
          opened.file.plan,
        )
      : renderCheck(all, plainOf(opened, learner, invocation, seen.now), front);
  const left = interrupted(dir);
  const warning = left ? `${left.problem.what} ${left.problem.fix}` : '';
  return { shown, warning, status: left?.untrue ? 3 : exitStatus(all) };
}

const taskJson = (plan: LabPlan, front: (state: TaskState) => Front) => (state: TaskState) => {
  const { key, words, verdict, done } = state;
  const { comeBack: again, folded = false } = front(state);
  return {
    ...JSON.parse(maskedJson({ task: key, title: words.title, done: done ?? null, ...(again ? { again } : {}) })),
    verdict: verdictJson(verdict, plan, folded),
  };
};

function write(file: string, content: string): void {
  try {
    if (!isFree(file)) throw notOurs(file);
    writeNamed(file, content);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw cannotWrite(file, error as NodeJS.ErrnoException, 'Name a file in a folder that is there, and yours.');
  }
}

/** True for no file, an empty file or an older JUnit file. writeNamed refuses what is not a regular file. */
function isFree(file: string): boolean {
  const read = readRegular(file, mostBytes);
  return (
    read.kind === 'absent' || (read.kind === 'bytes' ? isJunit(read.bytes.toString('utf8')) : read.code !== 'EFBIG')
  );
}

const mostBytes = 64 * 1024 * 1024;

const notOurs = (file: string): ProblemError =>
  new ProblemError(
    {
      what: `${file} is there already, and is no JUnit file.`,
      fix: 'Move it away, or choose another name: repl-workshop check --junit FILE',
    },
    2,
  );
