/** The plan first, then the question, then the deed. */
import { createInterface } from 'node:readline/promises';
import { ProblemError } from '../lab/problem.ts';
import { flag, type Invocation } from './command.ts';

/** True: go on. `--dry-run` stops after the plan; without a terminal nobody can be asked, so `--yes` has to say it. */
export async function confirmed({ io, options, signal }: Invocation, plan: readonly string[]): Promise<boolean> {
  io.out('This is what will be done:');
  for (const line of plan) io.out(`  - ${line}`);
  if (flag(options, 'dry-run')) {
    io.out('Nothing was done (--dry-run).');
    return false;
  }
  if (flag(options, 'yes')) return true;
  if (!io.terminal)
    throw new ProblemError(
      {
        what: 'There is nobody to ask: this is no terminal.',
        fix: 'Say --yes to do it, or --dry-run to see the plan only.',
      },
      2,
    );
  const question = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await question.question('Do it? [y/N] ', { signal });
    if (/^y(es)?$/i.test(answer.trim())) return true;
    io.out('Nothing was done.');
    return false;
  } finally {
    question.close();
  }
}
