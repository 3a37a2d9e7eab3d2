import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { psql } from '../../src/clients/psql/psql.ts';
import {
  debian15,
  embedded,
  missing,
  openConsole,
  scratch,
  startPrimary,
  type TestConsole,
  type TestServer,
  until,
} from './servers.ts';

const dir = scratch();
let server18: TestServer;
let server15: TestServer | undefined;
const absent = missing(join(debian15, 'psql'));

beforeAll(async () => {
  [server18, server15] = await Promise.all([
    startPrimary(embedded, join(dir.path, 'pg18'), 5620),
    absent ? undefined : startPrimary(debian15, join(dir.path, 'pg15'), 5621),
  ]);
  for (const server of [server18, server15]) await server?.query(schema, 'master');
});
afterAll(async () => {
  await server18?.stop();
  await server15?.stop();
  await dir[Symbol.asyncDispose]();
});

const schema = `
  CREATE TABLE visits (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text NOT NULL DEFAULT 'nobody', at timestamptz, cost numeric(6,2) CHECK (cost >= 0), UNIQUE (who, at));
  CREATE TABLE pages (id serial, visit int REFERENCES visits ON DELETE CASCADE, path varchar(20) COLLATE "C", twice int GENERATED ALWAYS AS (visit * 2) STORED);
  CREATE INDEX pages_path ON pages (lower(path)) WHERE path <> '';
  CREATE VIEW recent AS SELECT id, who FROM visits;
  CREATE TABLE "Odd Name" ("A b" int);
  CREATE ROLE reader CONNECTION LIMIT 3;
  CREATE ROLE guest LOGIN CREATEDB VALID UNTIL '2031-01-01' IN ROLE reader;
`;

const env = { PGHOST: '127.0.0.1', PGUSER: 'postgres', PGPASSWORD: 'master_pass', PGDATABASE: 'master' };

async function ours(port: number, args: readonly string[], input = '', more: Record<string, string> = {}) {
  const io = openConsole({ ...env, PGPORT: String(port), ...more });
  io.type(input);
  io.end();
  const status = await psql(args, io);
  return { status, stdout: io.out(), stderr: io.err() };
}

function real(port: number, args: readonly string[], input = '', more: Record<string, string> = {}) {
  const path = join(debian15, 'psql');
  const { status, stdout, stderr } = spawnSync(path, ['-X', ...args], {
    input,
    encoding: 'utf8',
    env: { LANG: 'C.UTF-8', PAGER: 'cat', HOME: '/nonexistent', ...env, PGPORT: String(port), ...more },
  });
  return { status, stdout, stderr: stderr.replaceAll(`${path}:`, 'psql:') };
}

const long = `SELECT ${Array.from({ length: 30 }, (_, at) => `'column ${at}'`).join(', ')}`;

