/**
 * diff: what has changed in files, roles, slots and settings since the start of a lesson, or what its solution would
 * change. Exit status 0 with and without a difference, and 3 where something could not be looked at.
 */
import type { Observation } from '../../../lab/observation.ts';
import { isProblem, ProblemError } from '../../../lab/problem.ts';
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import type { OpenedLab } from '../../../learner/opened-lab.ts';
import { type ComparedWith, compareState } from '../../../learner/states.ts';
import type { Lesson } from '../../../lesson/lesson.ts';
import { plainText } from '../../../ui/page/prose.ts';
import { notesOnUnknown, unifiedLines } from '../../../ui/sheets/changes.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { atMost, chosenLesson, openToLook } from '../../opening/access.ts';

const usage = 'diff [since <lesson>|start|solution] [--json]';

export const diff: Run = async (invocation) => {
  const { io, options } = invocation;
  const opened = await openToLook(invocation);
  const { against, lesson } = wanted(invocation, opened);
  if (opened.unseen) throw new ProblemError(opened.unseen);
  const now = await opened.lab.observe(invocation.unheard);
  const found = await compareState(opened, now, against, lesson);
  if (isProblem(found)) throw new ProblemError(found);
  if (flag(options, 'json')) io.out(hideSecrets(JSON.stringify({ schema: 1, ...found }), opened.lab.plan));
  else {
    await printLines(unifiedLines(found, lesson.number), opened, invocation);
    for (const note of notesOnUnknown(found)) io.err(note);
  }
  return hasUnseen(now) ? 3 : 0;
};

function wanted(invocation: Invocation, { lessons, learner }: OpenedLab): { against: ComparedWith; lesson: Lesson } {
  const [what = 'start', number] = invocation.args;
  atMost(invocation, what === 'since' ? 2 : 1, usage);
  const lesson = chosenLesson(lessons, learner, number);
  if (what === 'start' || what === 'solution') return { against: what, lesson };
  if (what === 'since' && number !== undefined) return { against: 'start', lesson };
  const wrong = what === 'since' ? 'since wants a lesson behind it.' : `"${what}" is no state to compare with.`;
  throw new ProblemError({ what: wrong, fix: `Usage: repl-workshop ${usage}` }, 2);
}

/** In the learner's colours, where a terminal shows them. */
async function printLines(
  lines: ReturnType<typeof unifiedLines>,
  { learner }: OpenedLab,
  { io }: Invocation,
): Promise<void> {
  if (!io.terminal) return io.out(plainText(lines));
  const { backgroundOf, createPainters } = await import('../../../ui/theme.ts');
  const paint = createPainters(io.env)(learner.settings, backgroundOf(io.env));
  io.painted(lines.map(paint).join('\n'));
}

/** A server that does not run is a fact; one that runs and does not answer was not looked at. */
const hasUnseen = ({ servers }: Observation): boolean =>
  Object.values(servers).some(
    ({ disk, sql, process }) => isProblem(disk) || (process.state === 'up' && isProblem(sql)),
  );
