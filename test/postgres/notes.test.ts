import { describe, expect, test } from 'vitest';
import notes from '../../assets/log-notes.yaml';
import { type LogRecord, parseLog } from '../../src/postgres/log.ts';
import { noteOf } from '../../src/postgres/notes.ts';
import { allRecorded } from './recorded.ts';

/** Lines that say nothing about a server: what initdb and the container's entrypoint print while they work. */
const needNone = [
  /^$/, // blank
  /^(?:fixing|creating|selecting|running|performing|syncing) .* \.\.\. \S+$/, // initdb's progress
  /^The (?:files|database|default) |^This user must also own|^Data page checksums are/, // initdb's choices
  /^initdb: hint: /, // belongs to its warning, which has a note
  /^ done$|^server (?:started|stopped)$/, // pg_ctl, for the entrypoint's temporary server
  /^CREATE DATABASE$/, // psql, for POSTGRES_DB
  /docker-entrypoint\.sh: ignoring/, // no scripts were given
  /^The server must be started under|^possible system security|^more information on how/, // the rest of the refusal of root
];

/** Notes that no recorded line fits, and where their words come from. */
const fromTheDocumentation: Readonly<Record<string, string>> = {
  'lock-file-other':
    'miscinit.c: a data directory that may not be written; root may write everywhere, so it could not be recorded as root',
  'hba-other-error': 'hba.c: the rarer errors of a line',
  'password-failed': 'auth.c: the same line without its DETAIL, as in a log that was cut',
  'too-many-clients': 'documentation, max_connections',
  'primary-unreachable': 'libpq: needs a network that loses packets',
  'timeline-behind': 'walreceiver.c: a standby on a later timeline than its primary',
  'command-timeline-history': 'documentation, "Streaming Replication Protocol"; for lesson failover-and-timelines',
  'backup-archiving-notice':
    'documentation, "Making a Base Backup"; a NOTICE is seen by the client, and in the log only with log_min_messages',
  'worker-exited': 'bgworker.c: helper processes of extensions',
};

const records = allRecorded().flatMap(({ name, text }) => parseLog(text).map((record) => ({ name, record })));
const said = ({ level, message }: LogRecord) => (level ? `${level}:  ${message}` : message);

