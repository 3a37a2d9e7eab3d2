/** Confirmation before an operation: prints the plan, then asks. */
import { createInterface } from 'node:readline/promises';
import { ProblemError } from '../lab/problem.ts';
import { refuseOthers } from '../lab/trust/others.ts';
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

/** Asks at the terminal; everything but "y" and "yes" is a no. Rejects when `signal` aborts. */
export async function askYes(question: string, signal: AbortSignal): Promise<boolean> {
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asked.question(question, { signal })).trim());
  } finally {
    asked.close();
  }
}
