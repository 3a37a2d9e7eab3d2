/**
 * The entry point: parses the command line, loads and runs one command, and turns errors into messages and exit
 * statuses.
 */
import { resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { version } from '../package.json';
import type { Invocation, Io, OptionValues } from './cli/command.ts';
import { commands, globalOptions } from './cli/commands.ts';
import { helpOf, overview } from './cli/help.ts';
import { home } from './lab/machine/home.ts';
import { takeOwnEnvironment } from './lab/machine/own-environment.ts';
import { ProblemError } from './lab/problem.ts';
import { refusedByMachine } from './lab/refused.ts';
import { walkTo } from './lab/trust/trust.ts';
import { maskText } from './postgres/mask/mask.ts';
import { visible } from './postgres/visible.ts';

async function main(argv: readonly string[]): Promise<number> {
  const ending = new AbortController();
  const closed = new AbortController();
  const io = openIo(argv, closed);
  const stray = catchStray(ending, (error) => reportCrash(error, io));
  try {
    const status = await dispatch(argv, io, ending, closed.signal);
    return stray.error === undefined ? await statusWhenWritten(status, io) : reportCrash(stray.error, io);
  } catch (error) {
    const refused = refusedByMachine(error);
    return refused ? reportProblem(refused, io) : reportCrash(error, io);
  }
}

async function dispatch(
  argv: readonly string[],
  io: Io,
  ending: AbortController,
  closed: AbortSignal,
): Promise<number> {
  const { before, name, rest } = splitCommand(argv);
  const command = commands[name];
  if (!command)
    throw new ProblemError({ what: `There is no command "${name}".`, fix: '"repl-workshop --help" lists them.' }, 2);
  const typed = command.raw ? before : [...before, ...rest];
  const { values, positionals } = parse(typed, name, command.options);
  if (values.version === true) return print(io, version);
  if (values.help === true) return print(io, name === '' ? overview(commands) : helpOf(name, command));
  using _interrupt = onInterrupt(ending);
  needFolder();
  const named = resolve(typeof values.lab === 'string' ? values.lab : `${home(io.env)}/repl-workshop`);
  const invocation: Invocation = {
    args: positionals,
    rest,
    options: values,
    dir: walkTo(named).real,
    named,
    io: values.plain === true ? { ...io, terminal: false } : io,
    program: { node: process.execPath, script: process.argv[1] ?? '' },
    signal: ending.signal,
    unheard: AbortSignal.any([ending.signal, closed]),
    opened: [],
  };
  try {
    return await (await command.load())(invocation);
  } finally {
    for (const one of invocation.opened) one[Symbol.dispose]();
  }
}

/** Paths are read from the shell's folder, and programs are started there. */
function needFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ProblemError({
      what: 'The folder in which this shell is was removed.',
      fix: 'Go to one that is there: cd',
    });
  }
}

/**
 * Splits the arguments at the command's name. Global options may come before it, and those of type string are followed
 * by a value.
 */
function splitCommand(argv: readonly string[]): { before: readonly string[]; name: string; rest: readonly string[] } {
  let at = 0;
  while (at < argv.length && argv[at]?.startsWith('-')) {
    const option = globalOptions[(argv[at] ?? '').replace(/^--/, '')];
    at += option?.type === 'string' ? 2 : 1;
  }
  return { before: argv.slice(0, at), name: argv[at] ?? '', rest: argv.slice(at + 1) };
}

function parse(
  args: readonly string[],
  name: string,
  options: NonNullable<(typeof commands)[string]>['options'],
): { values: OptionValues; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      options: { ...globalOptions, ...options },
      allowPositionals: true,
      strict: true,
      allowNegative: true,
    });
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    const all = { ...globalOptions, ...options };
    const known = Object.keys(all).map((option) => `--${option}`);
    throw new ProblemError({ what: wrongOption(args, name, all), fix: `Known are ${known.join(', ')}.` }, 2);
  }
}

