/** The help: every key of the lesson's screen, grouped by what one wants. */
import type { Session } from '../session/session.ts';
import { keysOfLesson, labelOf } from './keys.ts';
import { messages } from './messages.ts';
import { hang } from './verdict.ts';
import { columns, type Line, lineColumns, piece, touchable } from './wrap.ts';

type Purpose = keyof typeof messages.purpose;

/** By the first name of a key; what no list has is for looking. */
const purposes: Readonly<Record<Exclude<Purpose, 'look'>, readonly string[]>> = {
  read: [
    'down',
    'up',
    'pagedown',
    'pageup',
    'ctrl-d',
    'ctrl-u',
    'home',
    'end',
    '/',
    ']',
    '[',
    'c',
    'tab',
    '1',
    '<',
    '>',
    '=',
  ],
  work: ['enter', 'h', 's', 'M', 'n', 'N', 'b'],
  servers: ['t', 'z', 'e', 'p', 'r'],
  leave: [',', '?', 'q'],
};

export function helpLines(session: Session, width: number): readonly Line[] {
  const groups = groupsOf({ ...session, overlay: null });
  if (width < 96) return spaced(groups.map((group) => drawn(group, width)));
  const inner = Math.min(Math.floor((width - between) / 2), 70);
  const [left, right] = [groups.slice(0, 2), groups.slice(2)].map((some) =>
    spaced(some.map((one) => drawn(one, inner))),
  );
  return beside(left ?? [], right ?? [], inner + between);
}

const between = 4;
const keyColumns = 'Enter'.length; // a wider one moves its words along

type Entry = { readonly key: string; readonly shown: string; readonly label: string; readonly more: string };
type Group = { readonly title: string; readonly entries: readonly Entry[] };

function groupsOf(session: Session): readonly Group[] {
  const entries = keysOfLesson.map((key) => ({
    key: key.names[0] ?? '',
    shown: key.shown,
    label: labelOf(key, session),
    more: key.help === undefined ? '' : (messages.helpFor[key.help] ?? ''),
  }));
  const purposeOf = (key: string): Purpose =>
    (Object.keys(purposes) as (keyof typeof purposes)[]).find((purpose) => purposes[purpose].includes(key)) ?? 'look';
  return (Object.keys(messages.purpose) as Purpose[]).map((purpose) => ({
    title: messages.purpose[purpose],
    entries: merged(entries.filter(({ key }) => purposeOf(key) === purpose)),
  }));
}

/** Two keys with the same words are one line: '← →'. */
const merged = (entries: readonly Entry[]): readonly Entry[] =>
  entries.flatMap((entry, at): readonly Entry[] => {
    const isSame = (other: Entry | undefined) => other?.label === entry.label && other.more === entry.more;
    if (isSame(entries[at - 1])) return [];
    const next = entries[at + 1];
    return [next && isSame(next) ? { ...entry, shown: `${entry.shown} ${next.shown}` } : entry];
  });

function drawn({ title, entries }: Group, width: number): readonly Line[] {
  const wide = Math.max(0, ...entries.map(({ label, more }) => (more ? columns(label) : 0)));
  const rows = entries.flatMap(({ key, shown, label, more }) => {
    const lead = [piece(`  ${shown.padEnd(keyColumns)}  `, 'key'), piece(more ? `${label.padEnd(wide)}  ` : label)];
    return touchable(more ? hang(lead, [piece(more, 'detail')], width) : [lead], { key });
  });
  return [[piece(title, 'heading')], ...rows];
}

const spaced = (parts: readonly (readonly Line[])[]): readonly Line[] =>
  parts.flatMap((lines, at) => (at > 0 ? [[], ...lines] : lines));

const beside = (left: readonly Line[], right: readonly Line[], at: number): readonly Line[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, row): Line => {
    const line = left[row] ?? [];
    return right[row] ? [...line, piece(' '.repeat(Math.max(at - lineColumns(line), 0))), ...right[row]] : line;
  });
