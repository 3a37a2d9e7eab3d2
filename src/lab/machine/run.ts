/** Runs one program to its end and gives back all it said. */
import { spawn } from 'node:child_process';
import type { CommandResult, CommandSpec } from '../lab.ts';
import { findTool } from './tool.ts';

export function run(
  spec: Omit<CommandSpec, 'cwd' | 'env'> & { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  options: { signal?: AbortSignal | undefined; input?: string | undefined } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(found(spec.command, spec.env), spec.args, {
      cwd: spec.cwd,
      env: spec.env ?? process.env,
      signal: options.signal,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    // A server started by pg_ctl may keep the pipes open, so the end of the program counts, not the end of its output.
    child.on('exit', (status) => setImmediate(() => resolve({ status, stdout, stderr })));
    child.stdin?.end(options.input);
  });
}

/** Programs of the system are found also where PATH is short; a name that nobody knows is left to the system, which says so. */
const found = (command: string, env: NodeJS.ProcessEnv | undefined): string =>
  command.includes('/') ? command : (findTool(command, env?.PATH) ?? command);
