/** The map with servers below each other: as boxes, or as a list when boxes do not fit. */
import { box, trunkAt } from '../layout/box.ts';
import { type Line, lineColumns, piece } from '../layout/wrap.ts';
import { hang } from '../tasks/verdict.ts';
import { boxed, type MapDrawing } from './drawing.ts';
import { sparkLines } from './lags.ts';
import { barLines, flows, laneName } from './lane.ts';
import type { Node } from './tree.ts';

/** The box of a server, and below it on a trunk its standbys, each below the lines of its link. */
export function tallTree(drawing: MapDrawing, node: Node, width: number): readonly Line[] {
  const { name, facts } = boxed(drawing, node, width);
  const gap = facts.place.length > 0 ? [piece('  ')] : [];
  const lines = [[...facts.state, ...gap, ...facts.place], ...facts.more];
  const own = box(name, lines, width, { hollow: !facts.isUp, below: node.below.length > 0 });
  const below = node.below.flatMap(({ link, node: next }, at): readonly Line[] => {
    const isLast = at === node.below.length - 1;
    const room = width - trunk.length;
    const lane = [
      laneName(link),
      ...barLines(drawing.now, link, drawing.span, room),
      ...sparkLines(drawing.session, link, room),
    ];
    const joint = `${' '.repeat(trunkAt)}${isLast ? '╰' : '├'}─${flows(link) ? '▶' : ' '}`;
    const after = isLast ? ' '.repeat(trunk.length) : trunk;
    const leads = [trunk, joint]; // the arrow ends at the second line of the box
    return [
      ...lane.map((line): Line => [piece(trunk, 'bar'), ...line]),
      ...tallTree(drawing, next, room).map((line, row): Line => [piece(leads[row] ?? after, 'bar'), ...line]),
    ];
  });
  return [...own, ...below];
}

const trunk = `${' '.repeat(trunkAt)}│  `;

/** Each server as a line, and below it its standbys, each with its replay bar. */
export function listLines(drawing: MapDrawing): readonly Line[] {
  const { trees, width } = drawing;
  const rows = (node: Node, lead: string): readonly Line[] => {
    const { name, facts } = boxed(drawing, node, width);
    const short = [...name, piece('  '), ...facts.state];
    const long = [...short, piece('  '), ...facts.place];
    const own = lineColumns(long) + lead.length <= width ? long : short;
    return [
      ...hang([piece(lead)], own, width),
      ...facts.more.flatMap((line) => hang([piece(`${lead}  `)], line, width)),
      ...node.below.flatMap(({ link, node: next }) => [
        ...hang([piece(`${lead}  ╰ `, 'bar')], laneName(link), width),
        ...barLines(drawing.now, link, drawing.span, width - lead.length - 4)
          .slice(-1)
          .map((line): Line => [piece(`${lead}    `), ...line]),
        ...rows(next, `${lead}  `),
      ]),
    ];
  };
  return trees.flatMap((tree) => rows(tree, ''));
}
