/**
 * Summarises a log: its troubles in the order of their beginning, which are over, and the last state of each server.
 */

import type { LogLevel, LogRecord } from './lines/record.ts';
import { keysOf, repeatedElsewhere } from './neighbours.ts';
import { filledNote, type LogNote, type Note, type NoteTopic, type NoteTurn } from './notes.ts';
import { type Cause, type RankedCause, type ServerStory, type State, type Story, sentencesOf } from './story.ts';

export type Summary = {
  readonly add: (record: LogRecord, note: Note | undefined) => void;
  readonly story: () => Story;
};

/** The ids of notes or cases that end a trouble. `passing`: each trouble is over by itself. */
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

const statesByTurn: Readonly<Record<NoteTurn, Partial<State>>> = {
  starting: { run: 'starting', role: null, link: null },
  standby: { role: 'standby' },
  primary: { run: 'up', role: 'primary', link: null },
  reading: { run: 'up', role: 'standby' },
  streaming: { role: 'standby', link: 'streaming' },
  cut: { link: 'cut' }, // a primary logs some of these lines too
  stopping: { run: 'stopping', link: null },
  stopped: { run: 'stopped', link: null },
  failed: { run: 'failed', link: null },
  crashed: { run: 'crashed', link: null },
};

type OpenCause = {
  -readonly [key in keyof Omit<Cause, 'lasting' | 'says' | 'next' | 'id' | 'severity'>]: Cause[key];
} & {
  readonly note: Note;
  readonly topic: NoteTopic | undefined;
};

const maxCauses = 40; // kinds of trouble, for all servers together

export function summaryOf(notes: readonly LogNote[]): Summary {
  const servers = new Map<string, ServerStory>();
  const causes = new Map<string, OpenCause>();
  const seen = new Set<string>(); // kinds, also with their user or slot
  const endingNotes = new Set(Object.values(topics).flatMap(({ ends }) => ends));
  const elsewhereKinds = new Set(notes.flatMap(({ cases = [] }) => cases.flatMap(({ when }) => when.elsewhere ?? [])));
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
      if (!note && record.level && errorLevels.has(record.level)) counts.unknown++;
      if (!note) return;
      if (note.turns) server.state = stateAfter(server.state, note.turns);
      if (note.turns === 'starting') {
        server.starts++;
        server.version = note.values.version ?? server.version;
      }
      if (endingNotes.has(note.id)) markEnded(causes, name, note.id, record);
      if ((note.severity === 'trouble' && !note.result) || note.tells) addTrouble(causes, name, note, record);
      if (elsewhereKinds.has(note.kind) && seen.size < 10_000)
        for (const key of keysOf(note.kind, note.values)) seen.add(key);
    },
    story() {
      const ranked = withoutDuplicates([...causes.values()].map((open) => rankedCause(open, notes, seen)));
      return { sentences: sentencesOf(servers, ranked, counts), causes: ranked.map(plain) };
    },
  };
}

function serverOf(servers: Map<string, ServerStory>, name: string): ServerStory {
  const existing = servers.get(name);
  if (existing) return existing;
  const created = { state: unknown, starts: 0, version: null };
  servers.set(name, created);
  return created;
}

/** A server also logs "is shut down" after a failed start or a crash: that is not an orderly stop. */
function stateAfter(state: State, turn: NoteTurn): State {
  const run =
    turn === 'stopped' && state.run === 'failed'
      ? 'failed'
      : turn === 'stopped' && state.run === 'crashed'
        ? 'down'
        : null;
  return { ...state, ...statesByTurn[turn], ...(run && { run }) };
}

const errorLevels: ReadonlySet<LogLevel> = new Set(['ERROR', 'FATAL', 'PANIC']);
const notAscii = /[^ -~\s]/;
/** Letters that no English message has. Names of databases may have them, so one such line proves nothing. */
const foreignLetters = /^[^"]*[^ -\u024f\s\u2000-\u206f]{3}|^[^"]*[äöüßàâçéèêëîïôûùñóíáãõąęłśżźğışåø]/i;

function addTrouble(causes: Map<string, OpenCause>, server: string, note: Note, { time, line }: LogRecord): void {
  const key = `${server} ${note.id}`;
  const existing = causes.get(key);
  if (existing) {
    existing.times++;
    existing.last = time ?? existing.last;
    existing.over = null;
  } else if (causes.size < maxCauses)
    causes.set(key, { note, server, topic: note.about, times: 1, line, first: time, last: time, over: null });
}

function markEnded(
  causes: ReadonlyMap<string, OpenCause>,
  server: string,
  id: string,
  { time, line }: LogRecord,
): void {
  for (const cause of causes.values()) {
    if (cause.server !== server || cause.over !== null || !cause.topic || !topics[cause.topic].ends.includes(id))
      continue;
    cause.over = time ?? `line ${line}`;
  }
}

/** Takes the case whose reason another server logged: a standby only sees "password failed", its primary logs why. */
function rankedCause(
  { note, topic, ...open }: OpenCause,
  notes: readonly LogNote[],
  seen: ReadonlySet<string>,
): RankedCause {
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

/** Lists a trouble that both servers logged once, with the note that knows the reason. */
const withoutDuplicates = (all: readonly RankedCause[]): readonly RankedCause[] =>
  all.filter(({ kind, user }) => !all.some((other) => other.reasons.includes(kind) && other.user === user));

const plain = ({ topic: _, kind: __, user: ___, reasons: ____, ...cause }: RankedCause): Cause => cause;

/**
 * The text up to the first sentence end after 60 characters. A sentence ends before a capital letter, so that a dot in
 * a name does not count.
 */
function firstSentence(text: string): string {
  const ends = [...text.matchAll(/[.:](?=\s+["(]?[A-Z]|$)/g)].map(({ index }) => index + 1);
  const end = ends.find((each) => each > 60) ?? text.length;
  return text.slice(0, end);
}
