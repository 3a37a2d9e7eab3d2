/** The map with servers side by side: the first server on the left, its standbys on the right. */

import type { Link } from '../../session/view/links.ts';
import { type BoxStyle, box, joinColumns, trunkAt } from '../layout/box.ts';
import { cut } from '../layout/fit.ts';
import { type Line, lineColumns, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { boxed, type MapDrawing } from './drawing.ts';
import { sparkLines } from './lags.ts';
import { barLines, flows, laneName } from './lane.ts';
import type { Node } from './tree.ts';

const words = messages.map;

const boxWidth = 28;

export function wideTrees(drawing: MapDrawing): readonly Line[] {
  const { trees, width } = drawing;
  const [first, second, ...more] = trees;
  const alone = trees.every(({ below }) => below.length === 0);
  if (first && second && more.length === 0 && alone) return apart(drawing, first, second);
  return trees.flatMap((tree, at) => [...(at > 0 ? [[]] : []), ...wideTree(drawing, tree, width)]);
}

/** Two servers, and nothing between them. */
function apart(drawing: MapDrawing, one: Node, other: Node): readonly Line[] {
  const gap = drawing.width - 2 * boxWidth;
  const text = words.nothing;
  const left = Math.max(0, Math.floor((gap - text.length) / 2));
  const between = [[], [], [piece(`${' '.repeat(left)}${text}`, 'detail')]];
  const right = joinColumns(between, gap, wideBox(drawing, other));
  return joinColumns(wideBox(drawing, one), boxWidth, right);
}

/** The box of the root on the left; its standbys on the right, each followed by its own standbys below it. */
function wideTree(drawing: MapDrawing, root: Node, width: number): readonly Line[] {
  const connections = connectionsFrom(root, null);
  const own = connections.filter(({ from }) => from === null).length;
  const blocks = connections.map(({ link, node, from }) =>
    connectionLines(drawing, link, node, from, width - boxWidth),
  );
  if (blocks.length === 0) return wideBox(drawing, root);
  const left = wideBox(drawing, root, { below: own > 1, beside: true }, blocks[0]?.length);
  return blocks.flatMap((block, at): readonly Line[] => {
    if (at === 0) return joinColumns(left, boxWidth, block);
    const isOwn = connections[at]?.from === null;
    const after = connections.slice(at + 1).some(({ from }) => from === null);
    const bar = (row: number): string =>
      row === 1 && isOwn
        ? `${after ? '├' : '╰'}${'─'.repeat(boxWidth - trunkAt - 1)}`
        : (row < 1 && isOwn) || after
          ? '│'
          : '';
    return block.map(
      (line, row): Line => [piece(' '.repeat(trunkAt) + bar(row).padEnd(boxWidth - trunkAt), 'bar'), ...line],
    );
  });
}

/** A link in a wide tree. `from`: the name of the sending server; null: the box on the left. */
type Connection = { readonly link: Link; readonly node: Node; readonly from: string | null };

const connectionsFrom = (node: Node, from: string | null): readonly Connection[] =>
  node.below.flatMap(({ link, node: next }) => [{ link, node: next, from }, ...connectionsFrom(next, next.name)]);

/** The arrow of a link with its name, the bars below it, and the box of the receiver. */
function connectionLines(
  drawing: MapDrawing,
  link: Link,
  node: Node,
  from: string | null,
  width: number,
): readonly Line[] {
  const room = width - boxWidth;
  const upstream = from === null ? [] : [piece(`${words.from(from)} · `, 'detail')];
  const name = cut([...upstream, ...laneName(link)], room - 6);
  const shaft = Math.max(0, room - lineColumns(name) - 6);
  const arrow: Line = [
    piece('── ', 'bar'),
    ...name,
    piece(flows(link) ? ` ${'─'.repeat(shaft + 1)}▶` : ` ${'┄'.repeat(shaft + 1)} `, 'bar'),
  ];
  const below = [
    ...barLines(drawing.now, link, drawing.span, room - 6),
    ...(drawing.charts ? [] : sparkLines(drawing.session, link, room - 6)),
  ].map((line): Line => [piece('   '), ...line]);
  const box = wideBox(drawing, node, {}, below.length + 2);
  return joinColumns([[], arrow, ...below], room, box);
}

function wideBox(drawing: MapDrawing, node: Node, style: BoxStyle = {}, height = 0): readonly Line[] {
  const { name, facts } = boxed(drawing, node, boxWidth);
  const lines = [facts.state, ...(facts.place.length > 0 ? [facts.place] : []), ...facts.more];
  return box(name, lines, boxWidth, { ...style, hollow: !facts.isUp }, height);
}