/** Arguments and input for both programs, whose output must be the same. */
const inputs: readonly (readonly [title: string, args: readonly string[], input?: string])[] = [
  ['one row', ['-c', 'SELECT 1 AS one, 2.50 AS price, true, NULL AS nothing']],
  [
    'several statements in one -c',
    ['-c', "SELECT 1; SELECT 'two' AS two; INSERT INTO visits (who) VALUES ('a') RETURNING who; DELETE FROM visits"],
  ],
  ['several -c', ['-c', 'SELECT 1', '-c', 'SELECT 2']],
  ['an error and then more', ['-c', 'SELECT 1/0', '-c', 'SELECT 2']],
  ['an error last', ['-c', 'SELECT 2', '-c', 'SELECT 1/0']],
  ['no rows', ['-c', "SELECT 'x' AS text, 1 AS n WHERE false"]],
  ['no columns', ['-c', 'SELECT']],
  [
    'numbers right, text left, wide letters',
    ['-c', "SELECT * FROM (VALUES ('é', 1), ('日本', 22), ('plain text', 333)) v (\"a long heading\", n)"],
  ],
  [
    'values of several lines',
    ['-c', "SELECT E'one\\ntwo\\n' AS a, E'1\\n2\\n3' AS b, 7 AS n, E'x\\ty' AS tab, E'last\\nline' AS z"],
  ],
  ['control characters', ['-c', "SELECT E'a\\rb' AS cr, E'a\\x01b' AS one"]],
  ['a heading of two lines', ['-c', 'SELECT 1 AS "two\nlines", 2 AS n']],
  ['expanded', ['-x', '-c', "SELECT 1 AS id, 'first' AS first UNION ALL SELECT 2, E'two\\nlines'"]],
  ['expanded, narrow', ['-x', '-c', 'SELECT 1 AS a']],
  ['expanded, wide', ['-x', '-c', "SELECT 1 AS a, repeat('x', 40) AS b"]],
  ['expanded, nothing', ['-x', '-c', 'SELECT 1 WHERE false']],
  ['expanded, rows only', ['-x', '-t', '-c', 'SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4']],
  ['rows only', ['-t', '-c', "SELECT 1, 'a' UNION ALL SELECT 22, 'b'"]],
  ['unaligned', ['-A', '-c', "SELECT 1 AS a, NULL AS b, 'x|y' AS c"]],
  ['unaligned, rows only', ['-tAc', "SELECT 1 AS a, 'x' AS b"]],
  ['unaligned, expanded', ['-A', '-x', '-c', 'SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4']],
  ['unaligned with a separator', ['-A', '-F', ',', '-c', 'SELECT 1 AS a, 2 AS b']],
  ['quiet', ['-q', '-c', 'CREATE TEMP TABLE t (a int)']],
  [
    'command tags',
    [],
    'CREATE TEMP TABLE t (a int);\nINSERT INTO t VALUES (1), (2);\nUPDATE t SET a = 3;\nBEGIN;\nROLLBACK;\nSET work_mem = 1024;\nDROP TABLE t;\n',
  ],
  ['an error with a place', ['-c', 'selec 1']],
  ['an error in the second line', [], 'SELECT 1,\n  nothing\n;\n'],
  ['an error far right in a long line', ['-c', `${long}, missing`]],
  ['an error far left in a long line', ['-c', long.replace('column 0', "column' 'x")]],
  ['an error in the middle of a long line', ['-c', long.replace("'column 14'", 'missing')]],
  ['an error at the end of input', ['-c', 'SELECT']],
  ['an error at the very end', ['-c', 'SELECT (']],
  [
    'DETAIL',
    [],
    "INSERT INTO visits (who, at) VALUES ('d', '2030-01-01');\nINSERT INTO visits (who, at) VALUES ('d', '2030-01-01');\nDELETE FROM visits;\n",
  ],
  ['HINT', ['-c', 'SELECT whom FROM visits']],
  ['CONTEXT and QUERY', ['-c', "DO $$ BEGIN EXECUTE 'SELECT nothing'; END $$"]],
  [
    'notices as they come',
    [
      '-c',
      "DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING 'second' USING HINT = 'a hint', DETAIL = 'a detail'; END $$",
    ],
  ],
  ['a notice of the server', ['-c', 'DROP TABLE IF EXISTS nobody']],
  [
    'quotes, comments and semicolons',
    [],
    "SELECT 'a;b' AS a; -- c;" +
      "\nSELECT /* ; /* nested ; */ */ 'it''s;' AS b, $x$;$$;$x$ AS c, E'\\';' AS d, \"who\"" +
      " FROM recent WHERE (false;);\nSELECT 'two\nlines;' AS e;\n",
  ],
  ['two statements in one line', [], 'SELECT 1; SELECT 2; SELECT\n3;'],
  ['no semicolon at the end', [], 'SELECT 1\n'],
  ['empty statements', [], ';;\n\n  ;\n'],
  [
    'a function whose body is SQL',
    [],
    'CREATE FUNCTION two() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\nSELECT two();\nDROP FUNCTION two();\n',
  ],
  ['a failed transaction', [], 'BEGIN;\nSELECT 1/0;\nSELECT 1;\nCOMMIT;\n'],
  [
    'variables',
    ['-v', 'n=3', '-v', "name=it's"],
    "SELECT :n AS n, :'name' AS name, :\"n\"::int, '1'::text, :unknown;\n\\set n 4\nSELECT :n;\n\\echo :n\n",
  ],
  ['ON_ERROR_STOP', ['-v', 'ON_ERROR_STOP=1'], 'SELECT 1/0;\nSELECT 2;\n'],
  ['ON_ERROR_STOP and -c', ['-v', 'ON_ERROR_STOP=1', '-c', 'SELECT 1/0', '-c', 'SELECT 2']],
  [
    '\\x, \\t, \\a and back',
    [],
    '\\x\nSELECT 1 AS a;\n\\x off\n\\t\nSELECT 1 AS a;\n\\t\n\\a\nSELECT 1 AS a;\n\\a\n\\timing off\n',
  ],
  ['\\gx and \\g', [], 'SELECT 1 AS a \\gx\nSELECT 2 AS b \\g\n\\g\n'],
  ['\\p and \\r', [], 'SELECT 1,\n\\p\n\\r\nSELECT 2;\n'],
  ['\\q in the middle', [], 'SELECT 1;\n\\q\nSELECT 2;\n'],
  ['an unknown command', [], '\\nonsense\nSELECT 1;\n'],
  ['\\d', ['-c', '\\d']],
  ['\\dt', ['-c', '\\dt']],
  ['\\dt of a pattern', ['-c', '\\dt v*']],
  ['\\di, \\dv, \\ds', [], '\\di\n\\dv\n\\ds\n'],
  ['\\d of tables', [], '\\d visits\n\\d pages\n\\d public.recent\n'],
  ['\\d of what is not there', ['-c', '\\d nobody']],
  ['\\d of an odd name', ['-c', '\\d "Odd Name"']],
  ['\\d of an index and a sequence', [], '\\d visits_pkey\n\\d pages_path\n\\d pages_id_seq\n'],
  ['\\conninfo', ['-c', '\\conninfo']],
  ['\\c', [], '\\c postgres\nSELECT current_database();\n\\c - slave\n'],
  ['\\c to nowhere', [], '\\c nowhere\nSELECT 1;\n'],
  ['the knock', ['host=127.0.0.1 user=slave password=slave_pass replication=true', '-c', 'SHOW port']],
  [
    'the knock with a wrong password',
    ['host=127.0.0.1 user=slave password=wrong replication=true', '-c', 'IDENTIFY_SYSTEM'],
  ],
  ['a refused replication login', ['host=127.0.0.1 replication=true', '-c', 'IDENTIFY_SYSTEM']],
  [
    'SQL where only replication is spoken',
    ['host=127.0.0.1 user=slave password=slave_pass replication=true', '-c', 'SELECT 1'],
  ],
  ['a URI', ['postgresql://slave:slave_pass@127.0.0.1/postgres?application_name=me', '-c', 'SHOW application_name']],
  ['no such database', ['nowhere', '-c', 'SELECT 1']],
  ['no such role', ['-U', 'stranger', '-c', 'SELECT 1']],
  ['nobody listens', ['-p', '5639', '-c', 'SELECT 1']],
  ['no server on localhost', ['-h', 'localhost', '-p', '5639', '-c', 'SELECT 1']],
  ['no socket', ['-h', '/nonexistent', '-c', 'SELECT 1']],
  ['no such host', ['-h', 'nowhere.invalid', '-c', 'SELECT 1']],
  ['an unknown key', ['hots=127.0.0.1', '-c', 'SELECT 1']],
  ['a broken connection string', ['host=127.0.0.1 port', '-c', 'SELECT 1']],
  ['a port that is none', ['-p', 'abc', '-c', 'SELECT 1']],
  ['the server ends the session', ['-c', 'SELECT pg_terminate_backend(pg_backend_pid())', '-c', 'SELECT 2']],
  [
    'the server ends the session of a script',
    [],
    'SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid());\nSELECT 2;\n',
  ],
  [
    'long options',
    ['--tuples-only', '--no-align', '--command=SELECT 1', '--username', 'postgres', '--dbname=postgres', '--quiet'],
  ],
];

