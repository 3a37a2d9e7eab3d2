import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { logNoteFiles } from '../../assets/compile.ts';
import notes from '../../assets/log-notes.yaml';
import { voiceBreaks } from '../../src/lesson/authoring/voice.ts';
import { type LogRecord, parseLog } from '../../src/postgres/log/log.ts';
import { notesOf } from '../../src/postgres/log/neighbours.ts';
import { indexed } from '../../src/postgres/log/note-index.ts';
import { type LogNote, noteOf } from '../../src/postgres/log/notes.ts';
import { noise, unexplained } from './line-kinds.ts';
import { allRecorded, recorded } from './recorded.ts';
import { written } from './written.ts';

const records = allRecorded().flatMap(({ name, text }) => parseLog(text).map((record) => ({ name, record })));
const said = ({ level, message }: LogRecord) => (level ? `${level}:  ${message}` : message);
const cases = notes.flatMap((note) => (note.cases ?? []).map((each) => ({ note, ...each })));

describe('log notes', () => {
  test('every recorded log line has a note, or is known to need none', () => {
    const left = records.filter(({ record }) => unexplained(record) === 'unknown');
    expect(left.map(({ name, record }) => `${name}: ${said(record)}`)).toEqual([]);
    const quiet = records.filter(({ record }) => unexplained(record) === 'noise');
    for (const line of noise)
      expect(
        quiet.some(({ record }) => line.test(record.message)),
        `${line} is not needed`,
      ).toBe(true);
  });

  test('every note fits a recorded log line, or a line in test/postgres/lines.txt', () => {
    const used = new Set([...records.map(({ record }) => noteOf(record, notes)?.id), ...written.map(({ id }) => id)]);
    expect(notes.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });

  test('every case of a note is in a recorded log, or in test/postgres/lines.txt', () => {
    const used = new Set(allRecorded().flatMap(({ text }) => notesOf(parseLog(text), notes).map((note) => note?.id)));
    for (const { id } of written) used.add(id);
    expect(cases.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });

  test.each(written.map(({ id, text }) => [id, text] as const))(
    'the lines written for the note %s have that note',
    (id, text) => {
      const read = parseLog(text).filter(
        ({ level, message }) => level !== null || !/^(?:Examine|Is server) /.test(message),
      );
      expect(read.length).toBeGreaterThan(0);
      if (notes.some((note) => note.id === id)) {
        expect(read.map((record) => noteOf(record, notes)?.id)).toEqual(read.map(() => id));
        for (const record of read) expect(textsOf(noteOf(record, notes))).not.toMatch(/\{\w+\}/);
      } else expect(notesOf(read, notes).map((note) => note?.id)).toContain(id);
    },
  );

  test('no line fits notes of two files, unless one of them is the last file', () => {
    const files = logNoteFiles().slice(0, -1);
    const all = [...records.map(({ record }) => record), ...written.flatMap(({ text }) => parseLog(text))];
    for (const record of all) {
      const found = files.flatMap((file) => noteOf(record, file.notes)?.id ?? []);
      expect(found.length, `${found.join(' and ')} fit: ${said(record)}`).toBeLessThan(2);
    }
  });

  test('every file of notes is named in the list', () => {
    const named = logNoteFiles().map(({ path }) => basename(path));
    expect(readdirSync('assets/log-notes').sort()).toEqual(named.sort());
  });

  test('no note is “trouble” in a recorded log where nothing went wrong', () => {
    const right = allRecorded().filter(({ name }) =>
      /_right\b|_right\.|spaces_ok|uri_ok|d_cold_copy|hot_backup_api|i_first1/.test(name),
    );
    expect(right.length).toBeGreaterThan(20);
    for (const { name, text } of right) {
      const read = parseLog(text);
      const trouble = notesOf(read, notes).flatMap((note, at) =>
        note?.severity === 'trouble' ? [said(read[at] as LogRecord)] : [],
      );
      expect(trouble, name).toEqual([]);
    }
  });

  test("every value that a note's text names is found in every recorded line", () => {
    for (const { name, record } of records) {
      const note = noteOf(record, notes);
      if (note) expect(textsOf(note), `${name} ${note.id}`).not.toMatch(/\{\w+\}/);
    }
  });

  test("a note's text names only values that its patterns find", () => {
    for (const note of notes) {
      const patterns = [note.pattern, note.detail, note.context, note.statement].join(' ');
      const found = [...patterns.matchAll(/\(\?<(\w+)>/g)].map(([, group]) => group);
      if (found.includes('lsn')) found.push('fileEnd', ...(found.includes('timeline') ? ['file'] : []));
      for (const words of [note, ...(note.cases ?? [])])
        for (const [, value] of textsOf(words).matchAll(/\{(\w+)\}/g))
          expect(found, `${words.id} names {${value}}`).toContain(value);
    }
  });

  test('ids of notes are unique, patterns begin with ^, and lessons exist', () => {
    const ids = [...notes, ...cases].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const note of notes) {
      expect(note.pattern, note.id).toMatch(/^\^/);
      expect(['good', 'normal', 'trouble'], note.id).toContain(note.severity);
      if (note.lesson !== undefined) expect(lessons, note.id).toContain(note.lesson);
    }
    for (const { id, lesson } of cases) if (lesson !== undefined) expect(lessons, id).toContain(lesson);
  });

  test('the case of a note names existing notes', () => {
    const ids = new Set(notes.map(({ id }) => id));
    for (const { id, when } of cases)
      for (const kind of Object.values(when).flat()) expect(ids.has(kind), `${id}: ${kind}`).toBe(true);
  });

  test('a trouble note says what it is about, and what to do or where to look', () => {
    const trouble = [...notes, ...cases.map(({ note, ...each }) => ({ ...note, ...each }))].filter(
      ({ severity }) => severity === 'trouble',
    );
    expect(trouble.length).toBeGreaterThan(200);
    const silent = trouble.filter(
      ({ next, cause, means, about }) => !about || (!next && !cause && !/above|below/.test(means)),
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test('no text of a note breaks a rule of the voice', () => {
    const texts = [...notes, ...cases].flatMap(({ id, means, cause, next }) =>
      [means, cause, next].filter((text) => text !== undefined).map((text) => ({ id, text })),
    );
    const broken = texts.flatMap(({ id, text }) =>
      voiceBreaks(text).map(({ rule, words }) => `${id}: rule ${rule}, "${words}"`),
    );
    expect(broken).toEqual([]);
  });

  const textsOf = (words: Partial<LogNote> | undefined) => `${words?.means} ${words?.cause} ${words?.next}`;
});

describe('the index', () => {
  test('the index of notes finds the same note as a search of all notes', () => {
    const fits = (record: LogRecord) => {
      const text = said(record);
      return notes.find((note) => {
        if (record.level === null ? /^\^(?:\(\?:)?[A-Z|]+\)?: /.test(note.pattern) : false) return false;
        return (
          new RegExp(note.pattern, 's').test(text) &&
          (['detail', 'context', 'statement'] as const).every(
            (part) => note[part] === undefined || new RegExp(note[part], 's').test(record[part] ?? ''),
          )
        );
      })?.id;
    };
    const kinds = new Map<string, LogRecord>();
    for (const { record } of records) kinds.set(said(record).replace(/\d+/g, '0').slice(0, 150), record);
    const all = [...kinds.values(), ...written.flatMap(({ text }) => parseLog(text))];
    expect(all.length).toBeGreaterThan(700);
    for (const record of all) expect(noteOf(record, notes)?.id, said(record)).toBe(fits(record));
  });

  test.each([
    ['whole words', '^a checkpoint starting$', 'a checkpoint starting', true],
    ['another text', '^a checkpoint starting$', 'the moon is full', false],
    ['a word that may go on', '^slots? "x"$', 'slots "x"', true],
    ['either of two', '^(?:first|second) one$', 'second one', true],
    ['neither of two', '^(?:first|second) (?:line|row)$', 'third thing', false],
    ['a part in the middle of a word', '^(?:invalidat|terminat)ing it$', 'terminating it', true],
    ['a part that need not be', '^(?:surely )?here$', 'here', true],
    ['what must not be', '^(?!never)always$', 'always', true],
    ['signs only', '^\\d+/\\d+$', '1/2', true],
  ])('the index gives a pattern as a candidate where it could match: %s', (_, pattern, text, candidate) => {
    const index = indexed([pattern, '^quite another one$'], (each) => each);
    expect(index.candidates(text).includes(pattern)).toBe(candidate);
  });

  test('nearly all notes are in the index by a word of their own', () => {
    const rest = (pattern: string) => pattern.replace(/^\^(?:\(\?:[A-Z|]+\)|[A-Z]+): {2}/, '^');
    expect(indexed(notes, ({ pattern }) => rest(pattern)).always.length).toBeLessThanOrEqual(4);
  });
});

describe('a note on a line', () => {
  const note = (line: string) => {
    const [record] = parseLog(line);
    return record && noteOf(record, notes);
  };
  const prefix = '2026-11-23 14:02:11.123 UTC [7] ';

  test('a note on a WAL position names the WAL file', () => {
    const streaming = note(`${prefix}LOG:  started streaming WAL from primary at 1F/A4000000 on timeline 3`);
    expect(streaming?.values).toEqual({
      lsn: '1F/A4000000',
      timeline: '3',
      file: '000000030000001F000000A4',
      fileEnd: 'A4',
    });
    expect(streaming?.means).toContain('000000030000001F000000A4');
  });

  test('notes on the same refusal differ by its DETAIL', () => {
    const failed = `${prefix}FATAL:  password authentication failed for user "slave"`;
    expect(note(failed)?.id).toBe('password-failed');
    expect(note(`${failed}\n${prefix}DETAIL:  Role "slave" does not exist.`)?.id).toBe('role-missing');
    expect(note(`${failed}\n${prefix}DETAIL:  User "slave" has an expired password.`)?.id).toBe('password-expired');
    expect(
      note(`${failed}\n${prefix}DETAIL:  Connection matched file "/d/pg_hba.conf" line 9: "host …"`)?.values.line,
    ).toBe('9');
  });

  test('the note names the refusal that matters, behind an address that refused the connection', () => {
    const text = `${prefix}FATAL:  streaming replication receiver "slave1" could not connect to the primary server: connection to server at "localhost" (::1), port 5432 failed: Connection refused
\t\tIs the server running on that host and accepting TCP/IP connections?
\tconnection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "slave"`;
    expect(note(text)?.id).toBe('primary-password');
  });

  test('the values of a note are masked', () => {
    const changed = note(`${prefix}LOG:  parameter "primary_conninfo" changed to "host=a password=slave_pass"`);
    expect(changed?.values).toEqual({ value: 'host=a password=********' });
  });

  test.each([
    'LOG:  the moon is full',
    'ERROR:  something that PostgreSQL 30 says',
    'FATAL:  the disk is singing',
    'LOG:  checkpoint the moon',
    'WARNUNG:  der Mond ist voll',
    'the moon is full',
  ])('an unknown line has no note: %s', (line) => {
    expect(note(/^[A-Z]+: {2}/.test(line) ? `${prefix}${line}` : line)).toBeUndefined();
  });
});

describe('a line and its neighbours', () => {
  const ids = (text: string) => notesOf(parseLog(text), notes).map((note) => note?.id);

  test('the end of the WAL is harmless at a start, and trouble where the receiver ends', () => {
    expect(ids(recorded('18/g_right.standby1'))).not.toContain('wal-does-not-fit');
    const missing = ids(recorded('18/f_missing.standby1'));
    expect(missing.filter((id) => id === 'wal-does-not-fit')).toHaveLength(1);
    expect(missing).toContain('receiver-thrown-out');
    expect(missing.indexOf('end-of-wal-of-standby')).toBeLessThan(missing.indexOf('wal-does-not-fit'));
  });

  test.each([
    ['18/g_standby_restart.standby1', 'receiver-stopped-with-server'],
    ['18/e_reload.standby1', 'receiver-stopped-by-reload'],
    ['18/m_diverged.standby1', 'receiver-stopped-by-promotion'],
  ])('a note says why the receiver ended: %s', (name, id) => {
    expect(ids(recorded(name))).toContain(id);
    expect(ids(recorded(name))).not.toContain('receiver-thrown-out');
  });

  test('"started streaming" is no good sign where the next line refuses', () => {
    expect(ids(recorded('18/k_wal_removed.standby1')).filter((id) => /^streaming/.test(id ?? ''))).toEqual([
      'streaming',
      'streaming-in-vain',
      'streaming-in-vain',
      'streaming-in-vain',
    ]);
  });

  test("a note has the reason of the primary's log that the standby is not told", () => {
    const both = recorded('15/b_no_role.primary') + recorded('15/b_no_role.standby1');
    expect(ids(both)).toContain('primary-password-no-role');
    expect(ids(recorded('15/b_no_role.standby1'))).toContain('primary-password');
  });

  test('a note does not take the reason that belongs to another user', () => {
    const other = recorded('15/b_no_role.primary').replaceAll('replicator', 'somebody');
    expect(ids(other + recorded('15/b_no_role.standby1'))).toContain('primary-password');
  });

  test('records of another server in between do not change a note', () => {
    const lines = recorded('18/k_wal_removed.standby1').trimEnd().split('\n');
    const mixed = lines
      .map((line) => `standby-1  | ${line}\nprimary-1  | 2026-11-23 14:02:11 UTC [7] LOG:  x y z\n`)
      .join('');
    expect(ids(mixed).filter((id) => id !== undefined)).toEqual(ids(recorded('18/k_wal_removed.standby1')));
  });
});

const lessons = [
  'what-replication-is', 'two-servers', 'a-role-for-the-standby', 'let-the-standby-in', 'clone-the-master', 'point-the-slave-at-the-master',
  'standby-signal', 'start-and-read-the-logs', 'prove-it', 'synchronous', 'when-the-standby-dies', 'what-it-costs', 'wal-and-positions',
  'priority-and-quorum', 'slots-and-kept-wal', 'failover-and-timelines', 'bring-the-old-master-back', 'regions-and-cascades',
]; // biome-ignore format: a list of words
