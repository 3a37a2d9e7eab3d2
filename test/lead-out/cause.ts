/**
 * Is what a verdict names there? Its place and its words are compared with the files, the logs, the processes and what
 * the servers tell a client. Nothing here imports the program: a verdict comes as plain values.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { nameOf } from './processes.ts';
import { asked, isReached, type Name, type Place, rowOf } from './sessions.ts';

/** A failed verdict, as the program hands it out. */
export type Told = {
  readonly seen: string;
  readonly at?:
    | { readonly server: string; readonly file: string; readonly line?: number }
    | { readonly server: string; readonly log: { readonly message: string } }
    | { readonly server: string; readonly view: string; readonly row: Readonly<Record<string, unknown>> };
};

/** What is not as the verdict says; undefined: all that can be compared is. */
export async function notThere(place: Place, told: Told): Promise<string | undefined> {
  return atPlace(place, told) ?? quotedLine(place, told.seen) ?? namedProcess(told.seen) ?? (await inView(place, told));
}

const labOf = ({ servers }: Place): string => join(servers.master.data, '..', '..');
const pathOf = (place: Place, file: string): string => (isAbsolute(file) ? file : join(labOf(place), file));

/** undefined: no such file, or one that cannot be read. */
function linesOf(place: Place, file: string): readonly string[] | undefined {
  const path = pathOf(place, file);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8').split('\n') : undefined;
}

function atPlace(place: Place, { at }: Told): string | undefined {
  if (!at) return undefined;
  if ('log' in at) {
    const [message = ''] = at.log.message.split('\n');
    return logsOf(place, at.server as Name).some((text) => text.includes(message) || text.includes(inJson(message)))
      ? undefined
      : `no log of ${at.server} has: ${message}`;
  }
  if (!('file' in at) || at.line === undefined) return undefined; // a file may be named because it is not there
  const line = linesOf(place, at.file)?.[at.line - 1];
  return line === undefined || line.trim() === '' ? `${at.file} has nothing in line ${at.line}` : undefined;
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function logsOf(place: Place, on: Name): readonly string[] {
  const folders = [
    join(labOf(place), 'logs'),
    join(place.servers[on].data, 'log'),
    join(place.servers[on].data, 'elsewhere'),
  ];
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8').replaceAll('""', '"'));
}

/** 'line 7 of rep/master_data/postgresql.conf is not understood, near "x": work_mem = 4MB x' */
function quotedLine(place: Place, seen: string): string | undefined {
  const [, number, file, text = ''] = /line (\d+) of (\S+\.conf)\b(?:[^:]*: (.*))?$/.exec(seen) ?? [];
  if (!number || !file) return undefined;
  const line = linesOf(place, file)?.[Number(number) - 1];
  if (line === undefined) return `${file} has no line ${number}`;
  const [name] = /[\w.]+(?=\s*=)/.exec(text) ?? [];
  return name && !line.includes(name) ? `line ${number} of ${file} is ${line}, not ${text}` : undefined;
}

const namedProcess = (seen: string): string | undefined => {
  const [, pid] =
    /\bruns? \(process (\d+)\)|has a process \((\d+)\)|\(process (\d+)\) is there/.exec(seen)?.filter(Boolean) ?? [];
  return pid && !/^postgres/.test(nameOf(Number(pid))) ? `process ${pid} is no server` : undefined;
};

/** Settings, roles and sessions, as the server tells them. A value that is shown as asterisks is not compared. */
async function inView(place: Place, { at }: Told): Promise<string | undefined> {
  if (!at || !('view' in at)) return undefined;
  const { view, row, server } = at;
  const differs = async (text: string, is: (found: Awaited<ReturnType<typeof rowOf>>) => boolean) => {
    const found = await asked(place, server as Name, (client) => rowOf(client, text));
    return isReached(found) || is(found)
      ? undefined
      : `${view} has ${JSON.stringify(found)}, not ${JSON.stringify(row)}`;
  };
  if (view === 'pg_settings' && typeof row.name === 'string' && !String(row.setting).includes('***'))
    return differs(
      `SELECT setting FROM pg_settings WHERE name = '${row.name}'`,
      ({ setting }) => row.setting === undefined || setting === row.setting,
    );
  if (view === 'pg_roles' && typeof row.rolname === 'string')
    return differs(`SELECT count(*)::int AS n FROM pg_roles WHERE rolname = '${row.rolname}'`, ({ n }) => n === 1);
  if (view === 'pg_stat_activity' && typeof row.pid === 'number')
    return differs(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE pid = ${row.pid}`, ({ n }) => n === 1);
  return undefined;
}
