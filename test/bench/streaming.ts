/**
 * Four streaming servers on a screen: observations made by hand, with new positions twice a second. Run in a terminal.
 */
import type { Observation, Sender, ServerView } from '../../src/lab/observation.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import { lessons, observation, plan } from '../session/fixture.ts';
import { onScreen } from './made.ts';

const everyMs = 500;
const standbys = ['slave', 'slave2', 'slave3'];
const servers = ['master', ...standbys].map((name, at) => ({ ...plan.servers[0], name, port: 5432 + at }));
const four = { ...plan, servers } as LabPlan;

const lsn = (bytes: number): string => `0/${bytes.toString(16).toUpperCase()}`;

/** The observation of a round, in which each standby is a little behind the one before. */
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

const lesson = lessons.at(-1);
if (!lesson) throw new Error('the room has lessons');
const dispatch = onScreen(lesson, { lessons, plan: four });
let round = 0;
const look = () => dispatch({ kind: 'observed', now: streaming(round++), learner: emptyLearnerState, saves: -1 });
look();
setInterval(look, everyMs);
