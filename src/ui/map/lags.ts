/** The lag of a standby over the last looks, as sparklines or as charts. */
import { clock } from '../../check/view.ts';
import type { Session } from '../../session/session.ts';
import { type Lag, lagsOfServer } from '../../session/view/history.ts';
import type { Link } from '../../session/view/links.ts';
import { columns } from '../../terminal/width.ts';
import { joinColumns } from '../layout/box.ts';
import { type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { bytesWords, sparkline, timeWords } from './bars.ts';
import { chartLines } from './chart.ts';
import { labelWidth } from './lane.ts';

const words = messages.map;

/** The replay lag in bytes and in time, over the last looks at which something changed. */
export function sparkLines({ history }: Session, { to, sender }: Link, width: number): readonly Line[] {
  if (to === null || !sender) return [];
  const lags = lagsOfServer(history, to);
  const row = (label: string, values: readonly (number | null)[], asText: (value: number) => string): Line => {
    const known = values.filter((value) => value !== null);
    const most = known.length > 0 && Math.max(...known) > 0 ? `  ${words.most(asText(Math.max(...known)))}` : '';
    const room = Math.max(width - labelWidth - columns(most), 1);
    return [piece(label.padEnd(labelWidth), 'detail'), piece(sparkline(values, room), 'note'), piece(most, 'detail')];
  };
  return [row(words.lag, bytesOf(lags), bytesWords), row(words.later, timesOf(lags), timeWords)];
}

/** The same as two charts side by side, `height` lines high; nothing until there has been a lag. */
export function chartsOf({ history }: Session, { to, sender }: Link, width: number, height: number): readonly Line[] {
  if (to === null || !sender) return [];
  const lags = lagsOfServer(history, to);
  if (!lags.some((lag) => lag?.bytes || lag?.ms)) return [];
  const ends = [history[0]?.at, history.at(-1)?.at].map((at) => (at ? clock(at) : '')) as [string, string];
  const each = Math.floor(width / 2) - 1;
  const chart = (title: string, values: readonly (number | null)[], asText: (value: number) => string) => [
    [piece(title, 'strong')],
    ...chartLines(values, asText, ends, each, height - aroundChart),
  ];
  const bytes = chart(words.chart.bytes(to), bytesOf(lags), bytesWords);
  const time = chart(words.chart.time(to), timesOf(lags), timeWords);
  return joinColumns(bytes, each + 2, time);
}

const aroundChart = 3; // lines: title, axis and times

type Lags = readonly (Lag | null)[];
const bytesOf = (lags: Lags) => lags.map((lag) => lag?.bytes ?? null);
/** PostgreSQL reports no time for a standby that has caught up: that is a lag of 0. */
const timesOf = (lags: Lags) => lags.map((lag) => (lag ? (lag.ms ?? 0) : null));
