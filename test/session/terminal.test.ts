import { describe, expect, it } from 'vitest';
import { isTyping, isZoomed } from '../../src/session/terminal.ts';
import type { TerminalView } from '../../src/terminal/emulator.ts';
import { createSession, done, here } from './fixture.ts';

const atServers = (columns = 120) => {
  const screen = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows: 40 });
  screen.observe({ slave: 'stopped' });
  return screen;
};
const shell = { run: 'shell' } as const;
const view = (text: string, top = 0, bottom = top): TerminalView => ({
  rows: [[{ text }]],
  cursor: { column: text.length, row: 0 },
  top,
  bottom,
});

describe('the terminal', () => {
  it('opening the terminal starts a shell, which gets the keys', () => {
    const screen = atServers();
    expect(screen.press({ do: 'shell' })).toEqual([{ do: 'open terminal', program: shell }]);
    expect(isTyping(screen.session)).toBe(true);
  });

  it('a program in the terminal goes on while the learner reads the lesson', () => {
    const screen = atServers();
    screen.press({ do: 'shell' });
    screen.dispatch({ kind: 'terminal drawn', view: view('$ ls') });
    screen.press({ do: 'leave terminal' });
    expect(isTyping(screen.session)).toBe(false);
    expect(screen.press({ do: 'shell' })).toEqual([]);
    expect(isTyping(screen.session)).toBe(true);
    expect(screen.session.terminal?.view.rows).toEqual([[{ text: '$ ls' }]]);
  });

  it('the shell is shown again when the editor on top of it ends, and the lesson gets the keys', () => {
    const screen = atServers();
    screen.press({ do: 'shell' });
    screen.press({ do: 'leave terminal' });
    const [opened] = screen.press({ do: 'edit' });
    if (opened?.do !== 'open terminal') throw new Error('no editor');
    expect(screen.session.terminal?.programs).toHaveLength(2);
    screen.dispatch({ kind: 'terminal ended', program: opened.program, killed: false });
    expect(screen.session.terminal).toMatchObject({ programs: [shell], focused: false });
  });

  it('the terminal closes with the shell, and says so when the shell was killed', () => {
    const screen = atServers();
    const [opened] = screen.press({ do: 'shell' });
    if (opened?.do !== 'open terminal') throw new Error('no shell');
    screen.dispatch({ kind: 'terminal ended', program: opened.program, killed: true });
    expect(screen.session).toMatchObject({ terminal: null, notice: { kind: 'killed', program: 'shell' } });
  });

  it('the terminal keeps the keys when a command in it opens another lesson', () => {
    const screen = atServers(80);
    screen.press({ do: 'shell' });
    const kept = { ...screen.session.learner, progress: { ...screen.session.learner.progress, lesson: 'streaming' } };
    const now = screen.session.now;
    if (!now) throw new Error('nothing was seen');
    screen.dispatch({ kind: 'observed', now, learner: kept, saves: screen.session.saves });
    expect(screen.session.learner.progress.lesson).toBe('streaming');
    expect(isTyping(screen.session)).toBe(true);
  });

  it('the key after the leave key zooms the terminal, and unzooms it again', () => {
    const screen = atServers();
    screen.press({ do: 'shell' });
    for (const zoomed of [true, false, true]) {
      screen.press({ do: 'leave terminal' });
      screen.press({ do: 'zoom' });
      expect(isZoomed(screen.session)).toBe(zoomed);
    }
    screen.press({ do: 'leave terminal' });
    screen.press({ do: 'hint' });
    screen.press({ do: 'close' });
    screen.press({ do: 'zoom' });
    expect(isZoomed(screen.session)).toBe(true);
  });

  it('a problem that lies over the lesson gets the keys instead of the terminal', () => {
    const screen = atServers();
    screen.press({ do: 'shell' });
    screen.dispatch({ kind: 'refused', problem: { what: 'The disk is full.', fix: 'Make room.' } });
    expect(isTyping(screen.session)).toBe(false);
    screen.press({ do: 'close' });
    expect(isTyping(screen.session)).toBe(true);
  });

  it('a code block is pasted into the terminal, which is opened first if it is closed', () => {
    const screen = atServers();
    expect(screen.press({ do: 'type text', text: 'pg_ctl start' })).toEqual([
      { do: 'open terminal', program: shell },
      { do: 'paste', text: 'pg_ctl start' },
    ]);
    screen.press({ do: 'leave terminal' });
    expect(screen.press({ do: 'type text', text: 'ls' })).toEqual([{ do: 'paste', text: 'ls' }]);
    expect(isTyping(screen.session)).toBe(true);
  });

  it('the shell gets the whole screen where no terminal can be opened, also the next time', () => {
    const screen = atServers();
    screen.press({ do: 'shell' });
    expect(screen.dispatch({ kind: 'no terminal', program: shell })).toEqual([
      { do: 'run fullscreen', program: shell },
    ]);
    expect(screen.session.terminal).toBeNull();
    expect(screen.press({ do: 'shell' })).toEqual([{ do: 'run fullscreen', program: shell }]);
    expect(screen.press({ do: 'type text', text: 'ls' })).toEqual([]);
    expect(screen.session.notice).toEqual({ kind: 'no terminal' });
  });

  it('Tab reaches the terminal as one of the panes, and it scrolls there', () => {
    const screen = atServers();
    screen.press({ do: 'shell' });
    screen.press({ do: 'leave terminal' });
    screen.press({ do: 'next pane' });
    screen.press({ do: 'next pane' });
    expect(screen.session.pane).toBe('terminal');
    expect(screen.press({ do: 'scroll', to: 7 })).toEqual([{ do: 'scroll terminal', to: 7 }]);
  });
});

describe('the division', () => {
  it('the division between lesson and terminal is saved', () => {
    const screen = atServers();
    expect(screen.press({ do: 'divide', left: 40 })).toEqual([
      { do: 'save', changes: [{ kind: 'settings', settings: { left: 40 } }] },
    ]);
    expect(screen.session.learner.settings.left).toBe(40);
  });
});
