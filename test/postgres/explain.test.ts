import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import notes from '../../assets/log-notes.yaml';
import { type ExplainOptions, type ExplainSummary, explain } from '../../src/cli/commands/look/explain.ts';
import { parseLog } from '../../src/postgres/log/log.ts';
import { shapes } from './carriers.ts';
import { allRecorded, recorded } from './recorded.ts';

const explained = async (
  input: string | AsyncIterable<string>,
  options?: ExplainOptions,
): Promise<readonly string[]> => {
  const pieces: string[] = [];
  for await (const piece of explain(input, notes, options)) pieces.push(piece);
  return pieces.join('\n').split('\n');
};
const asJson = async (input: string, options?: ExplainOptions) =>
  (await explained(input, { json: true, ...options })).map((line) => JSON.parse(line));
const summaryOf = async (input: string): Promise<ExplainSummary> => (await asJson(input)).at(-1).summary;
const prefix = '2026-11-23 14:02:11.123 UTC [7] ';

describe('explain', () => {
  test.each(['15/b_no_role.primary', '18/d_two_initdb.standby1', '15/e_reload.standby1', '18/m_diverged.primary'])(
    'explain of the recorded log %s is as in its golden file',
    async (name) => {
      const text = `${(await explained(recorded(name))).join('\n')}\n`;
      await expect(text).toMatchFileSnapshot(`explained/${name.replace('/', '-')}.txt`);
    },
  );

  test('explain keeps every line of the log, in order', async () => {
    for (const name of ['docker/18-fixed.primary', '13/g_primary_crash.standby1', '18/i_cancel_terminate.primary']) {
      const output = await explained(recorded(name));
      let from = 0;
      for (const line of recorded(name).trimEnd().split('\n')) {
        const at = output.indexOf(line, from);
        expect(at, `${name}: ${line}`).toBeGreaterThanOrEqual(from);
        from = at + 1;
      }
    }
  });

  test('explain keeps notes and summary within the width', async () => {
    const output = await explained(recorded('15/b_no_role.primary'), { width: 40 });
    const notesOnly = output.filter((line) => /^ {2}(?:╰| {2}|-)/.test(line));
    expect(notesOnly.length).toBeGreaterThan(20);
    expect(notesOnly.filter((line) => line.length > 40 && line.trim().includes(' '))).toEqual([]);
  });

  test("explain keeps notes with wide characters within the terminal's width", async () => {
    const log = `${prefix}FATAL:  password authentication failed for user "複製 役割 🐘🐘 待機 サーバ 用の 役割"\n${prefix}DETAIL:  Role "複製 役割 🐘🐘 待機 サーバ 用の 役割" does not exist.\n`;
    const output = await explained(log, { width: 40 });
    const notesOnly = output.filter((line) => /^ {2}(?:╰| {2}|-)/.test(line));
    expect(notesOnly.some((line) => line.includes('🐘'))).toBe(true);
    expect(notesOnly.filter((line) => stringWidth(line) > 40 && line.trim().includes(' '))).toEqual([]);
  });

  test('explain --json prints one object for each record, then the summary', async () => {
    const objects = await asJson(recorded('15/b_no_role.primary'));
    expect(objects.slice(0, -1)).toHaveLength(parseLog(recorded('15/b_no_role.primary')).length);
    expect(objects[5]).toEqual({
      schema: 1,
      line: 6,
      lines: 3,
      level: 'FATAL',
      message: 'password authentication failed for user "replicator"',
      detail: expect.stringContaining('does not exist'),
      hint: null,
      context: null,
      statement: null,
      time: '2026-11-23 01:12:17.622 UTC',
      pid: 16671,
      note: {
        id: 'role-missing',
        severity: 'trouble',
        values: { user: 'replicator' },
        means: expect.stringContaining('no such role'),
        cause: expect.any(String),
        next: expect.stringContaining('CREATE ROLE replicator'),
        lesson: 'a-role-for-the-standby',
      },
    });
    expect(objects.at(-1)).toEqual({
      schema: 1,
      summary: {
        lines: 11,
        records: 7,
        explained: 7,
        left: 0,
        good: 1,
        normal: 4,
        trouble: 2,
        troubles: [{ id: 'role-missing', times: 2, line: 6 }],
        story: {
          sentences: [
            'At the end this server (PostgreSQL 15.18) is open for reading and writing.',
            expect.stringMatching(/^No end is seen of this trouble: A client tried to log in as replicator/),
          ],
          causes: [
            {
              id: 'role-missing',
              severity: 'trouble',
              server: '',
              says: 'A client tried to log in as replicator, but this server has no such role.',
              next: expect.stringContaining('CREATE ROLE replicator'),
              times: 2,
              line: 6,
              first: '2026-11-23 01:12:17.622 UTC',
              last: '2026-11-23 01:12:17.644 UTC',
              over: null,
              lasting: true,
            },
          ],
        },
      },
    });
  });

  test('explain --only trouble counts the other records without showing them', async () => {
    const objects = await asJson(recorded('15/b_no_role.primary'), { only: 'trouble' });
    expect(objects.map(({ line }) => line)).toEqual([6, 9, undefined]);
    expect(objects.at(-1).summary.records).toBe(7);
  });

  test('explain keeps an unknown line without a note', async () => {
    expect(await asJson('the moon is full\n')).toMatchObject([
      { level: null, message: 'the moon is full', note: null },
      { summary: { left: 1, story: { sentences: [], causes: [] } } },
    ]);
  });

  test('explain of an empty input prints a summary', async () => {
    expect(await asJson('')).toMatchObject([{ summary: { lines: 0, records: 0 } }]);
  });

  test('explain accepts chunks that end anywhere', async () => {
    const text = recorded('18/c_seed_line.primary');
    async function* crumbs() {
      for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
    }
    expect(await explained(crumbs())).toEqual(await explained(text));
  });

  test('explain prints a record of a stream that pauses without delay', async () => {
    let more: (line: string | undefined) => void = () => undefined;
    async function* live() {
      yield `${prefix}LOG:  started streaming WAL from primary at 0/3000000 on timeline 1\n`;
      const line = await new Promise<string | undefined>((resolve) => {
        more = resolve;
      });
      if (line) yield line;
    }
    const pieces = explain(live(), notes, { quietMs: 5 });
    const { value } = await pieces.next();
    expect(value).toContain("The standby requested the primary's WAL from 0/3000000 on");
    more(`${prefix}LOG:  database system is shut down\n`);
    const rest: string[] = [];
    for await (const piece of pieces) rest.push(piece);
    expect(rest.join('\n')).toContain('The server has stopped.');
  });

  test('explain ends the stream when its reader stops', async () => {
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield `${prefix}LOG:  shutting down\n`;
      } finally {
        ended = true;
      }
    }
    for await (const _ of explain(endless(), notes)) break;
    expect(ended).toBe(true);
  });
});

