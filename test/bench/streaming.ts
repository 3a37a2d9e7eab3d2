/** Four servers that stream, on a screen: made observations, twice a second with other positions, through update, frame and ink. Run in a terminal. */
import type { Observation, Sender, ServerView } from '../../src/lab/observation.ts';
import type { LabPlan } from '../../src/lab/plan.ts';
import { applyChanges, nothingKept } from '../../src/session/progress.ts';
import { openSession, update } from '../../src/session/update.ts';
import { frameMaker } from '../../src/ui/frame.ts';
import { openInk } from '../../src/ui/screen.tsx';
import { painter } from '../../src/ui/theme.ts';
import { here, lessons, observation, plan } from '../session/room.ts';

const everyMs = 500;
const standbys = ['slave', 'slave2', 'slave3'];
const servers = ['master', ...standbys].map((name, at) => ({ ...plan.servers[0], name, port: 5432 + at }));
const four = { ...plan, servers } as LabPlan;

const lsn = (bytes: number): string => `0/${bytes.toString(16).toUpperCase()}`;

/** The standbys are a little behind each other. */
function streaming(round: number): Observation {
  const one = observation({ streaming: true });
  const { master, slave } = one.servers as { master: ServerView; slave: ServerView };
  if (!('senders' in master.sql) || !('senders' in slave.sql)) throw new Error('they are up');
  const [sender] = master.sql.senders as readonly [Sender];
  const at = (behind: number) => lsn(0x5000148 + round * 0x1f40 - behind * 0xa0);
  const senders = standbys.map((name, behind) => ({
    ...sender,
    ...{ applicationName: name, sent: at(behind), write: at(behind), flush: at(behind), replay: at(behind + 1) },
  }));
  const followers = standbys.map((name, behind) => {
    const position = { role: 'standby', received: at(behind), replayed: at(behind + 1), paused: false } as const;
    return [name, { ...slave, name, sql: { ...slave.sql, position } }] as const;
  });
  const primary = {
    ...master,
    sql: { ...master.sql, senders, position: { role: 'primary', current: at(0) } as const },
  };
  return { ...one, servers: { master: primary, ...Object.fromEntries(followers) } };
}

const { columns, rows: height } = process.stdout;
const kept = applyChanges(nothingKept, [here('streaming')]);
const opening = { lessons, plan: four, about: '', onlyLook: true, kept, at: '2026-11-23T14:02:00.000Z' };
let [session] = openSession({ ...opening, columns, rows: height });
const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const paint = painter({ palette: 'dark', ascii: false, level: 1 });
const watchers = new Set<() => void>();
let rows: readonly string[] = [];
let round = 0;
const next = () => {
  [session] = update(session, { kind: 'observed', now: streaming(round++), kept: session.kept, saves: session.saves });
  rows = draw(session).lines.map(paint);
  for (const changed of watchers) changed();
};
next();
const subscribe = (changed: () => void) => {
  watchers.add(changed);
  return () => void watchers.delete(changed);
};
const close = openInk({ rows: () => rows, subscribe }, () => undefined, process);
const drawing = setInterval(next, everyMs);
process.once('SIGTERM', () => {
  clearInterval(drawing);
  void close();
});
