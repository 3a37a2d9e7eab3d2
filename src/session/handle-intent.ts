/** What a key means, done to the session. */

import { isFinished } from '../learner/judge.ts';
import { logMoved, openLog } from './log/update.ts';
import { turn } from './navigation.ts';
import type { Notice } from './notice.ts';
import { changesLab, decline, measureOnScreen, offerSolution, quit, quitAndStop } from './overlays/confirm.ts';
import { showHint, wantsSolution } from './overlays/hints.ts';
import { accept, moveCursor, row } from './overlays/overlays.ts';
import { changePreference, openPreferences } from './overlays/preferences.ts';
import { ask, choose } from './overlays/questions.ts';
import { openEditor, openPsql, sendCode } from './programs.ts';
import { chooseBlock, copyBlock, openSearch, readAt, searchOn } from './reading.ts';
import {
  currentLesson,
  currentServer,
  currentTask,
  type Intent,
  isBroken,
  isComplete,
  isWide,
  type Pane,
  panesOf,
  type Scroll,
  type ScrollTarget,
  type Session,
} from './session.ts';
import {
  divide,
  enterTerminal,
  goneFrom,
  isTyping,
  leaveTerminal,
  scrollTerminal,
  typeIntoTerminal,
  zoomTerminal,
} from './terminal.ts';
import { close, lookFrom, notify, show, type Transition } from './transition.ts';
import { openLayers, selectTask } from './view/layers.ts';
import { openCommit, openMap, turnLevel } from './view/map.ts';

export function pressed(before: Session, intent: Intent): Transition {
  const noted: Session = { ...before, notice: null };
  if (!isAllowed(noted, intent)) return notify(noted, { kind: noted.deed ? 'busy' : 'busy elsewhere' });
  const session = goneFrom(noted);
  switch (intent.do) {
    case 'next':
      return isComplete(session) || session.onlyLook ? turn(session, 1) : notify(session, stillToDo(session));
    case 'skip':
      return isComplete(session) || session.onlyLook
        ? turn(session, 1)
        : show(session, { kind: 'confirm', what: { do: 'skip' } });
    case 'back':
      return turn(session, -1);
    case 'pane':
      return [{ ...session, pane: paneAfter(session) }, []];
    case 'scroll':
      return scroll(session, intent);
    case 'look at':
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
    case 'type':
      return typeIntoTerminal(session, intent.text);
    case 'use':
      return intent.code ? sendCode(session, intent.code) : notify(session, { kind: 'no step' });
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
    case 'measure':
      return measureOnScreen(session);
    case 'stop deed':
      return session.deed && !session.stopping
        ? [{ ...session, stopping: true }, [{ do: 'stop deed' }]]
        : [session, []];
    case 'lessons':
      return show(session, { kind: 'lessons', cursor: session.lessons.indexOf(currentLesson(session)) });
    case 'settings':
      return openPreferences(session);
    case 'log':
      return lookFrom(session, openLog);
    case 'map':
      return lookFrom(session, openMap);
    case 'commit':
      return openCommit(session);
    case 'level':
      return session.overlay?.kind === 'commit' ? turnLevel(session, session.overlay, intent.by) : [session, []];
    case 'help':
      return lookFrom(session, (here) => show(here, { kind: 'help' }));
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
    case 'row':
      return row(session, session.overlay, intent.index);
    case 'change':
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

/** Opens a task beside its words; a narrow screen shows the task. */
function readTask(session: Session, { index, line, of }: Extract<Intent, { do: 'task' }>): Transition {
  const task = session.tasks[index];
  if (!task) return [session, []];
  const [there] = readAt(session, { do: 'scroll', to: line, ...(of === undefined ? {} : { of }), loses: true });
  const pane = isWide(session) ? 'words' : 'tasks';
  return [{ ...there, selected: task.key, pane, scroll: { ...there.scroll, tasks: 0 } }, []];
}

/** What a learner may do while the workshop is at work on the lab and its files. Leaving is not among it: half a deed would leave half a lab. */
const harmless: ReadonlySet<Intent['do']> = new Set([
  'scroll',
  'scroll terminal',
  'leave terminal',
  'zoom',
  'select task',
  'layers',
  'search',
  'search on',
  'block',
  'step',
  'copy',
  'pane',
  'task',
  'server',
  'help',
  'look at',
  'lessons',
  'settings',
  'change',
  'log',
  'map',
  'commit',
  'level',
  'in log',
  'move',
  'close',
  'stop deed',
]);

/** What waits until a command in another terminal has done with the lab and its files. */
const changing: ReadonlySet<Intent['do']> = new Set([
  'next',
  'back',
  'skip',
  'answer',
  'choose',
  'hint',
  'solve',
  'reset',
  'measure',
]);

/** Nothing that is under way stands against it. */
export const isAllowed = ({ deed, elsewhere }: Session, intent: Intent): boolean =>
  deed ? harmless.has(intent.do) : !(elsewhere && changing.has(intent.do));

/** Which scroll position the scrolling keys move: the servers' pane has none of its own. */
export const scrolling = ({ overlay, pane }: Session): ScrollTarget =>
  overlay ? 'overlay' : pane === 'servers' ? 'words' : pane;

function scroll(session: Session, intent: Scroll): Transition {
  const target = intent.what ?? scrolling(session);
  if (target === 'terminal') return scrollTerminal(session, intent.to);
  if (target === 'words') return readAt(session, intent);
  return [{ ...session, scroll: { ...session.scroll, [target]: intent.to } }, []];
}

/** A click on a pane: the keys are for it from now on. */
function lookAt(session: Session, pane: Pane): Transition {
  if (pane === 'terminal') return enterTerminal(session);
  const [left] = isTyping(session) ? leaveTerminal(session) : [session];
  return [{ ...left, pane }, []];
}

function paneAfter(session: Session): Session['pane'] {
  const { pane } = session;
  const there = panesOf(session);
  return there[(there.indexOf(pane) + 1) % there.length] ?? 'words';
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
