/** Shell, psql and editor: which one, on what, and when not. */
import type { Step as NextStep } from '../check/verdict.ts';
import { serverPlan } from '../lab/plan.ts';
import { notify, type Step } from './moves.ts';
import { currentServer, currentTask, type Program, type Session } from './session.ts';

const lend = (session: Session, program: Program): Step => [session, [{ do: 'lend', program }]];

export const openShell = (session: Session): Step => lend(session, { run: 'shell' });

/** Where the server does not run, its port may answer all the same: as somebody else's server. */
export function openPsql(session: Session, server: string): Step {
  const state = session.now?.servers[server]?.process.state;
  const isDown = state !== undefined && ['absent', 'created', 'stopped', 'failed'].includes(state);
  return isDown ? notify(session, { kind: 'no server', server }) : lend(session, { run: 'psql', server });
}

/** In a folder that is not there an editor could not save the file. */
export function openEditor(session: Session): Step {
  const program = fileAtHand(session);
  const owner = session.plan.servers.find(({ data }) => program.file.startsWith(`${data}/`));
  const isMissing = owner && session.now?.servers[owner.name]?.process.state === 'absent';
  return isMissing ? notify(session, { kind: 'no files', server: owner.name }) : lend(session, program);
}

type FileProgram = Extract<Program, { run: 'edit' }>;

/** The file that the current verdict names, else the one that the task's own solution writes, else the first server's settings. */
function fileAtHand(session: Session): FileProgram {
  const state = currentTask(session);
  const named = state?.verdict.kind === 'fail' ? state.verdict : undefined;
  if (named?.at && 'file' in named.at && !isFolder(session, named.at.file)) return edit(named.at.file, named.at.line);
  const isEdit = (step: NextStep) => step.do === 'edit';
  const next = named?.next.find(isEdit);
  if (next?.do === 'edit') return edit(inLab(session, next.on, next.file), next.line);
  const solution = state?.task.kind === 'answer' ? [] : (state?.task.solution ?? []);
  const written = solution.flatMap((action) =>
    'file' in action && action.file ? [{ on: action.on, file: action.file }] : [],
  )[0];
  return edit(inLab(session, written?.on ?? currentServer(session), written?.file ?? 'postgresql.conf'));
}

/** A verdict on a missing cluster names the data directory itself. */
const isFolder = ({ plan }: Session, path: string): boolean => plan.servers.some(({ data }) => data === path);

const edit = (file: string, line?: number): FileProgram => ({
  run: 'edit',
  file,
  ...(line === undefined ? {} : { line }),
});

function inLab({ plan }: Session, server: string, file: string): string {
  const { data } = serverPlan(plan, server);
  return file.startsWith(`${data}/`) ? file : `${data}/${file}`;
}
