/** A small psql for machines without the real one, with the same output over the same protocol. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { visible } from '../../postgres/visible.ts';
import { readArguments, UsageError, usageWords } from '../arguments.ts';
import { ConnectError } from '../connect-error.ts';
import { isConninfo, readConninfo, TargetError, target } from '../target.ts';
import type { ConsoleIo } from './console.ts';
import { converse } from './converse.ts';
import { connectShell } from './reconnect.ts';
import { type Shell, type StatementOutcome, send, stopsOnError } from './shell.ts';
import { newScanner, performLine, readLines, readScript } from './typing/script.ts';

const options = {
  command: { short: 'c', long: 'command', value: true },
  file: { short: 'f', long: 'file', value: true },
  host: { short: 'h', long: 'host', value: true },
  port: { short: 'p', long: 'port', value: true },
  user: { short: 'U', long: 'username', value: true },
  dbname: { short: 'd', long: 'dbname', value: true },
  tuplesOnly: { short: 't', long: 'tuples-only' },
  unaligned: { short: 'A', long: 'no-align' },
  separator: { short: 'F', long: 'field-separator', value: true },
  expanded: { short: 'x', long: 'expanded' },
  quiet: { short: 'q', long: 'quiet' },
  noRc: { short: 'X', long: 'no-psqlrc' },
  noReadline: { short: 'n', long: 'no-readline' },
  variable: { short: 'v', long: 'set', value: true },
  variableToo: { long: 'variable', value: true },
  neverAsk: { short: 'w', long: 'no-password' },
  alwaysAsk: { short: 'W', long: 'password' },
  list: { short: 'l', long: 'list' },
  version: { short: 'V', long: 'version' },
  help: { short: '?', long: 'help' },
} as const;

/**
 * Runs psql. Resolves with the exit status of the real one: 0, 1 for a fatal error of its own, 2 for no connection, 3
 * for a script that ON_ERROR_STOP has stopped.
 */
export async function psql(argv: readonly string[], io: ConsoleIo): Promise<number> {
  try {
    const { given, rest } = readArguments(options, argv);
    const has = (name: keyof typeof options) => given.some((each) => each.name === name);
    if (has('help') || has('version')) {
      io.output.write(has('help') ? helpText : versionText);
      return 0;
    }
    return await connected(io, given, rest);
  } catch (error) {
    if (error instanceof UsageError) {
      for (const words of usageWords('psql', error)) io.error.write(visible(`psql: ${words}\n`));
      return 1;
    }
    if (!(error instanceof ConnectError || error instanceof TargetError)) throw error;
    io.error.write(visible(`psql: error: ${error.message}\n`));
    return 2;
  }
}

type Given = readonly { readonly name: keyof typeof options; readonly value: string }[];

async function connected(io: ConsoleIo, given: Given, rest: readonly string[]): Promise<number> {
  const last = (name: keyof typeof options) => given.findLast((each) => each.name === name)?.value;
  const has = (name: keyof typeof options) => last(name) !== undefined;
  const actions = given.filter(({ name }) => name === 'command' || name === 'file' || name === 'list');
  const [dbname = last('dbname') ?? (has('list') ? 'postgres' : ''), user = last('user') ?? ''] = has('dbname')
    ? [last('dbname'), ...rest]
    : rest;
  const named = { host: last('host') ?? '', port: last('port') ?? '', user: last('user') ?? user };
  const layers = isConninfo(dbname) ? [readConninfo(dbname), named] : [{ ...named, dbname }];
  const wanted = target(io, ...layers.map(withoutEmpty), { fallback_application_name: 'psql' });
  const interactive = io.terminal && actions.length === 0;
  const shell: Shell = {
    io,
    asking: has('neverAsk') ? 'never' : has('alwaysAsk') ? 'always' : 'needed',
    interactive,
    variables: new Map(given.filter(({ name }) => name.startsWith('variable')).map(({ value }) => variable(value))),
    style: {
      aligned: !has('unaligned'),
      expanded: has('expanded'),
      tuplesOnly: has('tuplesOnly'),
      separator: last('separator') ?? '|',
    },
    target: wanted,
    session: undefined,
    timing: false,
    quiet: has('quiet'),
    place: '',
    lastQuery: '',
    interrupt: undefined,
  };
  shell.session = await connectShell(shell, wanted);
  shell.target = shell.session.target;
  try {
    if (actions.length) return await perform(shell, actions);
    if (interactive) return await converse(shell);
    const outcome = await readLines(shell, '', createInterface({ input: io.input, terminal: false }));
    return statusOf(shell, outcome);
  } finally {
    await shell.session?.[Symbol.asyncDispose]();
  }
}

const withoutEmpty = (params: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== ''));

const variable = (text: string): [string, string] => {
  const [name = '', ...value] = text.split('=');
  return [name, value.join('=')];
};

const lostStatus = 2;
const statusOf = (shell: Shell, outcome: StatementOutcome): number =>
  outcome === 'lost' ? lostStatus : outcome === 'error' && stopsOnError(shell) ? 3 : 0;

/** Performs -c, -f and -l in the order given. Resolves with the status of the last one. */
async function perform(shell: Shell, actions: Given): Promise<number> {
  let status = 0;
  for (const { name, value } of actions) {
    if (name === 'file') status = await performFile(shell, value);
    else {
      const text = name === 'list' ? '\\l' : value;
      const outcome = text.startsWith('\\')
        ? await performLine(shell, newScanner(shell), text)
        : await send(shell, text);
      if (outcome === 'quit') return 0;
      status = outcome === 'ok' ? 0 : outcome === 'lost' ? lostStatus : 1;
    }
    if (status === lostStatus || (status && stopsOnError(shell))) break;
  }
  return status;
}

async function performFile(shell: Shell, path: string): Promise<number> {
  if (path === '-')
    return statusOf(
      shell,
      await readLines(shell, '<stdin>', createInterface({ input: shell.io.input, terminal: false })),
    );
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text === 'string') return statusOf(shell, await readScript(shell, path, text));
  shell.io.error.write(
    `psql: error: ${path}: ${text.code === 'ENOENT' ? 'No such file or directory' : text.message}\n`,
  );
  return 1;
}

const versionText = "psql (repl-workshop's own small one, for servers 13 to 18)\n";

const helpText = `A small psql, for machines without the real one.

Usage:
  psql [OPTION]... [DBNAME [USERNAME]]     DBNAME may be a connection string or URI

  -c, --command=COMMAND      run one command, and leave (may be given again)
  -f, --file=FILE            run the commands of a file, and leave
  -l, --list                 list databases, and leave
  -v, --set=NAME=VALUE       set a variable; ON_ERROR_STOP=1 stops a script at its first error
  -X, --no-psqlrc            accepted: there is no start-up file
  -A, --no-align             unaligned output      -F, --field-separator=STRING  default "|"
  -t, --tuples-only          rows only             -x, --expanded                one line a value
  -q, --quiet                no messages           -n, --no-readline             accepted
  -h, --host=HOST            a name, an address, or the directory of a socket
  -p, --port=PORT            -U, --username=NAME   -d, --dbname=DBNAME
  -w, --no-password          never ask             -W, --password                always ask
`;