describe.skipIf(absent)('psql answers as the real psql 15 (needs postgresql-15)', () => {
  test.each(inputs.map(([title, args, input = '']) => ({ title, args, input })))(
    'the small psql answers as the real one: $title',
    async ({ args, input }) => {
      for (const port of [5621, 5620])
        expect(await ours(port, args, input), `server on ${port}`).toEqual(real(port, args, input));
    },
  );

  test.each([['\\l'], ['\\du'], ['\\du guest'], ['\\dn'], ['\\df']])(
    'the small psql answers %s as the real one on a server of its own major',
    async (command) => {
      expect(await ours(5621, ['-c', command])).toEqual(real(5621, ['-c', command]));
    },
  );

  test('the small psql names the line of a script in errors, as the real one', async () => {
    const script = join(dir.path, 'script.sql');
    writeFileSync(
      script,
      "SELECT 1;\n\nSELECT\n  1/0;\nDO $$ BEGIN RAISE NOTICE 'here'; END $$;\n\\nonsense\n\\d nobody\nSELECT 3;\n",
    );
    for (const more of [[], ['-v', 'ON_ERROR_STOP=1']])
      expect(await ours(5620, ['-f', script, ...more])).toEqual(real(5620, ['-f', script, ...more]));
    expect(await ours(5620, ['-f', '-'], 'SELECT nothing;\n')).toEqual(real(5620, ['-f', '-'], 'SELECT nothing;\n'));
    expect(await ours(5620, ['-f', '/nonexistent.sql'])).toEqual(real(5620, ['-f', '/nonexistent.sql']));
  });

  test.each(['--nonsense', '-Z', '-p', '--port'])(
    'the small psql refuses wrong usage as the real one: %s',
    async (option) => {
      const args = [option];
      const result = await ours(5620, args);
      const expected = real(5620, args);
      expect(result.status).toBe(expected.status);
      expect(result.stderr.replace(ofTheSmallOne, '')).toBe(expected.stderr.replaceAll(/^\S+psql:/gm, 'psql:'));
    },
  );
});

