/** Describes a log in sentences: the last state of each server, the main trouble, and a list of all causes. */
import type { NoteTopic } from './notes.ts';

/** One kind of trouble, however often logged; or (`normal`) an event that explains the log, like a past crash. */
export type Cause = {
  readonly id: string;
  readonly severity: 'trouble' | 'normal';
  readonly server: string; // '' when the log does not name it
  readonly says: string; // the first sentence of its note, with the values of its first line
  readonly next: string | null;
  readonly times: number;
  readonly line: number; // of its first record, from 1
  readonly first: string | null; // times as written
  readonly last: string | null;
  /** When its end was seen: a time as written, or 'line N' where lines have no time; null: no end was seen. */
  readonly over: string | null;
  readonly lasting: boolean; // a state that lasts until its end is seen, and none was
};
export type Story = {
  readonly sentences: readonly string[];
  readonly causes: readonly Cause[]; // in the order in which they began, at most 40
};
/** A cause with the values by which it is ranked. */
export type RankedCause = Cause & {
  readonly topic: NoteTopic | undefined;
  readonly kind: string;
  readonly user: string | undefined;
  readonly reasons: readonly string[];
};

export type State = {
  /** 'down': after a crash. */
  readonly run: 'unknown' | 'starting' | 'up' | 'stopping' | 'stopped' | 'failed' | 'crashed' | 'down';
  readonly role: 'primary' | 'standby' | null;
  readonly link: 'streaming' | 'cut' | null; // of a standby
};
export type ServerStory = { state: State; starts: number; version: string | null };

/**
 * Numbers of records. foreign: seem not to be English; surely: have a level or part word that is not; unknown: are
 * errors without a note.
 */
export type Counts = {
  readonly records: number;
  readonly foreign: number;
  readonly surely: number;
  readonly unknown: number;
};

export function sentencesOf(
  servers: ReadonlyMap<string, ServerStory>,
  causes: readonly RankedCause[],
  counts: Counts,
): readonly string[] {
  const lasting = causes.filter((cause) => cause.lasting);
  const main = mainOf(lasting);
  const language = isForeign(counts)
    ? [
        "This server does not write English. Its records are told apart, but their words are not known here, so most stand without a note. lc_messages = 'C' in postgresql.conf makes it write English.",
      ]
    : [];
  if (causes.length === 0 && (counts.records === 0 || language.length > 0)) return language;
  return [
    ...language,
    ...[...servers]
      .filter(([, { state }]) => state.run !== 'unknown' || state.role !== null)
      .slice(0, 4)
      .map(stateSentence),
    main ? troubleAtTheEnd(main, lasting.length) : endSentence(causes, counts.unknown),
  ];
}

/** Requires several such records, because names and values may have foreign letters in any log. */
const isForeign = ({ records, foreign, surely }: Counts): boolean =>
  foreign * 3 > records && (surely > 0 || foreign > 3 || (foreign > 1 && foreign === records));

/** Later topics matter more: a server that does not work, then a refused client. Of equal ones the newest counts. */
const topicOrder: readonly (NoteTopic | undefined)[] = [
  'login',
  'files',
  'sync',
  'disk',
  'replay',
  'standby',
  'crash',
  'start',
];
const mainOf = (lasting: readonly RankedCause[]): RankedCause | undefined =>
  lasting.reduce<RankedCause | undefined>(
    (main, cause) => (main && topicOrder.indexOf(main.topic) > topicOrder.indexOf(cause.topic) ? main : cause),
    undefined,
  );

function troubleAtTheEnd(cause: Cause, number: number): string {
  const prefix = cause.server ? `On ${cause.server}: ` : '';
  const next = cause.next ? ` Next: ${cause.next}` : '';
  const others = number > 1 ? ` (${number - 1} more below.)` : '';
  return `No end is seen of this trouble: ${prefix}${cause.says}${next}${others}`;
}

function endSentence(causes: readonly Cause[], unknown: number): string {
  const troubles = causes.filter(({ severity }) => severity === 'trouble');
  const ended = troubles.filter((cause) => cause.over !== null).length;
  if (causes.length === 0 && unknown > 0)
    return `No trouble in it is known here. ${unknown === 1 ? 'One error stands' : `${unknown} errors stand`} without a note.`;
  if (causes.length === 0) return 'Nothing in it is trouble.';
  if (troubles.length === 0) return 'Nothing in it is trouble, but not all of it is everyday.';
  if (ended === 1 && troubles.length === 1) return 'There was one trouble, and it is over.';
  if (ended === troubles.length) return `There were ${ended} troubles, and all are over.`;
  return 'The trouble passed by itself, or was refused and not tried again.';
}

const runPhrases: Readonly<Record<State['run'], string>> = {
  unknown: '',
  starting: 'is still starting',
  up: 'is open',
  stopping: 'is being stopped',
  stopped: 'is stopped',
  failed: 'does not run: its last start failed',
  crashed: 'has just ended all its sessions, to recover',
  down: 'is down, after a crash',
};

function stateSentence([name, { state, starts, version }]: readonly [string, ServerStory]): string {
  const serverName = name || 'this server';
  const versionText = version ? ` (PostgreSQL ${version}${starts > 1 ? `, started ${starts} times` : ''})` : '';
  return `At the end ${serverName}${versionText} ${endOf(state)}.`;
}

function endOf({ run, role, link }: State): string {
  if (run !== 'unknown' && run !== 'starting' && run !== 'up') return runPhrases[run];
  if (role === 'primary') return 'is open for reading and writing';
  if (role !== 'standby') return runPhrases[run];
  const open = run === 'up' ? 'is a standby, open for reading' : 'is a standby';
  if (link === 'streaming') return `${open}, and streams from its primary`;
  return link === 'cut' ? `${open}, and gets nothing from its primary` : open;
}

const maxListed = 8; // causes in the list; the others are counted

/** The story as lines of text: sentences, then a list of the causes. */
export function storyText({ sentences, causes }: Story): readonly string[] {
  if (sentences.length === 0) return [];
  const list = causes.slice(0, maxListed).map(causeText);
  const more = causes.slice(maxListed);
  const rest = more.reduce((sum, { times }) => sum + times, 0);
  return [
    'What most likely happened',
    ...sentences.map((sentence) => `  ${sentence}`),
    ...list.map((line) => `  - ${line}`),
    ...(more.length > 0 ? [`  - and ${more.length} more kinds of trouble, ${timesText(rest)}`] : []),
  ];
}

const timesText = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function causeText({ server, says, times, line, first, last, over: ended, id }: Cause): string {
  const from = first === null ? `line ${line}` : clock(first);
  const until = last === null ? from : clock(last);
  const when = until === from ? from : `${from} to ${until}`;
  const prefix = server ? `${server}: ` : '';
  const closed = ended === null ? '' : ` Over ${ended.startsWith('line') ? `on ${ended}` : `at ${clock(ended)}`}.`;
  return `${when}, ${timesText(times)}, first on line ${line} (${id}): ${prefix}${says}${closed}`;
}

/** The time of day, if the text contains one. */
const clock = (time: string): string => /\d\d:\d\d:\d\d/.exec(time)?.[0] ?? time;
