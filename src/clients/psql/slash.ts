/** The backslash commands of our small psql. The table is also the text of \?. */
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Ask,
  describeRelations,
  listDatabases,
  listFunctions,
  listRelations,
  listRoles,
  listSchemas,
} from './describe.ts';
import { connectedTo, reconnect } from './reconnect.ts';
import {
  askCatalog,
  CatalogError,
  interruptible,
  type Shell,
  type StatementOutcome,
  send,
  writeError,
  writeOut,
} from './shell.ts';
import { drawTable, type Table } from './table.ts';
import { edit } from './typing/edit.ts';

export type Call = { readonly name: string; readonly words: readonly string[]; readonly pending: string };
type Run = (shell: Shell, call: Call) => StatementOutcome | Promise<StatementOutcome>;
type Command = { readonly names: readonly string[]; readonly usage: string; readonly help: string; readonly run: Run };

/**
 * Reads a script. It is a parameter, since typing/script.ts imports this file: a script may contain backslash commands.
 */
export type ReadScript = (shell: Shell, name: string, text: string) => Promise<StatementOutcome>;

export async function slash(shell: Shell, call: Call, readScript: ReadScript): Promise<StatementOutcome> {
  const command = commands.find(({ names }) => names.includes(call.name.replace(/(?<=^d\w*|^l)\+$/, '')));
  if (call.name === 'i') return include(shell, call, readScript);
  if (!command) {
    writeError(shell, `invalid command \\${call.name}\n`);
    if (shell.interactive) shell.io.error.write('Try \\? for help.\n');
    return 'error';
  }
  return command.run(shell, call);
}

/** Makes a command that queries the catalogs and draws the resulting tables. */
const catalog =
  (tables: (ask: Ask, pattern: string, major: number, call: Call) => Promise<readonly Table[]>): Run =>
  async (shell, call) => {
    const { session } = shell;
    if (!session) return send(shell, '');
    const major = Number.parseInt(session.parameters.get('server_version') ?? '18', 10);
    const pattern = call.words[0] ?? '';
    try {
      const results = await tables((sql) => askCatalog(session, sql), pattern, major, call);
      if (results.some((table) => table.rows.length || table.footers?.length)) {
        for (const table of results) shell.io.output.write(drawTable(table, shell.style));
        return 'ok';
      }
      if (!/^d([tivsm]*)\+?$/.test(call.name))
        for (const table of results) shell.io.output.write(drawTable(table, shell.style));
      else if (pattern) writeError(shell, `Did not find any relation named "${pattern}".\n`);
      else writeError(shell, 'Did not find any relations.\n');
      return pattern ? 'error' : 'ok';
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      writeOut(shell, error.message);
      return session.lost() ? 'lost' : 'error';
    }
  };

const toggle =
  (words: string, read: (shell: Shell) => boolean, write: (shell: Shell, on: boolean) => void): Run =>
  (shell, { words: [wanted] }) => {
    write(shell, wanted === undefined ? !read(shell) : /^(on|1|true|yes)$/i.test(wanted));
    if (!shell.quiet) shell.io.output.write(`${words} ${read(shell) ? 'on' : 'off'}.\n`);
    return 'ok';
  };

const sendAgain =
  (show: { expanded?: boolean }): Run =>
  (shell, { pending }) => {
    const text = pending || shell.lastQuery;
    return text ? send(shell, text, show) : 'ok';
  };

