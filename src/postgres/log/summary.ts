/** What most likely happened in a log: its troubles in the order in which they began, which of them are over, and what has become of each server. */

import type { LogLevel, LogRecord } from './lines/record.ts';
import { keysOf, repeatedElsewhere } from './neighbours.ts';
import { filledNote, type LogNote, type Note, type NoteTopic, type NoteTurn } from './notes.ts';
import { type Cause, type RankedCause, type ServerStory, type State, type Story, sentencesOf } from './story.ts';

export type Summary = {
  readonly add: (record: LogRecord, note: Note | undefined) => void;
  readonly story: () => Story;
};

/** What ends a trouble, as ids of notes or of their cases. `passing`: each is over by itself. */
const topics: Readonly<Record<NoteTopic, { readonly ends: readonly string[]; readonly passing?: true }>> = {
  start: { ends: ['ready', 'ready-read-only', 'streaming'] },
  standby: {
    ends: [
      'streaming',
      'streaming-again',
      'new-target-timeline',
      'promote-request',
      'command-start',
      'now-synchronous',
      'now-quorum',
    ],
  },
  login: { ends: ['replication-authorized', 'command-start', 'now-synchronous', 'now-quorum'] },
  files: { ends: ['reload', 'ready', 'ready-read-only'] },
  crash: { ends: ['ready', 'ready-read-only'] },
  replay: { ends: ['ready', 'starting', 'promote-request'] },
  slot: { ends: [], passing: true },
  archive: { ends: [], passing: true },
  disk: { ends: ['starting'] },
  sync: { ends: ['sync-names-cleared', 'now-synchronous', 'now-quorum'] },
  statement: { ends: [], passing: true },
  client: { ends: [], passing: true },
};

const unknown: State = { run: 'unknown', role: null, link: null };

const turned: Readonly<Record<NoteTurn, Partial<State>>> = {
  starting: { run: 'starting', role: null, link: null },
  standby: { role: 'standby' },
  primary: { run: 'up', role: 'primary', link: null },
  reading: { run: 'up', role: 'standby' },
  streaming: { role: 'standby', link: 'streaming' },
  cut: { link: 'cut' }, // a primary says some of these lines too
  stopping: { run: 'stopping', link: null },
  stopped: { run: 'stopped', link: null },
  failed: { run: 'failed', link: null },
  crashed: { run: 'crashed', link: null },
};

type Open = { -readonly [key in keyof Omit<Cause, 'lasting' | 'says' | 'next' | 'id' | 'severity'>]: Cause[key] } & {
  readonly note: Note;
  readonly topic: NoteTopic | undefined;
};

const most = 40; // kinds of trouble that are kept apart, for each server

export function summaryOf(notes: readonly LogNote[]): Summary {
  const servers = new Map<string, ServerStory>();
  const causes = new Map<string, Open>();
  const seen = new Set<string>(); // kinds, and kinds with their user or slot
  const enders = new Set(Object.values(topics).flatMap(({ ends }) => ends));
  const asked = new Set(notes.flatMap(({ cases = [] }) => cases.flatMap(({ when }) => when.elsewhere ?? [])));
  const counts = { records: 0, foreign: 0, surely: 0, unknown: 0 };

  return {
    add(record, note) {
      if (record.level === null && !note) return;
      const name = record.server ?? '';
      const server = serverOf(servers, name);
      if (record.level !== null) counts.records++;
      if (record.foreign) counts.surely++;
      if (record.foreign || (!note && notAscii.test(record.message) && foreignLetters.test(record.message)))
        counts.foreign++;
      if (!note && record.level && bad.has(record.level)) counts.unknown++;
      if (!note) return;
      if (note.turns) server.state = turnedBy(server.state, note.turns);
      if (note.turns === 'starting') {
        server.starts++;
        server.version = note.values.version ?? server.version;
      }
      if (enders.has(note.id)) end(causes, name, note.id, record);
      if ((note.severity === 'trouble' && !note.result) || note.tells) tell(causes, name, note, record);
      if (asked.has(note.kind) && seen.size < 10_000) for (const key of keysOf(note.kind, note.values)) seen.add(key);
    },
    story() {
      const told = withoutEchoes([...causes.values()].map((open) => toldOf(open, notes, seen)));
      return { sentences: sentencesOf(servers, told, counts), causes: told.map(plain) };
    },
  };
}

