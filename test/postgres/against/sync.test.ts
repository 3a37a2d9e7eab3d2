/** Compares our evaluation of synchronous standbys with pg_stat_replication, and of waiting commits with real ones. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../src/lab/machine/until.ts';
import { lsnDistance } from '../../../src/postgres/lsn.ts';
import { parseSyncNames } from '../../../src/postgres/sync/names.ts';
import {
  type CommitLevel,
  type ConnectedStandby,
  commitNow,
  commitWait,
  evaluateSync,
} from '../../../src/postgres/sync/sync.ts';
import { casesOr, newRandom, type Random, seed } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';
import { type Behaviour, type FakeStandby, fakeStandby, positionsOf } from './standby.ts';

for (const build of await builds()) {
  describe(`synchronous replication, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    let committer: pg.Client;
    beforeAll(async () => {
      server = await startServer(build, { conf });
      await server.client.query(muchToSend);
      await server.client.query('CREATE TABLE visits (id int)');
      committer = new pg.Client({ host: server.dir, port: server.port, user: 'postgres', database: 'postgres' });
      await committer.connect();
      await setNames(server, 'nobody');
    });
    afterAll(async () => {
      await committer?.end();
      await server?.[Symbol.asyncDispose]();
    });

    test(`every row of the recorded sync states is still so in PostgreSQL ${build.major}`, async () => {
      await using open = await openStandbys(server, [
        ['s1', 'streaming'],
        ['s2', 'streaming'],
        ['s3', 'streaming'],
      ]);
      for (const [names, ...wanted] of recorded) {
        await load(server, open.standbys, names);
        const rows = await settled(server, open.standbys, names);
        expect([names, rows.map(({ syncState, priority }) => `${syncState} ${priority}`)]).toEqual([names, wanted]);
      }
    });

    test(`pg_stat_replication of PostgreSQL ${build.major} shows the foreseen sync states`, async () => {
      const random = newRandom('sync');
      let views = 0;
      while (views < casesOr(160)) {
        await using open = await openStandbys(server, anyCrowd(random));
        for (const names of random.some(16, 16, () => anyNames(random, words))) {
          await load(server, open.standbys, names);
          await settled(server, open.standbys, names);
          views += 1;
        }
      }
      expect(views).toBeGreaterThanOrEqual(casesOr(160));
    });

    test(`a commit in PostgreSQL ${build.major} returns, or waits, as foreseen`, async () => {
      const random = newRandom('commits');
      const done = { returns: 0, waits: 0 };
      while (done.returns + done.waits < casesOr(160) / 4) {
        const crowd = readingCrowd(random);
        await using open = await openStandbys(server, crowd);
        for (const names of random.some(8, 8, () => anyNames(random, ['s1', 's2', 's3', 's4']))) {
          await load(server, open.standbys, names);
          const level = random.pick(levels);
          const { foreseen, happened } = await tryCommit(server, committer, open.standbys, names, level);
          const seen = `${names} at ${level}, with ${JSON.stringify(crowd)} (REPL_WORKSHOP_SEED=${seed})`;
          expect([seen, happened]).toEqual([seen, foreseen]);
          done[happened] += 1;
        }
      }
      expect(Math.min(done.returns, done.waits)).toBeGreaterThan(0);
    });

    test(`of two standbys with one name, PostgreSQL ${build.major} asks the one in the earlier slot`, async () => {
      const from = await positionsOf(server);
      const first = await fakeStandby(server, 's1', 'streaming', from);
      await using second = await fakeStandby(server, 's1', 'streaming', from);
      await load(server, [first, second], 'FIRST 1 (s1)');
      const [before, later] = await settled(server, [first, second], 'FIRST 1 (s1)');
      expect([before?.syncState, later?.syncState]).toEqual(['sync', 'potential']);
      await first[Symbol.asyncDispose]();
      await connected(server, 1);
      await using third = await fakeStandby(server, 's1', 'streaming', from);
      await load(server, [second, third], 'FIRST 1 (s1)');
      const [newest, older] = await settled(server, [second, third], 'FIRST 1 (s1)');
      expect(older?.standby.pid).toBe(later?.standby.pid);
      expect([newest?.syncState, older?.syncState]).toEqual(['sync', 'potential']);
    });

    test(`PostgreSQL ${build.major} without names returns at once at every level, and releases a waiting commit`, async () => {
      await using open = await openStandbys(server, [['s1', 'written']]);
      await load(server, open.standbys, 'FIRST 2 (s1)');
      const pid = await backendOf(committer);
      await committer.query('SET synchronous_commit = on');
      const waiting = committer.query('INSERT INTO visits VALUES (1)');
      await untilTrue(async () => (await waitsForSync(server, pid)) === true, 'the commit waits');
      await setNames(server, '');
      await waiting;
      for (const level of everyLevel) {
        await committer.query(`SET synchronous_commit = ${level}`);
        await committer.query('INSERT INTO visits VALUES (2)');
      }
      await setNames(server, 'nobody');
    });
  });
}

/** 50 MB of WAL, so that a standby that does not read all of it stays behind. */
const muchToSend =
  "SELECT count(pg_logical_emit_message(false, 'x', repeat('x', 100000))) FROM generate_series(1, 500)";

