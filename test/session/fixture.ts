/** A small workshop for tests of the session and the screen: three lessons, two servers, observations made by hand. */
import { defineCheck } from '../../src/check/check.ts';
import type { Observation, Sender, ServerView, Sql } from '../../src/lab/observation.ts';
import { applyChanges, emptyLearnerState, type LearnerChange, type LearnerState } from '../../src/learner/progress.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { defineLesson, type Lesson, type LessonFacts } from '../../src/lesson/lesson.ts';
import { type LogRecord, parseLog } from '../../src/postgres/log/log.ts';
import type { Intent } from '../../src/session/intent.ts';
import type { Effect, Session, SessionEvent } from '../../src/session/session.ts';
import { openSession, update } from '../../src/session/update.ts';
import { plan } from '../lesson/plan.ts';

export { plan };

const runs = (server: string) =>
  defineCheck(['not-running', 'started-too-early'], ({ now }) => {
    const { state } = look(now, server).process;
    if (state === 'hung')
      return { kind: 'unknown', problem: { what: `${server} does not answer.`, fix: 'Wait a moment.' } };
    if (state === 'up')
      return {
        kind: 'pass',
        seen: `${server} answers on port ${plan.servers.find(({ name }) => name === server)?.port}`,
      };
    return {
      kind: 'fail',
      cause: state === 'failed' ? 'started-too-early' : 'not-running', // a concept, whose steps are folded
      seen: `${server} is ${state}`,
      want: `${server} up, and answering`,
      why: 'Nobody can copy from a server that does not run.',
      at: { server, file: `rep/${server}_data/postgresql.conf`, line: 64 },
      next: [{ do: 'start', on: server }],
    };
  });

const refused = defineCheck(['no-refusal'], ({ now }) => {
  const record = look(now, 'slave').log.records.find(({ message }) => message.includes('read-only transaction'));
  if (record) return { kind: 'pass', seen: 'the slave refused to write' };
  return {
    kind: 'fail',
    cause: 'no-refusal',
    seen: 'nobody has tried to write on the slave',
    want: 'one refused write',
    next: [],
  };
});

const follows = defineCheck(['not-streaming'], ({ now }) => {
  const { sql } = look(now, 'master');
  const sender = 'senders' in sql ? sql.senders[0] : undefined;
  if (sender) return { kind: 'pass', seen: `${sender.applicationName} is streaming` };
  return {
    kind: 'fail',
    cause: 'not-streaming',
    seen: 'nobody receives the log of master',
    want: 'slave1, streaming',
    layers: [
      { layer: 'written', ok: true, seen: 'line 101' },
      { layer: 'loaded', ok: false, seen: 'saved 14:02:23, last loaded 14:02:11' },
      { layer: 'in effect', ok: 'unknown', seen: '' },
    ],
    next: [{ do: 'reload', on: 'master' }],
  };
});

const look = (now: Observation, name: string): ServerView => {
  const view = now.servers[name];
  if (!view) throw new Error(`no ${name}`);
  return view;
};

const lesson = (number: number, facts: LessonFacts, words: string): Lesson => ({
  ...facts,
  number,
  words: parseLesson(words, `${facts.id}/lesson.md`),
});

const hints = ['the idea', 'where to look', 'the exact line']
  .map((hint) => `:::hint\nHere is ${hint}.\n:::\n`)
  .join('\n');

const written: readonly Lesson[] = [
  lesson(
    1,
    defineLesson({
      id: 'guess',
      minutes: 5,
      mistakes: [],
      tasks: [{ id: 'who-writes', kind: 'answer', questions: ['writer'] }],
    }),
    `# What replication is

Two servers, one log.

## Who takes the writes?

:::predict{#writer}
Which of the two takes writes?

- [ ] The standby.

  It only replays what the other one wrote.

- [x] The primary.

  It alone writes the log.
:::

${hints}

:::remember
The primary writes, the standby replays.
:::
`,
  ),
  lesson(
    2,
    defineLesson({
      id: 'servers',
      minutes: 10,
      mistakes: [],
      tasks: [
        {
          id: 'master-runs',
          kind: 'state',
          check: runs('master'),
          solution: [{ do: 'set', on: 'master', name: 'port', value: '5432' }],
        },
        { id: 'slave-runs', kind: 'state', check: runs('slave'), solution: [{ do: 'start', on: 'slave' }] },
        { id: 'refused-write', kind: 'event', check: refused, solution: [] },
      ],
    }),
    `# Two servers

Start both. Each on a port of its own.

\`\`\`bash
pg_ctl -D {{master.data}} start
\`\`\`

${Array.from({ length: 30 }, (_, at) => `Paragraph ${at + 1} of this lesson.\n`).join('\n')}

## The master runs

${hints}

## The slave runs

${hints}

## A write is refused

${hints}
`,
  ),
  lesson(
    3,
    defineLesson({
      id: 'streaming',
      minutes: 8,
      mistakes: [],
      supersedes: ['servers/slave-runs'],
      disturbs: [],
      tasks: [{ id: 'follows', kind: 'state', check: follows, solution: [] }],
    }),
    `# The slave follows\n\nWords.\n\n## The slave receives the log\n\n${hints}\n`,
  ),
];