describe('secrets', () => {
  test('explain shows no password of any recorded log', async () => {
    const logs = allRecorded();
    expect(logs.some(({ text }) => text.includes('password=rep_pass'))).toBe(true);
    for (const { name, text } of logs) {
      const shown = [...(await explained(text)), ...(await explained(text, { json: true }))].join('\n');
      expect(shown, name).not.toMatch(/rep_pass|slave_pass|master_pass|password 'x'|SCRAM-SHA-256\$\d/);
    }
  });

  test('explain shows no password that is on two lines of a statement', async () => {
    const text = `${prefix}ERROR:  x\n${prefix}STATEMENT:  alter role a password 'one\n\ttwo';\n`;
    expect((await explained(text)).join('\n')).not.toMatch(/one\b|two\b/);
  });

  test('explain shows no password that syslog has separated from its keyword', async () => {
    const text =
      "Nov 23 14:02:11 db1 postgres[7]: [5-1] ERROR:  x\nNov 23 14:02:11 db1 postgres[7]: [5-2] STATEMENT:  ALTER ROLE a PASSWORD\nNov 23 14:02:11 db1 postgres[7]: [5-3]  'verysecret';\n";
    expect((await explained(text)).join('\n')).not.toMatch(/verysecret/);
    expect((await explained(text, { json: true })).join('\n')).not.toMatch(/verysecret/);
  });

  test.each(Object.keys(shapes))('explain shows no password in a log of this shape: %s', async (name) => {
    const log = shapes[name]?.(parseLog(recorded('15/e_reload.standby1')).filter(({ level }) => level)) ?? '';
    expect(log).toContain('rep_pass');
    expect((await explained(log)).join('\n')).not.toContain('rep_pass');
    expect((await explained(log, { json: true })).join('\n')).not.toContain('rep_pass');
  });
});

