/** The plots of the report as inline SVG in the page's colours, with each number beside its bar. Pure. */
import { type Bar, type LevelRow, ms, words } from './words.ts';

const width = 640;
const labelWidths = { level: 108, where: 40, value: 128 };
const bar = { height: 14, gap: 4, between: 12 };
const from = labelWidths.level + labelWidths.where;
const room = width - from - labelWidths.value;

/** Commit times: a bar up to the median, and a thin line from there to the 95th percentile. */
export function costPlot(rows: readonly LevelRow[]): string {
  const longest = Math.max(...rows.flatMap(({ bars }) => bars.map(({ p95 }) => p95)));
  const length = (value: number) => Math.max(1, (value / longest) * room);
  return plot(rows, words.costs, ({ where, median, p95 }, y) => [
    `<rect class="${where}" x="${from}" y="${y}" width="${round(length(median))}" height="${bar.height}" rx="2"/>`,
    `<line class="p95" x1="${round(from + length(median))}" x2="${round(from + length(p95))}" y1="${y + bar.height / 2}" y2="${y + bar.height / 2}"/>`,
    `<text x="${round(from + length(p95) + 8)}" y="${y + 11}">${ms(median)} <tspan class="soft">(${p95.toFixed(2)})</tspan></text>`,
  ]);
}

/** Stale reads: a bar within a background bar whose full width is all reads. */
export const stalePlot = (rows: readonly LevelRow[]): string =>
  plot(rows, words.stale, ({ where, stale, reads }, y) => {
    const filled = reads === 0 ? 0 : (stale / reads) * room;
    return [
      `<rect class="ground" x="${from}" y="${y}" width="${room}" height="${bar.height}" rx="2"/>`,
      `<rect class="${where}" x="${from}" y="${y}" width="${round(filled)}" height="${bar.height}" rx="2"/>`,
      `<text x="${from + room + 8}" y="${y + 11}">${stale} of ${reads}</text>`,
    ];
  });

function plot(rows: readonly LevelRow[], title: string, draw: (bar: Bar, y: number) => readonly string[]): string {
  let y = 0;
  const drawn = rows.flatMap(({ level, bars }) => {
    const label = `<text class="level" x="0" y="${y + 11}">${level}</text>`;
    const lines = bars.flatMap((one) => {
      const at = y;
      y += bar.height + bar.gap;
      return [`<text class="soft" x="${labelWidths.level}" y="${at + 11}">${one.where}</text>`, ...draw(one, at)];
    });
    y += bar.between;
    return [label, ...lines];
  });
  const height = y - bar.between;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">\n${drawn.join('\n')}\n</svg>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
