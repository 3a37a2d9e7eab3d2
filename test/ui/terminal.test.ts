import { describe, expect, it } from 'vitest';
import type { TerminalView } from '../../src/terminal/emulator.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const shellView: TerminalView = {
  rows: [[{ text: '(lab) $ ls' }], [{ text: 'bin', sgr: '1;34' }, { text: '  lab.json' }], [{ text: '(lab) $ ' }]],
  cursor: { column: 8, row: 2 },
  top: 4,
  bottom: 4,
};
const opened = (columns: number, rows: number) => {
  const screen = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows });
  screen.observe({ slave: 'stopped' });
  screen.press({ do: 'shell' });
  screen.dispatch({ kind: 'terminal drawn', view: shellView });
  return screen;
};
const textOf = (screen: ReturnType<typeof createSession>): string => plainText(draw(screen.session).lines);

describe('the terminal beside the lesson', () => {
  it('the terminal is under the tasks on a wide screen', () => {
    const screen = opened(110, 24);
    expect(textOf(screen).split('\n').slice(1)).toEqual(
      `\
──────────────────────────────────────────────────────────────┬───────────────────────────────────────────────
 # Two servers                                                │ Tasks                                  1 of 3
                                                              │ 1 ✔ The master runs
 Start both. Each on a port of its own.                       │ 2 ✖ The slave runs · not yet
                                                              │   seen  slave is stopped
 │ pg_ctl -D rep/master_data start                            │   want  slave up, and answering
                                                              │   next  pg_ctl -D rep/slave_data start
 Paragraph 1 of this lesson.                                  │ 3 ○ A write is refused · later
                                                              │
 Paragraph 2 of this lesson.                                  ├── Tab: all of it ─────────────────────────────
                                                              │ [Terminal]  shell in your lab
 Paragraph 3 of this lesson.                                  │ (lab) $ ls
                                                              │ bin  lab.json
 Paragraph 4 of this lesson.                                  │ (lab) $
                                                              │
 Paragraph 5 of this lesson.                                  │
                                                              │
 Paragraph 6 of this lesson.                                  │
                                                              │
 Paragraph 7 of this lesson.                                  │
                                                              │
── ↓ more ────────────────────────────────────────────────────┴───────────────────────────────────────────────
 Ctrl-] back to the lesson  Ctrl-] z zoom  Ctrl-] PgUp scroll`.split('\n'),
    );
  });

  it('the terminal is one of the tabs on a narrow screen, with a line on the current task', () => {
    const screen = opened(80, 24);
    const lines = textOf(screen).split('\n');
    expect(lines[2]).toBe(' Lesson   Tasks  ✔✖○   Servers  [Terminal]');
    expect(lines.slice(3, 6)).toEqual(['(lab) $ ls', 'bin  lab.json', '(lab) $']);
    expect(lines.slice(-4)).toEqual([
      ' ✖ The slave runs · not yet: slave is stopped',
      ' → pg_ctl -D rep/slave_data start',
      '─'.repeat(80),
      ' Ctrl-] back to the lesson  Ctrl-] z zoom  Ctrl-] PgUp scroll',
    ]);
  });

  it('the terminal has its tab in view at 40x12', () => {
    expect(textOf(opened(40, 12)).split('\n')[2]).toBe(' Lesson  Tasks ✔✖○ Servers [Terminal]');
  });

  it('the cursor is where the program has it, while the terminal has the keys', () => {
    const screen = opened(120, 40);
    const { cursor, reach: viewport, lines } = draw(screen.session);
    if (!cursor || !viewport.terminal) throw new Error('no cursor');
    expect(plainText(lines.slice(cursor.y, cursor.y + 1)).slice(0, cursor.x)).toMatch(/│ \(lab\) \$$/);
    expect(viewport.terminal.columns).toBe(120 - viewport.terminal.column);
    screen.press({ do: 'leave terminal' });
    expect(draw(screen.session).cursor).toBeNull();
    expect(textOf(screen)).toContain('│ Terminal  shell in your lab');
    expect(textOf(screen)).not.toContain('[Terminal]');
  });

  it('the terminal says how far it is scrolled back', () => {
    const screen = opened(120, 40);
    screen.dispatch({ kind: 'terminal drawn', view: { ...shellView, top: 1 } });
    expect(textOf(screen)).toContain('↑ 3 lines back');
  });

  it('the terminal keeps its size whatever the verdict says', () => {
    const screen = opened(120, 40);
    const before = draw(screen.session).reach.terminal;
    screen.observe({ slave: 'up' });
    expect(draw(screen.session).reach.terminal).toEqual(before);
    expect(before?.rows).toBeGreaterThanOrEqual(18);
  });

  const sizes = [[200, 50], [120, 40], [100, 24], [80, 24], [40, 12], [30, 8], [20, 5]] as const; // biome-ignore format: pairs
  it.each(sizes)('the terminal fills %ix%i exactly, also with wide characters and when zoomed', (columns, rows) => {
    const screen = opened(columns, rows);
    const wide = { text: '数据库😀'.repeat(60) };
    const isWhole = () => {
      const { lines } = draw(screen.session);
      expect(lines.length).toBe(rows);
      expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(columns);
    };
    screen.dispatch({ kind: 'terminal drawn', view: { ...shellView, rows: Array.from({ length: 80 }, () => [wide]) } });
    isWhole();
    screen.press({ do: 'leave terminal' });
    isWhole();
    screen.press({ do: 'zoom' });
    isWhole();
    expect(draw(screen.session).reach.terminal?.columns ?? columns).toBe(columns);
  });
});

describe('the division of a wide screen', () => {
  const left = (screen: ReturnType<typeof createSession>) => textOf(screen).split('\n')[1]?.indexOf('┬');
  const key = (screen: ReturnType<typeof createSession>, name: string) => {
    const intent = keyIntent(name, screen.session, draw(screen.session).reach);
    if (intent) screen.press(intent);
  };

  it('< and > move the division while both sides have 40 columns, and = moves it back', () => {
    const screen = createSession({ columns: 120, rows: 40 });
    const usual = left(screen) ?? 0;
    key(screen, '>');
    expect(left(screen)).toBeGreaterThan(usual);
    for (let presses = 0; presses < 20; presses++) key(screen, '>');
    expect(120 - (left(screen) ?? 0)).toBeGreaterThanOrEqual(40);
    for (let presses = 0; presses < 20; presses++) key(screen, '<');
    expect(left(screen)).toBe(40);
    key(screen, '>');
    expect(left(screen)).toBeGreaterThan(40);
    key(screen, '=');
    expect(left(screen)).toBe(usual);
  });
});
