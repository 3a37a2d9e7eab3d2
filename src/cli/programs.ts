/** What the learner's own programs are called with: shell, psql, editor. */
import { basename } from 'node:path';
import { type LabPlan, serverPlan } from '../lab/plan.ts';
import type { Program } from '../session/session.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The command line of a program, to be run in the lab's shell environment. */
export function programArgv(program: Program, plan: LabPlan, env: Env): readonly string[] {
  switch (program.run) {
    case 'shell':
      return [env.SHELL || 'sh', '-i'];
    case 'psql': {
      const { port, database } = serverPlan(plan, program.server);
      return ['psql', '-h', plan.host, '-p', String(port), '-U', 'postgres', '-d', database];
    }
    case 'edit':
      return editorArgv(program.file, program.line, env);
  }
}

/** `$VISUAL` or `$EDITOR`, which may hold options, at a line where we know how this editor is told; else vi. */
function editorArgv(file: string, line: number | undefined, env: Env): readonly string[] {
  const [editor = 'vi', ...options] = (env.VISUAL || env.EDITOR || 'vi').trim().split(/\s+/);
  const name = basename(editor);
  if (line === undefined) return [editor, ...options, file];
  if (/^(code|codium|cursor)$/.test(name)) return [editor, ...options, '--goto', `${file}:${line}`];
  if (/^(hx|helix|subl|zed|micro)$/.test(name)) return [editor, ...options, `${file}:${line}`];
  if (/^(vi|vim|nvim|view|nano|pico|emacs|emacsclient|joe|jed|mg|kak|ne)$/.test(name))
    return [editor, ...options, `+${line}`, file];
  return [editor, ...options, file];
}
