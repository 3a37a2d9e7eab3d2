/** The data that a map is drawn from, and the text of its boxes. */
import type { Observation } from '../../lab/observation.ts';
import type { Session } from '../../session/session.ts';
import { type Link, linksOf } from '../../session/view/links.ts';
import { type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { scaleOf } from './lane.ts';
import { type Facts, factsOf } from './server-facts.ts';
import { type Node, treesOf } from './tree.ts';

const words = messages.map;

export type MapDrawing = {
  readonly session: Session;
  readonly now: Observation;
  readonly links: readonly Link[];
  readonly connections: readonly Link[]; // links between two different servers
  readonly trees: readonly Node[];
  readonly span: number; // bytes of a full bar
  readonly charts: boolean; // there is room for charts; else each lag is a sparkline
  readonly width: number;
};

/** The width from which boxes are drawn side by side, in columns. */
export const sideBySide = 98;

export function drawingOf(session: Session, now: Observation, width: number): MapDrawing {
  const links = linksOf(now);
  const ways = links.filter(({ from, to }) => from !== to);
  const charts = width >= sideBySide && session.rows >= 32;
  const names = session.plan.servers.map(({ name }) => name);
  return {
    session,
    now,
    links,
    connections: ways,
    trees: treesOf(now, names, links),
    span: scaleOf(now, ways),
    charts,
    width,
  };
}

/** The name and the facts of a server, for a box of this width. */
type Boxed = { readonly name: Line; readonly facts: Facts };

export function boxed({ session, now, links }: MapDrawing, node: Node, width: number): Boxed {
  const view = node.name === null ? undefined : now.servers[node.name];
  const port = session.plan.servers.find(({ name }) => name === node.name)?.port;
  return {
    name: [piece(node.name ?? words.unknown, 'strong'), piece(port === undefined ? '' : ` :${port}`, 'detail')],
    facts: view
      ? factsOf(now, view, links, session.plan, width - 4)
      : { state: [piece(node.caption, 'detail')], place: [], more: [], isUp: false },
  };
}
