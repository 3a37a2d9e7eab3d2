/** logs and explain: print server logs with what their lines mean. */
import { setFlagsFromString } from 'node:v8';
import logNotes from '../../../../assets/log-notes.yaml';
import { readLab } from '../../../lab/folder.ts';
import type { LabPlan } from '../../../lab/plan/plan.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import { flag, type Invocation, type Run, textOption } from '../../command.ts';
import { logInput } from '../../log-input.ts';
import { atMost, openToLook } from '../../opening/access.ts';
import { namedServer } from '../lab/programs.ts';
import { type ExplainOptions, explain } from './explain.ts';

export const logs: Run = async (invocation) => {
  atMost(invocation, 1, 'logs <server> [-f]');
  const opened = await openToLook(invocation);
  const name = namedServer(opened, invocation.args[0], 'logs <server> [-f]');
  const follow = flag(invocation.options, 'follow') ? invocation.unheard : null;
  return show(invocation, opened.lab.server(name).readLog(follow), opened.file.plan, {
    width: invocation.io.columns,
  });
};

export const explainCommand: Run = async (invocation) => {
  atMost(invocation, 1, 'explain [FILE] [--json] [--only trouble]');
  const only = textOption(invocation.options, 'only');
  if (only !== undefined && only !== 'trouble')
    throw new ProblemError(
      { what: `--only ${only}: there is only "trouble".`, fix: 'Say --only trouble, or leave it out.' },
      2,
    );
  const [file] = invocation.args;
  if ((file === undefined || file === '-') && process.stdin.isTTY)
    throw new ProblemError(
      {
        what: 'explain reads a file or what is piped in, and there is neither.',
        fix: 'docker logs standby 2>&1 | repl-workshop explain',
      },
      2,
    );
  // Undo the launcher's V8 flags: a long log makes much short-lived garbage.
  for (const own of ['--semi-space-growth-factor=2', '--heap-growing-percent=0']) setFlagsFromString(own);
  return show(invocation, logInput(file), planHere(invocation), {
    json: flag(invocation.options, 'json'),
    width: invocation.io.columns,
    ...(only ? { only } : {}),
  });
};

/** The plan of the lab here, if any: the log may be one of its servers', and then its passwords are masked. */
function planHere({ dir }: Invocation): LabPlan | undefined {
  try {
    return readLab(dir)?.plan;
  } catch (error) {
    if (error instanceof ProblemError) return undefined; // without a readable lab the log is still explained
    throw error;
  }
}

async function show(
  { io, unheard: signal }: Invocation,
  input: AsyncIterable<string>,
  plan: LabPlan | undefined,
  options: ExplainOptions,
): Promise<number> {
  for await (const piece of explain(input, logNotes, options)) {
    if (signal.aborted) break;
    io.out(plan ? hideSecrets(piece, plan) : piece);
  }
  return 0;
}