const conf = `max_wal_senders = 10
wal_keep_size = 1GB
wal_sender_timeout = 0
wal_level = replica
bgwriter_lru_maxpages = 0
checkpoint_timeout = 1h
`;

/** Recorded sync_state and sync_priority of three streaming standbys. */
const recorded: readonly (readonly [names: string, s1: string, s2: string, s3: string])[] = [
  ['', 'async 0', 'async 0', 'async 0'],
  ['FIRST 1 (s1, s2, s3)', 'sync 1', 'potential 2', 'potential 3'],
  ['FIRST 2 (s1, s2, s3)', 'sync 1', 'sync 2', 'potential 3'],
  ['FIRST 2 (s3, s1)', 'sync 2', 'async 0', 'sync 1'],
  ['ANY 1 (s1, s2)', 'quorum 1', 'quorum 1', 'async 0'],
  ['ANY 2 (s1, s2, s3)', 'quorum 1', 'quorum 1', 'quorum 1'],
  ['any 1 (*)', 'quorum 1', 'quorum 1', 'quorum 1'],
  ['*', 'sync 1', 'potential 1', 'potential 1'],
  ['s2, s1', 'potential 2', 'sync 1', 'async 0'],
  ['2 (s1, s2, s3)', 'sync 1', 'sync 2', 'potential 3'],
  ['FIRST 1 (S2)', 'async 0', 'sync 1', 'async 0'],
  ['ANY 1 (s9)', 'async 0', 'async 0', 'async 0'],
];

// ---- Standbys ----

type Crowd = readonly (readonly [name: string, behaviour: Behaviour])[];
type OpenStandbys = AsyncDisposable & { readonly standbys: readonly FakeStandby[] };

/** Opens the standbys one after the other, so that the view has them in this order. */
async function openStandbys(server: TestServer, crowd: Crowd): Promise<OpenStandbys> {
  await connected(server, 0);
  const from = await positionsOf(server);
  const standbys: FakeStandby[] = [];
  for (const [name, behaviour] of crowd) standbys.push(await fakeStandby(server, name, behaviour, from));
  return {
    standbys,
    async [Symbol.asyncDispose]() {
      for (const standby of standbys) await standby[Symbol.asyncDispose]();
    },
  };
}

const connected = (server: TestServer, count: number): Promise<void> =>
  untilTrue(async () => (await viewOf(server)).length === count, `${count} standbys are connected`);

async function untilTrue(condition: () => Promise<boolean>, what: string): Promise<void> {
  if (!(await until(condition, { deadlineMs: 20_000, everyMs: 3 }))) throw new Error(`waited 20 s until ${what}`);
}

// ---- The server's side ----

type Row = Required<ConnectedStandby> & {
  readonly pid: number;
  readonly syncState: string;
  readonly syncPriority: number;
};

/** In the order of the walsenders' slots in shared memory; the view itself is a join without an order. */
const viewOf = (server: TestServer): Promise<Row[]> =>
  server.rows<Row>(`SELECT pid, application_name AS "applicationName", v.state, v.sync_state AS "syncState", v.sync_priority AS "syncPriority",
    v.write_lsn::text AS write, v.flush_lsn::text AS flush, v.replay_lsn::text AS replay
    FROM pg_stat_replication v JOIN pg_stat_get_wal_senders() WITH ORDINALITY AS place USING (pid) ORDER BY place.ordinality`);