export const lessons = lessonsFor(written, { engine: 'native', major: 18, root: false }, plan);

export type Scene = {
  readonly at?: string;
  readonly master?: ServerView['process']['state'];
  readonly slave?: ServerView['process']['state'];
  readonly streaming?: boolean;
  readonly slaveLog?: string;
};

export function observation({
  at = '2026-11-23T14:02:30.000Z',
  master = 'up',
  slave = 'up',
  streaming = false,
  slaveLog = '',
}: Scene = {}): Observation {
  const sender: Sender = {
    pid: 7, user: 'slave', applicationName: 'slave1', clientAddress: '127.0.0.1', state: 'streaming', syncState: 'async', syncPriority: 0,
    sent: '0/5000148', write: '0/5000148', flush: '0/5000148', replay: '0/5000148',
    writeLag: null, flushLag: null, replayLag: null,
  }; // biome-ignore format: a row
  return {
    at,
    engine: 'native',
    major: 18,
    servers: {
      master: view('master', master, { senders: streaming ? [sender] : [] }, []),
      slave: view(
        'slave',
        slave,
        streaming
          ? {
              inRecovery: true,
              receiver: {
                status: 'streaming',
                senderHost: '127.0.0.1',
                senderPort: 5432,
                slot: null,
                conninfo: '',
                timeline: 1,
                flushed: null,
              },
              position: { role: 'standby', received: '0/5000148', replayed: '0/5000148', paused: false },
            }
          : {},
        parseLog(slaveLog),
      ),
    },
  };
}

function view(
  name: string,
  state: ServerView['process']['state'],
  sql: Partial<Sql>,
  records: readonly LogRecord[],
): ServerView {
  const answers: Sql = {
    through: 'socket', now: '', startedAt: '', loadedAt: '', version: '18.4', dataDirectory: `rep/${name}_data`, port: 5432,
    inRecovery: false, systemIdentifier: '1', timeline: 1, settings: {}, confErrors: [], hbaErrors: [], roles: [], databases: [], closed: [],
    branches: [], senders: [], slots: [], receiver: null, waiting: [], position: { role: 'primary', current: '0/5000148' }, newest: null, ...sql,
  }; // biome-ignore format: a row
  return {
    name,
    addresses: [],
    process: { state },
    disk: { what: 'not looked at', fix: '' },
    sql: state === 'up' ? answers : { what: `${name} is not running`, fix: 'start it' },
    log: { file: `logs/${name}.log`, since: 0, size: records.length, records },
  };
}

/** A session that is updated in memory; `allEffects` has the effects so far. */
export function createSession({
  readOnly = false,
  exposed = false,
  columns = 100,
  rows = 28,
  changes = [] as readonly LearnerChange[],
  plan: servers = plan,
  lessons: usedLessons = lessons,
  at = '2026-11-23T14:02:00.000Z',
  folder = '',
} = {}) {
  const learner: LearnerState = applyChanges(emptyLearnerState, [
    { kind: 'settings', settings: { welcomed: at } },
    ...changes,
  ]);
  const opened = openSession({
    lessons: usedLessons,
    plan: servers,
    about: 'native · PostgreSQL 18.4',
    folder,
    readOnly,
    exposed,
    learner,
    at,
    columns,
    rows,
  });
  let session: Session = opened[0];
  const allEffects: Effect[] = [...opened[1]];
  const dispatch = (event: SessionEvent): readonly Effect[] => {
    const [next, effects] = update(session, event);
    session = next;
    allEffects.push(...effects);
    return effects;
  };
  return {
    get session() {
      return session;
    },
    allEffects,
    dispatch,
    press: (intent: Intent) => dispatch({ kind: 'intent', intent }),
    /** One whole look: the observation of `scene`, and the learner's files as the session left them. */
    observe: (scene: Scene = {}) =>
      dispatch({ kind: 'observed', now: observation(scene), learner: session.learner, saves: session.saves }),
  };
}

export const here = (lesson: string): LearnerChange => ({ kind: 'here', lesson, at: '2026-11-23T14:00:00.000Z' });
export const done = (task: string): LearnerChange => ({
  kind: 'done',
  task,
  done: { at: '2026-11-23T14:00:00.000Z', seen: 'as it should be' },
});
