import { describe, expect, it } from 'vitest';
import { keyLine } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { helpLines } from '../../src/ui/sheets/help.ts';
import { inAscii, wantsAscii } from '../../src/ui/theme.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => ['pg_ctl -D rep/slave_data start'] });
const textOf = (screen: ReturnType<typeof createSession>): string =>
  plainText(draw(screen.session).lines).replace(/\d\d:\d\d$/m, 'hh:mm');
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

describe('the frame', () => {
  it('the frame shows words, tasks, servers and log side by side at 100x28', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    expect(textOf(screen)).toBe(`\
 repl-workshop   2/3  Two servers              native · PostgreSQL 18.4 · about 18 min left · hh:mm
──────────────────────────────────────────────────────────────┬─────────────────────────────────────
 # Two servers                                                │ Tasks                        1 of 3
                                                              │ 1 ✔ The master runs
 Start both. Each on a port of its own.                       │ 2 ✖ The slave runs · not yet
                                                              │   seen slave is stopped
 │ pg_ctl -D rep/master_data start                            │   want slave up, and answering
                                                              │   why Nobody can copy from a
 Paragraph 1 of this lesson.                                  │     server that does not run.
                                                              │   where
 Paragraph 2 of this lesson.                                  │     rep/slave_data/postgresql.conf,
                                                              │     line 64
 Paragraph 3 of this lesson.                                  │   next pg_ctl -D rep/slave_data
                                                              │     start
 Paragraph 4 of this lesson.                                  │ 3 ○ A write is refused · later
                                                              ├─────────────────────────────────────
 Paragraph 5 of this lesson.                                  │ Servers
                                                              │   master :5432  primary  0/5000148
 Paragraph 6 of this lesson.                                  │     ╰ no standby is connected
                                                              │ ▸ slave  :5433  stopped
 Paragraph 7 of this lesson.                                  ├─────────────────────────────────────
                                                              │ Log of slave                    ← →
 Paragraph 8 of this lesson.                                  │ No important lines since it
                                                              │ started.
 Paragraph 9 of this lesson.                                  │
                                                              │
── ↓ more ────────────────────────────────────────────────────┴─────────────────────────────────────
 n next  h hint 0/4  t terminal  e edit  p psql  l logs  m map  Tab pane  g lessons  ? keys  q quit`);
  });

  it('the frame shows one pane at a time at 80x24, with a line on the current task', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe({ slave: 'stopped' });
    screen.press({ do: 'next pane' });
    screen.press({ do: 'next pane' });
    expect(textOf(screen)).toBe(`\
 repl-workshop   2/3  Two servers                     about 18 min left · hh:mm
────────────────────────────────────────────────────────────────────────────────
 Lesson   Tasks  ✔✖○  [Servers]
   master :5432  primary  timeline 1  0/5000148
     ╰ no standby is connected
 ▸ slave  :5433  stopped

 Log of slave                                                               ← →
 No important lines since it started.










────────────────────────────────────────────────────────────────────────────────
 ✖ The slave runs · not yet: slave is stopped
 → pg_ctl -D rep/slave_data start
────────────────────────────────────────────────────────────────────────────────
 n next  h hint 0/4  t terminal  e edit  l logs  m map  Tab pane  ? keys  q quit`);
  });

  it('the frame explains a wrong answer below the question', () => {
    const screen = createSession({ columns: 80, rows: 24 });
    screen.observe();
    screen.press({ do: 'answer' });
    screen.press({ do: 'choose', choice: 'a' });
    expect(textOf(screen).split('\n').slice(2, 11)).toEqual([
      ' Who takes the writes?',
      '',
      ' Which of the two takes writes?',
      '',
      ' ✖ a  The standby.',
      '   b  The primary.',
      '',
      ' ✖ Not quite.',
      ' It only replays what the other one wrote.',
    ]);
  });

  it('the frame says at the top which task is broken again, and how to repair it', () => {
    const screen = createSession({ changes: [done('servers/master-runs'), here('streaming')] });
    screen.observe({ master: 'stopped' });
    screen.observe({ master: 'stopped' });
    expect(textOf(screen).split('\n').slice(1, 4)).toEqual([
      ' ! Lesson 2, “The master runs”, is broken again:',
      '   master is stopped',
      '   → pg_ctl -D rep/master_data start',
    ]);
    screen.dispatch({ kind: 'look failed', problem: { what: 'Docker does not answer.', fix: 'Start Docker.' } });
    expect(textOf(screen)).not.toContain('broken again');
  });

  it('the frame shows the plan before it solves a task', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe({ slave: 'stopped' });
    screen.press({ do: 'solve' });
    expect(textOf(screen)).toContain('   pg_ctl -D rep/slave_data start');
    expect(textOf(screen)).toContain(' y yes  n no');
  });

  it('the frame shows the sentences to remember when the lesson is done', () => {
    const screen = createSession({ changes: [done('guess/who-writes')], columns: 80, rows: 24 });
    screen.observe();
    screen.press({ do: 'next pane' });
    expect(textOf(screen)).toContain('The primary writes, the standby replays.');
    expect(textOf(screen)).toContain(' n next lesson');
  });

  it('the frame stays the same when a look finds nothing new', () => {
    const screen = createSession(inServers);
    screen.observe();
    const before = textOf(screen);
    screen.observe({ at: '2026-11-23T14:02:31.000Z' });
    screen.dispatch({ kind: 'tick', at: '2026-11-23T14:02:00.900Z' });
    expect(textOf(screen)).toBe(before);
  });

  const sizes = [[200, 50], [120, 40], [100, 28], [99, 28], [80, 24], [40, 12], [30, 8], [29, 7], [12, 3]] as const; // biome-ignore format: pairs
  it.each(sizes)('the frame fills %ix%i exactly under every overlay', (columns, rows) => {
    const screen = createSession({ ...inServers, columns, rows });
    const isWhole = () => {
      const { lines } = draw(screen.session);
      expect(lines.length).toBe(rows);
      expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(columns);
    };
    isWhole();
    screen.observe({ slave: 'failed', slaveLog: '2026-11-23 14:02:11.123 UTC [7] FATAL:  could not bind' });
    isWhole();
    for (const intent of [
      'help',
      'settings',
      'lessons',
      'hint',
      'log',
      'map',
      'commit',
      'quit',
      'reset',
      'next',
      'next pane',
      'next pane',
    ] as const) {
      screen.press({ do: intent });
      isWhole();
      screen.press({ do: 'close' });
    }
  });
});