/**
 * Brings the names into effect. A walsender has read them when it has answered twice, because its first answer may be
 * from the loop before.
 */
async function load(server: TestServer, standbys: readonly FakeStandby[], names: string): Promise<void> {
  await server.client.query(`ALTER SYSTEM SET synchronous_standby_names = ${server.client.escapeLiteral(names)}`);
  for (const { pid } of await viewOf(server)) process.kill(pid, 'SIGHUP');
  process.kill(await backendOf(server.client), 'SIGHUP');
  const reading = standbys.filter(({ reads }) => reads);
  await Promise.all(reading.map(({ pong }) => pong()));
  await Promise.all(reading.map(({ pong }) => pong()));
}

/**
 * Sets the names for all processes. They are in effect when a commit waits, or no longer waits, by the checkpointer.
 */
async function setNames(server: TestServer, names: string): Promise<void> {
  await server.client.query(`ALTER SYSTEM SET synchronous_standby_names = ${server.client.escapeLiteral(names)}`);
  await server.client.query('SELECT pg_reload_conf()');
  const other = new pg.Client({ host: server.dir, port: server.port, user: 'postgres', database: 'postgres' });
  await other.connect();
  const pid = await backendOf(other);
  try {
    await untilTrue(async () => {
      let done = false;
      const commit = other.query('INSERT INTO visits VALUES (0)').then(() => {
        done = true;
      });
      await untilTrue(async () => done || (await waitsForSync(server, pid)) === true, 'a commit returns or waits');
      const waits = !done;
      if (waits) await server.client.query('SELECT pg_cancel_backend($1)', [pid]);
      await commit;
      return waits === (names !== '');
    }, `'${names}' is in effect`);
  } finally {
    await other.end();
  }
}

