/** Runs one program to its end. Resolves with its status and output; rejects when it cannot be started. */
import { spawn } from 'node:child_process';
import type { CommandResult, CommandSpec } from '../lab.ts';
import { findTool } from './tool.ts';

export function run(
  spec: Omit<CommandSpec, 'cwd' | 'env'> & { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  options: { signal?: AbortSignal | undefined; killSignal?: 'SIGKILL'; input?: string | undefined } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(pathOf(spec.command, spec.env), spec.args, {
      cwd: spec.cwd,
      env: spec.env ?? process.env,
      signal: options.signal,
      killSignal: options.killSignal,
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
    // A server started by pg_ctl may keep the pipes open, so this waits for the end of the program, not of its output.
    child.on('exit', (status) => setImmediate(() => resolve({ status, stdout, stderr })));
    child.stdin?.end(options.input);
  });
}

/** Finds system programs also when PATH is short. An unknown name is left to spawn, which reports it. */
const pathOf = (command: string, env: NodeJS.ProcessEnv | undefined): string =>
  command.includes('/') ? command : (findTool(command, env?.PATH) ?? command);
