/** Completion and history of the small psql at a terminal, on a real server. */
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basebackup } from '../../src/clients/basebackup/basebackup.ts';
import { psql } from '../../src/clients/psql/psql.ts';
import { wanted } from '../../src/clients/psql/typing/complete.ts';
import { embedded, openConsole, scratch, startPrimary, type TestConsole, type TestServer, until } from './servers.ts';

const dir = scratch();
const port = 5626;
let server: TestServer;
beforeAll(async () => {
  server = await startPrimary(embedded, join(dir.path, 'pg18'), port);
  await server.query(
    'CREATE TABLE visits (id int, who text); CREATE TABLE "Odd" (x int); CREATE ROLE reader',
    'master',
  );
  mkdirSync(join(dir.path, 'scripts'));
  writeFileSync(join(dir.path, 'scripts', 'first.sql'), 'SELECT 1;\n');
});
afterAll(async () => {
  await server.stop();
  await dir[Symbol.asyncDispose]();
});

const env = {
  PGHOST: '127.0.0.1',
  PGPORT: String(port),
  PGUSER: 'postgres',
  PGPASSWORD: 'master_pass',
  PGDATABASE: 'master',
};
const up = '\u001b[A';
const clear = '\u0015';

async function converse(more: Record<string, string>, talk: (io: TestConsole) => Promise<void>): Promise<TestConsole> {
  const io = openConsole({ ...env, ...more }, { terminal: true });
  const done = psql([], io);
  await waitForText(io, 'master=# ');
  await talk(io);
  io.type(`${clear}\\q\n`);
  await done;
  return io;
}
const waitForText = (io: TestConsole, text: string) =>
  until(JSON.stringify(text), async () => io.all().includes(text), io.all);

describe('what is completed at the cursor', () => {
  it.each([
    ['', 'SEL', ['keywords']],
    ['', '', []], // Tab on an empty line lists nothing
    ['', 'SELECT * FROM v', ['tables']],
    ['SELECT *', '  FROM ', ['tables']],
    ['', 'INSERT INTO visits (', ['columns']],
    ['', 'SELECT pg_is', ['keywords', 'columns', 'functions']],
    ['', 'SHOW sync', ['settings']],
    ['', 'ALTER SYSTEM SET ', ['settings']],
    ['', 'alter system reset wal_', ['settings']],
    ['', 'SET ', ['settings']],
    ['', 'SELECT 1; SHOW ', ['settings']],
    ['', 'DROP ROLE ', ['roles']],
    ['', 'DROP DATABASE ', ['databases']],
    ['', '\\d', ['commands']],
    ['', '\\d ', ['tables']],
    ['', '\\c ', ['databases']],
    ['', '\\c master ', ['roles']],
    ['', '\\i scr', ['files']],
    ['', "SELECT 'FROM ", []],
    ["SELECT 'open", 'v', []],
  ])('after %j, completion of %j offers %j', (pending, line, of) => {
    expect(wanted(pending, line).of).toEqual(of);
  });
});

describe('Tab', () => {
  it.each([
    ['SEL', 'SELECT '],
    ['sel', 'select '],
    ['SELECT * FROM vis', 'SELECT * FROM visits '],
    ['SELECT * FROM pg_stat_repl', 'SELECT * FROM pg_stat_replication'],
    ['INSERT INTO visits (w', 'INSERT INTO visits (who '],
    ['SELECT pg_is_in_', 'SELECT pg_is_in_recovery('],
    ['SHOW synchronous_st', 'SHOW synchronous_standby_names '],
    ['ALTER SYSTEM SET primary_conn', 'ALTER SYSTEM SET primary_conninfo '],
    ['DROP ROLE rea', 'DROP ROLE reader '],
    ['DROP DATABASE mas', 'DROP DATABASE master '],
    ['\\conni', '\\conninfo '],
    ['\\d vis', '\\d visits '],
  ])('Tab completes %j to %j', async (typed, becomes) => {
    await converse({}, async (io) => {
      io.type(`${typed}\t`);
      await waitForText(io, `${becomes.slice(typed.length)}`);
      io.type(clear);
    });
  });

  it('Tab completes a path through folders', async () => {
    await converse({}, async (io) => {
      io.type(`\\i ${dir.path}/scri\t`);
      await waitForText(io, 'pts/');
      io.type('fir\t');
      await waitForText(io, 'st.sql');
    });
  });

  it('Tab queries nothing in a failed transaction, and completes again after it', async () => {
    await converse({}, async (io) => {
      io.type('BEGIN;\nSELECT 1/0;\n');
      await waitForText(io, 'master=!# ');
      io.type('SELECT * FROM vis\t');
      io.type(`${clear}ROLLBACK;\nSELECT 41 + 1 AS answer;\n`);
      await waitForText(io, '42');
    });
  });
});

describe('the history', () => {
  it('the history is there in the next psql, for its owner only, and without passwords', async () => {
    const PSQL_HISTORY = join(dir.path, 'psql_history');
    await converse({ PSQL_HISTORY }, async (io) => {
      io.type("SELECT 'remember me';\n");
      await waitForText(io, '(1 row)');
      io.type("ALTER ROLE reader PASSWORD 'not_to_be_kept';\n");
      await waitForText(io, 'ALTER ROLE');
    });
    expect(readFileSync(PSQL_HISTORY, 'utf8')).toBe("SELECT 'remember me';\n\\q\n");
    expect(statSync(PSQL_HISTORY).mode & 0o777).toBe(0o600);
    await converse({ PSQL_HISTORY }, async (io) => {
      io.type(up + up);
      await waitForText(io, "SELECT 'remember me';");
    });
  });

  it('psql says once that it cannot keep its history, and does not write through a link', async () => {
    const PSQL_HISTORY = join(dir.path, 'link');
    symlinkSync(join(dir.path, 'elsewhere'), PSQL_HISTORY);
    const io = await converse({ PSQL_HISTORY }, async (played) => {
      played.type('SELECT 1;\nSELECT 2;\n');
      await waitForText(played, '2');
    });
    expect(io.err().match(/could not save history/g)).toHaveLength(1);
  });
});

it.each([
  ['psql', psql],
  ['pg_basebackup', basebackup],
] as const)(
  'an option that the small %s does not know is refused with the name of the small client',
  async (name, run) => {
    const io = openConsole(env);
    expect(await run(['--no-such-option'], io)).toBe(1);
    expect(io.err()).toContain("unrecognized option '--no-such-option'");
    expect(io.err()).toContain(`This is the small ${name} of repl-workshop`);
  },
);
