import { describe, expect, it } from 'vitest';
import type { TerminalView } from '../../src/terminal/emulator.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const said: TerminalView = {
  rows: [[{ text: '(lab) $ ls' }], [{ text: 'bin', sgr: '1;34' }, { text: '  lab.json' }], [{ text: '(lab) $ ' }]],
  cursor: { column: 8, row: 2 },
  top: 4,
  bottom: 4,
};
const opened = (columns: number, rows: number) => {
  const room = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows });
  room.observe({ slave: 'stopped' });
  room.press({ do: 'shell' });
  room.dispatch({ kind: 'terminal drawn', view: said });
  return room;
};
const screen = (room: ReturnType<typeof createSession>): string => plainText(draw(room.session).lines);

describe('the terminal beside the lesson', () => {
  it('stands under the tasks on a wide screen', () => {
    const room = opened(110, 24);
    expect(screen(room).split('\n').slice(1)).toEqual(
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

  it('is a pane like the others on a narrow one, and keeps a line on the current task', () => {
    const room = opened(80, 24);
    const lines = screen(room).split('\n');
    expect(lines[2]).toBe(' Lesson   Tasks  ✔✖○   Servers  [Terminal]');
    expect(lines.slice(3, 6)).toEqual(['(lab) $ ls', 'bin  lab.json', '(lab) $']);
    expect(lines.slice(-4)).toEqual([
      ' ✖ The slave runs · not yet: slave is stopped',
      ' → pg_ctl -D rep/slave_data start',
      '─'.repeat(80),
      ' Ctrl-] back to the lesson  Ctrl-] z zoom  Ctrl-] PgUp scroll',
    ]);
  });

  it('has its tab in sight at 40x12', () => {
    expect(screen(opened(40, 12)).split('\n')[2]).toBe(' Lesson  Tasks ✔✖○ Servers [Terminal]');
  });

  it('has the cursor where the program has it, while it has the keys', () => {
    const room = opened(120, 40);
    const { cursor, reach: viewport, lines } = draw(room.session);
    if (!cursor || !viewport.terminal) throw new Error('no cursor');
    expect(plainText(lines.slice(cursor.y, cursor.y + 1)).slice(0, cursor.x)).toMatch(/│ \(lab\) \$$/);
    expect(viewport.terminal.columns).toBe(120 - viewport.terminal.column);
    room.press({ do: 'leave terminal' });
    expect(draw(room.session).cursor).toBeNull();
    expect(screen(room)).toContain('│ Terminal  shell in your lab');
    expect(screen(room)).not.toContain('[Terminal]');
  });

  it('says how far it is scrolled back', () => {
    const room = opened(120, 40);
    room.dispatch({ kind: 'terminal drawn', view: { ...said, top: 1 } });
    expect(screen(room)).toContain('↑ 3 lines back');
  });

  it('is as large whatever the verdict says', () => {
    const room = opened(120, 40);
    const before = draw(room.session).reach.terminal;
    room.observe({ slave: 'up' });
    expect(draw(room.session).reach.terminal).toEqual(before);
    expect(before?.rows).toBeGreaterThanOrEqual(18);
  });

  const sizes = [[200, 50], [120, 40], [100, 24], [80, 24], [40, 12], [30, 8], [20, 5]] as const; // biome-ignore format: pairs
  it.each(sizes)('fills %ix%i exactly, also with wide signs and when zoomed', (columns, rows) => {
    const room = opened(columns, rows);
    const wide = { text: '数据库😀'.repeat(60) };
    const isWhole = () => {
      const { lines } = draw(room.session);
      expect(lines.length).toBe(rows);
      expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(columns);
    };
    room.dispatch({ kind: 'terminal drawn', view: { ...said, rows: Array.from({ length: 80 }, () => [wide]) } });
    isWhole();
    room.press({ do: 'leave terminal' });
    isWhole();
    room.press({ do: 'zoom' });
    isWhole();
    expect(draw(room.session).reach.terminal?.columns ?? columns).toBe(columns);
  });
});

describe('the division of a wide screen', () => {
  const left = (room: ReturnType<typeof createSession>) => screen(room).split('\n')[1]?.indexOf('┬');
  const key = (room: ReturnType<typeof createSession>, name: string) => {
    const intent = keyIntent(name, room.session, draw(room.session).reach);
    if (intent) room.press(intent);
  };

  it('moves with < and >, as far as both sides have 40 columns, and back with =', () => {
    const room = createSession({ columns: 120, rows: 40 });
    const usual = left(room) ?? 0;
    key(room, '>');
    expect(left(room)).toBeGreaterThan(usual);
    for (let presses = 0; presses < 20; presses++) key(room, '>');
    expect(120 - (left(room) ?? 0)).toBeGreaterThanOrEqual(40);
    for (let presses = 0; presses < 20; presses++) key(room, '<');
    expect(left(room)).toBe(40);
    key(room, '>');
    expect(left(room)).toBeGreaterThan(40);
    key(room, '=');
    expect(left(room)).toBe(usual);
  });
});