const commands: readonly Command[] = [
  { names: ['?'], usage: '\\?', help: 'this list', run: help },
  {
    names: ['c', 'connect'],
    usage: '\\c [DB [USER [HOST [PORT]]]]',
    help: 'connect to another database or server; - keeps a part; a connection string will do',
    run: (shell, { words }) => reconnect(shell, words),
  },
  {
    names: ['conninfo'],
    usage: '\\conninfo',
    help: 'where this psql is connected',
    run: (shell) => {
      const { session } = shell;
      shell.io.output.write(
        session
          ? `You are connected to ${connectedTo(session.target, session.address)}.\n`
          : 'You are currently not connected to a database.\n',
      );
      return 'ok';
    },
  },
  {
    names: ['d'],
    usage: '\\d [NAME]',
    help: 'tables, views and sequences; with a name: its columns, indexes and constraints',
    run: catalog(async (ask, pattern) =>
      pattern ? describeRelations(ask, pattern) : [await listRelations(ask, 'rpvmSf', '')],
    ),
  },
  {
    names: ['dt', 'di', 'dv', 'dm', 'ds'],
    usage: '\\dt \\di \\dv \\dm \\ds [NAME]',
    help: 'only tables, indexes, views, materialized views, sequences',
    run: catalog(async (ask, pattern, _major, { name }) => [
      await listRelations(ask, relkinds[name.charAt(1)] ?? 'rp', pattern),
    ]),
  },
  {
    names: ['df'],
    usage: '\\df [NAME]',
    help: 'functions',
    run: catalog(async (ask, pattern) => [await listFunctions(ask, pattern)]),
  },
  {
    names: ['dn'],
    usage: '\\dn [NAME]',
    help: 'schemas',
    run: catalog(async (ask, pattern) => [await listSchemas(ask, pattern)]),
  },
  {
    names: ['du', 'dg'],
    usage: '\\du [NAME]',
    help: 'roles',
    run: catalog(async (ask, pattern, major) => [await listRoles(ask, pattern, major)]),
  },
  {
    names: ['l', 'list'],
    usage: '\\l [NAME]',
    help: 'databases',
    run: catalog(async (ask, pattern, major) => [await listDatabases(ask, pattern, major)]),
  },
  {
    names: ['g'],
    usage: '\\g, \\gx',
    help: 'send what is typed, or the last statement again; gx: expanded',
    run: sendAgain({}),
  },
  { names: ['gx'], usage: '', help: '', run: sendAgain({ expanded: true }) },
  {
    names: ['e', 'edit'],
    usage: '\\e',
    help: 'what is typed, or the last statement, in your editor; what you save is sent',
    run: edit,
  },
  {
    names: ['watch'],
    usage: '\\watch [SECONDS]',
    help: 'send it again and again (every 2 seconds) until Ctrl-C',
    run: watch,
  },
  {
    names: ['x'],
    usage: '\\x [on|off]',
    help: 'expanded tables: one line a value',
    run: toggle(
      'Expanded display is',
      (shell) => shell.style.expanded,
      (shell, on) => {
        shell.style.expanded = on;
      },
    ),
  },
  {
    names: ['t'],
    usage: '\\t [on|off]',
    help: 'rows only',
    run: toggle(
      'Tuples only is',
      (shell) => shell.style.tuplesOnly,
      (shell, on) => {
        shell.style.tuplesOnly = on;
      },
    ),
  },
  {
    names: ['a'],
    usage: '\\a',
    help: 'aligned or unaligned output',
    run: (shell) => {
      shell.style.aligned = !shell.style.aligned;
      if (!shell.quiet) shell.io.output.write(`Output format is ${shell.style.aligned ? 'aligned' : 'unaligned'}.\n`);
      return 'ok';
    },
  },
  {
    names: ['timing'],
    usage: '\\timing [on|off]',
    help: 'how long each statement took',
    run: toggle(
      'Timing is',
      (shell) => shell.timing,
      (shell, on) => {
        shell.timing = on;
      },
    ),
  },
  { names: ['i'], usage: '\\i FILE', help: 'run the statements of a file', run: () => 'ok' },
  {
    names: ['set'],
    usage: '\\set NAME [VALUE]',
    help: 'a variable: :NAME in a statement; ON_ERROR_STOP',
    run: (shell, { words: [name, ...value] }) => {
      if (name === undefined)
        for (const [each, text] of shell.variables) shell.io.output.write(`${each} = '${text}'\n`);
      else shell.variables.set(name, value.join(''));
      return 'ok';
    },
  },
  {
    names: ['unset'],
    usage: '\\unset NAME',
    help: 'forget a variable',
    run: (shell, { words: [name = ''] }) => {
      shell.variables.delete(name);
      return 'ok';
    },
  },
  {
    names: ['echo'],
    usage: '\\echo TEXT',
    help: 'write a text',
    run: (shell, { words }) => {
      shell.io.output.write(`${words.join(' ')}\n`);
      return 'ok';
    },
  },
  {
    names: ['p', 'print'],
    usage: '\\p',
    help: 'show what is typed and not yet sent',
    run: (shell, { pending }) => {
      shell.io.output.write(`${pending || shell.lastQuery || 'Query buffer is empty.'}\n`);
      return 'ok';
    },
  },
  {
    names: ['r', 'reset'],
    usage: '\\r',
    help: 'throw away what is typed and not yet sent',
    run: (shell) => {
      if (!shell.quiet) shell.io.output.write('Query buffer reset (cleared).\n');
      return 'ok';
    },
  },
  { names: ['q', 'quit'], usage: '\\q', help: 'leave', run: () => 'quit' },
];

/** The names that Tab completes. */
export const commandNames: readonly string[] = commands.flatMap(({ names }) => names.map((name) => `\\${name}`));

const relkinds: Readonly<Record<string, string>> = { t: 'rp', i: 'iI', v: 'v', m: 'm', s: 'S' };

function help(shell: Shell): StatementOutcome {
  const lines = commands.filter(({ usage }) => usage).map(({ usage, help }) => `  ${usage.padEnd(30)} ${help}\n`);
  shell.io.output.write(
    `A small psql. It knows:\n${lines.join('')}End a statement with ; — Ctrl-C cancels what runs.\n`,
  );
  return 'ok';
}

async function include(shell: Shell, { words: [path] }: Call, readScript: ReadScript): Promise<StatementOutcome> {
  if (path === undefined) {
    writeError(shell, '\\i: missing required argument\n');
    return 'error';
  }
  try {
    return await readScript(shell, path, await readFile(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    writeError(shell, `${path}: ${error.code === 'ENOENT' ? 'No such file or directory' : error.message}\n`);
    return 'error';
  }
}

async function watch(shell: Shell, { words: [seconds = '2'], pending }: Call): Promise<StatementOutcome> {
  const text = pending || shell.lastQuery;
  const every = Number(seconds);
  if (!text) {
    writeError(shell, '\\watch cannot be used with an empty query\n');
    return 'error';
  }
  if (!(every >= 0)) {
    writeError(shell, `\\watch: incorrect interval value "${seconds}"\n`);
    return 'error';
  }
  for (;;) {
    const outcome = await send(shell, text, { title: `${clock(new Date())} (every ${every}s)\n` });
    if (outcome !== 'ok') return outcome;
    const stop = new AbortController();
    const waited = await interruptible(
      shell,
      () => stop.abort(),
      () => wait(every * 1000, true, { signal: stop.signal }).catch(() => false),
    );
    if (!waited) return 'ok';
  }
}

/** Formats a time as the C library does: `Mon Jan  1 14:02:00 2024`. */
const clock = (now: Date): string => {
  const [day, month] = now.toDateString().split(' ');
  return `${day} ${month} ${String(now.getDate()).padStart(2)} ${now.toTimeString().slice(0, 8)} ${now.getFullYear()}`;
};
