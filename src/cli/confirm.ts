/** Confirmation before an operation: prints the plan, then asks. */
import { createInterface } from 'node:readline/promises';
import type { Lab } from '../lab/lab.ts';
import { ProblemError } from '../lab/problem.ts';
import { refuseOthers } from '../lab/trust/others.ts';
import { type SeenBefore, seenBefore } from '../learner/operations/plans.ts';
import { messages } from '../ui/messages.ts';
import { flag, type Invocation } from './command.ts';

const words = messages.sure;

/**
 * Resolves with true when the command shall go on. `--dry-run` stops after the plan, and `--yes` answers the question.
 * Throws a ProblemError where there is neither a terminal nor `--yes`.
 */
export async function askConfirmation(
  { io, options, named, signal }: Invocation,
  plan: readonly string[],
): Promise<boolean> {
  if (!flag(options, 'dry-run')) refuseOthers(named);
  io.out(words.plan);
  for (const line of plan) io.out(`  - ${line}`);
  if (flag(options, 'dry-run')) {
    io.out(words.dryRun);
    return false;
  }
  if (flag(options, 'yes')) return true;
  if (!io.terminal) throw new ProblemError(words.nobody, 2);
  if (await askYes(words.question, signal)) return true;
  io.out(words.refused);
  return false;
}

/** What a plan says of the servers as they are now. With `--yes` nobody reads it before the operation: no look then. */
export const seenToConfirm = async ({ options }: Invocation, lab: Lab): Promise<SeenBefore> =>
  flag(options, 'yes') && !flag(options, 'dry-run') ? {} : seenBefore(lab);

/** Asks at the terminal; everything but "y" and "yes" is a no. Rejects when `signal` aborts. */
export async function askYes(question: string, signal: AbortSignal): Promise<boolean> {
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asked.question(question, { signal })).trim());
  } finally {
    asked.close();
  }
}
