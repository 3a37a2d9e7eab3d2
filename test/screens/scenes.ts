/** The screens of the workshop, each with its lesson, the observations of its servers, and the keys that lead to it. */
import { readFileSync } from 'node:fs';
import type { Seen } from '../../src/check/journal.ts';
import type { Measurement } from '../../src/lab/measure/measurement.ts';
import { differenceOf } from '../../src/lab/state/difference.ts';
import { stateFactsOf } from '../../src/lab/state/facts.ts';
import type { LearnerChange } from '../../src/learner/progress.ts';
import type { Settings } from '../../src/learner/settings.ts';
import { type Lesson, taskKey } from '../../src/lesson/lesson.ts';
import type { StepProgress } from '../../src/lesson/step-progress.ts';
import { parseLog } from '../../src/postgres/log/log.ts';
import type { LogPart } from '../../src/session/log/buffer.ts';
import type { Session } from '../../src/session/session.ts';
import type { TerminalView } from '../../src/terminal/emulator.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { type FrameContext, frameMaker } from '../../src/ui/layout/frame.ts';
import type { Change as LabChange } from '../check/lab.ts';
import {
  at,
  conf,
  conninfoLine,
  disconnected,
  hbaLine,
  hbaLines,
  inEffect,
  kept,
  noSender,
  role,
  savedLater,
  sender,
  sqlOf,
  state,
  stopped,
  waits,
} from '../check/lab.ts';
import { createSession, plan } from '../session/fixture.ts';
import { notes, partsOf } from '../session/logs.ts';
import { realLessons } from './lessons.ts';

export type Scene = {
  readonly lesson: number;
  /** The looks in order; the last one comes twice, because a task is broken again only after two failing looks. */
  readonly looks?: readonly Seen[];
  /** Further changes to the learner's files, besides the finished lessons. */
  readonly begun?: readonly LearnerChange[];
  /** The start of the lesson, as it was kept. */
  readonly start?: Seen;
  /** Names of keys, as in `ui/input/keys.ts`. */
  readonly keys?: string;
  /** Further events, after the keys. */
  readonly afterKeys?: (screen: Screen) => void;
};
type Screen = ReturnType<typeof createSession>;

const clock = '2026-11-23T14:02:30.000Z';
const daysBefore = (days: number) => `2026-11-${23 - days}T14:02:30.000Z`;

function didBefore(task: string): LearnerChange {
  return { kind: 'done', task, done: { at: clock, seen: 'as it should be' } };
}

const text = (name: 'master' | 'slave') => readFileSync(new URL(`logs/${name}.log`, import.meta.url), 'utf8');
const texts = { master: text('master'), slave: text('slave') };
const wrote =
  (name: 'master' | 'slave', before = '2026-11-23 15'): LabChange =>
  ({ now }) => {
    const records = parseLog(texts[name]).filter(({ time }) => (time ?? '') < before);
    now.servers[name].log.records = structuredClone(records) as typeof now.servers.master.log.records;
  };

const refused = at(9, disconnected(), wrote('master'), wrote('slave'));
const nextStart = at(8, wrote('master', '2026-11-23 14'));
const changed = at(
  8,
  conf('slave', conninfoLine('application_name=slave1 host=127.0.0.1 port=5432 user=slave password=anne')),
  hbaLines(hbaLine, 'host all all 192.168.0.0/16 scram-sha-256'),
  role({ replication: false, login: true }),
  inEffect('master', 'track_commit_timestamp', 'off'),
  stopped('slave'),
);
const synchronous = at(11, ...lagging('0/3000148', 0.31, 0.84, 1.12));
const alone = at(11, noSender, stopped('slave'), waits());

function lagging(replay: string, writeLag: number, flushLag: number, replayLag: number): readonly LabChange[] {
  const replayed: LabChange = (lab) => void Object.assign(sqlOf(lab, 'slave').position, { replayed: replay });
  return [sender({ writeLag, flushLag, replayLag, replay }), replayed];
}
/** The slave falls behind: kB not yet replayed, one look a second. */
const lags = [0, 0, 3, 8, 12, 9, 14, 24, 40, 61, 97, 120, 128, 110, 97, 72, 70, 64, 58, 61, 48, 40].map(
  (changesBefore, look) =>
    at(
      11,
      ...lagging(
        `0/${(0x3000148 - changesBefore * 1024).toString(16).toUpperCase()}`,
        0.31,
        0.84,
        1.1 + changesBefore * 4,
      ),
      ({ now }) => {
        now.at = new Date(Date.UTC(2026, 10, 23, 14, 1, 38 + look)).toISOString();
      },
    ),
);

