/**
 * The contract of every engine, on real servers. The test file of an engine calls it with a function that opens a lab.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab, Server } from '../../src/lab/lab.ts';
import { until } from '../../src/lab/machine/until.ts';
import type { Observation, Sender, ServerView } from '../../src/lab/observation.ts';
import { reachedInside } from '../../src/lab/plan/plan.ts';
import { isProblem, ProblemError } from '../../src/lab/problem.ts';
import { stopAll } from '../../src/lab/running.ts';
import { firstMatch } from '../../src/postgres/hba/hba.ts';

const deadlineMs = 15_000;

export function engineContract(name: string, open: () => Promise<Lab>): void {
  describe(`${name}: what every engine does`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await open();
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    const view = async (server = 'master'): Promise<ServerView> => viewOf(await lab.observe(), server);
    const state = async (server = 'master') => (await view(server)).process.state;
    const comes = (wanted: (seen: Observation) => boolean) =>
      until(async () => wanted(await lab.observe()), { deadlineMs });

    it(`${name}: servers that were not made yet are absent`, async () => {
      expect(await state()).toBe('absent');
      expect((await view()).disk).toMatchObject({ state: 'absent', control: null });
    });

    it(`${name}: create makes a server that has never run`, async () => {
      await lab.server('master').create();
      expect(await state()).toBe('created');
    });

    it(`${name}: create refuses an existing server, and does not change it`, async () => {
      const before = (await view()).disk;
      await expect(lab.server('master').create()).rejects.toThrow(ProblemError);
      expect((await view()).disk).toEqual(before);
    });

    it(`${name}: start starts a server with database, role and settings of the plan`, async () => {
      await lab.server('master').start();
      const { sql, process, disk } = await view();
      expect(process.state).toBe('up');
      expect(disk).toMatchObject({ state: 'cluster', mode: '0700', ownedByServer: true, major: lab.plan.major });
      expect(sql).toMatchObject({
        inRecovery: false,
        port: reachedInside(lab.plan, 'master').port,
        timeline: 1,
        dataDirectory: isProblem(disk) ? '' : disk.path,
      });
      expect(isProblem(sql) ? [] : sql.databases).toContain('master');
      expect(isProblem(sql) ? [] : sql.settings.log_replication_commands?.value).toBe('on');
    });

    it(`${name}: the initial hba lines let no other server replicate`, async () => {
      const { disk } = await view();
      const rules = isProblem(disk) || !disk.hba || 'unreadable' in disk.hba ? [] : disk.hba.rules;
      expect(rules.length).toBeGreaterThan(0);
      const from = lab.plan.engine === 'native' ? '127.0.0.1' : '172.20.0.3';
      const guest = { kind: 'host', database: '', replication: true, user: 'slave', address: from } as const;
      expect(firstMatch(rules, guest)).toBeUndefined();
    });

    it(`${name}: sql runs SQL, and rejects with the server's error`, async () => {
      expect((await lab.server('master').sql('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await expect(lab.server('master').sql('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
    });

    it(`${name}: reload loads a file that was written`, async () => {
      const server = lab.server('master');
      await server.writeFile('postgresql.conf', `${await server.readFile('postgresql.conf')}\nlog_connections = on\n`);
      await server.reload();
      const shown = async () => (await server.sql('SHOW log_connections')).rows[0]?.log_connections;
      expect(await until(async () => /on|all/.test(String(await shown())), { deadlineMs })).toBe(true);
    });

    it(`${name}: files of a server can be read and deleted, and a missing file is undefined`, async () => {
      const server = lab.server('master');
      await server.writeFile('note.txt', 'a note\n');
      expect(await server.readFile('note.txt')).toBe('a note\n');
      await server.deleteFile('note.txt');
      expect(await server.readFile('note.txt')).toBeUndefined();
    });

    it(`${name}: a statement runs in the background, and can be cancelled`, async () => {
      const statement = await lab.server('master').begin('SELECT pg_sleep(60)');
      await statement.cancel();
      expect(await statement.done).toMatchObject({ code: '57014' });
    });

    it(`${name}: a look distinguishes a crash from an orderly stop`, async () => {
      await lab.server('master').kill();
      expect(await view()).toMatchObject({ process: { state: 'failed', reason: expect.stringContaining('killed') } });
      await lab.server('master').start();
      await lab.server('master').stop('fast');
      expect((await view()).process).toMatchObject({ state: 'stopped' });
    });

    it.each([
      ['smart', ['stopped']],
      ['fast', ['stopped']],
      ['immediate', ['stopped', 'failed']], // as after a crash; only a container has an exit status to tell them apart
    ] as const)(`${name}: stop stops a server: %s`, async (how, states) => {
      await lab.server('master').start();
      await lab.server('master').stop(how);
      expect(states).toContain(await state());
      expect((await view()).process.pid).toBeUndefined();
    });

    it(`${name}: a look says why a start failed, and where`, async () => {
      const server = lab.server('master');
      const good = (await server.readFile('postgresql.conf')) ?? '';
      await server.writeFile('postgresql.conf', `${good}\nsync_standby_names = 'x'\n`);
      await server.start();
      const { process, log } = await view();
      expect(process).toMatchObject({ state: 'failed', reason: expect.stringContaining('sync_standby_names') });
      expect(log.records.map(({ level }) => level)).toEqual(['LOG', 'FATAL']);
      await server.writeFile('postgresql.conf', good);
      await server.start();
      expect(await state()).toBe('up');
    });

    it(`${name}: a look shows the log of the last start only`, async () => {
      const { log } = await view();
      expect(log.records.some(({ message }) => message.includes('sync_standby_names'))).toBe(false);
      expect(log.size).toBeGreaterThan(log.since);
    });

    it(`${name}: a snapshot of a lab is brought back`, async () => {
      await lab.server('master').sql('CREATE TABLE before_snapshot ()', { database: 'master' });
      const snapshot = await lab.snapshot('contract');
      expect(await state()).toBe('up');
      await lab.server('master').sql('DROP TABLE before_snapshot', { database: 'master' });
      await lab.restore(snapshot);
      const { rows } = await lab
        .server('master')
        .sql("SELECT to_regclass('before_snapshot') IS NOT NULL AS there", { database: 'master' });
      expect(rows).toEqual([{ there: true }]);
    });

    it(`${name}: a snapshot is taken while servers run and sessions wait, and is brought back`, async () => {
      const master = lab.server('master');
      await master.sql('CREATE TABLE before_copy AS SELECT 1 AS n', { database: 'master' });
      const waiting = await master.begin('SELECT pg_sleep(60)');
      const { pid } = (await view()).process;
      const path = 'backups/0007-copied';
      await lab.copyAside(path, 'contract');
      expect((await view()).process).toMatchObject({ state: 'up', pid });
      await waiting.cancel();
      expect(await waiting.done).toMatchObject({ code: '57014' });
      await master.sql('DROP TABLE before_copy', { database: 'master' });
      await lab.bringBack(path);
      expect((await master.sql('SELECT n FROM before_copy', { database: 'master' })).rows).toEqual([{ n: 1 }]);
    });

    it(`${name}: watch reports that a process has died`, async () => {
      const ending = new AbortController();
      const events = lab.watch(ending.signal)[Symbol.asyncIterator]();
      const told = async () => {
        for (;;) {
          const { value } = await events.next();
          if (value?.kind === 'process' && value.server === 'master') return value.server;
        }
      };
      expect(await told()).toBe('master'); // the server is watched
      const death = told();
      await lab.server('master').kill();
      expect(await death).toBe('master');
      ending.abort();
      await lab.server('master').start();
    });

    it(`${name}: watch reports that a file was saved`, async () => {
      const ending = new AbortController();
      const events = lab.watch(ending.signal)[Symbol.asyncIterator]();
      const saved = (async () => {
        for (;;) {
          const { value } = await events.next();
          if (value?.kind === 'files') return value.server;
        }
      })();
      const before = await Promise.race([saved, view()]); // a whole look, in which nothing was saved
      expect(before).toMatchObject({ name: 'master' });
      await lab.server('master').writeFile('pg_ident.conf', '# saved\n');
      expect(await saved).toBe('master');
      ending.abort();
    });

    it(`${name}: a look shows a standby`, async () => {
      const { host, port } = reachedInside(lab.plan, 'master');
      await lab.server('master').stop('fast');
      await lab.server('slave').copyFrom('master');
      await lab.server('master').start();
      const slave = lab.server('slave');
      const conf = (await slave.readFile('postgresql.conf')) ?? '';
      const own = reachedInside(lab.plan, 'slave').port;
      await slave.writeFile(
        'postgresql.conf',
        `${conf}\nport = ${own}\nprimary_conninfo = 'host=${host} port=${port} user=postgres password=${lab.plan.servers[0]?.password}'\n`,
      );
      await slave.writeFile('standby.signal', '');
      const hba = (await lab.server('master').readFile('pg_hba.conf')) ?? '';
      await lab.server('master').writeFile('pg_hba.conf', `${hba}\nhost replication postgres all scram-sha-256\n`);
      await lab.server('master').reload();
      await slave.start();
      expect((await view('slave')).sql).toMatchObject({ inRecovery: true, slots: [], branches: [] });
    });

    it(`${name}: a look shows how far a standby is behind, in bytes and in time`, async () => {
      const streams = ({ state }: Sender) => state === 'streaming';
      expect(await comes((seen) => sqlOf(seen, 'master')?.senders.some(streams) === true)).toBe(true);
      const { sql } = lab.server('master');
      await sql('CREATE TABLE sent ()', { database: 'master' });
      const measured = ({ writeLag, flushLag, replayLag }: Sender) =>
        [writeLag, flushLag, replayLag].every((lag) => typeof lag === 'number' && lag >= 0);
      const writesAndLooks = async () => {
        // PostgreSQL forgets the lags of a standby that has everything.
        await sql('INSERT INTO sent DEFAULT VALUES', { database: 'master' });
        return sqlOf(await lab.observe(), 'master')?.senders.some(measured) === true;
      };
      expect(await until(writesAndLooks, { deadlineMs })).toBe(true);
      expect(sqlOf(await lab.observe(), 'master')?.senders).toMatchObject([
        { state: 'streaming', sent: expect.stringMatching(/^0\//), replay: expect.stringMatching(/^0\//) },
      ]);
    });

    it(`${name}: a look shows replication slots, ordered by name, and what they keep`, async () => {
      const { sql } = lab.server('master');
      await sql("SELECT pg_create_physical_replication_slot('unused')");
      await sql("SELECT pg_create_physical_replication_slot('keeping', true)");
      await sql('CREATE TABLE more AS SELECT generate_series(1, 1000)', { database: 'master' });
      const slots = sqlOf(await lab.observe(), 'master')?.slots ?? [];
      const common = { kind: 'physical', temporary: false, active: false, activePid: null };
      expect(slots).toMatchObject([
        { ...common, name: 'keeping', restart: expect.stringMatching(/^0\//), walStatus: 'reserved' },
        { ...common, name: 'unused', restart: null, walStatus: null, kept: null },
      ]);
      expect(slots[0]?.kept).toBeGreaterThan(1000);
      for (const name of ['keeping', 'unused']) await sql(`SELECT pg_drop_replication_slot('${name}')`);
    });

    it(`${name}: servers that are stopped together end with the standbys, in whatever order they are named`, async () => {
      const stopped: string[] = [];
      const noting = ({ name: server }: Server): Server => ({
        ...lab.server(server),
        stop(how) {
          stopped.push(server);
          return lab.server(server).stop(how);
        },
      });
      await stopAll(['slave', 'master'].map((one) => noting(lab.server(one))));
      expect(stopped).toEqual(['master', 'slave']);
      expect([await state('master'), await state('slave')]).toEqual(['stopped', 'stopped']);
      for (const { name: server } of lab.servers) await lab.server(server).start();
    });

    it(`${name}: promote moves a standby to the next timeline, and a look shows where it branched off`, async () => {
      await lab.server('slave').promote();
      expect(await comes((seen) => sqlOf(seen, 'slave')?.timeline === 2)).toBe(true);
      expect(sqlOf(await lab.observe(), 'slave')?.branches).toEqual([
        { timeline: 2, from: 1, at: expect.stringMatching(/^0\//), why: 'no recovery target specified' },
      ]);
    });

    it(`${name}: a data directory is put aside or removed only while no server works in it`, async () => {
      const slave = lab.server('slave');
      await expect(slave.putAside()).rejects.toThrow(ProblemError);
      await expect(slave.remove()).rejects.toThrow(ProblemError);
      await slave.stop('fast');
      const aside = await slave.putAside();
      expect(aside).toMatch(/slave_data\.old$/);
      expect(await view('slave')).toMatchObject({
        process: { state: 'absent' },
        disk: { leftBeside: [aside] },
      });
      await lab.server('master').stop('fast');
      await lab.server('master').remove();
      expect(await state()).toBe('absent');
    });
  });
}

const viewOf = (seen: Observation, server: string): ServerView => {
  const found = seen.servers[server];
  if (!found) throw new Error(`no view of ${server}`);
  return found;
};
const sqlOf = (seen: Observation, server: string) => {
  const { sql } = viewOf(seen, server);
  return isProblem(sql) ? undefined : sql;
};