function serverOf(servers: Map<string, ServerStory>, name: string): ServerStory {
  const known = servers.get(name);
  if (known) return known;
  const made = { state: unknown, starts: 0, version: null };
  servers.set(name, made);
  return made;
}

/** A server whose start failed, or which crashed, says at last that it "is shut down". That was no stop. */
function turnedBy(state: State, turn: NoteTurn): State {
  const run =
    turn === 'stopped' && state.run === 'failed'
      ? 'failed'
      : turn === 'stopped' && state.run === 'crashed'
        ? 'down'
        : null;
  return { ...state, ...turned[turn], ...(run && { run }) };
}

const bad: ReadonlySet<LogLevel> = new Set(['ERROR', 'FATAL', 'PANIC']);
const notAscii = /[^ -~\s]/;
/** Letters that no English message has. Names of databases may have them, so one such line proves nothing. */
const foreignLetters = /^[^"]*[^ -\u024f\s\u2000-\u206f]{3}|^[^"]*[äöüßàâçéèêëîïôûùñóíáãõąęłśżźğışåø]/i;

function tell(causes: Map<string, Open>, server: string, note: Note, { time, line }: LogRecord): void {
  const key = `${server} ${note.id}`;
  const before = causes.get(key);
  if (before) {
    before.times++;
    before.last = time ?? before.last;
    before.over = null;
  } else if (causes.size < most)
    causes.set(key, { note, server, topic: note.about, times: 1, line, first: time, last: time, over: null });
}

function end(causes: ReadonlyMap<string, Open>, server: string, id: string, { time, line }: LogRecord): void {
  for (const cause of causes.values()) {
    if (cause.server !== server || cause.over !== null || !cause.topic || !topics[cause.topic].ends.includes(id))
      continue;
    cause.over = time ?? `line ${line}`;
  }
}

/** Where another server gave the reason, its words are better: the standby hears "password failed", the primary knows why. */
function toldOf({ note, topic, ...open }: Open, notes: readonly LogNote[], seen: ReadonlySet<string>): RankedCause {
  const base = notes.find(({ id }) => id === note.kind);
  const better = base?.cases?.find(
    ({ when }) => when.elsewhere && Object.keys(when).length === 1 && repeatedElsewhere(when, note.values, seen),
  );
  const { id, means, next } = base && better ? filledNote({ note: base, values: note.values }, better) : note;
  return {
    id,
    severity: note.severity === 'trouble' ? 'trouble' : 'normal',
    ...open,
    says: firstSentence(means),
    next: next ?? null,
    lasting: open.over === null && topic !== undefined && !topics[topic].passing,
    topic,
    kind: note.kind,
    user: note.values.user,
    reasons: better?.when.elsewhere ?? [],
  };
}

/** One trouble that both servers tell is told once, in the words that have the reason. */
const withoutEchoes = (all: readonly RankedCause[]): readonly RankedCause[] =>
  all.filter(({ kind, user }) => !all.some((other) => other.reasons.includes(kind) && other.user === user));

const plain = ({ topic: _, kind: __, user: ___, reasons: ____, ...cause }: RankedCause): Cause => cause;

/** With the second sentence where the first says little. A name with a dot in it is no end: a sentence ends where a capital letter follows. */
function firstSentence(text: string): string {
  const ends = [...text.matchAll(/[.:](?=\s+["(]?[A-Z]|$)/g)].map(({ index }) => index + 1);
  const end = ends.find((each) => each > 60) ?? text.length;
  return text.slice(0, end);
}
