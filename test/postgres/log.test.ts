import { describe, expect, test } from 'vitest';
import { type LogRecord, logReader, parseLog, startOfThisRun } from '../../src/postgres/log/log.ts';
import { shapes } from './carriers.ts';
import { allRecorded, recorded } from './recorded.ts';

const one = (text: string): LogRecord => {
  const [record, ...others] = parseLog(text);
  if (!record || others.length > 0) throw new Error(`${others.length + 1} records: ${JSON.stringify(others)}`);
  return record;
};

describe('reading a log', () => {
  test('parseLog loses no line of any recorded log, and counts none twice', () => {
    for (const { name, text } of allRecorded()) {
      let next = 1;
      for (const record of parseLog(text)) {
        expect(record.line, name).toBe(next);
        next += record.lines;
      }
      expect(next - 1, name).toBe(text === '' ? 0 : text.replace(/\n$/, '').split('\n').length);
    }
  });

  test('parseLog keeps all words of the recorded logs', () => {
    for (const { name, text } of allRecorded()) {
      const kept = parseLog(text)
        .map(({ message, detail, hint, context, statement }) => [message, detail, hint, context, statement].join('\n'))
        .join('\n');
      for (const line of text.split('\n')) {
        const words = line
          .replace(/^.*?\b(?:LOG|FATAL|ERROR|WARNING|PANIC|NOTICE|DETAIL|HINT|CONTEXT|STATEMENT): {1,2}/, '')
          .trim();
        expect(kept.includes(words), `${name}: ${line}`).toBe(true);
      }
    }
  });

  test('the default log_line_prefix gives time, zone, process and level', () => {
    expect(one('2026-11-23 14:02:11.123 CET [77] LOG:  shutting down')).toEqual({
      line: 1,
      lines: 1,
      time: '2026-11-23 14:02:11.123 CET',
      pid: 77,
      level: 'LOG',
      message: 'shutting down',
    });
  });

  test.each([
    ['2026-11-23 14:02:11 UTC [77]: user=a,db=b LOG:  x', '2026-11-23 14:02:11 UTC'],
    ['2026-11-23 14:02:11.123 +03 [77] postgres@master LOG:  x', '2026-11-23 14:02:11.123 +03'],
    ['2026-11-23 14:02:11 UTC [77-1] LOG:  x', '2026-11-23 14:02:11 UTC'],
    ['[77] LOG:  x', null],
    ['backend> 2026-11-23 14:02:11.123 UTC [77] LOG:  x', '2026-11-23 14:02:11.123 UTC'],
    ['waiting for server to start....2026-11-23 14:02:11.123 UTC [77] LOG:  x', '2026-11-23 14:02:11.123 UTC'],
    ['2026-11-23T14:02:11.500000000Z 2026-11-23 14:02:11.123 UTC [77] LOG:  x', '2026-11-23 14:02:11.123 UTC'],
    ['master-1  | 2026-11-23 14:02:11.123 UTC [77] LOG:  x\r', '2026-11-23 14:02:11.123 UTC'],
  ])('another log_line_prefix is read too: %s', (line, time) => {
    expect(one(line)).toMatchObject({ level: 'LOG', message: 'x', pid: 77, time });
  });

  test('an error message of a client is not a record of the server', () => {
    const line = 'psql: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  role "x" does not exist';
    expect(one(line)).toMatchObject({ level: null, message: line });
  });

  test('DETAIL, HINT, CONTEXT and STATEMENT belong to the record above, with their continuation lines', () => {
    const [failed] = parseLog(recorded('15/b_no_role.primary')).filter(({ level }) => level === 'FATAL');
    expect(failed?.detail).toBe(
      'Role "replicator" does not exist.\nConnection matched pg_hba.conf line 4: "host replication replicator 127.0.0.1/32 scram-sha-256"',
    );
    expect(failed?.lines).toBe(3);
    expect(parseLog(recorded('15/c_no_method.primary')).some(({ context }) => /^line \d+ of/.test(context ?? ''))).toBe(
      true,
    );
    expect(parseLog(recorded('18/lab_commands.primary')).some(({ statement }) => statement === 'IDENTIFY_SYSTEM')).toBe(
      true,
    );
  });

  test('the DETAIL of another process does not belong to the record above', () => {
    const records = parseLog('2026-11-23 14:02:11 UTC [7] LOG:  a\n2026-11-23 14:02:11 UTC [8] DETAIL:  b\n');
    expect(records).toHaveLength(2);
    expect(records[0]?.detail).toBeUndefined();
    expect(records[1]).toMatchObject({ level: null, message: 'DETAIL:  b', pid: 8 });
  });

  test('a message of several lines keeps them all, also an empty one inside', () => {
    const record = one(
      '2026-11-23 14:02:11 UTC [7] ERROR:  a\n\t\n\t\tb\n2026-11-23 14:02:11 UTC [7] STATEMENT:  c\n\td',
    );
    expect(record).toMatchObject({ lines: 5, message: 'a\n\n\tb', statement: 'c\nd' });
  });

  test('a warning that libpq passes on has no prefix, and keeps its DETAIL and HINT', () => {
    const warning = parseLog(recorded('13/g_primary_crash.standby1')).find(({ level }) => level === 'WARNING');
    expect(warning).toMatchObject({ time: null, pid: null, lines: 3 });
    expect(warning?.detail).toContain('roll back');
    expect(warning?.hint).toContain('reconnect');
  });

  test('the long refusal of the Docker image is one record', () => {
    const [refusal] = parseLog(recorded('docker/18-seed-volume-path'));
    expect(refusal).toMatchObject({
      level: null,
      lines: recorded('docker/18-seed-volume-path').trimEnd().split('\n').length,
    });
  });

  test('an empty log has no records', () => {
    expect(parseLog('')).toEqual([]);
  });
});

