/** Starts a program that goes on when this one ends, with the lowest priority. */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** What it says goes nowhere, and nobody waits for it: only for work whose absence costs nothing but time. */
export function runDetached(command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const child = spawn(command, args, { env, detached: true, stdio: 'ignore', cwd: '/' });
  child.on('error', () => undefined); // it could not be started: that costs nothing but time
  if (child.pid === undefined) return;
  setPriority(child.pid, constants.priority.PRIORITY_LOW);
  child.unref();
}
