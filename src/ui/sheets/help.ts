/** The help: every key of the lesson's screen grouped by purpose, and the keys of the map, the log and the terminal. */
import { openLog } from '../../session/log/update.ts';
import type { Session } from '../../session/session.ts';
import { enterTerminal } from '../../session/terminal.ts';
import { openMap } from '../../session/view/map.ts';
import { columns } from '../../terminal/width.ts';
import type { Key } from '../keys/key.ts';
import { labelOf, listedKeys, shownKeys } from '../keys/table.ts';
import { type Line, lineColumns, type Piece, piece, touchable } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';

type Purpose = keyof typeof messages.purpose;

/** Keys by purpose, as the first name of each key, in the order of the help. All other keys are listed under 'look'. */
// biome-ignore format: a table
const purposes: Readonly<Record<Exclude<Purpose, 'look'>, readonly string[]>> = {
  read: [
    'tab', '1', 'up', 'down', 'pageup', 'space', 'ctrl-u', 'ctrl-d', 'home', 'end',
    '/', ']', '[', 'c', '<', '>', '=',
  ],
  work: ['enter', 'd', 'h', 's', 'M', 'n', 'b', 'N'],
  servers: ['t', 'z', 'e', 'p', 'r'],
  leave: [',', '?', 'q'],
};

export function helpLines(session: Session, width: number): readonly Line[] {
  const groups = groupsOf({ ...session, overlay: null });
  const parts = (inner: number) => [...groups.map((group) => drawn(group, inner)), thereLines(session, inner)];
  if (width < 96) return spaced(parts(width));
  const inner = Math.min(Math.floor((width - between) / 2), 70);
  const all = parts(inner);
  return beside(spaced(all.slice(0, 2)), spaced(all.slice(2)), inner + between);
}

const between = 4;

type Entry = { readonly key: string; readonly shown: string; readonly label: string; readonly more: string };
type Group = { readonly title: string; readonly entries: readonly Entry[] };

function groupsOf(session: Session): readonly Group[] {
  const entries = listedKeys.map((key) => ({
    key: key.names[0] ?? '',
    shown: key.shown,
    label: labelOf(key, session),
    more: key.help === undefined ? '' : (messages.helpFor[key.help] ?? ''),
  }));
  const listed: ReadonlySet<string> = new Set(Object.values(purposes).flat());
  const others = entries.map(({ key }) => key).filter((key) => !listed.has(key));
  return (Object.keys(messages.purpose) as Purpose[]).map((purpose) => {
    const names = purpose === 'look' ? others : purposes[purpose];
    const some = names.flatMap((name) => entries.filter(({ key }) => key === name));
    return { title: messages.purpose[purpose], entries: merged(some) };
  });
}

/** Joins two neighbouring keys with the same text into one line: '← →'. */
const merged = (entries: readonly Entry[]): readonly Entry[] =>
  entries.flatMap((entry, at): readonly Entry[] => {
    const isSame = (other: Entry | undefined) => other?.label === entry.label && other.more === entry.more;
    if (isSame(entries[at - 1])) return [];
    const next = entries[at + 1];
    return [next && isSame(next) ? { ...entry, shown: `${entry.shown} ${next.shown}` } : entry];
  });

function drawn({ title, entries }: Group, width: number): readonly Line[] {
  const keyColumns = Math.max(...entries.map(({ shown }) => columns(shown)));
  const wide = Math.max(0, ...entries.map(({ label, more }) => (more ? columns(label) : 0)));
  const rows = entries.flatMap(({ key, shown, label, more }) => {
    const lead = [piece(`  ${shown.padEnd(keyColumns)}  `, 'key'), piece(more ? `${label.padEnd(wide)}  ` : label)];
    return touchable(more ? hang(lead, [piece(more, 'detail')], width) : [lead], { key });
  });
  return [[piece(title, 'heading')], ...rows];
}

/** The key lines of the map, the slow commit, the log and the terminal, without Esc, which leaves all of them. */
function thereLines(session: Session, width: number): readonly Line[] {
  const { map, commit, log, terminal } = messages.there;
  const here = { ...session, overlay: null, search: null, block: null };
  const places: readonly (readonly [string, Session])[] = [
    [map, openMap(here)[0]],
    [commit, { ...here, overlay: { kind: 'commit', level: 'on', step: 0, plays: false } }],
    [log, openLog(here)[0]],
    ...(session.noTerminalPane ? [] : [[terminal, enterTerminal(here)[0]] as const]),
  ];
  const wide = Math.max(...places.map(([name]) => columns(name)));
  return [
    [piece(messages.there.title, 'heading')],
    ...places.flatMap(([name, there]) => {
      const keys = shownKeys(there).filter(({ names }) => !names.includes('esc'));
      return hang(
        [piece(`  ${name.padEnd(wide)}  `)],
        keys.flatMap((key) => together(key, there)),
        width,
      );
    }),
  ];
}

/** A key and its text, joined by no-break spaces. */
const together = (key: Key, session: Session): readonly Piece[] => [
  piece(unbroken(key.shown), 'key'),
  piece(`\u00a0${unbroken(labelOf(key, session))}`, 'detail'),
  piece('  '),
];
const unbroken = (text: string): string => text.replaceAll(' ', '\u00a0');

const spaced = (parts: readonly (readonly Line[])[]): readonly Line[] =>
  parts.flatMap((lines, at) => (at > 0 ? [[], ...lines] : lines));

const beside = (left: readonly Line[], right: readonly Line[], at: number): readonly Line[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, row): Line => {
    const line = left[row] ?? [];
    return right[row] ? [...line, piece(' '.repeat(Math.max(at - lineColumns(line), 0))), ...right[row]] : line;
  });