describe('the same log in other shapes', () => {
  const texts = ({ level, message, detail, hint, context, statement }: LogRecord) => ({
    level,
    message,
    detail,
    hint,
    context,
    statement,
  });
  const names = [
    '18/b_no_replication_attr.standby1',
    '18/k_slot_lost.primary',
    '15/o_conflict_lock.standby1',
    '15/o_conflict_dropdb.standby1',
    '13/c_no_method.primary',
    '13/g_primary_crash.standby1',
  ];
  const records = names
    .flatMap((name) => parseLog(recorded(name)))
    .filter(({ level, pid }) => level !== null && pid !== null);

  test('the records for the other log shapes have every part, and several lines', () => {
    expect(records.length).toBeGreaterThan(60);
    for (const part of ['detail', 'hint', 'context', 'statement'] as const)
      expect(records.some((record) => record[part])).toBe(true);
    expect(records.some(({ message }) => message.includes('\n'))).toBe(true);
  });

  test.each(Object.entries(shapes))('the same records are read from a log of this shape: %s', (_, shape) => {
    expect(parseLog(shape(records)).map(texts)).toEqual(records.map(texts));
  });

  test.each(Object.entries(shapes))(
    'records are read from this shape between the noise of a start and another shape: %s',
    (_, shape) => {
      const noise = 'server started\n\nCREATE DATABASE\n';
      const after = '2026-11-23 14:02:11.123 UTC [7] LOG:  x\n';
      const read = parseLog(`${noise}${shape(records).replace(/\n?$/, '\n')}${after}`);
      expect(read.filter(({ level }) => level !== null).map(({ message }) => message)).toEqual([
        ...records.map(({ message }) => message),
        'x',
      ]);
    },
  );
});

