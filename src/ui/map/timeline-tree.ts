/** Timelines as a tree: where each one branched off, and which servers are on it. */
import { identifierOf } from '../../check/view.ts';
import type { Observation, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Branch } from '../../postgres/timelines.ts';
import { type Line, piece } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

const words = messages.map;

/** Returns no lines when each cluster has one timeline only. */
export function timelineLines(now: Observation, width: number): readonly Line[] {
  const servers = Object.values(now.servers);
  const clusters = new Set(servers.map(identifierOf));
  return [...clusters].flatMap((cluster) =>
    clusterLines(
      servers.filter((view) => identifierOf(view) === cluster),
      width,
    ),
  );
}

function clusterLines(servers: readonly ServerView[], width: number): readonly Line[] {
  const branches = branchesOf(servers);
  const here = serversOn(servers);
  const known = new Set([...here.keys(), ...branches.flatMap(({ timeline, from }) => [timeline, from])]);
  if (known.size < 2) return [];
  const roots = [...known].filter((one) => !branches.some(({ timeline }) => timeline === one)).sort((a, b) => a - b);
  return roots.flatMap((root) => treeLines({ timeline: root }, branches, here, width));
}

function treeLines(
  { timeline, at, why }: Pick<Branch, 'timeline'> & Partial<Branch>,
  branches: readonly Branch[],
  here: ReadonlyMap<number, readonly string[]>,
  width: number,
): readonly Line[] {
  const servers = here.get(timeline) ?? [];
  const shaft = '━'.repeat(Math.max(4, Math.min(Math.floor(width / 8), 12)));
  const from = at === undefined ? [] : [piece(`  ${words.branchedOff(at, why ?? '')}`, 'detail')];
  const own: Line = [
    piece(`${timeline} `, 'strong'),
    piece(servers.length > 0 ? `${shaft}▶ ` : shaft, servers.length > 0 ? 'good' : 'bar'),
    piece(servers.join(', ')),
    ...from,
  ];
  const children = branches.filter((branch) => branch.from === timeline);
  const below = children.flatMap((child, place): readonly Line[] => {
    const isLast = place === children.length - 1;
    return treeLines(child, branches, here, width - 5).map((line, row) => [
      piece(row === 0 ? (isLast ? '  ╰━ ' : '  ├━ ') : isLast ? '     ' : '  │  ', 'bar'),
      ...line,
    ]);
  });
  return [own, ...below];
}

/** Each branch once, in the order of the timelines. */
function branchesOf(servers: readonly ServerView[]): readonly Branch[] {
  const all = servers.flatMap(({ sql }) => (isProblem(sql) ? [] : sql.branches));
  const first = new Map(all.map((branch) => [`${branch.from} ${branch.timeline} ${branch.at}`, branch]));
  return [...first.values()].sort((a, b) => a.timeline - b.timeline);
}

/** The servers on each timeline. The timeline of a server that does not answer is read from its files. */
function serversOn(servers: readonly ServerView[]): ReadonlyMap<number, readonly string[]> {
  const on = new Map<number, readonly string[]>();
  for (const { name, sql, disk } of servers) {
    const onDisk = isProblem(disk) ? undefined : disk.control?.timeline;
    const timeline = isProblem(sql) ? onDisk : (sql.timeline ?? onDisk);
    if (timeline !== undefined) on.set(timeline, [...(on.get(timeline) ?? []), name]);
  }
  return on;
}
