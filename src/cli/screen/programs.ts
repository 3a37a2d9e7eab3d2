/** Starts the programs that get a terminal: the lab's shell, psql and the editor. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { CommandSpec, Lab } from '../../lab/lab.ts';
import type { Observation } from '../../lab/observation.ts';
import { type LabPlan, serverPlan } from '../../lab/plan/plan.ts';
import { lineNear } from '../../postgres/conf/line-near.ts';
import type { TerminalProgram } from '../../session/session.ts';
import { shellSpec } from '../commands/lab/shell.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Starts a program by `runIt`, and resolves with the result of `runIt`. A file that an editor has saved is written
 * back to the server's folder before that.
 */
export async function runFullscreen<T>(
  program: TerminalProgram,
  lab: Lab,
  env: Env,
  now: Observation | null,
  runIt: (spec: CommandSpec) => Promise<T>,
): Promise<T> {
  if (program.run !== 'edit') return runIt(programSpec(program, lab, env, now));
  const opened = await lab.openFile(program.server, program.file);
  try {
    const line = program.line ?? (program.near && lineIn(resolve(lab.dir, opened.path), program.near));
    return await runIt(
      programSpec({ run: 'edit', server: program.server, file: opened.path, ...(line ? { line } : {}) }, lab, env, now),
    );
  } finally {
    await opened.done();
  }
}

/** Returns undefined when there is no file yet. */
function lineIn(path: string, near: string): number | undefined {
  try {
    return lineNear(readFileSync(path, 'utf8'), near);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns the command that starts a program in the environment of the lab's shell. psql gets its password there. */
export function programSpec(
  program: TerminalProgram,
  lab: Pick<Lab, 'dir' | 'plan' | 'command'>,
  env: Env,
  now: Observation | null,
): CommandSpec {
  switch (program.run) {
    case 'shell':
      return shellSpec(lab, env);
    case 'psql': {
      const { host, port, database, password, inFile } = loginOf(program.server, lab.plan, now);
      const spec = lab.command(['psql', '-h', host, '-p', String(port), '-U', 'postgres', '-d', database]);
      return spec.env.PGPASSFILE === undefined || !inFile
        ? { ...spec, env: { ...spec.env, PGPASSWORD: password } }
        : spec;
    }
    case 'edit':
      return lab.command(editorArgv(program.file, program.line, env));
  }
}

/**
 * Returns the login for psql. A clone has the databases and passwords of the server that it was cloned from. For a
 * native server the port is the one that it reports: on the plan's port a server of another lab may answer, with the
 * same password. `inFile`: the password file of the lab's shell has this login.
 */
function loginOf(server: string, plan: LabPlan, now: Observation | null) {
  const identifier = (name: string) => {
    const disk = now?.servers[name]?.disk;
    return disk && 'control' in disk ? disk.control?.systemIdentifier : undefined;
  };
  const ownIdentifier = identifier(server);
  const origin =
    plan.servers.find(({ name }) => ownIdentifier !== undefined && identifier(name) === ownIdentifier)?.name ?? server;
  const { database: usual, password } = serverPlan(plan, origin);
  const sql = now?.servers[server]?.sql;
  const there = sql && 'databases' in sql ? sql.databases : [usual];
  const database = [usual, 'postgres'].find((name) => there.includes(name)) ?? there[0] ?? 'postgres';
  const planned = serverPlan(plan, server).port;
  const port = plan.engine === 'native' && sql && 'port' in sql ? sql.port : planned;
  return { host: plan.host, port, database, password, inFile: port === planned };
}

/** Splits a command as a shell does: quotes or a backslash keep a path with spaces together. */
const wordsOf = (command: string): readonly string[] =>
  (command.match(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? []).map((word) =>
    word.replace(
      /"([^"]*)"|'([^']*)'|\\(.)/g,
      (_, double = '', single = '', escaped = '') => double + single + escaped,
    ),
  );

/** The name of the learner's editor: 'vim' */
export const editorName = (env: Env): string => basename(wordsOf(env.VISUAL || env.EDITOR || 'vi')[0] ?? 'vi');

/**
 * Uses `$VISUAL` or `$EDITOR` with its options, else vi. The line is passed on to editors whose option for it is
 * known.
 */
function editorArgv(file: string, line: number | undefined, env: Env): readonly string[] {
  const [editor = 'vi', ...options] = wordsOf(env.VISUAL || env.EDITOR || 'vi');
  const name = basename(editor);
  if (line === undefined) return [editor, ...options, file];
  if (/^(code|codium|cursor)$/.test(name)) return [editor, ...options, '--goto', `${file}:${line}`];
  if (/^(hx|helix|subl|zed|micro)$/.test(name)) return [editor, ...options, `${file}:${line}`];
  if (/^(vi|vim|nvim|view|nano|pico|emacs|emacsclient|joe|jed|mg|kak|ne)$/.test(name))
    return [editor, ...options, `+${line}`, file];
  return [editor, ...options, file];
}
