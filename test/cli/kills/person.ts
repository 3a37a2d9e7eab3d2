/** Who runs the program in the campaigns, and how it is run. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { removeMounts } from './small-disk.ts';

const script = resolve('dist/repl-workshop.cjs');

/** A user for the campaign, with its own home and temporary folder, so that files left there are found. */
export type Person = Disposable & {
  readonly name: string;
  readonly uid: number;
  readonly place: string;
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly options: readonly string[]; // of each command, such as the engine
};

/** A user with a name, which initdb needs, and without processes of its own. */
const ordinaryUid = Number(/^games:[^:]*:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1] ?? 65_534);

export function person(ordinary: boolean): Person {
  const place = mkdtempSync(join(tmpdir(), 'rw-kill-'));
  for (const folder of ['home', 'tmp']) mkdirSync(join(place, folder));
  if (ordinary) for (const folder of ['', 'home', 'tmp']) chownSync(join(place, folder), ordinaryUid, ordinaryUid);
  chmodSync(place, 0o755);
  const { CI: _, REPL_WORKSHOP_DEED: __, XDG_CACHE_HOME: ___, XDG_CONFIG_HOME: ____, ...env } = process.env;
  return {
    name: ordinary ? 'an ordinary user' : 'root',
    uid: ordinary ? ordinaryUid : (process.getuid?.() ?? 0),
    place,
    prefix: ordinary ? ['setpriv', `--reuid=${ordinaryUid}`, `--regid=${ordinaryUid}`, '--clear-groups'] : [],
    options: [],
    // What prepares states in the background would be one more program that is killed or not.
    env: {
      ...env,
      HOME: join(place, 'home'),
      TMPDIR: join(place, 'tmp'),
      COLUMNS: '100',
      REPL_WORKSHOP_PREPARE: 'off',
    },
    [Symbol.dispose]() {
      removeMounts(place);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** The folder of this user's prepared states. */
export const cacheOf = ({ env }: Person): string =>
  join(env.XDG_CACHE_HOME ?? join(env.HOME ?? '', '.cache'), 'repl-workshop/states');

/** The same user with another cache. */
export const withCache = (who: Person, folder: string): Person => ({
  ...who,
  env: { ...who.env, XDG_CACHE_HOME: folder },
});

/** Makes paths that the campaign has made belong to this user. */
export function give(who: Person, ...paths: readonly string[]): void {
  if (process.getuid?.() === 0 && who.uid !== 0) for (const path of paths) chownSync(path, who.uid, who.uid);
}

export type Said = { readonly status: number | null; readonly text: string };

function argv({ prefix, options }: Person, dir: string, args: readonly string[]): readonly [string, readonly string[]] {
  const [first = '', ...rest] = [...prefix, process.execPath, script, '--lab', dir, ...options, ...args];
  return [first, rest];
}

export function run(who: Person, dir: string, args: readonly string[], input = ''): Promise<Said> {
  const [command, rest] = argv(who, dir, args);
  return execute(command, rest, { env: who.env, cwd: who.place }, input);
}

type Where = { readonly env: NodeJS.ProcessEnv; readonly cwd: string };

/** Process ids of all programs that the campaigns have started. */
export const started = new Set<number | undefined>();

export const execute = (command: string, args: readonly string[], where: Where, input: string): Promise<Said> =>
  new Promise((done) => {
    const child = execFile(command, args, { ...where, maxBuffer: 1e8 }, (_error, out, err) =>
      done({ status: child.exitCode, text: out + err }),
    );
    started.add(child.pid);
    child.stdin?.on('error', () => undefined); // the program may end before it reads
    child.stdin?.end(input);
  });

/** A command under way, what it has said so far, and what it said in the end. Status null: a signal ended it. */
export type Running = { readonly child: ChildProcess; readonly text: () => string; readonly ended: Promise<Said> };

export function begin(who: Person, dir: string, args: readonly string[]): Running {
  const [command, rest] = argv(who, dir, args);
  const child = spawn(command, rest, { env: who.env, cwd: who.place, stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child.pid);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (text += String(bytes)));
  // Not 'close': servers that the command started may hold its output open.
  const ended = new Promise<Said>((done) => child.on('exit', (status) => setImmediate(() => done({ status, text }))));
  return { child, text: () => text, ended };
}
