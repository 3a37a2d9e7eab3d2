/** Applies an intent of the learner to the session. */

import { isFinished } from '../learner/judge.ts';
import { isAllowed } from './allowed.ts';
import type { Intent, Pane, Scroll, ScrollTarget } from './intent.ts';
import { logMoved, openLog } from './log/update.ts';
import type { Notice } from './notice.ts';
import { canStop } from './operation.ts';
import {
  changesLab,
  decline,
  findStep,
  measureOnScreen,
  offerSolution,
  quit,
  quitAndStop,
} from './overlays/confirm.ts';
import { showHint, wantsSolution } from './overlays/hints.ts';
import { accept, moveCursor, pickRow } from './overlays/overlays.ts';
import { changePreference, openPreferences } from './overlays/preferences.ts';
import { ask, choose } from './overlays/questions.ts';
import { turnPage } from './page/navigation.ts';
import { chooseBlock, copyBlock, openSearch, readAt, searchOn } from './page/reading.ts';
import { openEditor, openPsql, sendCode } from './programs.ts';
import {
  currentLesson,
  currentServer,
  currentTask,
  isBroken,
  isComplete,
  isWide,
  panesOf,
  type Session,
} from './session.ts';
import {
  afterTerminal,
  divide,
  enterTerminal,
  isTyping,
  leaveTerminal,
  scrollTerminal,
  typeIntoTerminal,
  zoomTerminal,
} from './terminal.ts';
import { close, notify, openFrom, show, type Transition } from './transition.ts';
import { openChanges } from './view/changes.ts';
import { verdictKey } from './view/folded.ts';
import { openLayers, selectTask } from './view/layers.ts';
import { openCommit, openMap, turnLevel } from './view/map.ts';

export function handleIntent(before: Session, intent: Intent): Transition {
  const noted: Session = { ...before, notice: null };
  if (!isAllowed(noted, intent)) return notify(noted, { kind: noted.operation ? 'busy' : 'busy elsewhere' });
  const session = afterTerminal(noted);
  switch (intent.do) {
    case 'next':
      return isComplete(session) || session.readOnly ? turnPage(session, 1) : notify(session, stillToDo(session));
    case 'skip':
      return isComplete(session) || session.readOnly
        ? turnPage(session, 1)
        : show(session, { kind: 'confirm', what: { do: 'skip' } });
    case 'back':
      return turnPage(session, -1);
    case 'next pane':
      return [{ ...session, pane: paneAfter(session) }, []];
    case 'scroll':
      return scroll(session, intent);
    case 'focus pane':
      return lookAt(session, intent.pane);
    case 'scroll terminal':
      return scrollTerminal(noted, intent.to);
    case 'select task':
      return selectTask(session, intent.by);
    case 'layers':
      return openLayers(session);
    case 'search':
      return openSearch(session, intent.from);
    case 'search on':
      return searchOn(session, intent);
    case 'block':
      return chooseBlock(session, intent.index, intent.scroll);
    case 'copy':
      return copyBlock(session, intent.block);
    case 'type text':
      return typeIntoTerminal(session, intent.text);
    case 'use':
      return intent.code ? sendCode(session, intent.code) : notify(session, { kind: 'no step' });
    case 'unfold': {
      const task = currentTask(session);
      return [task ? { ...session, unfolded: verdictKey(task) } : session, []];
    }
    case 'step':
      return [{ ...session, step: intent.index }, []];
    case 'task':
      return readTask(session, intent);
    case 'server':
      return [{ ...session, server: serverAfter(session, currentServer(session), intent.by) }, []];
    case 'shell':
      return enterTerminal(session);
    case 'leave terminal':
      return leaveTerminal(session);
    case 'zoom':
      return zoomTerminal(noted);
    case 'divide':
      return divide(session, intent.left);
    case 'psql':
      return openPsql(session, currentServer(session));
    case 'edit':
      return openEditor(session);
    case 'hint':
      return wantsSolution(session) ? offerSolution(session) : showHint(session);
    case 'answer':
      return ask(session, currentTask(session));
    case 'solve':
      return offerSolution(session);
    case 'reset':
      return changesLab(session, { do: 'reset', lesson: currentLesson(session).id });
    case 'undo':
    case 'redo':
      return findStep(session, intent.do);
    case 'measure':
      return measureOnScreen(session);
    case 'stop operation':
      return canStop(session) ? [{ ...session, stopping: true }, [{ do: 'stop operation' }]] : [session, []];
    case 'lessons':
      return show(session, { kind: 'lessons', cursor: session.lessons.indexOf(currentLesson(session)) });
    case 'settings':
      return openPreferences(session);
    case 'log':
      return openFrom(session, openLog);
    case 'map':
      return openFrom(session, openMap);
    case 'changes':
      return openFrom(session, openChanges);
    case 'commit':
      return openCommit(session);
    case 'level':
      return session.overlay?.kind === 'commit' ? turnLevel(session, session.overlay, intent.by) : [session, []];
    case 'help':
      return openFrom(session, (here) => show(here, { kind: 'help' }));
    case 'quit':
      return quit(session);
    case 'close':
      return session.overlay?.kind === 'commit' ? openMap(session) : close(session);
    case 'accept':
      return accept(session, session.overlay);
    case 'decline':
      return decline(session);
    case 'stop servers':
      return quitAndStop(session, session.overlay);
    case 'move':
      return moveCursor(session, session.overlay, intent.by);
    case 'pick row':
      return pickRow(session, session.overlay, intent.index);
    case 'change setting':
      return session.overlay?.kind === 'settings'
        ? changePreference(session, session.overlay, intent.by)
        : [session, []];
    case 'choose':
      return session.overlay?.kind === 'question' ? choose(session, session.overlay, intent.choice) : [session, []];
    case 'in log':
      return logMoved(session, intent.move);
    case 'report':
      return [session, [{ do: 'write report' }]];
  }
}

