/** Lets a program of its own prepare states, so that the next goto or reset takes a moment. */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { type Invocation, textOption } from '../command.ts';

/** `REPL_WORKSHOP_PREPARE=off` prevents it; so does CI, where nobody waits for the next goto. */
export function prepareLater({ dir, io: { env }, program, options }: Invocation): void {
  if (env.REPL_WORKSHOP_PREPARE === 'off' || env.CI) return;
  const bindir = textOption(options, 'bindir');
  const args = [program.script, 'prepare', '--background', '--lab', dir, ...(bindir ? ['--bindir', bindir] : [])];
  const child = spawn(program.node, args, { env, detached: true, stdio: 'ignore', cwd: '/' });
  child.on('error', () => undefined); // without it the next goto plays the solutions
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  child.unref();
}