const backendOf = async (client: pg.Client): Promise<number> =>
  (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;

/** Resolves with undefined when the backend is busy, but does not wait for a standby. */
async function waitsForSync(server: TestServer, pid: number): Promise<boolean | undefined> {
  const [row] = await server.rows<{ waits: boolean; busy: boolean }>(
    `SELECT wait_event IS NOT DISTINCT FROM 'SyncRep' AS waits, state = 'active' AS busy FROM pg_stat_activity WHERE pid = ${pid}`,
  );
  return row?.waits ? true : row?.busy ? undefined : false;
}

/**
 * Resolves when the view agrees with our evaluation of its rows. A walsender that cannot send reads its configuration
 * late, so with one of these, three views in a row must agree.
 */
async function settled(server: TestServer, standbys: readonly FakeStandby[], names: string) {
  let rows: readonly Row[] = [];
  let inARow = 0;
  const agrees = async () => {
    for (const standby of standbys) standby.nudge();
    rows = await viewOf(server);
    const same = foreseen(names, rows).rows.every(
      ({ standby, syncState, priority }) => standby.syncState === syncState && standby.syncPriority === priority,
    );
    inARow = same ? inARow + 1 : 0;
    return inARow >= (rows.every(({ state }) => state === 'streaming') ? 1 : 3);
  };
  if (await until(agrees, { deadlineMs: 3000, everyMs: 5 })) return foreseen(names, rows).rows;
  const ours = foreseen(names, rows).rows.map(({ syncState, priority }) => `${syncState} ${priority}`);
  throw new Error(`${names} (REPL_WORKSHOP_SEED=${seed}): we foresee ${ours}, the view shows ${JSON.stringify(rows)}`);
}

function foreseen(names: string, rows: readonly Row[]) {
  const view = evaluateSync(names, rows);
  if ('message' in view) throw new Error(`${names}: ${view.message}`);
  return view;
}

type Commit = 'returns' | 'waits';

/**
 * Commits a row, waits until the standbys have confirmed all that they will, and checks whether the commit returned.
 */
async function tryCommit(
  server: TestServer,
  committer: pg.Client,
  standbys: readonly FakeStandby[],
  names: string,
  level: CommitLevel,
): Promise<{ readonly foreseen: Commit; readonly happened: Commit }> {
  const pid = await backendOf(committer);
  await committer.query(`SET synchronous_commit = ${level}`);
  const warnings: string[] = [];
  const onNotice = ({ message }: { readonly message?: string | undefined }) => void warnings.push(message ?? '');
  committer.on('notice', onNotice);
  let returned = false;
  const commit = committer.query('INSERT INTO visits VALUES (1)').then(() => {
    returned = true;
  });
  try {
    await untilTrue(async () => returned || (await waitsForSync(server, pid)) === true, 'the commit returns or waits');
    const [at] = await server.rows<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    const lsn = at?.lsn ?? '0/0';
    await untilTrue(async () => allConfirmed(await viewOf(server), standbys, lsn), 'the standbys have confirmed');
    const now = commitNow(commitWait(foreseen(names, await viewOf(server)), level), lsn);
    // A commit that should return gets 10 s. One that should wait still waits after 40 ms, and warns when it is
    // cancelled.
    await until(() => returned, { deadlineMs: now.kind === 'returns' ? 10_000 : 40, everyMs: 2 });
    const happened = returned ? 'returns' : 'waits';
    if (!returned) await server.client.query('SELECT pg_cancel_backend($1)', [pid]);
    await commit;
    const wasCancelled = warnings.some((warning) => warning.startsWith('canceling wait for synchronous replication'));
    if (wasCancelled !== (happened === 'waits')) throw new Error(`${happened}, but: ${warnings}`);
    return { foreseen: now.kind, happened };
  } finally {
    committer.off('notice', onNotice);
  }
}

/** Whether each standby has confirmed all positions of its behaviour up to this LSN. */
const allConfirmed = (rows: readonly Row[], standbys: readonly FakeStandby[], lsn: string): boolean =>
  rows.every((row, at) => {
    const behaviour = standbys[at]?.behaviour ?? 'startup';
    const positions = confirmations[behaviour].map((position) => row[position]);
    return positions.every((position) => position !== null && lsnDistance(position, lsn) >= 0n);
  });
const confirmations: Readonly<Record<Behaviour, readonly ('write' | 'flush' | 'replay')[]>> = {
  streaming: ['write', 'flush', 'replay'],
  flushed: ['write', 'flush'],
  written: ['write'],
  receiving: ['write'],
  catchup: [],
  startup: [],
};

// ---- Random standbys and names ----

const everyLevel: readonly CommitLevel[] = ['off', 'local', 'remote_write', 'on', 'remote_apply'];
const levels: readonly CommitLevel[] = [...everyLevel, 'remote_write', 'on', 'on', 'remote_apply', 'remote_apply'];
const others: readonly Behaviour[] = ['written', 'flushed', 'catchup', 'receiving', 'startup'];
const standbyNames = ['s1', 's1', 's2', 's2', 's3', 'S3', 's-4', '*', 'walreceiver', ''];

const anyCrowd = (random: Random): Crowd =>
  random.some(0, 4, () => [random.pick(standbyNames), random.chance(0.5) ? 'streaming' : random.pick(others)] as const);

/** Only standbys that read, so that their confirmations decide. */
const readingCrowd = (random: Random): Crowd =>
  ['s1', 's2', 's3', 's4']
    .slice(0, 2 + random.int(3))
    .map((name) => [name, random.pick(['streaming', 'streaming', 'written', 'flushed'] as const)] as const);

const words = ['s1', 's2', 'S1', '"s1"', 's3', '"S3"', '"s-4"', '*', '"*"', 's9', 'walreceiver', '""', '1'];

/** Never empty: the change between some names and none is made by the checkpointer, and tested separately. */
function anyNames(random: Random, of: readonly string[]): string {
  const list = random.some(1, 4, () => random.pick(of)).join(', ');
  const how = random.pick(['FIRST', 'FIRST', 'first', 'ANY', 'any', '']);
  const names = random.chance(0.2) ? list : `${how} ${1 + random.int(3)} (${list})`;
  const read = parseSyncNames(names);
  return read && 'method' in read ? names : 's1';
}