/** Selects a task and scrolls the lesson to the text about it. A narrow screen shows the tasks pane instead. */
function readTask(session: Session, { index, line, pageLines }: Extract<Intent, { do: 'task' }>): Transition {
  const task = session.tasks[index];
  if (!task) return [session, []];
  const [scrolled] = readAt(session, {
    do: 'scroll',
    to: line,
    ...(pageLines === undefined ? {} : { pageLines }),
    dropsBlock: true,
  });
  const pane = isWide(session) ? 'words' : 'tasks';
  return [{ ...scrolled, selected: task.key, pane, scroll: { ...scrolled.scroll, tasks: 0 } }, []];
}

/** The scroll position that the scrolling keys move. The servers pane has none of its own: the lesson scrolls. */
export const scrolling = ({ overlay, pane }: Session): ScrollTarget =>
  overlay ? 'overlay' : pane === 'servers' ? 'words' : pane;

function scroll(session: Session, intent: Scroll): Transition {
  const target = intent.what ?? scrolling(session);
  if (target === 'terminal') return scrollTerminal(session, intent.to);
  if (target === 'words') return readAt(session, intent);
  return [{ ...session, scroll: { ...session.scroll, [target]: intent.to } }, []];
}

/** A click on a pane: the pane gets the keys. */
function lookAt(session: Session, pane: Pane): Transition {
  if (pane === 'terminal') return enterTerminal(session);
  const [next] = isTyping(session) ? leaveTerminal(session) : [session];
  return [{ ...next, pane }, []];
}

function paneAfter(session: Session): Session['pane'] {
  const { pane } = session;
  const panes = panesOf(session);
  return panes[(panes.indexOf(pane) + 1) % panes.length] ?? 'words';
}

function serverAfter({ plan }: Session, name: string, by: 1 | -1): string {
  const names = plan.servers.map((server) => server.name);
  return names[(names.indexOf(name) + by + names.length) % names.length] ?? name;
}

function stillToDo(session: Session): Notice {
  if (!session.now) return { kind: 'looking first' };
  const open = session.tasks.filter((state) => !isFinished(state) || isBroken(session, state));
  return { kind: 'still to do', titles: open.map(({ words }) => words.title) };
}
