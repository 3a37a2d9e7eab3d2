import { describe, expect, test } from 'vitest';
import { type LogRecord, parseLog, startOfThisRun } from '../../src/postgres/log.ts';
import { allRecorded, recorded } from './recorded.ts';

const one = (text: string): LogRecord => {
  const [record, ...others] = parseLog(text);
  if (!record || others.length > 0) throw new Error(`${others.length + 1} records: ${JSON.stringify(others)}`);
  return record;
};

describe('reading a log', () => {
  test('no line of any recorded log is lost, none counted twice', () => {
    for (const { name, text } of allRecorded()) {
      let next = 1;
      for (const record of parseLog(text)) {
        expect(record.line, name).toBe(next);
        next += record.lines;
      }
      expect(next - 1, name).toBe(text === '' ? 0 : text.replace(/\n$/, '').split('\n').length);
    }
  });

  test('all words of a recorded log are in its records', () => {
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

  test('the default prefix gives time, zone, process and level', () => {
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
  ])('another prefix: %s', (line, time) => {
    expect(one(line)).toMatchObject({ level: 'LOG', message: 'x', pid: 77, time });
  });

  test('what a program says about a server is no record of the server', () => {
    const line = 'psql: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  role "x" does not exist';
    expect(one(line)).toMatchObject({ level: null, message: line });
  });

  test('DETAIL, HINT, CONTEXT and STATEMENT belong to the record above, with their further lines', () => {
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

  test('the DETAIL of another process is not taken', () => {
    const records = parseLog('2026-11-23 14:02:11 UTC [7] LOG:  a\n2026-11-23 14:02:11 UTC [8] DETAIL:  b\n');
    expect(records).toHaveLength(2);
    expect(records[0]?.detail).toBeUndefined();
    expect(records[1]).toMatchObject({ level: null, message: 'DETAIL:  b', pid: 8 });
  });

  test('a message of several lines keeps them all, an empty one inside too', () => {
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

  test('the long refusal of the Docker image is kept whole', () => {
    const [refusal] = parseLog(recorded('docker/18-seed-volume-path'));
    expect(refusal).toMatchObject({
      level: null,
      lines: recorded('docker/18-seed-volume-path').trimEnd().split('\n').length,
    });
  });

  test('nothing gives nothing', () => {
    expect(parseLog('')).toEqual([]);
  });
});

describe('where this start begins', () => {
  const at = (text: string, pid?: number) => {
    const records = parseLog(text);
    return records[startOfThisRun(records, pid)];
  };
  const lab = recorded('15/lab_commands.primary'); // a run, a start that fails at its files, a start that fails at its address
  const [P, Q, R] = [16414, 16615, 16641] as const;

  const textUntil = (pid: number) => lab.slice(0, lab.lastIndexOf('\n', lab.indexOf(`[${pid}]`)) + 1);

  test('a server that runs: where its own process begins, the complaints about its files included', () => {
    expect(at(lab, P)).toMatchObject({ line: 1, pid: P });
    expect(at(lab, R)).toMatchObject({ pid: R, message: expect.stringContaining('skipping missing') });
  });

  test('a server that is stopped: its last run', () => {
    expect(at(textUntil(Q))).toMatchObject({ line: 1, pid: P });
    expect(at(lab)).toMatchObject({ pid: R, message: expect.stringContaining('skipping missing') });
  });

  test('a start that failed before "starting PostgreSQL" is the last one', () => {
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

  test('two starts that failed: the second', () => {
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
    expect(at(run + failed)?.line).toBe(run.trimEnd().split('\n').length + 1); // killed before: nothing more was heard of it
  });

  test('a reload with errors is no start', () => {
    expect(at(recorded('18/a_conf_unknown_param_reload.primary'))).toMatchObject({ line: 1 });
  });

  test('a container: the server is process 1 every time', () => {
    const container = recorded('docker/18-fixed.primary');
    const start = parseLog(container).findLast(({ message }) => message.startsWith('starting PostgreSQL'));
    expect(at(container, 1)).toEqual(start);
    expect(at(container)).toEqual(start);
    const lines = container.trimEnd().split('\n').length;
    expect(at(container + container, 1)?.line).toBe((start?.line ?? 0) + lines);
  });

  test('a text that begins in the middle of a run', () => {
    const middle = recorded('15/lab_commands.standby').split('\n').slice(12, 20).join('\n');
    expect(at(middle)).toMatchObject({ line: 1 });
    expect(at(middle, 1)).toMatchObject({ line: 1 });
    expect(startOfThisRun([])).toBe(0);
  });
});
