/** psql and editor: which one, on what, and when not. */
import type { Step as NextStep } from '../check/verdict.ts';
import { placeAtHand } from './layers.ts';
import { notify, type Step } from './moves.ts';
import { currentServer, currentTask, type Program, type Session } from './session.ts';
import { runInTerminal } from './terminal.ts';

/** Where the server does not run, its port may answer all the same: as somebody else's server. */
export function openPsql(session: Session, server: string): Step {
  const state = session.now?.servers[server]?.process.state;
  const isDown = state !== undefined && ['absent', 'created', 'stopped', 'failed'].includes(state);
  return isDown ? notify(session, { kind: 'no server', server }) : runInTerminal(session, { run: 'psql', server });
}

/** In a folder that is not there an editor could not save the file. */
export function openEditor(session: Session): Step {
  const program = fileAtHand(session);
  const isMissing = session.now?.servers[program.server]?.process.state === 'absent';
  return isMissing ? notify(session, { kind: 'no files', server: program.server }) : runInTerminal(session, program);
}

type FileProgram = Extract<Program, { run: 'edit' }>;

/** The file of the open layer, else the one that the current verdict names, else the one that the task's own solution writes, else the first server's settings. */
function fileAtHand(session: Session): FileProgram {
  const open = placeAtHand(session);
  if (open && 'file' in open && !isFolder(session, open.server, open.file))
    return edit(open.server, open.file, open.line);
  const state = currentTask(session);
  const named = state?.verdict.kind === 'fail' ? state.verdict : undefined;
  if (named?.at && 'file' in named.at && !isFolder(session, named.at.server, named.at.file))
    return edit(named.at.server, named.at.file, named.at.line);
  const next = named?.next.find((step: NextStep) => step.do === 'edit');
  if (next?.do === 'edit') return edit(next.on, next.file, next.line);
  const solution = state?.task.kind === 'answer' ? [] : (state?.task.solution ?? []);
  const written = solution.flatMap((action) =>
    'file' in action && action.file ? [{ on: action.on, file: action.file }] : [],
  )[0];
  return edit(written?.on ?? currentServer(session), written?.file ?? 'postgresql.conf');
}

/** A verdict on a missing cluster names the data directory itself. */
function isFolder({ plan, now }: Session, server: string, path: string): boolean {
  const disk = now?.servers[server]?.disk;
  return plan.servers.some(({ data }) => data === path) || (disk !== undefined && 'path' in disk && disk.path === path);
}

const edit = (server: string, file: string, line?: number): FileProgram => ({
  run: 'edit',
  server,
  file,
  ...(line === undefined ? {} : { line }),
});
