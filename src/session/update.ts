/** update(session, event) → the session after it, and what is to be done. Pure: the effects come back as events. */
import type { LabPlan } from '../lab/plan.ts';
import type { Problem } from '../lab/problem.ts';
import type { Lesson } from '../lesson/lesson.ts';
import { pressed } from './intents.ts';
import { findings } from './judge.ts';
import { andThen, atTheTop, goTo, judged, remember, type Step } from './moves.ts';
import type { Kept } from './progress.ts';
import { currentLesson, type Deed, type Event, type Session } from './session.ts';
import type { Ground } from './settings.ts';
import { greet } from './welcome.ts';

export type Opening = {
  readonly lessons: readonly Lesson[];
  readonly plan: LabPlan;
  readonly about: string;
  readonly folder?: string;
  readonly ground?: Ground;
  readonly onlyLook: boolean;
  readonly kept: Kept;
  readonly at: string;
  readonly columns: number;
  readonly rows: number;
};

export function openSession({ at, ...given }: Opening): Step {
  const session: Session = {
    folder: '',
    ground: 'dark',
    ...given,
    saves: 0,
    now: null,
    blind: null,
    look: 'idle',
    tasks: [],
    failing: [],
    broken: [],
    clock: at,
    pane: 'words',
    scroll: { words: 0, tasks: 0, overlay: 0 },
    selected: null,
    server: null,
    overlay: null,
    notice: null,
    deed: null,
  };
  return andThen(andThen(goTo(session, currentLesson(session).id), greet), look);
}

export function update(session: Session, event: Event): Step {
  switch (event.kind) {
    case 'observed':
      return observed(session, event);
    case 'look failed':
      return again({ ...session, blind: event.problem });
    case 'changed':
      return session.look === 'idle' ? look(session) : [{ ...session, look: 'under way, once more' }, []];
    case 'tick':
      return andThen([{ ...session, clock: event.at }, []], (next) => (next.look === 'idle' ? look(next) : [next, []]));
    case 'background':
      return [{ ...session, ground: event.ground }, []];
    case 'resized':
      return [{ ...session, columns: event.columns, rows: event.rows }, []];
    case 'intent':
      return pressed(session, event.intent);
    case 'log read':
      return [withLog(session, event), []];
    case 'program ended':
      return update(session, { kind: 'changed' });
    case 'refused':
      return [withProblem(session, event.problem), []];
    case 'deed ended':
      return andThen([deedEnded(session, event), []], (next) => update(next, { kind: 'changed' }));
  }
}

/** A look at the lab; there is never a second one at the same time. */
function look(session: Session): Step {
  return [{ ...session, look: 'under way' }, [{ do: 'observe', saves: session.saves }]];
}

/** What may have changed during a look asks for one more, right after it. */
const again = (session: Session): Step => {
  const rested: Session = { ...session, look: 'idle' };
  return session.look === 'under way, once more' ? look(rested) : [rested, []];
};

function observed(session: Session, { now, kept, saves }: Extract<Event, { kind: 'observed' }>): Step {
  const current = upToDate(session, kept, saves);
  const moved = current.progress.lesson !== session.kept.progress.lesson; // by a command in the lab's shell
  const before = moved ? atTheTop(session) : session;
  const seen: Session = { ...before, kept: current, now, blind: null };
  const found = session.deed ? [] : findings(session.lessons, current, now); // a deed marks its tasks itself
  return andThen(remember(seen, found), (next) => andThen(again(judged(next, now, before.failing)), freshLog));
}

/** What the files hold, unless they were read before our last change reached them, or while a deed moves them about. A second screen turns its pages, and has its settings, by itself. */
function upToDate({ kept, saves, onlyLook, deed }: Session, read: Kept, readAfter: number): Kept {
  if (readAfter !== saves || deed) return kept;
  const { lesson, opened } = kept.progress;
  return onlyLook ? { ...read, progress: { ...read.progress, lesson, opened }, settings: kept.settings } : read;
}

/** The open log is read again when its file has grown. */
function freshLog(session: Session): Step {
  const { overlay, now } = session;
  if (overlay?.kind !== 'log') return [session, []];
  const size = now?.servers[overlay.server]?.log.size ?? 0;
  if (size === overlay.size) return [session, []];
  return [{ ...session, overlay: { ...overlay, size } }, [{ do: 'read log', server: overlay.server }]];
}

function withLog(session: Session, { server, records }: Extract<Event, { kind: 'log read' }>): Session {
  const { overlay } = session;
  return overlay?.kind === 'log' && overlay.server === server
    ? { ...session, overlay: { ...overlay, records } }
    : session;
}

const withProblem = (session: Session, problem: Problem): Session => ({
  ...session,
  overlay: { kind: 'problem', problem },
});

function deedEnded(session: Session, { deed, problem }: Extract<Event, { kind: 'deed ended' }>): Session {
  const saves = session.saves + 1; // the deed has written the files: what a look under way has read of them is old
  const ended: Session = { ...session, deed: null, saves, failing: [], broken: [] };
  if (problem) return withProblem(ended, problem);
  return {
    ...ended,
    overlay: null,
    selected: null,
    notice: { kind: deed.do === 'solve' ? 'solved' : 'reset done', title: titleOf(session, deed) },
  };
}

function titleOf({ lessons }: Session, deed: Deed): string {
  const [lessonId, taskId] = deed.do === 'solve' ? deed.task.split('/') : [deed.lesson];
  const lesson = lessons.find(({ id }) => id === lessonId);
  const index = lesson?.tasks.findIndex(({ id }) => id === taskId) ?? -1;
  return (index < 0 ? lesson?.words.title : lesson?.words.tasks[index]?.title) ?? '';
}
