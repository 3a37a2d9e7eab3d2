/**
 * What the servers themselves say about each task, to real clients and programs. Nothing here reads a file as the
 * checks do: PostgreSQL reads it, in the server or in one that is started on a copy.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Probe } from './probe.ts';
import { asOwner, output, postmastersIn, realOf, receiverPorts } from './processes.ts';
import {
  asked,
  asksForPassword,
  connect,
  is,
  isReached,
  limitMs,
  type Name,
  no,
  open,
  type Place,
  rowOf,
  type Truth,
} from './sessions.ts';
import { portInFiles, trial } from './trial.ts';

/** Is the server of this data directory the one at the address, and in this role? */
async function runsAs(place: Place, on: Name, role: 'primary' | 'standby'): Promise<Truth> {
  const found = await asked(place, on, async (client) =>
    rowOf(client, `SELECT current_setting('data_directory') AS folder, pg_is_in_recovery() AS recovering`),
  );
  if (isReached(found)) return found.kind === 'turned away' ? open(found.why) : no('why' in found ? found.why : '');
  const own = realOf(place.servers[on].data);
  if (realOf(String(found.folder)) !== own) return no(`${found.folder} answers`);
  const { bindir, owner } = place;
  if (output(asOwner(owner, [join(bindir, 'pg_ctl'), '-D', own, 'status'])).status !== 0)
    return open('it answers, and pg_ctl does not find it');
  if (!existsSync(join(own, 'global/pg_control'))) return open('it answers until its next checkpoint');
  return is(found.recovering === (role === 'standby'), found.recovering ? 'in recovery' : 'not in recovery');
}

/** The first field of pg_control is the system identifier (src/include/catalog/pg_control.h). */
function identifier(place: Place, on: Name): string | undefined {
  try {
    return String(readFileSync(join(place.servers[on].data, 'global/pg_control')).readBigUInt64LE());
  } catch {
    return undefined; // no such file
  }
}

function sameFamily(place: Place, wanted: boolean): Truth {
  const [one, other] = [identifier(place, 'master'), identifier(place, 'slave')];
  if (!one || !other) return no(`identifiers ${one}, ${other}`);
  return is((one === other) === wanted, `identifiers ${one}, ${other}`);
}

async function role(place: Place): Promise<Truth> {
  const found = await asked(place, 'master', (client) =>
    rowOf(
      client,
      `SELECT rolcanlogin AND (rolreplication OR rolsuper) AND rolpassword IS NOT NULL AND (rolconnlimit <> 0 OR rolsuper)
         AND coalesce(rolvaliduntil > now(), true) AS good, rolpassword LIKE 'md5%' AS old FROM pg_authid WHERE rolname = '${place.user}'`,
    ),
  );
  if (isReached(found)) return open('no session');
  // Whether an md5 password will do depends on the method of the line that lets it in.
  return found.good && found.old ? open('kept as md5') : is(found.good === true, JSON.stringify(found));
}

/** Copies a data directory's small files of rules into another one's place, and asks that server. */
async function lineFits(place: Place, probe: Probe): Promise<Truth> {
  const { data } = place.servers.master;
  const names = await asked(place, 'master', async (client) =>
    (
      await client.query(
        `SELECT r.rolname AS group FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
       WHERE u.rolname = '${place.user}'`,
      )
    ).rows.map(({ group }) => String(group)),
  );
  return probe.withRules(data, place.user, isReached(names) ? [] : names, (port) => asksForPassword(place, port));
}

/** The server's process, seen without asking it. */
const isStopped = (place: Place, on: Name): boolean => postmastersIn(realOf(place.servers[on].data)).length === 0;

const signalFile = (place: Place): Truth => {
  if (existsSync(join(place.servers.master.data, 'standby.signal'))) return open('the master has one');
  const there = (name: string) =>
    statSync(join(place.servers.slave.data, name), { throwIfNoEntry: false }) !== undefined;
  return is(there('standby.signal'), `standby.signal ${there('standby.signal') ? 'is' : 'is not'} there`);
};

/** A message written on the master is replayed on the slave. */
async function follows(place: Place): Promise<Truth> {
  const standby = await runsAs(place, 'slave', 'standby');
  if (standby.holds !== true) return standby;
  const sent = await asked(place, 'master', async (client) => {
    await client.query('SET synchronous_commit = local');
    await client.query("SELECT pg_logical_emit_message(true, 'lead-out', 'flushed')"); // a delay waits at commits
    const { at } = await rowOf(client, 'SELECT pg_current_wal_lsn()::text AS at');
    const { rows } = await client.query('SELECT application_name, client_port FROM pg_stat_replication');
    return { at: String(at), rows };
  });
  if (isReached(sent)) return sent.kind === 'turned away' ? open(sent.why) : no('nobody answers on master');
  const ports = receiverPorts(realOf(place.servers.slave.data));
  const own = sent.rows.filter(({ client_port }) => ports.includes(Number(client_port)));
  if (own.length === 0) return no('pg_stat_replication has no row of the receiver');
  if (!own.some(({ application_name }) => application_name === 'slave1')) return no(JSON.stringify(own));
  const replayed = await asked(place, 'slave', async (client) => {
    for (const end = Date.now() + limitMs; Date.now() < end; ) {
      const { done } = await rowOf(client, `SELECT pg_last_wal_replay_lsn() >= '${sent.at}'::pg_lsn AS done`);
      if (done) return true;
    }
    return false;
  });
  return is(replayed === true, 'the message is replayed, or not');
}

