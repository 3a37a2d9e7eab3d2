/** Work of the learner, which no command may lose: files in the lab, and a row in a table. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './commands.ts';
import { namesIn } from './moments.ts';
import { execute, give, type Person, run, type Said } from './person.ts';

/**
 * A note beside the servers; a file, a line and a row in the state that operations move. `row` says where the row is;
 * `files` are the small files of that state, with their content.
 */
export type Work = {
  readonly token: string;
  readonly line: boolean;
  readonly row: string | null;
  readonly files: ReadonlyMap<string, string>;
};

/** What the commands need broken is broken then, and `files` is what is left to the learner. */
export async function leaveWork(who: Person, dir: string, token: string, commands: readonly Command[]): Promise<Work> {
  appendFileSync(join(dir, 'notes.txt'), `${token}\n`);
  mkdirSync(join(dir, 'rep'), { recursive: true });
  writeFileSync(join(dir, 'rep/mine.txt'), token);
  give(who, ...['notes.txt', 'rep', 'rep/mine.txt'].map((path) => join(dir, path)));
  const hba = join(dir, 'rep/master_data/pg_hba.conf');
  const line = existsSync(hba);
  if (line) appendFileSync(hba, `# ${token}\n`);
  const row = line ? await leaveRow(who, dir, token) : null;
  for (const { breaks } of commands) breaks?.make(who, dir);
  return { token, line, row, files: smallFiles(dir) };
}

export const hasNote = (dir: string, { token }: Work): boolean =>
  readFileSync(join(dir, 'notes.txt'), 'utf8').endsWith(`${token}\n`);

function smallFiles(root: string): ReadonlyMap<string, string> {
  const inServers = namesIn(join(root, 'rep')).flatMap((server) =>
    namesIn(join(root, 'rep', server))
      .filter((name) => /\.(conf|signal)$/.test(name))
      .map((name) => join('rep', server, name)),
  );
  const paths = ['rep/mine.txt', 'progress.json', 'journal.json', ...inServers];
  return new Map(paths.flatMap((path) => (existsSync(join(root, path)) ? [[path, text(root, path)]] : [])));
}

const text = (root: string, path: string): string =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'latin1') : '';

/** The file and the line are there. */
export const holds = (root: string, { token, line }: Work): boolean =>
  text(root, 'rep/mine.txt') === token && (!line || text(root, 'rep/master_data/pg_hba.conf').includes(`# ${token}\n`));

/** The paths of small files that are not what they were, byte for byte. */
export function changed(root: string, { files }: Work): readonly string[] {
  const now = smallFiles(root);
  return [...new Set([...files.keys(), ...now.keys()])].filter((path) => files.get(path) !== now.get(path));
}

/** Of all files below a folder: names and content. */
export function digestOf(folder: string): string {
  const hash = createHash('sha1');
  const walk = (path: string, name: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      hash.update(`${name}/${entry.name}\n`);
      if (entry.isDirectory()) walk(join(path, entry.name), `${name}/${entry.name}`);
      else if (entry.isFile()) hash.update(readFileSync(join(path, entry.name)));
    }
  };
  walk(folder, '');
  return hash.digest('hex');
}

const whereSql = `SELECT 'in ' || current_database() || ' of ' || system_identifier || ', port ' || inet_server_port() || ', since ' || pg_postmaster_start_time() FROM pg_control_system();`;

/**
 * Inserts a row, on this machine with psql in the lab's shell, and resolves with its database, where
 * `repl-workshop psql` must find it later.
 */
async function leaveRow(who: Person, dir: string, token: string): Promise<string | null> {
  const sql = `SET synchronous_commit = local; CREATE TABLE IF NOT EXISTS mine (note text); INSERT INTO mine VALUES ('${token}'); ${whereSql}\n`;
  const { engine, servers } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan;
  const said =
    engine === 'docker' ? await run(who, dir, ['psql', 'master'], sql) : await inShell(who, dir, servers[0], sql);
  return /INSERT 0 1/.test(said.text) ? (/in \S+ of .*/.exec(said.text)?.[0] ?? said.text) : null;
}

type Database = { readonly port: number; readonly database: string };

function inShell(who: Person, dir: string, { port, database }: Database, sql: string): Promise<Said> {
  const to = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', database];
  const [command = '', ...args] = [...who.prefix, join(dir, 'bin/psql'), ...to];
  return execute(command, args, { env: { ...who.env, PGPASSFILE: join(dir, 'shell/pgpass') }, cwd: who.place }, sql);
}

/** Resolves with no faults when the row exists, else with psql's output, the place, and the server's log. */
export async function rowFaults(
  who: Person,
  dir: string,
  { token, row }: Work,
  about: string,
): Promise<readonly string[]> {
  if (!row) return [];
  const select = `SELECT 'it is ' || note FROM mine WHERE note = '${token}';`;
  const first = await run(who, dir, ['psql', 'master'], `${select}\n`);
  if (first.text.includes(`it is ${token}`)) return [];
  const what = first.text.includes('does not run') ? 'the server with the row does not run' : about;
  const databases = ['master', 'postgres'].flatMap((name) => [`\\c ${name}`, whereSql, select]);
  const looked = await run(who, dir, ['psql', 'master'], `${[whereSql, ...databases].join('\n')}\n`);
  const log = join(dir, 'logs/master.log');
  const said = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-40).join('\n') : 'none';
  return [`${what}: ${first.text}\nwritten: ${row}\nlooked further: ${looked.text}\nlog: ${said}`];
}