describe('log notes', () => {
  test('every recorded line has a note, or is known to need none', () => {
    const left = records.filter(({ record }) => !noteOf(record, notes));
    const unknown = left.filter(
      ({ record }) => record.level !== null || !needNone.some((line) => line.test(record.message)),
    );
    expect(unknown.map(({ name, record }) => `${name}: ${said(record)}`)).toEqual([]);
    for (const line of needNone)
      expect(
        left.some(({ record }) => line.test(record.message)),
        `${line} is not needed`,
      ).toBe(true);
  });

  test('every note fits a recorded line, or says where else it comes from', () => {
    const used = new Set(records.map(({ record }) => noteOf(record, notes)?.id));
    const unused = notes.map(({ id }) => id).filter((id) => !used.has(id));
    expect(unused.sort()).toEqual(Object.keys(fromTheDocumentation).sort());
  });

  test('where all goes right, nothing is called trouble', () => {
    const right = records.filter(({ name }) =>
      /_right\b|_right\.|spaces_ok|uri_ok|d_cold_copy|hot_backup_api|i_first1/.test(name),
    );
    expect(right.length).toBeGreaterThan(200);
    const trouble = right.filter(({ record }) => noteOf(record, notes)?.severity === 'trouble');
    expect(trouble.map(({ name, record }) => `${name}: ${said(record)}`)).toEqual([]);
  });

  test('every value that a text names is there, in every recorded line', () => {
    for (const { name, record } of records) {
      const note = noteOf(record, notes);
      if (note) expect(`${note.means} ${note.cause} ${note.next}`, `${name} ${note.id}`).not.toMatch(/\{\w+\}/);
    }
  });

  test('texts name only what their patterns can find', () => {
    for (const note of notes) {
      const found = [...`${note.pattern} ${note.detail ?? ''}`.matchAll(/\(\?<(\w+)>/g)].map(([, group]) => group);
      if (found.includes('lsn')) found.push('fileEnd', ...(found.includes('timeline') ? ['file'] : []));
      const named = [...`${note.means} ${note.cause ?? ''} ${note.next ?? ''}`.matchAll(/\{(\w+)\}/g)].map(
        ([, value]) => value,
      );
      for (const value of named) expect(found, `${note.id} names {${value}}`).toContain(value);
    }
  });

  test('ids are unique, patterns begin at the beginning, lessons are lessons', () => {
    expect(new Set(notes.map(({ id }) => id)).size).toBe(notes.length);
    for (const note of notes) {
      expect(note.pattern, note.id).toMatch(/^\^/);
      expect(['good', 'normal', 'trouble'], note.id).toContain(note.severity);
      if (note.lesson !== undefined) expect(lessons, note.id).toContain(note.lesson);
    }
  });

  test('trouble says what to do, or where to look', () => {
    const silent = notes.filter(
      ({ severity, next, cause, means }) => severity === 'trouble' && !next && !cause && !/above|below/.test(means),
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});

describe('a note on a line', () => {
  const note = (line: string) => {
    const [record] = parseLog(line);
    return record && noteOf(record, notes);
  };
  const prefix = '2026-11-23 14:02:11.123 UTC [7] ';

  test('a position is explained with the WAL file it lies in', () => {
    const streaming = note(`${prefix}LOG:  started streaming WAL from primary at 1F/A4000000 on timeline 3`);
    expect(streaming?.values).toEqual({
      lsn: '1F/A4000000',
      timeline: '3',
      file: '000000030000001F000000A4',
      fileEnd: 'A4',
    });
    expect(streaming?.means).toContain('000000030000001F000000A4');
  });

  test('the same refusal is told apart by its DETAIL', () => {
    const failed = `${prefix}FATAL:  password authentication failed for user "slave"`;
    expect(note(failed)?.id).toBe('password-failed');
    expect(note(`${failed}\n${prefix}DETAIL:  Role "slave" does not exist.`)?.id).toBe('role-missing');
    expect(note(`${failed}\n${prefix}DETAIL:  User "slave" has an expired password.`)?.id).toBe('password-expired');
    expect(
      note(`${failed}\n${prefix}DETAIL:  Connection matched file "/d/pg_hba.conf" line 9: "host …"`)?.values.line,
    ).toBe('9');
  });

  test('the refusal that counts is found behind an address that only refused', () => {
    const text = `${prefix}FATAL:  streaming replication receiver "slave1" could not connect to the primary server: connection to server at "localhost" (::1), port 5432 failed: Connection refused
\t\tIs the server running on that host and accepting TCP/IP connections?
\tconnection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "slave"`;
    expect(note(text)?.id).toBe('primary-password');
  });

  test('values are masked', () => {
    const changed = note(`${prefix}LOG:  parameter "primary_conninfo" changed to "host=a password=slave_pass"`);
    expect(changed?.values).toEqual({ value: 'host=a password=********' });
  });

  test('a line that nobody knows has none', () => {
    expect(note(`${prefix}LOG:  the moon is full`)).toBeUndefined();
  });
});

const lessons = [
  'what-replication-is', 'two-servers', 'a-role-for-the-standby', 'let-the-standby-in', 'clone-the-master', 'point-the-slave-at-the-master',
  'standby-signal', 'start-and-read-the-logs', 'prove-it', 'synchronous', 'when-the-standby-dies', 'what-it-costs', 'wal-and-positions',
  'priority-and-quorum', 'slots-and-kept-wal', 'failover-and-timelines', 'bring-the-old-master-back', 'regions-and-cascades',
]; // biome-ignore format: a list of words