describe('the key line and the help', () => {
  it('the help explains every key that the key line shows', () => {
    const screen = createSession({ ...inServers, columns: 200 });
    screen.observe({ slave: 'stopped' });
    const help = plainText(helpLines(screen.session, 200)).replaceAll(/ +/g, ' ');
    const shown = plainText([keyLine(screen.session, 200)])
      .trim()
      .split('  ');
    expect(shown.length).toBeGreaterThan(10);
    for (const key of shown) expect(help).toContain(key);
  });

  it('the key line keeps help and quit when it is too narrow for more', () => {
    const screen = createSession({ ...inServers, columns: 30 });
    expect(plainText([keyLine(screen.session, 30)])).toMatch(/\? keys {2}q quit$/);
  });
});

describe('a terminal without UTF-8', () => {
  it('a terminal without UTF-8 gets ASCII characters of one column each', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    const text = inAscii(textOf(screen).replaceAll('\n', ''));
    expect(text).toMatch(/^[ -~]+$/);
    expect(text).toContain('2 x The slave runs . not yet');
    expect(text.length).toBe([...textOf(screen).replaceAll('\n', '')].length);
  });

  it('a terminal without UTF-8 is known by its locale, or by REPL_WORKSHOP_ASCII', () => {
    expect(wantsAscii({ LANG: 'de_DE.UTF-8' })).toBe(false);
    expect(wantsAscii({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(true);
    expect(wantsAscii({})).toBe(true);
    expect(wantsAscii({ LANG: 'C.UTF-8', REPL_WORKSHOP_ASCII: '1' })).toBe(true);
  });
});
