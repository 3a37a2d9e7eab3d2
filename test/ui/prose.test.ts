import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { emptyJournal, type Journal } from '../../src/check/journal.ts';
import type { Measurement } from '../../src/lab/measure/measurement.ts';
import { parseLesson } from '../../src/lesson/format/markdown.ts';
import { codeTexts, layout, type ProseContext, plainText } from '../../src/ui/page/prose.ts';
import { plan } from '../lesson/plan.ts';

const notes = [
  {
    id: 'streaming',
    pattern: 'started streaming WAL from primary at (?<lsn>\\S+)',
    severity: 'good',
    means: 'The slave gets the log from `{lsn}` on.',
  },
  { id: 'password', pattern: 'password authentication failed', severity: 'trouble', means: 'The password is wrong.' },
] as const;

const at = (width: number, more: Partial<ProseContext> = {}): ProseContext => ({
  width,
  plan,
  root: false,
  notes,
  ...more,
});
const blocksOf = (...lines: readonly string[]) => parseLesson(['# T', '', ...lines].join('\n'), 'lesson.md').intro;
const page = (lines: readonly string[], width: number, more: Partial<ProseContext> = {}) =>
  plainText(layout(blocksOf(...lines), at(width, more))).split('\n');

const measurement = (
  distance: number,
  medians: Partial<Record<'async' | 'on' | 'remote_apply', number>>,
): Measurement => ({
  at: '2026-01-01T00:00:00Z',
  on: 'master',
  distance,
  names: 'first 1 (slave1)',
  syncStandby: 'slave1',
  levels: Object.entries(medians).map(([level, medianMs]) => ({
    level: level as 'on',
    commits: 100,
    medianMs,
    p95Ms: medianMs,
    staleReads: level === 'async' ? 12 : 0,
    reads: 100,
  })),
});
const journal: Journal = {
  ...emptyJournal,
  measurements: [
    measurement(0, { async: 9 }),
    measurement(0, { async: 1.24, on: 2.48 }),
    measurement(5, { async: 1.3, remote_apply: 12.4 }),
  ],
};

describe('a page', () => {
  it('a page shows headings, wrapped paragraphs and hard breaks', () => {
    expect(
      page(['### Why so', '', 'The slave **knows** where its `master` is, and that', 'it waits.\\', 'Now.'], 26),
    ).toEqual(['### Why so', '', 'The slave knows where its', 'master is, and that it', 'waits.', 'Now.']);
  });

  it('a page numbers lists, nests them, and shows checkboxes', () => {
    expect(
      page(['9. nine is long enough to wrap', '10. ten', '    - [x] done', '    - [ ] not yet', '      1. deep'], 22),
    ).toEqual([
      ' 9. nine is long',
      '    enough to wrap',
      '10. ten',
      '    • [x] done',
      '    • [ ] not yet',
      '      1. deep',
    ]);
  });

  it('a page separates loose list items and quotes by blank lines', () => {
    expect(page(['- one', '', '  more', '- two', '', '> quoted', '>', '> twice'], 30)).toEqual([
      '• one',
      '',
      '  more',
      '',
      '• two',
      '',
      '│ quoted',
      '│',
      '│ twice',
    ]);
  });

  it('a page breaks code after a space and marks the continuation', () => {
    expect(page(['```bash', 'pg_basebackup -h 127.0.0.1 -p {{master.port}}', '', 'ls', '```'], 24)).toEqual([
      '│ pg_basebackup -h',
      '│ ↪ 127.0.0.1 -p 5432',
      '│',
      '│ ls',
    ]);
  });

  it('a page keeps the spaces of inline code, and shows its marks where there are no colours', () => {
    expect(page(['see `LOG:  x` there'], 30)).toEqual(['see LOG:  x there']);
    expect(page(['see `LOG:  x` there'], 30, { marks: true })).toEqual(['see `LOG:  x` there']);
  });

  it('a page puts an address after the text of its link, once', () => {
    expect(page(['[chapter](https://x.org/a), https://x.org and [lesson 3](../03-a/lesson.md)'], 80)).toEqual([
      'chapter (https://x.org/a), https://x.org and lesson 3',
    ]);
  });

  it('a page says how many columns a drawing needs instead of cutting it', () => {
    expect(page(['```diagram', 'master ──► slave', '```'], 16)).toEqual(['master ──► slave']);
    expect(page(['```diagram', 'master ──► slave', '```'], 15).join(' ')).toContain('needs 16 columns');
  });
});

