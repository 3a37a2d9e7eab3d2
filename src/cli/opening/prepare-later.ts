/** Lets a program of its own prepare states, so that the next goto or reset takes a moment. */
import { runDetached } from '../../lab/machine/detached.ts';
import { type Invocation, textOption } from '../command.ts';

/** `REPL_WORKSHOP_PREPARE=off` prevents it; so does CI, where nobody waits for the next goto. */
export function prepareLater({ dir, io: { env }, program, options }: Invocation): void {
  if (env.REPL_WORKSHOP_PREPARE === 'off' || env.CI) return;
  const bindir = textOption(options, 'bindir');
  const args = [program.script, 'prepare', '--background', '--lab', dir, ...(bindir ? ['--bindir', bindir] : [])];
  runDetached(program.node, args, env);
}