/** Says what is wrong with the options. Node's own messages are not written for learners, and may change. */
function wrongOption(args: readonly string[], name: string, known: NonNullable<ParseArgsConfig['options']>): string {
  const lenient = {
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
  } as const;
  for (const token of parseArgs({ ...lenient, tokens: true }).tokens) {
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const type = known[token.name]?.type;
    if (type === undefined) return `There is no option ${rawName}${name ? ` for "${name}"` : ''}.`;
    if (type === 'boolean' && value !== undefined) return `${rawName} takes no value.`;
    if (type === 'string' && (value === undefined || (!token.inlineValue && value.startsWith('-'))))
      return `${rawName} wants a value behind it.`;
  }
  return 'These options cannot be read.';
}

const writeFailure: { error?: NodeJS.ErrnoException } = {};

/** Resolves when stdout has been written: with `status`, or with 3 when the output could not be written. */
async function statusWhenWritten(status: number, io: Io): Promise<number> {
  await new Promise<void>((done) => process.stdout.write('', () => done()));
  if (!writeFailure.error || status === 2) return status;
  io.err(`repl-workshop: the output could not be written: ${writeFailure.error.message}.`);
  io.err('  → Make room, or send the output somewhere else.');
  return 3;
}

function openIo(argv: readonly string[], closed: AbortController): Io {
  const { stdin, stdout, stderr, env: own } = process;
  // The program that reads our output may end first ("| head"). That is no error, and the command still finishes its
  // work.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') writeFailure.error ??= error; // for example a full disk
      closed.abort();
    });
  // chalk ignores NO_COLOR, and reads FORCE_COLOR when it is loaded, which is later than this.
  if (own.NO_COLOR || argv.includes('--no-color')) own.FORCE_COLOR = '0';
  if (argv.includes('--screen-reader')) own.INK_SCREEN_READER = 'true';
  const env = takeOwnEnvironment();
  return {
    // All plain text and JSON passes here. The workshop's own texts have no control characters, so those that appear
    // come from servers, files or other programs, and are shown as escapes.
    out: (text) => void stdout.write(`${visible(text)}\n`),
    painted: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${visible(text)}\n`),
    terminal: Boolean(stdin.isTTY && stdout.isTTY && env.TERM !== 'dumb' && !env.CI),
    columns: stdout.columns ?? (Number(env.COLUMNS) || 80),
    env,
  };
}

/**
 * Aborts `ending` on SIGINT, SIGTERM and SIGHUP until it is disposed of. The command then closes what it opened, and
 * ends.
 */
function onInterrupt(ending: AbortController): Disposable {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = () => ending.abort();
  for (const signal of signals) process.on(signal, abort);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, abort);
    },
  };
}

/**
 * Catches errors outside of every await. The first one aborts the command as a signal does, so that it closes what it
 * opened. A command that has not ended after `patienceMs` is left by process.exit.
 */
function catchStray(ending: AbortController, report: (error: unknown) => number): { error?: unknown } {
  const stray: { error?: unknown } = {};
  process.on('uncaughtException', (error) => {
    if (stray.error !== undefined) return; // a consequence of the first error
    stray.error = error;
    ending.abort();
    setTimeout(() => process.exit(report(error)), patienceMs).unref();
  });
  return stray;
}

const patienceMs = 15_000; // enough for a goto under way to restore the state before it

function reportProblem({ problem, status }: ProblemError, io: Io): number {
  io.err(`repl-workshop: ${maskText(problem.what)}`);
  io.err(`  → ${problem.fix}`);
  return status;
}

function reportCrash(error: unknown, io: Io): number {
  io.err(
    `repl-workshop: an error of the workshop's own. If a goto, reset or undo was under way, the next command that opens the lab brings everything back; what a solve has done stays, and "repl-workshop undo" takes it back.`,
  );
  io.err(maskText(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  io.err(
    `  → Please report it with these lines, where you got the workshop from (version ${version}, Node ${process.versions.node}, ${process.platform}).`,
  );
  return 3;
}

const print = (io: Io, text: string): number => {
  io.out(text);
  return 0;
};

process.exitCode = await main(process.argv.slice(2));
