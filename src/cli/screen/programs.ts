/** How the programs that get the terminal are started: shell, psql, editor. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { CommandSpec, Lab } from '../../lab/lab.ts';
import type { Observation } from '../../lab/observation.ts';
import { type LabPlan, serverPlan } from '../../lab/plan/plan.ts';
import { lineNear } from '../../postgres/conf/line-near.ts';
import type { TerminalProgram } from '../../session/session.ts';
import { shellSpec } from '../commands/lab/shell.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Starts a program, and waits for its end. What an editor has saved is where the server reads it afterwards. */
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

/** undefined: no file is there yet. */
function lineIn(path: string, near: string): number | undefined {
  try {
    return lineNear(readFileSync(path, 'utf8'), near);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** How a program is started, in the lab's shell environment. psql gets in without being asked for the password. */
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
 * A copy of another server has that one's databases and passwords, on a port of its own. A native server is where it says it is: on the plan's port another
 * lab's may answer, which takes the same password.
 */
function loginOf(server: string, plan: LabPlan, now: Observation | null) {
  const identifier = (name: string) => {
    const disk = now?.servers[name]?.disk;
    return disk && 'control' in disk ? disk.control?.systemIdentifier : undefined;
  };
  const family = identifier(server);
  const origin = plan.servers.find(({ name }) => family !== undefined && identifier(name) === family)?.name ?? server;
  const { database: usual, password } = serverPlan(plan, origin);
  const sql = now?.servers[server]?.sql;
  const there = sql && 'databases' in sql ? sql.databases : [usual];
  const database = [usual, 'postgres'].find((name) => there.includes(name)) ?? there[0] ?? 'postgres';
  const planned = serverPlan(plan, server).port;
  const port = plan.engine === 'native' && sql && 'port' in sql ? sql.port : planned;
  return { host: plan.host, port, database, password, inFile: port === planned };
}

/** As a shell would read them: quotes, or a backslash, keep a path with spaces together. */
const wordsOf = (command: string): readonly string[] =>
  (command.match(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? []).map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_, double = '', single = '', sign = '') => double + single + sign),
  );

/** The name of the learner's editor: 'vim' */
export const editorName = (env: Env): string => basename(wordsOf(env.VISUAL || env.EDITOR || 'vi')[0] ?? 'vi');

/** `$VISUAL` or `$EDITOR`, which may hold options, at a line where we know how this editor is told; else vi. */
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
