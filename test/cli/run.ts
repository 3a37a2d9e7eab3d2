/** Runs the built program as a user does, in its own folder. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type Said = { readonly status: number; readonly out: string; readonly err: string };

export type Cli = AsyncDisposable & {
  /** The lab folder, which does not exist yet. */
  readonly dir: string;
  run(...args: string[]): Promise<Said>;
  /** Runs the program with input. */
  say(input: string, ...args: string[]): Promise<Said>;
};

/**
 * Stops the lab's servers and removes the folder at the end. Where the usual ports are taken, the program uses others.
 */
export function openCli(env: Readonly<Record<string, string>> = {}): Cli {
  const outer = mkdtempSync(join(tmpdir(), 'rw-'));
  const dir = join(outer, 'lab');
  const say = (input: string, ...args: string[]) =>
    runProgram(['--lab', dir, ...args], { XDG_CONFIG_HOME: join(outer, 'config'), ...env }, input);
  const run = (...args: string[]) => say('', ...args);
  return {
    dir,
    run,
    say,
    async [Symbol.asyncDispose]() {
      await run('down');
      rmSync(outer, { recursive: true, force: true });
    },
  };
}

export function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Said> {
  const { CI: _, ...rest } = process.env;
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [resolve('dist/repl-workshop.cjs'), ...args],
      { env: { ...rest, COLUMNS: '100', ...env }, maxBuffer: 64 * 1024 * 1024 },
      (_error, out, err) => done({ status: child.exitCode ?? -1, out, err }),
    );
    child.stdin?.end(input);
  });
}