const shellView: TerminalView = {
  rows: [
    [{ text: '(lab) ~/repl-workshop $ pg_ctl -D rep/slave_data start' }],
    [{ text: '(lab) ~/repl-workshop $ tail -1 logs/slave.log' }],
    [{ text: '14:00:18 ' }, { text: 'FATAL', sgr: '31' }, { text: ': password authentication failed' }],
    [{ text: '(lab) ~/repl-workshop $ ' }],
  ],
  cursor: { column: 24, row: 3 },
  top: 0,
  bottom: 0,
};
const showTerminal = (view: TerminalView) => (screen: Screen) => void screen.dispatch({ kind: 'terminal drawn', view });

const progress: StepProgress = {
  steps: ['Keep a copy of what is there now', 'The role exists on the master', 'It may replicate', 'Look again'],
  at: 1,
  now: 'psql on master: CREATE ROLE slave WITH LOGIN REPLICATION …',
  share: 0.4,
};

const measurement = (distance: number, medians: readonly number[]): Measurement => ({
  at: clock,
  on: 'master',
  distance,
  names: 'first 1 (slave1)',
  syncStandby: 'slave1',
  levels: (['async', 'local', 'remote_write', 'on', 'remote_apply'] as const).map((level, place) => {
    const medianMs = medians[place] ?? 0;
    const staleReads = [17, 13, 9, 5, 0][place] ?? 0;
    return { level, commits: 100, medianMs, p95Ms: medianMs * 1.7, staleReads, reads: 100 };
  }),
});
const measured: LabChange = ({ journal }) => {
  const both = [measurement(0, [1.1, 1.2, 1.9, 2.6, 2.9]), measurement(5, [1.1, 1.2, 11.4, 12.4, 13.1])];
  journal.measurements = structuredClone(both) as typeof journal.measurements;
};

// biome-ignore format: a table
const scenes = {
  welcome: { lesson: 1, begun: [{ kind: 'settings', settings: { welcomed: null } }] },
  lesson: { lesson: 8, looks: [nextStart] },
  question: { lesson: 1, looks: [at(2)], keys: 'enter' },
  answered: { lesson: 1, looks: [at(2)], keys: 'enter a' },
  tasks: { lesson: 8, looks: [refused], keys: 'tab' },
  servers: { lesson: 8, looks: [refused], keys: 'tab tab' },
  layers: { lesson: 4, looks: [at(5, savedLater)], keys: 'tab enter' },
  'layers-observed': { lesson: 8, looks: [refused], keys: 'tab enter' },
  hints: { lesson: 4, looks: [at(4)], keys: 'h h' },
  done: { lesson: 7, looks: [nextStart], begun: [didBefore('standby-signal/without-it')], keys: 'end' },
  broken: { lesson: 9, looks: [at(10), at(10, noSender, state('master', 'stopped'))] },
  block: { lesson: 8, looks: [nextStart], keys: ']' },
  search: { lesson: 8, looks: [nextStart], keys: '/ l o g' },
  map: { lesson: 11, looks: lags, keys: 'm' },
  'map-waiting': { lesson: 11, looks: [synchronous, alone], keys: 'm' },
  commit: { lesson: 11, looks: [synchronous], keys: 'm c space space space' },
  changes: { lesson: 8, start: at(6, conf('slave', 'port = 5433')), looks: [changed], keys: 'v' },
  log: { lesson: 8, looks: [refused], keys: 'l' },
  story: { lesson: 8, looks: [refused], keys: 'l s' },
  terminal: { lesson: 8, looks: [refused], keys: 't', afterKeys: showTerminal(shellView) },
  zoom: { lesson: 8, looks: [refused], keys: 't', afterKeys: (screen) => [showTerminal(shellView)(screen), screen.press({ do: 'leave terminal' }), screen.press({ do: 'zoom' })] },
  lessons: { lesson: 8, looks: [refused], keys: 'g' },
  help: { lesson: 8, looks: [refused], keys: '?' },
  settings: { lesson: 8, looks: [refused], keys: ',' },
  elsewhere: { lesson: 8, looks: [nextStart], afterKeys: (screen) => void screen.dispatch({ kind: 'observed at work', now: nextStart.now }) },
  measured: { lesson: 12, looks: [at(11, measured, kept('when-the-standby-dies/commit-waits'))], keys: '3 tab tab' },
  end: { lesson: 12, looks: [at(11, measured, kept('when-the-standby-dies/commit-waits'))], keys: 'g down enter' },
  solve: { lesson: 8, looks: [refused], keys: 's' },
  work: { lesson: 8, looks: [refused], keys: 's y', afterKeys: (screen) => void screen.dispatch({ kind: 'progress', stepProgress: progress }) },
  notice: { lesson: 8, looks: [refused], keys: 'n' },
  quit: { lesson: 8, looks: [refused], keys: 'q' },
  problem: { lesson: 8, looks: [refused], afterKeys: (screen) => void screen.dispatch({ kind: 'refused', problem: { what: '/home/ada/repl-workshop/progress.json cannot be written: no space left on device.', fix: 'Make room on that disk. What you did last is not kept until then.' } }) },
} satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as SceneName[];

