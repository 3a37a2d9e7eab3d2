/** Opens psql and the editor, and sends code to its place. */
import type { Step as NextStep } from '../check/verdict.ts';
import type { Action } from '../lesson/action.ts';
import type { Code } from '../lesson/format/code-place.ts';
import { ask } from './overlays/questions.ts';
import { currentServer, currentTask, type Session, type TerminalProgram } from './session.ts';
import { runInTerminal, typeInto } from './terminal.ts';
import { notify, type Transition } from './transition.ts';
import { placeAtHand } from './view/layers.ts';

/** Refuses when the server is down: another server may answer on its port. */
export const openPsql = (session: Session, server: string): Transition =>
  isDown(session, server)
    ? notify(session, { kind: 'no server', server })
    : runInTerminal(session, { run: 'psql', server });

function isDown({ now }: Session, server: string): boolean {
  const state = now?.servers[server]?.process.state;
  return state !== undefined && ['absent', 'created', 'stopped', 'failed'].includes(state);
}

export const openEditor = (session: Session): Transition => openFile(session, fileAtHand(session));

/** Refuses when the server has no data directory: the editor could not save the file. */
function openFile(session: Session, program: FileProgram): Transition {
  const isMissing = session.now?.servers[program.server]?.process.state === 'absent';
  return isMissing ? notify(session, { kind: 'no files', server: program.server }) : runInTerminal(session, program);
}

/** Sends code to its place: types it into the shell or into psql, or opens its file with the line on the clipboard. */
export function sendCode(session: Session, { text, place }: Code): Transition {
  switch (place.to) {
    case 'shell':
      return typeInto(session, { run: 'shell' }, text);
    case 'psql':
      return isDown(session, place.server)
        ? notify(session, { kind: 'no server', server: place.server })
        : typeInto(session, { run: 'psql', server: place.server }, text);
    case 'file': {
      const [opened, effects] = openFile(session, edit(place.server, place.file, place.line, text));
      return [opened, text === '' || opened.notice ? effects : [{ do: 'copy', text }, ...effects]];
    }
    case 'question':
      return ask(session, currentTask(session));
    case 'reader':
      return [session, [{ do: 'copy', text }]];
  }
}

type FileProgram = Extract<TerminalProgram, { run: 'edit' }>;

/**
 * The file to edit: the one of the layer under the cursor, else of the current verdict, else the one that the task's
 * solution writes, else `postgresql.conf` of the current server.
 */
function fileAtHand(session: Session): FileProgram {
  const layerPlace = placeAtHand(session);
  if (layerPlace && 'file' in layerPlace && !isFolder(session, layerPlace.server, layerPlace.file))
    return edit(layerPlace.server, layerPlace.file, layerPlace.line);
  const state = currentTask(session);
  const fail = state?.verdict.kind === 'fail' ? state.verdict : undefined;
  if (fail?.at && 'file' in fail.at && !isFolder(session, fail.at.server, fail.at.file))
    return edit(fail.at.server, fail.at.file, fail.at.line);
  const next = fail?.next.find((step: NextStep) => step.do === 'edit');
  if (next?.do === 'edit') return edit(next.on, next.file, next.line === 'new' ? undefined : next.line, next.text);
  const solution = state?.task.kind === 'answer' ? [] : (state?.task.solution ?? []);
  const written = solution.flatMap((action) =>
    'file' in action && action.file ? [{ on: action.on, file: action.file, near: lineOf(action) }] : [],
  )[0];
  return edit(written?.on ?? currentServer(session), written?.file ?? 'postgresql.conf', undefined, written?.near);
}

const lineOf = (action: Action): string | undefined =>
  action.do === 'set' ? `${action.name} = ''` : 'line' in action ? action.line : undefined;

/** True for a data directory, which is the place of a verdict on a missing cluster. */
function isFolder({ plan, now }: Session, server: string, path: string): boolean {
  const disk = now?.servers[server]?.disk;
  return plan.servers.some(({ data }) => data === path) || (disk !== undefined && 'path' in disk && disk.path === path);
}

const edit = (server: string, file: string, line?: number, near?: string): FileProgram => ({
  run: 'edit',
  server,
  file,
  ...(line === undefined ? (near ? { near } : {}) : { line }),
});
