/** Labs to draw maps of: servers of one cluster that follow each other, and small changes to them. */
import type { Observation, Sender, ServerView, Sql } from '../../src/lab/observation.ts';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import { plan } from '../lesson/plan.ts';
import { observation } from './fixture.ts';

const ports: Readonly<Record<string, number>> = { master: 5432, slave: 5433, slave2: 5434, slave3: 5435 };
const newest = '0/5000148';

export type Change = (now: Observation) => Observation;

/**
 * `follows`: standby → the server that it follows; 'nobody' for a standby without a connection, a port for a server
 * outside the lab.
 */
export function replicas(follows: Readonly<Record<string, string>>, ...changes: readonly Change[]): Observation {
  const names = ['master', ...Object.keys(follows)];
  const servers = names.map((name): ServerView => {
    const { master } = observation().servers;
    if (!master) throw new Error('no master in the fixture');
    const followers = Object.keys(follows).filter((one) => follows[one] === name);
    return {
      ...master,
      name,
      addresses: [{ host: '127.0.0.1', port: ports[name] ?? 0, from: 'servers' }],
      sql: { ...(master.sql as Sql), senders: followers.map(senderOf), ...standbyOf(name, follows[name]) },
    };
  });
  const whole = { ...observation(), servers: Object.fromEntries(servers.map((view) => [view.name, view])) };
  return changes.reduce((now, change) => change(now), whole);
}

/** A plan with the servers of this observation. */
export const planWith = (now: Observation): LabPlan => ({
  ...plan,
  servers: Object.keys(now.servers).map((name) => ({
    ...(plan.servers[0] as LabPlan['servers'][0]),
    name,
    port: ports[name] ?? 0,
  })),
});

function senderOf(standby: string): Sender {
  return {
    pid: ports[standby] ?? 0, user: 'slave', applicationName: standby, clientAddress: '127.0.0.1', state: 'streaming', syncState: 'async', syncPriority: 0,
    sent: newest, write: newest, flush: newest, replay: newest, writeLag: null, flushLag: null, replayLag: null,
  }; // biome-ignore format: a row
}

function standbyOf(name: string, upstream: string | undefined): Partial<Sql> {
  if (upstream === undefined) return {};
  const port = ports[upstream] ?? Number(upstream);
  const receiver = {
    status: 'streaming', senderHost: '127.0.0.1', senderPort: port, slot: null, timeline: 1, flushed: newest,
    conninfo: `user=slave application_name=${name}`,
  }; // biome-ignore format: a row
  return {
    inRecovery: true,
    receiver: Number.isNaN(port) ? null : receiver,
    position: { role: 'standby', received: newest, replayed: newest, paused: false },
  };
}

// ---- Changes ----

function answersOf({ servers }: Observation, name: string): Sql {
  const asked = servers[name]?.sql;
  if (!asked || 'what' in asked) throw new Error(`${name} cannot be asked in this lab`);
  return asked;
}

export const server =
  (name: string, change: Partial<ServerView>): Change =>
  (now) => {
    const view = now.servers[name];
    if (!view) throw new Error(`no ${name}`);
    return { ...now, servers: { ...now.servers, [name]: { ...view, ...change } } };
  };
export const sql =
  (name: string, change: Partial<Sql>): Change =>
  (now) =>
    server(name, { sql: { ...answersOf(now, name), ...change } })(now);
export const setting =
  (name: string, parameter: string, value: string): Change =>
  (now) => {
    const { settings } = answersOf(now, name);
    const one = { value, source: 'configuration file', file: null, line: null, pendingRestart: false };
    return sql(name, { settings: { ...settings, [parameter]: one } })(now);
  };
export const down = (name: string, state: ServerView['process']['state'] = 'stopped'): Change =>
  server(name, { process: { state }, sql: { what: `${name} does not run, so it cannot be asked.`, fix: 'Start it.' } });
/** Changes the upstream's row in pg_stat_replication for the standby `of`. */
export const sender =
  (name: string, of: string, change: Partial<Sender>): Change =>
  (now) => {
    const { senders } = answersOf(now, name);
    return sql(name, {
      senders: senders.map((one) => (one.applicationName === of ? { ...one, ...change } : one)),
    })(now);
  };
export const paused = (name: string, replayed: string): Change =>
  sql(name, { position: { role: 'standby', received: newest, replayed, paused: true } });
/** The standby is stopped: the upstream sends it nothing, and the standby's files still say that it is a standby. */
export const stopped =
  (upstream: string, standby: string): Change =>
  (now) => {
    const { senders } = answersOf(now, upstream);
    const kept = senders.filter(({ applicationName }) => applicationName !== standby);
    return [
      sql(upstream, { senders: kept }),
      down(standby),
      server(standby, { disk: standbysDisk(upstream, standby) }),
    ].reduce((seen, change) => change(seen), now);
  };

const standbysDisk = (upstream: string, standby: string): ServerView['disk'] => {
  const value = `host=127.0.0.1 port=${ports[upstream]} user=slave application_name=${standby}`;
  const one = {
    name: 'primary_conninfo',
    value,
    file: 'postgresql.conf',
    line: 1,
    text: `primary_conninfo = '${value}'`,
  };
  const path = 'rep/slave_data/postgresql.conf';
  return {
    path: 'rep/slave_data',
    state: 'cluster',
    conf: [{ path, content: one.text, savedAt: '', settings: [one], commented: [], errors: [] }],
    hba: null,
    ident: null,
    signals: ['standby.signal'],
    backupLabel: null,
    backupLabelOld: false,
    neverStarted: false,
    control: { systemIdentifier: '1', state: 'shut down in recovery', timeline: 1 },
    leftBeside: [],
  };
};
