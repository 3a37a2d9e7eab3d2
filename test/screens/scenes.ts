/** The screens of the workshop, each as a learner comes to it: a lesson, what is seen of the servers, and the keys that are pressed. */
import { readFileSync } from 'node:fs';
import type { Seen } from '../../src/check/journal.ts';
import type { Measurement } from '../../src/lab/measure/measurement.ts';
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
import { at, disconnected, kept, noSender, savedLater, sender, sqlOf, state, stopped, waits } from '../check/lab.ts';
import { createSession } from '../session/fixture.ts';
import { notes, partsOf } from '../session/logs.ts';
import { realLessons } from './lessons.ts';

export type Scene = {
  readonly lesson: number;
  readonly sees?: readonly Seen[]; // one look after the other; the last one twice: nothing is broken at first sight
  readonly begun?: readonly LearnerChange[]; // remembered besides
  readonly keys?: string; // as the terminal's reader names them
  readonly happens?: (room: Room) => void; // after the keys
};
type Room = ReturnType<typeof createSession>;

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
const synchronous = at(11, ...lagging('0/3000148', 0.31, 0.84, 1.12));
const alone = at(11, noSender, stopped('slave'), waits());

function lagging(replay: string, writeLag: number, flushLag: number, replayLag: number): readonly LabChange[] {
  const replayed: LabChange = (room) => void Object.assign(sqlOf(room, 'slave').position, { replayed: replay });
  return [sender({ writeLag, flushLag, replayLag, replay }), replayed];
}
/** The slave falls behind: kB not yet replayed, at looks of a second each. */
const lags = [0, 0, 3, 8, 12, 9, 14, 24, 40, 61, 97, 120, 128, 110, 97, 72, 70, 64, 58, 61, 48, 40].map(
  (behind, look) =>
    at(
      11,
      ...lagging(`0/${(0x3000148 - behind * 1024).toString(16).toUpperCase()}`, 0.31, 0.84, 1.1 + behind * 4),
      ({ now }) => {
        now.at = new Date(Date.UTC(2026, 10, 23, 14, 1, 38 + look)).toISOString();
      },
    ),
);

const said: TerminalView = {
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
const shows = (view: TerminalView) => (room: Room) => void room.dispatch({ kind: 'terminal drawn', view });

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
  lesson: { lesson: 8, sees: [nextStart] },
  question: { lesson: 1, sees: [at(2)], keys: 'enter' },
  answered: { lesson: 1, sees: [at(2)], keys: 'enter a' },
  tasks: { lesson: 8, sees: [refused], keys: 'tab' },
  servers: { lesson: 8, sees: [refused], keys: 'tab tab' },
  layers: { lesson: 4, sees: [at(5, savedLater)], keys: 'tab enter' },
  'layers-observed': { lesson: 8, sees: [refused], keys: 'tab enter' },
  hints: { lesson: 4, sees: [at(4)], keys: 'h h' },
  done: { lesson: 7, sees: [nextStart], begun: [didBefore('standby-signal/without-it')], keys: 'end' },
  broken: { lesson: 9, sees: [at(10), at(10, noSender, state('master', 'stopped'))] },
  block: { lesson: 8, sees: [nextStart], keys: ']' },
  search: { lesson: 8, sees: [nextStart], keys: '/ l o g' },
  map: { lesson: 11, sees: lags, keys: 'm' },
  'map-waiting': { lesson: 11, sees: [synchronous, alone], keys: 'm' },
  commit: { lesson: 11, sees: [synchronous], keys: 'm c space space space' },
  log: { lesson: 8, sees: [refused], keys: 'l' },
  story: { lesson: 8, sees: [refused], keys: 'l s' },
  terminal: { lesson: 8, sees: [refused], keys: 't', happens: shows(said) },
  zoom: { lesson: 8, sees: [refused], keys: 't', happens: (room) => [shows(said)(room), room.press({ do: 'leave terminal' }), room.press({ do: 'zoom' })] },
  lessons: { lesson: 8, sees: [refused], keys: 'g' },
  help: { lesson: 8, sees: [refused], keys: '?' },
  settings: { lesson: 8, sees: [refused], keys: ',' },
  elsewhere: { lesson: 8, sees: [nextStart], happens: (room) => void room.dispatch({ kind: 'observed at work', now: nextStart.now }) },
  measured: { lesson: 12, sees: [at(11, measured, kept('when-the-standby-dies/commit-waits'))], keys: '3 tab tab' },
  end: { lesson: 12, sees: [at(11, measured, kept('when-the-standby-dies/commit-waits'))], keys: 'g down enter' },
  solve: { lesson: 8, sees: [refused], keys: 's' },
  work: { lesson: 8, sees: [refused], keys: 's y', happens: (room) => void room.dispatch({ kind: 'progress', stepProgress: progress }) },
  notice: { lesson: 8, sees: [refused], keys: 'n' },
  quit: { lesson: 8, sees: [refused], keys: 'q' },
  problem: { lesson: 8, sees: [refused], happens: (room) => void room.dispatch({ kind: 'refused', problem: { what: '/home/ada/repl-workshop/progress.json cannot be written: no space left on device.', fix: 'Make room on that disk. What you did last is not kept until then.' } }) },
} satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as SceneName[];

