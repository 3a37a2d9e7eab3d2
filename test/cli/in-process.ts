/** Runs a command of the program in this process, which is thousands of times cheaper than starting it. */
import type { Invocation, OptionValues } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import type { Said } from './run.ts';

/** As src/cli.ts does: a ProblemError becomes a sentence and a status, and any other error is thrown. */
export async function inProcess(
  dir: string,
  name: string,
  args: readonly string[],
  options: OptionValues,
  env: NodeJS.ProcessEnv = {},
): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const said = () => ({ out: out.join(''), err: err.join('') });
  const invocation: Invocation = {
    args,
    rest: args,
    options,
    dir,
    named: dir,
    io: {
      out: (text) => void out.push(`${text}\n`),
      painted: (text) => void out.push(`${text}\n`),
      err: (text) => void err.push(`${text}\n`),
      terminal: false,
      columns: 100,
      env,
    },
    program: { node: process.execPath, script: '' },
    signal: new AbortController().signal,
    unheard: new AbortController().signal,
    opened: [],
  };
  try {
    const run = await commands[name]?.load();
    if (!run) throw new Error(`no command "${name}"`);
    return { status: await run(invocation), ...said() };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    err.push(`${error.problem.what}\n${error.problem.fix}\n`);
    return { status: error.status, ...said() };
  } finally {
    for (const one of invocation.opened) one[Symbol.dispose]();
  }
}
