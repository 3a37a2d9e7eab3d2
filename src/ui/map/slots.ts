/** Replication slots: the standby that uses each, and how much WAL the slot keeps. */
import type { Observation, Slot } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { columns } from '../../terminal/width.ts';
import { type Line, type Piece, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { hang } from '../tasks/verdict.ts';
import { bytesWords, shareBar } from './bars.ts';

const words = messages.map;

type UsedSlot = { readonly server: string; readonly slot: Slot; readonly by: string };

export function slotLines({ servers }: Observation, width: number): readonly Line[] {
  const all = Object.values(servers).flatMap(({ name, sql }): readonly UsedSlot[] => {
    if (isProblem(sql)) return [];
    const user = (slot: Slot) => sql.senders.find(({ pid }) => pid === slot.activePid)?.applicationName ?? '';
    return sql.slots.map((slot) => ({ server: name, slot, by: user(slot) }));
  });
  const greatest = Math.max(0, ...all.map(({ slot }) => slot.kept ?? 0));
  const wide = Math.max(0, ...all.map(({ server, slot }) => columns(`${server}  ${slot.name}`)));
  return all.flatMap(({ server, slot, by }) => {
    const name = `${server}  ${slot.name}`;
    const lead = [piece(slot.active ? '● ' : '○ ', slot.active ? 'good' : 'warning'), piece(name.padEnd(wide))];
    const bar = width < 80 ? [] : [piece(`  ${shareBar(slot.kept ?? 0, greatest, 12)}`, 'number')];
    return hang([...lead, piece('  ')], [...keptWords(slot), ...useWords(slot, by), ...bar], width);
  });
}

function keptWords({ kept, restart, walStatus }: Slot): readonly Piece[] {
  if (walStatus === 'lost') return [piece(words.slotLost, 'trouble')];
  if (kept === null || restart === null) return [piece(words.slotEmpty, 'detail')];
  const status = walStatus && walStatus !== 'reserved' ? `, ${walStatus}` : '';
  return [piece(words.slotKeeps(bytesWords(kept))), piece(status, 'warning')];
}

const useWords = ({ active, kind, temporary }: Slot, by: string): readonly Piece[] => [
  piece(`  ${active ? words.slotUsed(by || '?') : words.slotUnused}`, active ? 'good' : 'warning'),
  piece(`  ${[kind, ...(temporary ? [words.slotTemporary] : [])].join(', ')}`, 'detail'),
];