/** Log notes as the program has them; `planOf` is that of one operation. */
const context: FrameContext = {
  notes,
  root: false,
  planOf: () => ['pg_ctl -D rep/slave_data start', 'set primary_conninfo in rep/slave_data/postgresql.conf'],
};
export const draw = () => frameMaker(context);

export type Stage = (name: SceneName, columns: number, rows: number, settings?: Partial<Settings>) => Session;

/** Resolves with a function that returns the session of a scene at a size of the screen. */
export async function openStage(): Promise<Stage> {
  process.env.TZ = 'UTC'; // times of day are shown in the machine's time zone
  const lessons = await realLessons();
  const log = await partsOf(texts);
  return (name, columns, rows, settings = {}) => {
    const scene: Scene = scenes[name];
    const changes: readonly LearnerChange[] = [...changesBefore(lessons, scene), { kind: 'settings', settings }];
    const screen = createSession({ columns, rows, lessons, at: clock, folder: '~/repl-workshop', changes });
    const { looks = [] } = scene;
    for (const seen of [...looks, ...looks.slice(-1)]) observe(screen, seen);
    for (const key of scene.keys?.split(' ') ?? []) press(screen, key, log, scene.start ?? at(2));
    scene.afterKeys?.(screen);
    return screen.session;
  };
}

function observe(screen: Screen, { now, journal: { measurements, events } }: Seen): void {
  const { learner: known, saves } = screen.session;
  const journal = { ...known.journal, measurements, events: { ...events, ...known.journal.events } };
  screen.dispatch({ kind: 'observed', now, learner: { ...known, journal }, saves });
}

function press(screen: Screen, key: string, log: readonly LogPart[], start: Seen): void {
  const intent = keyIntent(key, screen.session, draw()(screen.session).reach);
  if (!intent) throw new Error(`${key} means nothing here`);
  const asked = screen.press(intent);
  if (asked.some((effect) => effect.do === 'read log'))
    for (const part of log) screen.dispatch({ kind: 'log read', part });
  for (const effect of asked)
    if (effect.do === 'compare') {
      const servers = differenceOf(stateFactsOf(start.now, plan), stateFactsOf(effect.now, plan));
      const found = { with: effect.against, lesson: effect.lesson, at: daysBefore(1), servers };
      screen.dispatch({ kind: 'compared', against: effect.against, found });
    }
}

/** The changes of a learner who has finished all lessons before the scene's. */
function changesBefore(lessons: readonly Lesson[], { lesson, begun = [] }: Scene): readonly LearnerChange[] {
  const before = lessons.slice(0, lesson - 1);
  const done = before.flatMap(({ id, tasks }) => tasks.map((task) => didBefore(taskKey(id, task.id))));
  const opened = before.map(
    ({ id }, place): LearnerChange => ({ kind: 'here', lesson: id, at: daysBefore(before.length - place) }),
  );
  const here = lessons[lesson - 1]?.id ?? '';
  return [...opened, ...done, { kind: 'here', lesson: here, at: clock }, ...begun];
}
