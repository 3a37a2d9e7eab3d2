/** What a key means, done to the session. */
import { isFinished } from './judge.ts';
import { notify, remember, type Step, show, within } from './moves.ts';
import { changePreference, movePreference, openPreferences } from './preferences.ts';
import { openEditor, openPsql, openShell } from './programs.ts';
import { acceptQuestion, ask, choose, moveChoice } from './questions.ts';
import {
  type Confirm,
  currentLesson,
  currentServer,
  currentTask,
  type Intent,
  isComplete,
  isWide,
  type Notice,
  type Overlay,
  panes,
  type Session,
} from './session.ts';
import { openListed, turn } from './turning.ts';
import { begin } from './welcome.ts';

export function pressed(before: Session, intent: Intent): Step {
  const session: Session = { ...before, notice: null };
  if (session.deed && !harmless.has(intent.do)) return notify(session, { kind: 'busy' });
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
      return [{ ...session, scroll: { ...session.scroll, [intent.what ?? scrolling(session)]: intent.to } }, []];
    case 'look at':
      return [{ ...session, pane: intent.pane }, []];
    case 'task':
      return read(session, intent.index, intent.line);
    case 'server':
      return [{ ...session, server: serverAfter(session, currentServer(session), intent.by) }, []];
    case 'shell':
      return openShell(session);
    case 'psql':
      return openPsql(session, currentServer(session));
    case 'edit':
      return openEditor(session);
    case 'hint':
      return hint(session);
    case 'answer':
      return ask(session, currentTask(session));
    case 'solve':
      return offerSolution(session);
    case 'reset':
      return changesLab(session, { do: 'reset', lesson: currentLesson(session).id });
    case 'lessons':
      return show(session, { kind: 'lessons', cursor: session.lessons.indexOf(currentLesson(session)) });
    case 'settings':
      return openPreferences(session);
    case 'log':
      return openLog(session, currentServer(session));
    case 'help':
      return show(session, { kind: 'help' });
    case 'quit':
      return quit(session);
    case 'close':
      return [{ ...session, overlay: null }, []];
    case 'accept':
      return accept(session, session.overlay);
    case 'refuse':
      return refuse(session, session.overlay);
    case 'move':
      return move(session, session.overlay, intent.by);
    case 'row':
      return row(session, session.overlay, intent.index);
    case 'change':
      return session.overlay?.kind === 'settings'
        ? changePreference(session, session.overlay, intent.by)
        : [session, []];
    case 'choose':
      return session.overlay?.kind === 'question' ? choose(session, session.overlay, intent.choice) : [session, []];
  }
}

/** Opens a task beside its words; a narrow screen shows the task. */
function read(session: Session, index: number, line: number): Step {
  const task = session.tasks[index];
  if (!task) return [session, []];
  return [
    {
      ...session,
      selected: task.key,
      pane: isWide(session) ? 'words' : 'tasks',
      scroll: { ...session.scroll, words: line, tasks: 0 },
    },
    [],
  ];
}

/** What a learner may do while the workshop is at work on the lab and its files. Leaving is not among it: half a deed would leave half a lab. */
const harmless: ReadonlySet<Intent['do']> = new Set([
  'scroll',
  'pane',
  'task',
  'server',
  'help',
  'look at',
  'lessons',
  'settings',
  'change',
  'log',
  'move',
  'close',
]);

/** Which scroll position the scrolling keys move: the servers' pane has none of its own. */
export const scrolling = ({ overlay, pane }: Session): 'overlay' | 'words' | 'tasks' =>
  overlay ? 'overlay' : pane === 'tasks' ? 'tasks' : 'words';

function paneAfter({ pane, columns }: Session): Session['pane'] {
  const there = isWide({ columns }) ? panes.slice(0, 2) : panes;
  return there[(there.indexOf(pane) + 1) % there.length] ?? 'words';
}

function serverAfter({ plan }: Session, name: string, by: 1 | -1): string {
  const names = plan.servers.map((server) => server.name);
  return names[(names.indexOf(name) + by + names.length) % names.length] ?? name;
}