describe('a table', () => {
  const table = ['| server | what it does |', '| --- | --- |', '| master | takes every write |', '| `slave` | reads |'];
  it('a table has aligned columns', () => {
    expect(page(table, 40)).toEqual([
      'server │ what it does',
      '───────┼──────────────────',
      'master │ takes every write',
      'slave  │ reads',
    ]);
  });
  it('a table wraps its cells as long as no word is cut', () => {
    expect(page(table, 20)).toEqual(
      [
        'server │ what it',
        '       │ does',
        '───────┼────────────',
        'master │ takes every',
        '       │ write',
        'slave  │ reads',
      ].map((line) => line.trimEnd()),
    );
  });
  it('a table becomes "key: value" lines when the page is too narrow', () => {
    expect(page(table, 13)).toEqual([
      'server:',
      'master',
      'what it does:',
      'takes every',
      'write',
      '',
      'server: slave',
      'what it does:',
      'reads',
    ]);
  });
});

describe('blocks for other readers', () => {
  const blocks = blocksOf(
    '```bash native',
    'a',
    '```',
    '',
    '```bash docker',
    'b',
    '```',
    '',
    '```bash pg=-17',
    'c',
    '```',
    '',
    '- x',
    '',
    '  ```sql on=master root',
    '  d',
    '  ```',
    '',
    '```sql on=slave',
    '{{user}}',
    '```',
  );
  it('blocks for other readers are left out, and the remaining code blocks are counted in order', () => {
    expect(codeTexts(blocks, at(40))).toEqual([
      { lang: 'bash', text: 'a', place: { to: 'shell' } },
      { lang: 'sql', text: 'slave', place: { to: 'psql', server: 'slave' } },
    ]);
    expect(codeTexts(blocks, at(40, { root: true })).map(({ text }) => text)).toEqual(['a', 'd', 'slave']);
  });
  it.each([10, 40])('every line of a code block carries its index at %d columns', (width) => {
    const indices = layout(blocks, at(width)).map((line) => line.find(({ code }) => code !== undefined)?.code);
    expect(indices.filter((index) => index !== undefined)).toEqual([0, 1]);
  });
});

describe('a log', () => {
  const log = [
    ':::log{server=slave}',
    '2026-11-23 14:02:11.123 UTC [7] LOG:  started streaming WAL from primary at 0/4000000 on timeline 1',
    '2026-11-23 14:02:12.123 UTC [8] FATAL:  password authentication failed for user "slave"',
    '2026-11-23 14:02:12.123 UTC [8] DETAIL:  Role "slave" does not exist.',
    ':::',
  ];
  it('a log on a page shows each line with its note below', () => {
    expect(page(log, 200)).toEqual([
      'In the log of slave:',
      '│ 2026-11-23 14:02:11.123 UTC [7] LOG:  started streaming WAL from primary at 0/4000000 on timeline 1',
      '╰ The slave gets the log from 0/4000000 on.',
      '│ 2026-11-23 14:02:12.123 UTC [8] FATAL:  password authentication failed for user "slave"',
      '│ 2026-11-23 14:02:12.123 UTC [8] DETAIL:  Role "slave" does not exist.',
      '╰ The password is wrong.',
    ]);
  });
  it('a log on a page gives levels and notes their styles', () => {
    const styles = layout(blocksOf(...log), at(200)).map((line) => line.map(({ style }) => style));
    expect(styles).toEqual([
      ['detail'],
      ['bar', 'log', 'text'],
      ['good', 'good', 'code', 'good'],
      ['bar', 'error', 'text'],
      ['bar', 'detail'],
      ['trouble', 'trouble'],
    ]);
  });
});