describe('lines of other programs', () => {
  const levels = (text: string) => parseLog(text).map(({ level, message }) => [level, message]);
  const line = (text: string) => `2026-11-23 14:02:11.123 UTC [7] ${text}`;

  test.each([
    '2026-11-23 14:02:11,123 INFO: no action. I am (pg1), the leader with the lock', // Patroni
    '2026-11-23 14:02:11,123 ERROR: failed to bootstrap (without leader)',
    // pgBackRest
    '2026-11-23 14:02:11.123 P00   INFO: archive-push command begin 2.54: [pg_wal/000000010000000000000001]',
    'I1123 14:02:11.123456       1 main.go:12] "LOG:  x" is what it said', // klog
    '[2026-11-23 14:02:11] [INFO] monitoring cluster primary "node1"', // repmgr
    'postgresql 14:02:11.12 INFO  ==> ** Starting PostgreSQL **',
    'ERROR: for db  Cannot start service db', // docker compose, one space
    'psql:init.sql:3: ERROR:  relation "t" already exists',
    ' id | name ',
    'LOGS:  none',
  ])('a line of another program is not a record of the server: %s', (other) => {
    expect(levels([line('LOG:  a'), other, line('LOG:  b')].join('\n'))).toEqual([
      ['LOG', 'a'],
      [null, other.trimEnd()],
      ['LOG', 'b'],
    ]);
  });

  test('other programs in a syslog keep their name', () => {
    const [oom, started] = parseLog(
      'Nov 23 14:02:11 db1 kernel: [12.5] Out of memory: Killed process 77 (postgres) total-vm:1kB\nNov 23 14:02:12 db1 systemd[1]: Started PostgreSQL.\n',
    );
    expect(oom).toMatchObject({
      level: null,
      message: 'kernel: [12.5] Out of memory: Killed process 77 (postgres) total-vm:1kB',
    });
    expect(started).toMatchObject({ level: null, message: 'systemd: Started PostgreSQL.', server: 'db1' });
  });

  test('a long line that syslog has split is joined with its space', () => {
    const cut = [
      'Nov 23 14:02:11 db1 postgres[77]: [5-1] ERROR:  a long',
      'Nov 23 14:02:11 db1 postgres[77]: [5-2]  message of the server',
      'Nov 23 14:02:11 db1 postgres[77]: [5-3] #011on two lines',
      'Nov 23 14:02:11 db1 postgres[77]: [5-4] STATEMENT:  SELECT',
      'Nov 23 14:02:11 db1 postgres[77]: [5-5]  1',
    ];
    expect(one(cut.join('\n'))).toMatchObject({
      message: 'a long message of the server\non two lines',
      statement: 'SELECT 1',
      lines: 5,
      pid: 77,
      time: 'Nov 23 14:02:11',
    });
  });

  test('the records of two servers in one stream keep their own lines', () => {
    const text = [
      `master-1  | ${line('FATAL:  a')}`,
      `slave-1   | ${line('FATAL:  b')}`,
      `master-1  | ${line('DETAIL:  of a')}`,
      'slave-1   | \tmore of b',
      `slave-1   | ${line('LOG:  c')}`,
    ].join('\n');
    expect(parseLog(text)).toMatchObject([
      { server: 'master-1', message: 'a', detail: 'of a', line: 1, lines: 2 },
      { server: 'slave-1', message: 'b\nmore of b', line: 2, lines: 2 },
      { server: 'slave-1', message: 'c', line: 5 },
    ]);
  });

  test("many servers in one stream do not delay each other's records", () => {
    const taken: string[] = [];
    const reader = logReader(({ message }) => taken.push(message));
    for (let at = 0; at < 200; at++) reader.push(`pod-${at}  | ${line(`LOG:  ${at}`)}`);
    expect(taken.length).toBeGreaterThan(150);
  });

  test('records of several servers or processes come in the order of their first lines', () => {
    const told: number[] = [];
    const reader = logReader(({ line }) => told.push(line));
    for (const line of [
      'Mar  4 10:40:01 db2 postgres[4412]: [3-1] FATAL:  database system identifier differs between the primary and standby',
      "Mar  4 10:40:01 db2 postgres[4412]: [3-2] DETAIL:  The primary's identifier is 1, the standby's identifier is 2.",
      'Mar  4 10:40:06 db1 postgres[2211]: [12-1] LOG:  archive command failed with exit code 1',
      'Mar  4 10:40:09 db1 postgres[2211]: [13-1] LOG:  checkpoint starting: time',
      'Mar  4 10:41:00 db2 postgres[4413]: [4-1] LOG:  entering standby mode',
      'Mar  4 10:41:00 db2 postgres[4413]: [5-1] LOG:  redo starts at 0/3000028',
    ])
      reader.push(line);
    reader.end();
    expect(told).toEqual([1, 3, 4, 5, 6]);
  });

  test("what programs of a container print has the container's name", () => {
    const [refused, chmod] = parseLog(
      'standby  | pg_basebackup: error: connection to server failed\nnew  | chmod: changing permissions: Operation not permitted\n',
    );
    expect(refused).toMatchObject({ server: 'standby', message: 'pg_basebackup: error: connection to server failed' });
    expect(chmod).toMatchObject({ server: 'new' });
  });

  test('an unclosed quote in a csvlog does not swallow the rest of the log', () => {
    const open =
      '2026-11-23 14:02:11.123 UTC,"slave","",77,"a:1",6921a0b3.1f,1,"",2026-11-23 14:02:11 UTC,3/12,0,LOG,00000,"never closed';
    const lines = Array.from({ length: 3000 }, (_, at) => line(`LOG:  ${at}`));
    expect(parseLog([open, ...lines].join('\n')).at(-1)).toMatchObject({ level: 'LOG', message: '2999' });
  });

  test('the log reader gives the text of each record, without colours', () => {
    const texts: string[] = [];
    const reader = logReader((_, text) => texts.push(text));
    reader.push('\u001b[36mdb-1  | \u001b[0mLOG:  a\r');
    reader.push('db-1  | \tb');
    reader.end();
    expect(texts).toEqual(['db-1  | LOG:  a\ndb-1  | \tb']);
  });
});