const newestRows = async (place: Place, on: Name) => {
  const { port } = place.servers[on];
  for (const password of place.passwords) {
    const client = await connect({ host: place.host, port, user: 'postgres', database: 'master', password });
    if (!(client instanceof pg.Client)) continue;
    try {
      const { rows } = await client.query(
        `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|information_schema' ORDER BY c.oid`,
      );
      const tables: Record<string, number> = {};
      for (const { name } of rows) {
        const { count } = await rowOf(client, `SELECT count(*)::int AS count FROM ${name}`);
        tables[String(name)] = Number(count);
      }
      return tables;
    } catch (error) {
      return String(error);
    } finally {
      void client.end().catch(() => undefined);
    }
  }
  return 'no session';
};

/** Some table of the database master has rows, the same number on both. */
async function rowsOnBoth(place: Place): Promise<Truth> {
  const [here, there] = [await newestRows(place, 'master'), await newestRows(place, 'slave')];
  if (typeof here === 'string' || typeof there === 'string') return open(`${here} ${there}`);
  const same = Object.entries(here).some(([name, count]) => count > 0 && there[name] === count);
  const why = `${JSON.stringify(here)}, ${JSON.stringify(there)}`;
  if (!same) return no(why);
  // What both have may come from the copy.
  const following = await follows(place);
  return following.holds ? is(true, why) : open(following.why);
}

/** The row of the slave's own receiver is one that commits wait for. */
async function isWaitedFor(place: Place): Promise<Truth> {
  const found = await asked(place, 'master', async (client) => {
    const { rows } = await client.query('SELECT client_port, sync_state, sync_priority FROM pg_stat_replication');
    return rows as { client_port: number; sync_state: string; sync_priority: number }[];
  });
  if (isReached(found)) return found.kind === 'turned away' ? open(found.why) : no('nobody answers');
  const ports = receiverPorts(realOf(place.servers.slave.data));
  const own = found.find(({ client_port }) => ports.includes(client_port));
  const isFirst = own?.sync_state === 'sync' && own.sync_priority === 1;
  return is(isFirst || own?.sync_state === 'quorum', JSON.stringify(own ?? found));
}

/** A new session in the database master would ask for the standby's word, and gets it. */
async function commitAsks(place: Place): Promise<Truth> {
  const waited = await isWaitedFor(place);
  if (waited.holds !== true) return waited;
  const { port } = place.servers.master;
  for (const password of place.passwords) {
    const client = await connect({ host: place.host, port, user: 'postgres', database: 'master', password });
    if (!(client instanceof pg.Client)) continue;
    try {
      const { level } = await rowOf(client, "SELECT current_setting('synchronous_commit') AS level");
      const why = `synchronous_commit is ${level} in the database master`;
      return /off|local/.test(String(level)) ? no(why) : open(`${why}; nobody else knows whether a commit came since`);
    } finally {
      void client.end().catch(() => undefined);
    }
  }
  return open('no session in the database master');
}

async function nobodyWaits(place: Place): Promise<Truth> {
  const found = await asked(place, 'master', (client) =>
    rowOf(client, "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
  );
  if (isReached(found)) return open('no session');
  return Number(found.waiting) > 0 ? no(`${found.waiting} wait`) : isWaitedFor(place);
}

/** What holds, by the key of a task. A task that is not here has no other judge than its check. */
const judges: Readonly<Record<string, (place: Place, probe: Probe) => Truth | Promise<Truth>>> = {
  'two-servers/master-runs': (place) => runsAs(place, 'master', 'primary'),
  'two-servers/slave-runs': (place) => runsAs(place, 'slave', 'primary'),
  'two-servers/two-clusters': (place) => sameFamily(place, false),
  'a-role-for-the-standby/role': role,
  'let-the-standby-in/line': lineFits,
  'let-the-standby-in/loaded': (place) => asksForPassword(place, place.servers.master.port),
  'clone-the-master/stopped': (place) => is(isStopped(place, 'slave'), 'its processes'),
  'clone-the-master/own-port': (place) => (sameFamily(place, true).holds ? portInFiles(place) : open('no copy')),
  'point-the-slave-at-the-master/conninfo': trial,
  'standby-signal/signal': signalFile,
  'start-and-read-the-logs/runs-as-standby': (place) => runsAs(place, 'slave', 'standby'),
  'start-and-read-the-logs/streams': follows,
  'prove-it/row-on-both': rowsOnBoth,
  'synchronous/sync': isWaitedFor,
  'synchronous/commit': commitAsks,
  'when-the-standby-dies/let-go': nobodyWaits,
};

export const truthOf = async (key: string, place: Place, probe: Probe): Promise<Truth> =>
  (await judges[key]?.(place, probe)) ?? open('nobody else judges it');
