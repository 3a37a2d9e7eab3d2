/** Runs the built program as a user does, in a folder of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type Said = { readonly status: number; readonly out: string; readonly err: string };

export type Cli = AsyncDisposable & {
  readonly dir: string; // the lab folder; not made yet
  run(...args: string[]): Promise<Said>;
  say(input: string, ...args: string[]): Promise<Said>; // with something to read
};

/** The lab's servers are stopped and the folder is removed at the end. Default ports may be taken by others: the program then moves. */
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