/** The line with which the small psql names itself. */
const ofTheSmallOne = /^.*This is the small psql.*\n/m;

describe('psql at a terminal', () => {
  async function converse(
    port: number,
    args: readonly string[],
    talk: (io: TestConsole) => Promise<void>,
    more: Record<string, string> = {},
  ) {
    const io = openConsole({ ...env, PGPORT: String(port), ...more }, { terminal: true });
    const done = psql(args, io);
    await talk(io);
    return { status: await done, io };
  }
  const waitForText = (io: TestConsole, text: string) =>
    until(JSON.stringify(text), async () => io.all().includes(text), io.all);

  test('psql prompts, continues over lines, draws tables, shows the transaction in the prompt, and quits', async () => {
    const { status, io } = await converse(5620, [], async (io) => {
      await waitForText(io, 'master=# ');
      io.type("SELECT 'a\n");
      await waitForText(io, "master'# ");
      io.type("b' AS t, (\n");
      await waitForText(io, 'master(# ');
      io.type('1)\n');
      await waitForText(io, 'master-# ');
      io.type(';\n');
      await waitForText(io, '(1 row)');
      io.type('BEGIN;\n');
      await waitForText(io, 'master=*# ');
      io.type('SELECT 1/0;\n');
      await waitForText(io, 'master=!# ');
      io.type('ROLLBACK;\nquit\n');
    });
    expect(status).toBe(0);
    expect(io.out()).toContain('Type "help" for help.');
    expect(io.err()).toBe('ERROR:  division by zero\n');
  });

  test('Ctrl-C at the psql prompt discards what is typed, and Ctrl-D quits', async () => {
    const { status, io } = await converse(5620, ['-q'], async (io) => {
      await waitForText(io, 'master=# ');
      io.type('SELECT\n');
      await waitForText(io, 'master-# ');
      io.type('nonsense\x03');
      io.type("SELECT 'clean' AS line;\n");
      await waitForText(io, '(1 row)');
      io.type('\x04');
    });
    expect(status).toBe(0);
    expect(io.err()).toBe('');
  });

  test('Ctrl-C in psql cancels a statement', async () => {
    const { io } = await converse(5620, [], async (io) => {
      await waitForText(io, 'master=# ');
      io.type('SELECT pg_sleep(600);\n');
      await until(
        'the sleep',
        async () => (await server18.query("SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length === 1,
      );
      io.type('\x03');
      await waitForText(io, 'ERROR:  canceling statement due to user request');
      io.type('\\q\n');
    });
    expect(io.err()).toContain('Cancel request sent\n');
  });

  test.each(['at the prompt', 'of -c'])(
    'Ctrl-C in psql ends the wait of a commit for a missing standby: %s',
    async (where) => {
      await server18.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      await server18.query('SELECT pg_reload_conf()');
      const statement = 'CREATE TABLE waited ()';
      try {
        const { io, status } = await converse(5620, where === 'of -c' ? ['-c', statement] : [], async (io) => {
          if (where !== 'of -c') {
            await waitForText(io, 'master=# ');
            io.type(`${statement};\n`);
          }
          await until(
            'the wait',
            async () =>
              (await server18.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).length === 1,
          );
          if (where === 'of -c') io.interrupt();
          else io.type('\x03');
          await waitForText(io, 'CREATE TABLE\n');
          if (where !== 'of -c') io.type('\\q\n');
        });
        expect(status).toBe(0);
        expect(io.err()).toContain(
          'WARNING:  canceling wait for synchronous replication due to user request\nDETAIL:  The transaction has already committed locally, but might not have been replicated to the standby.\n',
        );
      } finally {
        await server18.query('ALTER SYSTEM RESET synchronous_standby_names');
        await server18.query('SELECT pg_reload_conf()');
        await until(
          'an asynchronous server',
          async () => (await server18.query('SHOW synchronous_standby_names'))[0]?.synchronous_standby_names === '',
        );
        await server18.query('DROP TABLE waited', 'master');
      }
    },
  );

  test('\\watch in psql repeats until Ctrl-C', async () => {
    const { io } = await converse(5620, [], async (io) => {
      await waitForText(io, 'master=# ');
      io.type('SELECT 1 AS again \\watch 0.05\n');
      await until('three rounds', async () => io.out().split('(every 0.05s)').length > 3);
      io.type('\x03');
      await until('the prompt', async () => io.out().endsWith('master=# \u001b[10G'));
      io.type('\\q\n');
    });
    expect(io.out()).toMatch(/\n\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} \(every 0.05s\)\n\n again \n/);
  });

  test('psql asks for a password without echo, and only where the server wants one', async () => {
    const { status, io } = await converse(
      5620,
      ['-c', 'SHOW port'],
      async (io) => {
        await waitForText(io, 'Password for user postgres: ');
        io.type('master_pass\n');
      },
      { PGPASSWORD: '' },
    );
    expect(status).toBe(0);
    expect(io.out()).toContain(' 5620');
    expect(io.out()).not.toContain('master_pass');
    const refused = await ours(5620, ['-w', '-c', 'SELECT 1'], '', { PGPASSWORD: '' });
    expect(refused).toEqual({
      status: 2,
      stdout: '',
      stderr: 'psql: error: connection to server at "127.0.0.1", port 5620 failed: fe_sendauth: no password supplied\n',
    });
  });

  test('psql reads the password from a password file', async () => {
    const file = join(dir.path, 'pgpass');
    writeFileSync(file, '# ours\nelsewhere:*:*:*:wrong\n127.0.0.1:5620:*:postgres:master_pass\n', { mode: 0o600 });
    const result = await ours(5620, ['-w', '-tAc', 'SHOW port'], '', { PGPASSWORD: '', PGPASSFILE: file });
    expect(result).toEqual({ status: 0, stdout: '5620\n', stderr: '' });
  });

  test('psql connects again after the server has ended the session', async () => {
    const { io } = await converse(5620, [], async (io) => {
      await waitForText(io, 'master=# ');
      const [row] = await server18.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'psql'",
      );
      expect(row).toEqual({ pg_terminate_backend: true });
      io.type('SELECT 1;\n');
      await waitForText(io, 'Attempting reset: Succeeded.');
      io.type('SELECT 2 AS back;\n');
      await waitForText(io, ' back ');
      io.type('\\q\n');
    });
    expect(io.err()).toContain(
      'FATAL:  terminating connection due to administrator command\nserver closed the connection unexpectedly\n',
    );
  });
});

test('psql on a server of 18 shows \\du and \\l with the columns of psql 18', async () => {
  expect((await ours(5620, ['-c', '\\du guest'])).stdout).toContain(
    ' Role name |                 Attributes                  \n',
  );
  expect((await ours(5620, ['-c', '\\l'])).stdout).toContain(
    '| Locale Provider | Collate | Ctype | Locale | ICU Rules |',
  );
});