describe('other languages', () => {
  test.each([
    ['FEHLER', 'DETAIL', 'TIPP', 'ANWEISUNG', 'ERROR'],
    ['ERREUR', 'DÉTAIL', 'ASTUCE ', 'INSTRUCTION ', 'ERROR'],
    ['ERROR', 'DETALLE', 'SUGERENCIA', 'SENTENCIA', 'ERROR'],
    ['ERROR', '詳細', 'ヒント', '文', 'ERROR'],
    ['ВАЖНО', 'ПОДРОБНОСТИ', 'ПОДСКАЗКА', 'ОПЕРАТОР', 'FATAL'],
    ['致命错误', '详细信息', '提示', '语句', 'FATAL'],
    ['치명적오류', '상세정보', '힌트', '명령 구문', 'FATAL'],
    ['BŁĄD', 'SZCZEGÓŁY', 'PODPOWIEDŹ', 'WYRAŻENIE', 'ERROR'],
    ['ERRORE', 'DETTAGLI', 'SUGGERIMENTO', 'ISTRUZIONE', 'ERROR'],
    ['ÖLÜMCÜL (FATAL)', 'AYRINTI', 'İPUCU', 'KOMUT', 'FATAL'],
  ])('a log in another language is read: %s', (level, detail, hint, statement, word) => {
    const prefix = '2026-11-23 14:02:11.123 CET [77] ';
    const text = [
      [level, 'a'],
      [detail, 'b'],
      [hint, 'c'],
      [statement, 'd'],
    ]
      .map(([each, said]) => `${prefix}${each}:  ${said}`)
      .join('\n');
    expect(one(text)).toMatchObject({
      level: word,
      message: 'a',
      detail: 'b',
      hint: 'c',
      statement: 'd',
      foreign: true,
    });
  });

  test('a level word of another language inside a sentence is not a level', () => {
    expect(one('2026-11-23 14:02:11.123 CET [77] LOG:  the word FEHLER:  is German')).toMatchObject({ level: 'LOG' });
    expect(one('der FEHLER:  er ist da')).toMatchObject({ level: null });
  });

  test('a log in English is not foreign', () => {
    expect(one('2026-11-23 14:02:11.123 CET [77] FATAL:  x').foreign).toBeUndefined();
  });
});

