/** What goes from one server to another: who receives, and how far it has got. */

import type { Observation, Sender } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { bytesBehind, isReplayPaused, type Link, newestOf } from '../../session/view/links.ts';
import { columns, type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { bytesWords, lagBar, spanOf, timeWords } from './bars.ts';

const words = messages.map;

/** 'slave1 · streaming · sync' */
export function laneName({ sender, receiver }: Link): Line {
  if (sender) {
    const { applicationName, state, syncState, syncPriority } = sender;
    const flows = state === 'streaming' || state === 'backup';
    const sync = state === 'backup' ? '' : ` · ${words.sync(syncState, syncPriority)}`;
    return [
      piece(applicationName || words.unknown, 'strong'),
      piece(' · ', 'detail'),
      piece(state, flows ? 'good' : 'warning'),
      piece(sync, syncState === 'sync' || syncState === 'quorum' ? 'good' : 'detail'),
    ];
  }
  if (receiver) return [piece(words.says(receiver.status), receiver.status === 'streaming' ? 'good' : 'warning')];
  return [piece(`✖ ${words.notConnected}`, 'trouble')];
}

export const flows = ({ sender, receiver }: Link): boolean => sender !== null || receiver !== null;

const positions = ['sent', 'write', 'flush', 'replay'] as const;

/** One scale for all bars of a map. */
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

/** Sent, written, flushed, replayed: four bars, with position and lag as far as there is room. */
export function barLines(now: Observation, { from, to, sender }: Link, span: number, width: number): readonly Line[] {
  if (!sender || sender.state === 'backup') return []; // a base backup has no position of its own
  const reached = lagsOf(now, from, sender);
  const paused = to !== null && isReplayPaused(now.servers[to]);
  const at = reached.map((one) => one.at ?? '');
  const behind = reached.map(({ bytes }) => (bytes === null ? '' : bytesWords(bytes)));
  // The time of a replay that is paused is the last one measured, and stands still.
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

/** Of all that stands before a bar or a sparkline. */
export const labelWidth = Math.max(...[...Object.values(words.bars), words.lag, words.later].map(columns)) + 1;
const leastBar = 7;
const widest = (column: readonly string[]): number => Math.max(7, ...column.map(columns)); // steady, while lags come and go
const widthOf = (all: readonly (readonly string[])[]): number =>
  all.reduce((sum, column) => sum + widest(column) + 2, 0);
