/** Does what the steps of a verdict say, as a learner does it: commands in the lab's shell, lines in an editor. */
import type { Edit, Step } from '../../check/verdict.ts';
import type { LabPlan } from '../../lab/plan/plan.ts';
import { ProblemError } from '../../lab/problem.ts';
import { refusedBy } from '../../lab/refused.ts';
import { applyAction, type Runner, shellInput } from '../apply.ts';
import { shellWord } from '../shell-word.ts';
import { filledStep, inData, stepWords } from '../step.ts';

export type Followed = {
  readonly words: string;
  readonly person: boolean; // nothing was done: it takes a person
  readonly error: string | null; // of a command that ended with one
  readonly hung: boolean; // the command went on for `limitMs`, and was ended
};

const limitMs = 20_000; // a clone of a lab's data takes some seconds

/** The first way that takes no person; else the first that has a step for a program; else the first. */
export function chosenWay(next: readonly Step[], plan: LabPlan): readonly Step[] {
  const starts = next.flatMap(({ or }, at) => (at === 0 || or ? [at] : []));
  const ways = starts.map((from, at) => next.slice(from, starts[at + 1]));
  const takesPerson = (step: Step) => needsPerson(step, plan);
  return ways.find((way) => !way.some(takesPerson)) ?? ways.find((way) => !way.every(takesPerson)) ?? ways[0] ?? [];
}

/** A sentence, a question, what needs a password for root, or an operation of the workshop, which asks first. */
export function needsPerson(step: Step, { docker }: LabPlan): boolean {
  switch (step.do) {
    case 'say':
    case 'answer':
      return true;
    case 'chown':
      return !docker && step.uid === undefined;
    case 'run':
      return step.text.startsWith('repl-workshop ');
    case 'sql':
      return /^\s*(SHOW|SELECT(?!.*\bpg_(wal|reload|cancel|terminate|promote|drop)))/i.test(step.text);
    default:
      return false;
  }
}

/** An error of a command is a part of the result; any other error is thrown. */
export async function followStep(runner: Runner, step: Step): Promise<Followed> {
  const { lab } = runner;
  const words = stepWords(step, runner.plan.value);
  const followed: Followed = { words, person: false, error: null, hung: false };
  if (needsPerson(step, lab.plan)) return { ...followed, person: true };
  if (step.do === 'edit') return { ...followed, error: await refusal(edit(runner, step)) };
  if (step.do === 'sql' && step.waits) return { ...followed, error: await refusal(begin(runner, step)) };
  const signal = AbortSignal.timeout(limitMs);
  try {
    const { status, stdout, stderr } = await lab.exec(['sh'], { input: shellInput(lab.plan, words), signal });
    return { ...followed, error: status === 0 ? null : (stderr || stdout).trim(), hung: signal.aborted };
  } catch (error) {
    if (signal.aborted) return { ...followed, error: `it went on for ${limitMs / 1000} s`, hung: true };
    throw error;
  }
}

async function refusal(deed: Promise<void>): Promise<string | null> {
  try {
    await deed;
    return null;
  } catch (error) {
    const refused = refusedBy(error);
    if (!refused) throw error;
    return refused.problem.what;
  }
}

/** The commit waits in the background, so that the look behind it can see that. */
const begin = (runner: Runner, { on, text, database }: Extract<Step, { do: 'sql' }>): Promise<void> =>
  applyAction(runner, '', { do: 'begin', on, text, ...(database === undefined ? {} : { database }) });

/** The named line is replaced, else the line is added at the end. */
async function edit({ lab, plan }: Runner, step: Edit): Promise<void> {
  const { on, file, line, text } = filledStep(step, lab.plan) as Edit;
  const changed = (before: string): string => {
    const lines = before === '' ? [] : before.replace(/\n$/, '').split('\n');
    const isThere = typeof line === 'number' && line <= lines.length;
    lines.splice(isThere ? line - 1 : lines.length, isThere ? 1 : 0, ...text.split('\n'));
    return `${lines.join('\n')}\n`;
  };
  const server = lab.server(on);
  const path = inData(plan.value, on, file);
  if (!path.startsWith('/')) return server.writeFile(path, changed((await server.readFile(path)) ?? ''));
  const { stdout } = await lab.exec(['cat', path]); // a file outside, which a line includes; it may not be there yet
  const input = `printf %s ${shellWord(changed(stdout))} > ${shellWord(path)}\n`;
  const { status, stderr } = await lab.exec(['sh'], { input });
  if (status !== 0) throw new ProblemError({ what: `${path}: ${stderr.trim()}`, fix: 'Edit it yourself.' });
}