/** Notes and plans as the program has them; `planOf` is told in the words of one deed. */
const context: FrameContext = {
  notes,
  root: false,
  planOf: () => ['pg_ctl -D rep/slave_data start', 'set primary_conninfo in rep/slave_data/postgresql.conf'],
};
export const draw = () => frameMaker(context);

export type Stage = (name: SceneName, columns: number, rows: number, settings?: Partial<Settings>) => Session;

/** For a scene and a size: the session of whoever sits there and has done what the scene says. */
export async function openStage(): Promise<Stage> {
  process.env.TZ = 'UTC'; // times of day are shown as the machine's zone has them
  const lessons = await realLessons();
  const log = await partsOf(texts);
  return (name, columns, rows, settings = {}) => {
    const scene: Scene = scenes[name];
    const changes: readonly LearnerChange[] = [...behind(lessons, scene), { kind: 'settings', settings }];
    const room = createSession({ columns, rows, lessons, at: clock, folder: '~/repl-workshop', changes });
    const { sees = [] } = scene;
    for (const seen of [...sees, ...sees.slice(-1)]) see(room, seen);
    for (const key of scene.keys?.split(' ') ?? []) press(room, key, log);
    scene.happens?.(room);
    return room.session;
  };
}

function see(room: Room, { now, journal: { measurements, events } }: Seen): void {
  const { learner: known, saves } = room.session;
  const journal = { ...known.journal, measurements, events: { ...events, ...known.journal.events } };
  room.dispatch({ kind: 'observed', now, learner: { ...known, journal }, saves });
}

function press(room: Room, key: string, log: readonly LogPart[]): void {
  const intent = keyIntent(key, room.session, draw()(room.session).reach);
  if (!intent) throw new Error(`${key} means nothing here`);
  const asked = room.press(intent);
  if (asked.some((effect) => effect.do === 'read log'))
    for (const part of log) room.dispatch({ kind: 'log read', part });
}

/** The lessons before are done. */
function behind(lessons: readonly Lesson[], { lesson, begun = [] }: Scene): readonly LearnerChange[] {
  const before = lessons.slice(0, lesson - 1);
  const done = before.flatMap(({ id, tasks }) => tasks.map((task) => didBefore(taskKey(id, task.id))));
  const opened = before.map(
    ({ id }, place): LearnerChange => ({ kind: 'here', lesson: id, at: daysBefore(before.length - place) }),
  );
  const here = lessons[lesson - 1]?.id ?? '';
  return [...opened, ...done, { kind: 'here', lesson: here, at: clock }, ...begun];
}
