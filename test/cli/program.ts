/** The whole program on a terminal, with its own lab and home, and a bash with only the given start-up files. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'vitest';
import { openInTerminal, type Screen } from '../bench/terminal.ts';
import { type Cli, openCli } from './run.ts';

export type LaunchedProgram = AsyncDisposable & { readonly screen: Screen; readonly dir: string; readonly cli: Cli };

export type LaunchOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly lesson?: number;
  /** Whether the lab has or will have servers. */
  readonly hasServers?: boolean;
  readonly bashrc?: string;
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Wraps the command line in another program. */
  readonly around?: (argv: readonly string[]) => readonly string[];
};

/** Starts the program on a new lab and begins, or on a lab at a lesson. */
export async function launchInNewLab(options: LaunchOptions = {}): Promise<LaunchedProgram> {
  const sitting = await launchProgram(options);
  const { screen } = sitting;
  if (options.lesson === undefined) {
    await shows(screen, 'Enter begin');
    screen.type('\r');
  }
  await shows(screen, 'h hint');
  return sitting;
}

export async function launchProgram(options: LaunchOptions = {}): Promise<LaunchedProgram> {
  const cli = openCli();
  if (options.hasServers || options.lesson !== undefined) await takePortsOfItsOwn(cli);
  if (options.lesson !== undefined)
    expect(await cli.run('goto', String(options.lesson), '--yes')).toMatchObject({ status: 0 });
  const home = dirname(cli.dir); // so that the lab is shown as ~/lab
  writeFileSync(join(home, '.bashrc'), options.bashrc ?? "PS1='$ '\n");
  const argv = [process.execPath, options.program ?? resolve('dist/repl-workshop.cjs'), '--lab', cli.dir];
  const screen = openInTerminal(options.around?.(argv) ?? argv, {
    columns: options.columns ?? 120,
    rows: options.rows ?? 40,
    env: { HOME: home, SHELL: '/bin/bash', EDITOR: 'vim -u NONE', LANG: 'C.UTF-8', ...options.env },
  });
  return {
    screen,
    cli,
    dir: cli.dir,
    async [Symbol.asyncDispose]() {
      await screen.close();
      await cli[Symbol.asyncDispose]();
    },
  };
}

/** Gives the lab its own ports, because other tests may take the usual ones before its servers start. */
async function takePortsOfItsOwn({ run, dir }: Cli): Promise<void> {
  await run();
  const file = join(dir, 'lab.json');
  const lab = JSON.parse(readFileSync(file, 'utf8'));
  const first = 6000 + 2 * (process.pid % 1500);
  for (const [at, server] of lab.plan.servers.entries()) server.port = first + at;
  writeFileSync(file, JSON.stringify(lab));
}

/** The program without node-pty: programs get the whole screen. */
export function withoutPty(): Disposable & { readonly program: string } {
  const dist = mkdtempSync(join(tmpdir(), 'rw-dist-'));
  cpSync('dist', dist, { recursive: true });
  // The empty folder hides a package in a folder above.
  mkdirSync(join(dist, 'node_modules/@lydell/node-pty'), { recursive: true });
  return {
    program: join(dist, 'repl-workshop.cjs'),
    [Symbol.dispose]: () => rmSync(dist, { recursive: true, force: true }),
  };
}

export const shows = (screen: Screen, words: string | RegExp) =>
  screen.until(({ text }) => (typeof words === 'string' ? text().includes(words) : words.test(text())), `${words}`);

export const showsNoMore = (screen: Screen, words: string) =>
  screen.until(({ text }) => !text().includes(words), `end of ${words}`);

export async function openShell(screen: Screen): Promise<void> {
  screen.type('t');
  await shows(screen, '[Terminal]');
  await shows(screen, '(lab) $');
}

/** Processes with a working directory in the lab's folder or below, except its servers. */
export const workingIn = (dir: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(dir)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`];
      } catch {
        return []; // the process has ended
      }
    })
    .filter((line) => !/^\d+ (\S*\/)?postgres\b/.test(line));
