import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basebackup } from '../../src/clients/basebackup/basebackup.ts';
import { type Endpoint, measureLevel, percentile } from '../../src/lab/measure/measure.ts';
import type { Level } from '../../src/lab/measure/measurement.ts';
import { startRelay } from '../../src/lab/measure/relay.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { embedded, openConsole, scratch, startPrimary, TestServer, until } from './servers.ts';

test('a percentile is one of the measured values', () => {
  expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
  expect(percentile([5, 1, 4, 2, 3], 95)).toBe(5);
  expect(percentile([7], 50)).toBe(7);
});

describe('the relay', () => {
  test('the relay keeps bytes and their order, delays them once in all, and passes on the end', async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const address = echo.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    await using relay = await startRelay({
      host: '127.0.0.1',
      port: 0,
      to: { host: '127.0.0.1', port: address.port },
      delayMs: 20,
    });
    const socket = connect({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true });
    const sent = Buffer.alloc(8 * 1024 * 1024, 'order is kept ');
    const began = performance.now();
    socket.end(sent);
    const received: Buffer[] = [];
    for await (const chunk of socket) received.push(chunk);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    expect(performance.now() - began).toBeGreaterThanOrEqual(38);
    // One delay after the other, chunk by chunk, would take far longer.
    expect(received.length * 20).toBeGreaterThan((performance.now() - began) * 2);
    echo.close();
  });

  test('a connection through the relay ends when the server behind it refuses', async () => {
    await using relay = await startRelay({
      host: '127.0.0.1',
      port: 0,
      to: { host: '127.0.0.1', port: 5639 },
      delayMs: 1,
    });
    const socket = connect(relay.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'close');
  });

  test('the relay reports that its port is taken', async () => {
    await using relay = await startRelay({
      host: '127.0.0.1',
      port: 0,
      to: { host: '127.0.0.1', port: 5639 },
      delayMs: 1,
    });
    await expect(
      startRelay({ host: '127.0.0.1', port: relay.port, to: { host: '127.0.0.1', port: 5639 }, delayMs: 1 }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('what a commit costs', () => {
  const dir = scratch();
  let master: TestServer;
  let slave: TestServer;
  const writer: Endpoint = {
    host: '127.0.0.1',
    port: 5630,
    user: 'postgres',
    password: 'master_pass',
    database: 'master',
  };
  const reader: Endpoint = { ...writer, port: 5631 };

  const conninfo = (port: number) =>
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=slave password=slave_pass application_name=slave1'\n`;
  const names = async (value: string) => {
    await master.query(`ALTER SYSTEM SET synchronous_standby_names = '${value}'`);
    await master.query('SELECT pg_reload_conf()');
    await until(
      'the names',
      async () => (await master.query('SHOW synchronous_standby_names'))[0]?.synchronous_standby_names === value,
    );
    if (value === 'slave1')
      await until(
        'a sync standby',
        async () => (await master.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")).length === 1,
      );
  };

  beforeAll(async () => {
    master = await startPrimary(embedded, join(dir.path, 'master'), 5630);
    const io = openConsole({ PGPASSWORD: 'slave_pass' });
    const copy = join(dir.path, 'slave');
    expect(
      await basebackup(['-h', '127.0.0.1', '-p', '5630', '-U', 'slave', '-D', copy, '-c', 'fast'], io),
      io.err(),
    ).toBe(0);
    appendFileSync(join(copy, 'postgresql.conf'), `port = 5631\n${conninfo(5630)}`);
    writeFileSync(join(copy, 'standby.signal'), '');
    slave = new TestServer(embedded, copy, 5631);
    await slave.start();
  });
  afterAll(async () => {
    await slave?.stop();
    await master?.stop();
    await dir[Symbol.asyncDispose]();
  });

  const median = async (level: Level, commits: number) =>
    (await measureLevel({ writer, reader }, level, commits)).medianMs;

  test('every level gives times and counts stale reads', async () => {
    await names('slave1');
    for (const level of ['off', 'local', 'remote_write', 'on', 'remote_apply'] as const) {
      const result = await measureLevel({ writer, reader }, level, 30);
      expect(result).toMatchObject({ level, commits: 30, reads: 30 });
      expect(result.medianMs).toBeGreaterThan(0);
      expect(result.p95Ms).toBeGreaterThanOrEqual(result.medianMs);
      if (level === 'remote_apply') expect(result.staleReads).toBe(0);
    }
  });

  test('a synchronous commit with 50 ms between the servers takes at least the round trip', async () => {
    await names('slave1');
    await using relay = await startRelay({
      host: '127.0.0.1',
      port: 5632,
      to: { host: '127.0.0.1', port: 5630 },
      delayMs: 50, // much more than a busy machine adds
    });
    await slave.query(`ALTER SYSTEM SET ${conninfo(relay.port).replace('= ', 'TO ')}`);
    await slave.query('SELECT pg_reload_conf()');
    await until(
      'the standby behind the relay',
      async () =>
        (
          await slave.query(
            `SELECT FROM pg_stat_wal_receiver WHERE sender_port = ${relay.port} AND status = 'streaming'`,
          )
        ).length === 1,
    );
    await names('slave1');
    const waiting = await median('on', 20);
    expect(waiting).toBeGreaterThanOrEqual(100);
    await names('');
    const far = await measureLevel({ writer, reader }, 'async', 20);
    expect(far.medianMs).toBeLessThan(waiting);
    expect(far.staleReads).toBeGreaterThan(15);
    await slave.query('ALTER SYSTEM RESET primary_conninfo');
    await slave.query('SELECT pg_reload_conf()');
  });

  test('a commit that waits for a dead sync standby is cancelled, and the problem says why', async () => {
    await names('nobody');
    const problem = await measureLevel({ writer, reader }, 'on', 5, { deadlineMs: 300 }).catch(
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(ProblemError);
    expect((problem as ProblemError).problem.what).toBe(
      'a commit with synchronous_commit = on did not return within 0.3 s: no synchronous standby confirms it',
    );
    expect(await master.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).toEqual([]);
    const stop = new AbortController();
    const stopped = measureLevel({ writer, reader }, 'on', 5, { signal: stop.signal });
    await until(
      'the wait',
      async () => (await master.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).length === 1,
    );
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await names('');
  });

  test('a standby that dies during the measurement is a problem with a remedy', async () => {
    const measuring = measureLevel({ writer, reader }, 'local', 1_000_000).catch((error: unknown) => error);
    await until(
      'the reads',
      async () =>
        (
          await slave.query(
            "SELECT FROM pg_stat_activity WHERE application_name = 'repl-workshop' AND query LIKE '%measured WHERE id%'",
          )
        ).length === 1,
    );
    await slave.stop();
    expect(await measuring).toMatchObject({
      problem: { what: expect.stringContaining('the standby on port 5631 stopped answering') },
    });
    await slave.start();
  });

  test("measuring on a standby fails with the server's own error", async () => {
    await expect(measureLevel({ writer: reader, reader }, 'on', 1)).rejects.toMatchObject({
      code: '25006',
      message: expect.stringContaining('read-only transaction'),
    });
  });

  test('measuring a server that is down is a problem with a remedy', async () => {
    await expect(measureLevel({ writer: { ...writer, port: 5639 }, reader }, 'on', 1)).rejects.toMatchObject({
      problem: { what: expect.stringContaining('127.0.0.1:5639'), fix: expect.any(String) },
    });
  });
});