describe('the story', () => {
  const story = async (text: string) => (await summaryOf(text)).story;
  const causes = async (text: string) =>
    (await story(text)).causes.map(({ id, times, over, lasting }) => [id, times, over !== null, lasting]);

  test.each([
    ['18/m_diverged.primary', 'forked-off', /cannot follow to timeline 2/],
    ['15/l_follow_ahead.standby2', 'forked-off', /cannot follow to timeline 2/],
    ['18/f_missing.standby1', 'wal-does-not-fit', /does not match the end of this server's WAL/],
    ['18/k_wal_removed.standby1', 'wal-removed', /already removed it/],
    ['18/a_standby_fewer_connections.standby1', 'settings-too-small', /smaller than on the primary/],
    ['18/a_port_conflict.standby1', 'address-in-use', /already has this port/],
    ['18/a_conf_unknown_param_start.primary', 'sync-standby-names-typo', /no setting sync_standby_names/],
  ])('the story of %s names %s, and that no end of it is seen', async (name, id, says) => {
    const { sentences, causes: all } = await story(recorded(name));
    const cause = all.find((each) => each.id === id);
    expect(cause).toMatchObject({ lasting: true, over: null });
    expect(sentences.at(-1)).toMatch(says);
    expect(sentences.at(-1)).toMatch(/^No end is seen of this trouble: /);
  });

  test.each([
    [
      '18/m_diverged.primary',
      'At the end this server (PostgreSQL 18.4, started 2 times) is a standby, open for reading, and gets nothing from its primary.',
    ],
    [
      '18/g_right.standby1',
      'At the end this server (PostgreSQL 18.4) is a standby, open for reading, and streams from its primary.',
    ],
    ['18/m_diverged.standby1', 'At the end this server (PostgreSQL 18.4) is open for reading and writing.'],
    ['18/a_port_conflict.standby1', 'At the end this server (PostgreSQL 18.4) does not run: its last start failed.'],
    ['docker/18-docker-stop.standby', /is stopped\.$/],
  ])('the story says what has become of the server: %s', async (name, sentence) => {
    const { sentences } = await story(recorded(name));
    if (typeof sentence === 'string') expect(sentences[0]).toBe(sentence);
    else expect(sentences[0]).toMatch(sentence);
  });

  test('a trouble that went away is over in the story, with the time', async () => {
    const { sentences, causes: all } = await story(recorded('18/g_primary_crash.standby1'));
    expect(all.filter(({ lasting }) => lasting)).toEqual([]);
    expect(all.find(({ id }) => id === 'primary-refused')?.over).toContain('01:18:03');
    expect(sentences.at(-1)).toMatch(/all are over/);
  });

  test('a crash that is over is in the story, though nothing is trouble now', async () => {
    expect(await causes(recorded('18/a_crash_recovery.primary'))).toEqual([['crash-recovery', 1, false, false]]);
    expect((await story(recorded('18/a_crash_recovery.primary'))).sentences.at(-1)).toMatch(
      /^Nothing in it is trouble, but/,
    );
  });

  test('the story tells of a process that the system killed, and of the recovery', async () => {
    const text = [
      'LOG:  server process (PID 1234) was terminated by signal 9: Killed',
      'LOG:  terminating any other active server processes',
      'LOG:  all server processes terminated; reinitializing',
      'LOG:  database system was interrupted; last known up at 2026-11-23 14:00:00 UTC',
      'LOG:  database system was not properly shut down; automatic recovery in progress',
      'LOG:  redo starts at 0/1779C38',
      'LOG:  redo done at 0/177CFA0',
    ]
      .map((line) => `${prefix}${line}\n`)
      .join('');
    expect((await story(text)).causes[0]).toMatchObject({ id: 'process-killed-9', lasting: true });
    const open = `${text}${prefix}LOG:  database system is ready to accept connections\n`;
    expect((await story(open)).causes[0]).toMatchObject({
      id: 'process-killed-9',
      lasting: false,
      over: expect.any(String),
    });
  });

  test('the story tells once what both servers report, with the reason', async () => {
    const both = recorded('15/b_no_role.standby1') + recorded('15/b_no_role.primary');
    expect(await causes(both)).toEqual([['primary-password-no-role', 2, false, true]]);
  });

  test('the story has a sentence for each of two servers in one stream', async () => {
    const of = (name: string, server: string) =>
      recorded(name)
        .trimEnd()
        .split('\n')
        .map((line) => `${server}  | ${line}\n`)
        .join('');
    const { sentences, causes: all } = await story(
      of('18/k_wal_removed.primary', 'master-1') + of('18/k_wal_removed.standby1', 'slave-1'),
    );
    expect(sentences[0]).toMatch(/^At the end master-1 .* is open for reading and writing\.$/);
    expect(sentences[1]).toMatch(/^At the end slave-1 .* gets nothing from its primary\.$/);
    expect(all.map(({ server, id }) => `${server} ${id}`)).toEqual(['master-1 wal-removed', 'slave-1 wal-removed']);
  });

  test('the story is short, however long the log is', async () => {
    const output = await explained(
      allRecorded()
        .map(({ text }) => text)
        .join(''),
      {},
    );
    const from = output.indexOf('What most likely happened');
    expect(output.length - from).toBeGreaterThan(10);
    expect(output.length - from).toBeLessThan(40);
    expect(output.slice(from).join('\n')).toMatch(/and \d+ more kinds of trouble, \d+ times/);
  });

  test('the story says once that a log is in another language', async () => {
    const german = [
      'LOG:  Datenbanksystem ist bereit, um Verbindungen anzunehmen',
      'FATAL:  Passwort-Authentifizierung für Benutzer »slave« fehlgeschlagen',
      'DETAIL:  Rolle »slave« existiert nicht.',
      'FEHLER:  Relation »t« existiert nicht bei Zeichen 15',
      'ANWEISUNG:  SELECT * FROM t',
      'FEHLER:  kann INSERT nicht in einer Read-Only-Transaktion ausführen',
      'WARNUNG:  Verbindung wird abgebrochen',
    ]
      .map((line) => `${prefix}${line}\n`)
      .join('');
    const { story: told, records, left } = await summaryOf(german);
    expect([records, left]).toEqual([5, 5]);
    expect(told.sentences.filter((each) => each.includes("lc_messages = 'C'"))).toHaveLength(1);
    expect(told.causes).toEqual([]);
  });

  test.each([
    ['a word for its level', 'ERREUR:  la relation « t » existe\n'],
    ['all its words', 'FATAL:  n’a pas pu démarrer\nLOG:  le système a été arrêté\n'],
  ])('the story of a short foreign log says nothing of trouble that cannot be read: %s', async (_, text) => {
    const { sentences } = await story(text.replaceAll(/^(?=.)/gm, prefix));
    expect(sentences).toEqual([expect.stringContaining('lc_messages')]);
  });

  test('unknown errors are no proof in the story that all is well', async () => {
    const { sentences } = await story(`${prefix}FATAL:  the moon is full\n`);
    expect(sentences).toEqual(['No trouble in it is known here. One error stands without a note.']);
  });

  test('names with letters of another language do not make a log foreign', async () => {
    const text = `${prefix}FATAL:  password authentication failed for user "jürgen"\n${prefix}LOG:  duration: 1 ms  statement: SELECT 'größe'\n`;
    expect((await story(text.repeat(20))).sentences.join(' ')).not.toContain('lc_messages');
  });
});
