/** The welcome sheet: what the workshop is, what it does on this machine, and the first keys. */
import type { LabPlan } from '../../lab/plan/plan.ts';
import type { Session } from '../../session/session.ts';
import { columns } from '../../terminal/width.ts';
import { indented } from '../layout/fit.ts';
import type { Sheet } from '../layout/sheet.ts';
import { type Line, piece, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';

export function welcomeSheet({ plan, folder, rows }: Session, width: number): Sheet {
  const { title, what, machine, short, keys } = messages.welcome;
  const inner = Math.min(width, 78);
  const text = (words: string) => wrap([piece(words)], inner);
  if (width < 70 || rows < 20)
    return { title, lines: [arrow(plan), [], ...text(short(plan.engine, folder))], whole: true };
  const wide = Math.max(...keys.map(([key]) => columns(key)));
  const table = keys.map(([key, does]): Line => [piece(`  ${key.padEnd(wide)}  `, 'key'), piece(does)]);
  const ports = plan.servers.map(({ port }) => port);
  const lines = [
    ...indented(drawing(plan), 2),
    [],
    ...text(what),
    [],
    ...text(machine(plan.engine, folder, ports)),
    [],
  ];
  return { title, lines: [...lines, ...table], whole: true };
}

/** 'master :5432 ───► slave :5433' */
function arrow({ servers }: LabPlan): Line {
  const [master, slave] = servers.map(({ name, port }) => piece(`${name} :${port}`, 'strong'));
  return [...(master ? [master] : []), piece(' ───► ', 'key'), ...(slave ? [slave] : [])];
}

/** The two servers as boxes, with an arrow for the WAL between them. */
function drawing({ servers }: LabPlan): readonly Line[] {
  const { takes, replays, flows } = messages.welcome;
  const [master, slave] = [boxOf(servers[0], takes), boxOf(servers[1], replays)];
  const gap = columns(flows) + 6;
  const between = [piece(' '.repeat(gap)), piece(`  ${flows.padEnd(gap - 2)}`, 'detail'), flow(gap)];
  return master.map((line, row) => [...line, between[row] ?? piece(' '.repeat(gap)), ...(slave[row] ?? [])]);
}

const flow = (width: number) => piece(` ${'─'.repeat(width - 3)}► `, 'key');

function boxOf(server: LabPlan['servers'][number] | undefined, does: string): readonly Line[] {
  const name = server?.name ?? '';
  const port = `:${server?.port ?? ''}`;
  const inner = Math.max(columns(name) + columns(port) + 4, columns(does));
  return [
    [piece(`┌${'─'.repeat(inner + 2)}┐`, 'bar')],
    [
      piece('│ ', 'bar'),
      piece(name, 'strong'),
      piece(port.padStart(inner - columns(name)), 'detail'),
      piece(' │', 'bar'),
    ],
    [piece('│ ', 'bar'), piece(does.padEnd(inner)), piece(' │', 'bar')],
    [piece(`└${'─'.repeat(inner + 2)}┘`, 'bar')],
  ];
}
