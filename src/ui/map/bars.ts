/** Amounts of WAL and times as bars, sparklines and text. */
import { type Line, piece } from '../layout/wrap.ts';

/** '0 B', '512 B', '64 kB', '1.2 MB' */
export function bytesWords(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const amount = bytes / 1024 ** power;
  return `${power > 0 && amount < 10 ? amount.toFixed(1).replace('.0', '') : Math.floor(amount)} ${units[power]}`;
}
const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** '0.4 ms', '12 ms', '1.2 s' */
export function timeWords(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/**
 * The bytes of a full bar. It grows by factors of four, so that the bars of two looks mostly have one scale, and is
 * small enough to show small lags.
 */
export function spanOf(lags: readonly (number | null)[]): number {
  const greatest = Math.max(0, ...lags.map((lag) => lag ?? 0));
  let span = 4096;
  while (span < greatest * 1.25) span *= 4;
  return span;
}

/** The right end is the end of the WAL; the missing part is empty. A lag of one byte takes one column. */
export function lagBar(lag: number | null, span: number, width: number): Line {
  const missing = lag === null ? width : Math.min(width, Math.ceil((lag / span) * width));
  return [piece('━'.repeat(width - missing), 'note'), piece('┄'.repeat(missing), 'bar')];
}

/** A bar for `amount` as a share of `greatest`; at least one column unless it is 0. */
export const shareBar = (amount: number, greatest: number, width: number): string =>
  '━'.repeat(amount > 0 ? Math.max(1, Math.round((amount / Math.max(greatest, 1)) * width)) : 0).padEnd(width, '┄');

/** The newest values that fit, oldest first. null: no value is known. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-width);
  const greatest = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown
    .map((value) => (value === null ? '·' : value === 0 ? '▁' : heights[heightOf(value / greatest)]))
    .join('');
}
const heights = '▂▃▄▅▆▇'; // not the full cell, so that sparklines below each other do not touch
const heightOf = (share: number): number => Math.min(heights.length - 1, Math.floor(share * heights.length));

/** '5 s', '2 min 5 s' */
export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
