/** Users of this machine for a test: unused ids with their own folders, and programs that root runs as them. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandResult } from '../../../src/lab/lab.ts';
import { run } from '../../../src/lab/machine/run.ts';

export type User = { readonly uid: number; readonly home: string };

/** The reason why this test process cannot run programs as other users, or null. */
export const cannotBeOthers = process.getuid?.() === 0 ? null : 'only root can be several users';

/** A folder that every user may enter, with a home for each. It is removed at the end. */
export function openUsers(
  uids: readonly number[],
): Disposable & { readonly base: string; readonly users: readonly User[] } {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'rw-users-')));
  chmodSync(base, 0o755);
  const users = uids.map((uid) => {
    const home = join(base, `home-${uid}`);
    mkdirSync(home, { mode: 0o755 });
    chownSync(home, uid, uid);
    return { uid, home };
  });
  return { base, users, [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }) };
}

/** Nothing is prepared in the background: that would go on in a home that is being removed. */
const environment = ({ home }: User) => ({
  HOME: home,
  PATH: process.env.PATH ?? '',
  LANG: 'C.UTF-8',
  REPL_WORKSHOP_PREPARE: 'off',
});

const as = ({ uid }: User, argv: readonly string[]) =>
  uid === 0
    ? { command: argv[0] ?? '', args: argv.slice(1) }
    : { command: 'setpriv', args: [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', ...argv] };

export const runAs = (user: User, argv: readonly string[], input?: string): Promise<CommandResult> =>
  run({ ...as(user, argv), env: environment(user), cwd: user.home }, { input });

/** Runs the built program as the user, on a lab of the user's. */
export const workshop = (user: User, lab: string, ...args: readonly string[]): Promise<CommandResult> =>
  runAs(user, [process.execPath, resolve('dist/repl-workshop.cjs'), '--lab', lab, ...args]);

export type Attempt =
  | { readonly kind: 'read' | 'memory' | 'list' | 'link' | 'append' | 'make'; readonly path: string }
  | { readonly kind: 'socket' | 'listen'; readonly path: string }
  | { readonly kind: 'signal'; readonly pid: number }
  | {
      readonly kind: 'login';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      readonly replication?: string;
    };

export type Got = { readonly attempt: Attempt; readonly got: string };

/** Resolves with the attempts that succeeded. */
export async function tryAs(user: User, attempts: readonly Attempt[]): Promise<readonly Got[]> {
  const script = resolve('test/lab/stranger/stranger.mjs');
  const { stdout, stderr } = await runAs(user, [process.execPath, script], JSON.stringify(attempts));
  const { uid, got } = JSON.parse(stdout || '{}') as { uid?: number; got?: readonly (string | null)[] };
  if (uid !== user.uid || got?.length !== attempts.length) throw new Error(`the attempts did not run: ${stderr}`);
  return attempts.flatMap((attempt, at) => {
    const one = got[at];
    return one === null || one === undefined ? [] : [{ attempt, got: one }];
  });
}

/** A program of the user's that runs until it is disposed of; `said` returns its output so far. */
export function begin(user: User, argv: readonly string[]): Disposable & { said(): string } {
  const { command, args } = as(user, argv);
  const child = spawn(command, args, { env: environment(user), cwd: user.home, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { said: () => said, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
