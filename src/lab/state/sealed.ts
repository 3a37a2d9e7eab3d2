/**
 * Text whose secrets are masked, and that still tells whether a secret has changed: a line with a masked secret ends in
 * a seal, a short digest of the line as it was. The key of the digest is of this lab, so a seal is worth nothing
 * without the lab's own lab.json.
 */
import { createHmac } from 'node:crypto';
import { visible } from '../../postgres/visible.ts';
import type { LabPlan } from '../plan/plan.ts';
import { secretsOf, shownText } from '../secrets/secrets.ts';

const mark = '\u001f'; // never in a shown text: `visible` has replaced control characters

/** Returns a shown text, with a seal for the secret that it hides. */
export type Seal = (shown: string, hidden: string) => string;

export function sealFor(plan: LabPlan): Seal {
  const key = JSON.stringify([plan.id, secretsOf(plan)]);
  return (shown, hidden) => `${shown}${mark}${createHmac('sha256', key).update(hidden).digest('hex').slice(0, 8)}`;
}

/** The line as it may be shown. */
export const unsealed = (line: string): string => line.split(mark)[0] ?? '';

/** A text as it may be shown. The files of servers have most of their lines in common: each is masked once. */
export type Shown = (text: string) => string;

export function shownFor(plan: LabPlan): Shown {
  const known = new Map<string, string>();
  return (text) => {
    const shown = known.get(text) ?? shownText(text, plan);
    known.set(text, shown);
    return shown;
  };
}

/**
 * A file as sealed lines. A secret may be on several lines, so the text is masked as a whole, then each line, and lines
 * that end in a backslash with those that they go on in (pg_hba.conf). The number of lines stays the same.
 */
export function sealedText(text: string, shownAs: Shown, seal: Seal): string {
  const raw = text.split('\n');
  const masked = inLines(raw, shownAs(text).split('\n'));
  return logicalLines(raw)
    .flatMap(([from, end]) => {
      const joined = raw.slice(from, end).map(withoutBackslash).join('');
      const shown = shownAs(joined);
      if (end - from > 1 && shown !== joined) return [seal(visible(shown), joined), ...Array(end - from - 1).fill('')];
      return raw.slice(from, end).map((line, at) => sealedLine(line, masked[from + at] ?? '', shownAs, seal));
    })
    .join('\n');
}

function sealedLine(line: string, masked: string, shownAs: Shown, seal: Seal): string {
  const shown = shownAs(masked);
  return shown === line ? visible(line) : seal(visible(shown), line);
}

/** The masked lines, as many as there were. Where masking has joined lines, each of them is masked as a whole. */
function inLines(raw: readonly string[], masked: readonly string[]): readonly string[] {
  if (raw.length === masked.length) return masked;
  const first = raw.findIndex((line, at) => line !== masked[at]);
  const last = raw.findLastIndex((line, at) => line !== masked[masked.length - raw.length + at]);
  const [from, to] = [Math.min(first, last), Math.max(first, last)]; // equal lines beside each other may swap them
  return raw.map((line, at) => (at < from || at > to ? line : '********'));
}

/** Pairs of the first line and the line after the last one. */
function logicalLines(raw: readonly string[]): readonly (readonly [number, number])[] {
  const ends = raw.flatMap((line, at) => (goesOn(line) && at < raw.length - 1 ? [] : [at + 1]));
  return ends.map((end, at) => [ends[at - 1] ?? 0, end]);
}

const goesOn = (line: string): boolean => /\\\r?$/.test(line);
const withoutBackslash = (line: string): string => line.replace(/\\\r?$/, '');