describe('the begin of the last start', () => {
  const at = (text: string, pid?: number) => {
    const records = parseLog(text);
    return records[startOfThisRun(records, pid)];
  };
  // The log has a run, a start that fails because of its files, and a start that fails because of its address.
  const lab = recorded('15/lab_commands.primary');
  const [P, Q, R] = [16414, 16615, 16641] as const;

  const textUntil = (pid: number) => lab.slice(0, lab.lastIndexOf('\n', lab.indexOf(`[${pid}]`)) + 1);

  test('the start of a running server is where its process begins, with complaints about its files', () => {
    expect(at(lab, P)).toMatchObject({ line: 1, pid: P });
    expect(at(lab, R)).toMatchObject({ pid: R, message: expect.stringContaining('skipping missing') });
  });

  test('the start of a stopped server is that of its last run', () => {
    expect(at(textUntil(Q))).toMatchObject({ line: 1, pid: P });
    expect(at(lab)).toMatchObject({ pid: R, message: expect.stringContaining('skipping missing') });
  });

  test('a start that failed before "starting PostgreSQL" is the last start', () => {
    const failed = at(textUntil(R));
    expect(failed).toMatchObject({ pid: Q });
    expect(failed?.message).toContain('skipping missing');
  });

  test.each([
    '15/a_conf_unknown_param_start.primary',
    '18/a_conf_bad_enum.primary',
    '13/a_datadir_perms.primary',
    '18/a_datadir_owned_by_root.primary',
    '15/a_other_major.primary',
    '18/a_datafile_owned_by_root.primary',
    '18/d_hot_cp_pidfile.standby1',
    '18/a_wal_level_minimal.primary',
  ])('after an orderly stop, %s is a start of its own', (name) => {
    const run = recorded('18/a_stop_modes.primary');
    const stopped = `${run.slice(0, run.lastIndexOf('database system is shut down'))}database system is shut down\n`;
    const attempt = recorded(name);
    const records = parseLog(stopped + attempt);
    const first = records[startOfThisRun(records)];
    const lines = stopped.trimEnd().split('\n').length;
    const lastAttempt = parseLog(attempt).findLast(
      ({ level, message }) => level === 'FATAL' || /^postgres: /.test(message),
    );
    expect(first?.line).toBeGreaterThan(lines);
    expect(first?.pid).toBe(lastAttempt?.pid);
  });

  test('of two failed starts the second is the last start', () => {
    const failed = recorded('15/a_conf_unknown_param_start.primary');
    expect(at(failed + failed.replaceAll(/\[\d+\]/g, '[99]'))).toMatchObject({
      line: failed.trimEnd().split('\n').length + 1,
      pid: 99,
    });
  });

  test('a second start beside a running server does not end its run', () => {
    const twice = recorded('18/a_start_twice.primary');
    expect(at(twice)).toMatchObject({ line: 1 });
    expect(at(twice, 16195)).toMatchObject({ line: 1 });
    const stopped = `${twice}2026-11-23 01:13:00.000 UTC [16195] LOG:  database system is shut down\n`;
    expect(at(stopped)).toMatchObject({ line: 1 });
  });

  test('a start that failed at its files beside a running server does not end its run', () => {
    const run = recorded('18/g_right.primary');
    const failed = recorded('18/a_conf_unknown_param_start.primary');
    const alive = '2026-11-23 02:00:00.000 UTC [4711] LOG:  checkpoint starting: time\n';
    expect(at(run + failed + alive)).toMatchObject({ line: 1 });
    // Without a later line of the run, its server was killed before.
    expect(at(run + failed)?.line).toBe(run.trimEnd().split('\n').length + 1);
  });

  test('a reload with errors is not a start', () => {
    expect(at(recorded('18/a_conf_unknown_param_reload.primary'))).toMatchObject({ line: 1 });
  });

  test('the start of a container is found, though its server is process 1 every time', () => {
    const container = recorded('docker/18-fixed.primary');
    const start = parseLog(container).findLast(({ message }) => message.startsWith('starting PostgreSQL'));
    expect(at(container, 1)).toEqual(start);
    expect(at(container)).toEqual(start);
    const lines = container.trimEnd().split('\n').length;
    expect(at(container + container, 1)?.line).toBe((start?.line ?? 0) + lines);
  });

  test('a text that begins in the middle of a run starts at its first line', () => {
    const middle = recorded('15/lab_commands.standby').split('\n').slice(12, 20).join('\n');
    expect(at(middle)).toMatchObject({ line: 1 });
    expect(at(middle, 1)).toMatchObject({ line: 1 });
    expect(startOfThisRun([])).toBe(0);
  });
});