describe('the measurements', () => {
  it('the measurements on a page are bars on one scale, the newest near and the newest far', () => {
    expect(page(['::measured'], 64, { journal })).toEqual([
      'Near: nothing between the servers',
      'async        ━━                  1.24 ms   12 of 100 reads stale',
      'on           ━━━                 2.48 ms    0 of 100 reads stale',
      '',
      'Far: 5 ms put between the servers, each way',
      'async        ━━                  1.30 ms   12 of 100 reads stale',
      'remote_apply ━━━━━━━━━━━━━━━━━  12.40 ms    0 of 100 reads stale',
    ]);
  });
  it('the bars of measurements are below their values on a narrow page', () => {
    expect(page(['::measured'], 30, { journal }).slice(-3)).toEqual([
      'remote_apply: 12.40 ms, 0 of',
      '100 reads stale',
      '━'.repeat(30),
    ]);
  });
  it('the page says that there are no measurements, or that the server refused', () => {
    expect(page(['::measured'], 200)).toEqual([expect.stringContaining('Nothing is measured yet.')]);
    const refused = { ...measurement(0, {}), on: 'slave', refused: 'cannot execute INSERT in a read-only transaction' };
    expect(page(['::measured'], 200, { journal: { ...emptyJournal, measurements: [refused] } })).toContain(
      'Not measured on slave: cannot execute INSERT in a read-only transaction.',
    );
  });
});

describe('a nasty document', () => {
  const nasty = blocksOf(
    '複製は一つのデータベースから別のデータベースへデータをコピーする過程です **太字の日本語テキスト** ok 👩‍👩‍👧‍👦👍🏽 e\u0301te\u0301 🇫🇷.',
    '',
    `${'unbreakable'.repeat(20)} **${'strong'.repeat(9)}**\`${'code '.repeat(9)}\``,
    '',
    '> > > - 1. - quote in quote in list',
    '> > >',
    '> > >   ```bash',
    '> > >   echo "日本語 👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽" \t tabs \t and more words',
    '> > >   ```',
    '',
    '100. hundred',
    '     - a',
    '       - b',
    '         - c',
    '           - d',
    '             - e 深い',
    '               | a | b |',
    '               | - | - |',
    '               | 1 | 日本語日本語 |',
    '',
    '-',
    '- [ ] task',
    '- [x] ~/done',
    '',
    '| | long header with words | 日本 |',
    '| - | - | - |',
    '| x | `a  b` | |',
    '| 👍🏽 | y | more \\| pipes | |',
    '',
    '```diagram',
    '┌──┐',
    '│日│',
    '└──┘',
    '```',
    '',
    '```',
    '```',
    '',
    '---',
    '',
    '###### deep heading that is long',
    '',
    ':::log{server=slave}',
    '2026-11-23 14:02:11.123 UTC [7] LOG:  started streaming WAL from primary at 0/4000000 on timeline 1',
    '\tcontinued',
    'no record at all',
    ':::',
    '',
    '::measured',
  );
  const words = (text: string) => text.replace(/[\s│╰•↪─┼━]/g, '');

  it('a nasty document fits every width from 10 to 200 columns', () => {
    for (let width = 10; width <= 200; width++) {
      const lines = layout(nasty, at(width, { journal }));
      const wide = lines
        .map((line) => line.map(({ text }) => text).join(''))
        .filter((text) => stringWidth(text) > width || /[\n\t]/.test(text));
      expect(wide, `at ${width} columns`).toEqual([]);
    }
  });

  it('a nasty document loses no word at any width', () => {
    const prose = nasty.filter(({ kind }) => ['paragraph', 'list', 'quote', 'code', 'heading'].includes(kind));
    const list = prose.filter(({ kind }) => kind !== 'list');
    const whole = words(plainText(layout(list, at(200))));
    for (let width = 10; width <= 200; width++)
      expect(words(plainText(layout(list, at(width)))), `at ${width} columns`).toBe(whole);
    expect(words(plainText(layout(prose, at(10))))).toContain('日本語日本語');
  });

  it('a nasty document is laid out the same each time', () => {
    expect(layout(nasty, at(61, { journal }))).toEqual(layout(nasty, at(61, { journal })));
  });
});
