/** Draws a link between two servers: name and state of the standby, and how far it has got. */

import type { Observation, Sender } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { bytesBehind, isReplayPaused, type Link, newestOf } from '../../session/view/links.ts';
import { columns } from '../../terminal/width.ts';
import { type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { bytesWords, lagBar, spanOf, timeWords } from './bars.ts';

const words = messages.map;

/** 'slave1 · streaming · sync', the state as reported by the sender, else by the receiver. */
export function laneName({ sender, receiver }: Link): Line {
  if (sender) {
    const { applicationName, state, syncState, syncPriority } = sender;
    const isFlowing = state === 'streaming' || state === 'backup';
    const sync = state === 'backup' ? '' : ` · ${words.sync(syncState, syncPriority)}`;
    return [
      piece(applicationName || words.unknown, 'strong'),
      piece(' · ', 'detail'),
      piece(state, isFlowing ? 'good' : 'warning'),
      piece(sync, syncState === 'sync' || syncState === 'quorum' ? 'good' : 'detail'),
    ];
  }
  if (receiver) return [piece(words.says(receiver.status), receiver.status === 'streaming' ? 'good' : 'warning')];
  return [piece(`✖ ${words.notConnected}`, 'trouble')];
}

export const flows = ({ sender, receiver }: Link): boolean => sender !== null || receiver !== null;

const positions = ['sent', 'write', 'flush', 'replay'] as const;

/** The bytes of a full bar, the same for all bars of a map. */
export const scaleOf = (now: Observation, links: readonly Link[]): number =>
  spanOf(links.flatMap(({ from, sender }) => (sender ? lagsOf(now, from, sender).map(({ bytes }) => bytes) : [])));

type Reached = {
  readonly name: (typeof positions)[number];
  readonly at: string | null;
  readonly bytes: number | null;
  readonly ms: number | null;
};

function lagsOf(now: Observation, from: string | null, sender: Sender): readonly Reached[] {
  const sql = from === null ? undefined : now.servers[from]?.sql;
  const newest = sql && !isProblem(sql) ? newestOf(sql) : null;
  const times = { sent: null, write: sender.writeLag, flush: sender.flushLag, replay: sender.replayLag };
  return positions.map((name) => ({
    name,
    at: sender[name],
    bytes: bytesBehind(newest, sender[name]),
    ms: times[name],
  }));
}

/** Four bars (sent, written, flushed, replayed), with position and lag as far as they fit. */
export function barLines(now: Observation, { from, to, sender }: Link, span: number, width: number): readonly Line[] {
  if (!sender || sender.state === 'backup') return []; // a base backup reports no position
  const reached = lagsOf(now, from, sender);
  const paused = to !== null && isReplayPaused(now.servers[to]);
  const at = reached.map((one) => one.at ?? '');
  const behind = reached.map(({ bytes }) => (bytes === null ? '' : bytesWords(bytes)));
  // While replay is paused, its lag time stays at the last measured value.
  const late = reached.map(({ name, ms }) =>
    name === 'replay' && paused ? words.paused : ms === null ? '' : timeWords(ms),
  );
  const fitting =
    [[at, behind, late], [behind, late], [behind]].find((values) => widthOf(values) + labelWidth + leastBar <= width) ??
    [];
  const bar = width - labelWidth - widthOf(fitting);
  return reached.map(
    ({ name, bytes }, row): Line => [
      piece(words.bars[name].padEnd(labelWidth), 'detail'),
      ...lagBar(bytes, span, Math.max(bar, 1)),
      ...fitting.flatMap((column) => [
        piece(
          `  ${(column[row] ?? '').padStart(widest(column))}`,
          column === behind && (bytes ?? 0) > 0 ? 'text' : 'detail',
        ),
      ]),
    ],
  );
}

/** The width of the labels before bars and sparklines. */
export const labelWidth = Math.max(...[...Object.values(words.bars), words.lag, words.later].map(columns)) + 1;
const leastBar = 7;
/** At least 7 columns, so that the bars keep their width while lags appear and disappear. */
const widest = (column: readonly string[]): number => Math.max(7, ...column.map(columns));
const widthOf = (all: readonly (readonly string[])[]): number =>
  all.reduce((sum, column) => sum + widest(column) + 2, 0);
