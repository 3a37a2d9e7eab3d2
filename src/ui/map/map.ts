/** The map: every server as a box, the links between them, and below them waiting commits, slots and timelines. */
import type { Session } from '../../session/session.ts';
import { captionWords } from '../commit/caption.ts';
import { type Line, lineColumns, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { statusLine } from '../tasks/tasks.ts';
import { bytesWords } from './bars.ts';
import { drawingOf, type MapDrawing, sideBySide } from './drawing.ts';
import { chartsOf } from './lags.ts';
import { waitingLines } from './server-facts.ts';
import { slotLines } from './slots.ts';
import { listLines, tallTree } from './tall.ts';
import { timelineLines } from './timeline-tree.ts';
import { wideTrees } from './wide.ts';

const words = messages.map;

const maxWidth = 150; // on a wider map, things that belong together are too far apart

export function mapSheet(session: Session, width: number) {
  const { now, rows } = session;
  const isSmall = rows < 16 || width < 50;
  const status = statusLine(session, width);
  if (!now) return { title: words.title, lines: [[piece(words.looking, 'detail')]], whole: true };
  const drawing = drawingOf(session, now, Math.min(width, maxWidth));
  const caption = wrap([piece(captionWords(session, now, drawing.links), 'strong')], width);
  const under = isSmall ? [] : caption.slice(0, 3);
  const foot = [...under, ...(lineColumns(status) > 0 ? [status] : [])];
  const upper = [...(isSmall ? [...listLines(drawing), ...caption] : diagram(drawing)), ...sectionsOf(drawing)];
  const left = rows - aroundSheet - foot.length - upper.length;
  return { title: '', lines: [...upper, ...chartsIn(drawing, left)], foot, whole: true };
}

const aroundSheet = 5; // lines: title, keys, and three rules

function diagram(drawing: MapDrawing): readonly Line[] {
  const { trees, connections: ways, span, width } = drawing;
  const drawn = width < sideBySide ? trees.flatMap((tree) => tallTree(drawing, tree, width)) : wideTrees(drawing);
  const hasBars = ways.some(({ sender }) => sender);
  const legend = hasBars ? wrap([piece(words.legend(bytesWords(span)), 'detail')], width) : [];
  const gap: readonly Line[] = drawing.charts ? [[]] : []; // a screen with room for charts has room for empty lines
  return [...gap, ...drawn, ...(legend.length > 0 ? gap : []), ...legend];
}

function sectionsOf(drawing: MapDrawing): readonly Line[] {
  const { session, now, width } = drawing;
  const sections = [
    { title: words.commits, lines: waitingLines(now, session.plan, width) },
    { title: words.slots, lines: slotLines(now, width) },
    { title: words.timelines, lines: timelineLines(now, width) },
  ];
  return sections
    .filter(({ lines }) => lines.length > 0)
    .flatMap(({ title, lines }) => [[], [piece(title, 'heading')], ...lines]);
}

/** One pair of charts for each link, 8 to 13 lines high as far as they fit. */
function chartsIn({ session, connections: ways, width, charts }: MapDrawing, left: number): readonly Line[] {
  const height = Math.max(8, Math.min(Math.floor(left / ways.length) - 1, 13));
  const drawn = charts ? ways.map((link) => chartsOf(session, link, width, height)) : [];
  return drawn.flatMap((lines) => (lines.length > 0 ? [[], ...lines] : []));
}
