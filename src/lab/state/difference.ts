/** The difference between two states of a lab, as unified hunks. Pure. */
import { structuredPatch } from 'diff';
import { type StateFacts, type StatePart, subjects } from './facts.ts';
import { unsealed } from './sealed.ts';

/** `otherSecret`: the line shows nothing new, because only the secret that it hides is another one. */
export type DifferenceLine = {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  readonly otherSecret?: true;
};
/** Lines of a file, counted from 1. */
export type Hunk = {
  readonly before: { readonly from: number; readonly lines: number };
  readonly after: { readonly from: number; readonly lines: number };
  readonly lines: readonly DifferenceLine[];
};
export type ChangedPart = { readonly name: string; readonly isFile: boolean; readonly hunks: readonly Hunk[] };
/** Parts that one of the two states does not know: a server that did not run has no roles to compare. */
type NotCompared = {
  readonly parts: readonly string[];
  readonly of: 'before' | 'after';
  readonly why: string;
};
export type ServerDifference = {
  readonly server: string;
  readonly parts: readonly ChangedPart[];
  readonly notCompared: readonly NotCompared[];
};

/** Servers of which nothing is to be told are left out. */
export function differenceOf(before: StateFacts, after: StateFacts): readonly ServerDifference[] {
  const names = [...new Set([...Object.keys(before.servers), ...Object.keys(after.servers)])];
  return names
    .map((server) => serverDifference(server, before.servers[server] ?? {}, after.servers[server] ?? {}))
    .filter(({ parts, notCompared }) => parts.length > 0 || notCompared.length > 0);
}

type Parts = Readonly<Record<string, StatePart>>;

const notFiles: ReadonlySet<string> = new Set(Object.values(subjects));
const isFile = (name: string): boolean => !notFiles.has(name);

function serverDifference(server: string, before: Parts, after: Parts): ServerDifference {
  const parts: ChangedPart[] = [];
  const unknown = new Map<string, NotCompared>();
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [partOf(before, name), partOf(after, name)];
    if (old === undefined || now === undefined || old === now) continue;
    if (typeof old === 'string' && typeof now === 'string') {
      const known = name === subjects.settings ? settingsOfBoth(old, now) : ([old, now] as const);
      const hunks = hunksOf(...known, isFile(name) ? 3 : 0);
      if (hunks.length > 0) parts.push({ name, isFile: isFile(name), hunks });
      continue;
    }
    const of = typeof now === 'string' ? 'before' : 'after';
    const why = typeof now !== 'string' ? now.unknown : typeof old !== 'string' ? old.unknown : '';
    const same = unknown.get(`${of} ${why}`) ?? { parts: [], of, why };
    unknown.set(`${of} ${why}`, { ...same, parts: [...same.parts, name] });
  }
  return { server, parts, notCompared: [...unknown.values()] };
}

/**
 * A file that is not there counts as empty, unless no file is known. A server that is not there has no roles: that is
 * no difference of its own.
 */
function partOf(parts: Parts, name: string): StatePart | undefined {
  const isOnDisk = isFile(name) || name === subjects.signals || name === subjects.directory;
  return parts[name] ?? (isOnDisk ? (parts[subjects.unseen] ?? '') : undefined);
}

/** A later version of the workshop asks for more settings: those that one of the states lacks are not compared. */
function settingsOfBoth(before: string, after: string): readonly [string, string] {
  const nameOf = (line: string) => line.split(' = ')[0] ?? '';
  const [old, now] = [before.split('\n'), after.split('\n')];
  const names = new Set(old.map(nameOf).filter((name) => now.some((line) => nameOf(line) === name)));
  const known = (lines: readonly string[]) => lines.filter((line) => names.has(nameOf(line))).join('\n');
  return [known(old), known(now)];
}

const mostMs = 1000; // two large texts without a common line take long

function hunksOf(before: string, after: string, context: number): readonly Hunk[] {
  const patch = structuredPatch('', '', ended(before), ended(after), '', '', { context, timeout: mostMs });
  if (!patch) return [wholly(before, after)];
  return patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    before: { from: oldStart, lines: oldLines },
    after: { from: newStart, lines: newLines },
    lines: shownLines(lines),
  }));
}

/** A file that does not end with a new line gets one: PostgreSQL reads both in the same way. */
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

const linesOf = (text: string): readonly string[] => (text === '' ? [] : ended(text).slice(0, -1).split('\n'));

function wholly(before: string, after: string): Hunk {
  const [old, now] = [linesOf(before), linesOf(after)];
  return {
    before: { from: 1, lines: old.length },
    after: { from: 1, lines: now.length },
    lines: shownLines([...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)]),
  };
}

const kinds = { ' ': 'same', '-': 'removed', '+': 'added' } as const;

function shownLines(lines: readonly string[]): readonly DifferenceLine[] {
  const removed = lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1));
  const hasOtherSecret = (line: string) =>
    !removed.includes(line) && removed.some((old) => unsealed(old) === unsealed(line));
  return lines.flatMap((line) => {
    const kind = Object.entries(kinds).find(([sign]) => line.startsWith(sign))?.[1];
    if (!kind) return []; // '\ No newline at end of file'
    const sealed = line.slice(1);
    const other = kind === 'added' && hasOtherSecret(sealed);
    return [{ kind, text: unsealed(sealed), ...(other ? { otherSecret: true as const } : {}) }];
  });
}