const stillToDo = ({ tasks, now }: Session): Notice =>
  now
    ? { kind: 'still to do', titles: tasks.filter((state) => !isFinished(state)).map(({ words }) => words.title) }
    : { kind: 'looking first' };

function openLog(session: Session, server: string): Step {
  const size = session.now?.servers[server]?.log.size ?? 0;
  const [next] = show({ ...session, server }, { kind: 'log', server, size, records: null });
  return [next, [{ do: 'read log', server }]];
}

/** The first press shows what was shown before, or the first hint; each further one shows one more. */
function hint(session: Session): Step {
  const state = currentTask(session);
  if (!state || state.words.hints.length === 0) return notify(session, { kind: 'no hints' });
  const shown = session.kept.progress.hints[state.key] ?? 0;
  const isOpen = session.overlay?.kind === 'hints';
  const level = Math.min(isOpen ? shown + 1 : Math.max(shown, 1), state.words.hints.length);
  const [open] = show(session, { kind: 'hints', task: state.key });
  return level === shown ? [open, []] : remember(open, [{ kind: 'hint', task: state.key, level }]);
}

function offerSolution(session: Session): Step {
  const state = session.tasks.find((task) => !isFinished(task)); // a later one cannot be solved before it
  return state ? changesLab(session, { do: 'solve', task: state.key }) : notify(session, { kind: 'nothing to solve' });
}

function changesLab(session: Session, what: Confirm): Step {
  if (session.onlyLook) return notify(session, { kind: 'only looking' });
  return show(session, { kind: 'confirm', what });
}

const isRunning = ({ now }: Session): boolean =>
  Object.values(now?.servers ?? {}).some(({ process }) => process.state === 'up');

function quit(session: Session): Step {
  return isRunning(session) && !session.onlyLook
    ? show(session, { kind: 'confirm', what: { do: 'quit' } })
    : [session, [{ do: 'quit', stopServers: false }]];
}

function accept(session: Session, overlay: Overlay | null): Step {
  const closed: Session = { ...session, overlay: null };
  switch (overlay?.kind) {
    case 'confirm':
      return confirmed(closed, overlay.what);
    case 'lessons':
      return openListed(closed, overlay.cursor);
    case 'welcome':
      return begin(session);
    case 'settings':
      return changePreference(session, overlay, 1);
    case 'question':
      return acceptQuestion(session, overlay);
    case 'hints':
    case 'log':
    case 'help':
    case 'end':
    case 'problem':
    case undefined:
      return [closed, []];
  }
}

function confirmed(session: Session, what: Confirm): Step {
  switch (what.do) {
    case 'skip':
      return turn(session, 1);
    case 'quit':
      return [session, [{ do: 'quit', stopServers: false }]];
    case 'reset':
    case 'solve':
      return [{ ...session, deed: what, failing: [], broken: [] }, [{ do: 'perform', deed: what }]];
  }
}

/** Only the question to quit has a second way to say yes: stop the servers too. */
const refuse = (session: Session, overlay: Overlay | null): Step =>
  overlay?.kind === 'confirm' && overlay.what.do === 'quit'
    ? [{ ...session, overlay: null }, [{ do: 'quit', stopServers: true }]]
    : [{ ...session, overlay: null }, []];

function move(session: Session, overlay: Overlay | null, by: 1 | -1): Step {
  switch (overlay?.kind) {
    case 'log':
      return openLog(session, serverAfter(session, overlay.server, by));
    case 'lessons':
      return [
        { ...session, overlay: { ...overlay, cursor: within(overlay.cursor + by, session.lessons.length + 1) } },
        [],
      ];
    case 'settings':
      return movePreference(session, overlay, by);
    case 'question':
      return moveChoice(session, overlay, by);
    case 'hints':
    case 'help':
    case 'welcome':
    case 'end':
    case 'confirm':
    case 'problem':
    case undefined:
      return [session, []];
  }
}

/** What a click on a row means: the cursor goes there, and Enter is pressed. */
const row = (session: Session, overlay: Overlay | null, index: number): Step =>
  overlay?.kind === 'lessons' || overlay?.kind === 'settings'
    ? accept(session, { ...overlay, cursor: index })
    : [session, []];
