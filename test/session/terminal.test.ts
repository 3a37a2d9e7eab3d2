import { describe, expect, it } from 'vitest';
import { isTyping, isZoomed } from '../../src/session/terminal.ts';
import type { TerminalView } from '../../src/terminal/emulator.ts';
import { createSession, done, here } from './fixture.ts';

const atServers = (columns = 120) => {
  const room = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows: 40 });
  room.observe({ slave: 'stopped' });
  return room;
};
const shell = { run: 'shell' } as const;
const view = (text: string, top = 0, bottom = top): TerminalView => ({
  rows: [[{ text }]],
  cursor: { column: text.length, row: 0 },
  top,
  bottom,
});

describe('the terminal', () => {
  it('is opened with a shell, and has the keys', () => {
    const room = atServers();
    expect(room.press({ do: 'shell' })).toEqual([{ do: 'open terminal', program: shell }]);
    expect(isTyping(room.session)).toBe(true);
  });

  it('keeps what runs in it while the learner reads, and goes on with it', () => {
    const room = atServers();
    room.press({ do: 'shell' });
    room.dispatch({ kind: 'terminal drawn', view: view('$ ls') });
    room.press({ do: 'leave terminal' });
    expect(isTyping(room.session)).toBe(false);
    expect(room.press({ do: 'shell' })).toEqual([]);
    expect(isTyping(room.session)).toBe(true);
    expect(room.session.terminal?.view.rows).toEqual([[{ text: '$ ls' }]]);
  });

  it('shows the shell again when the editor on top of it has ended, and the lesson has the keys', () => {
    const room = atServers();
    room.press({ do: 'shell' });
    room.press({ do: 'leave terminal' });
    const [opened] = room.press({ do: 'edit' });
    if (opened?.do !== 'open terminal') throw new Error('no editor');
    expect(room.session.terminal?.programs).toHaveLength(2);
    room.dispatch({ kind: 'terminal ended', program: opened.program, killed: false });
    expect(room.session.terminal).toMatchObject({ programs: [shell], focused: false });
  });

  it('closes with the shell, and says so when the shell was killed', () => {
    const room = atServers();
    const [opened] = room.press({ do: 'shell' });
    if (opened?.do !== 'open terminal') throw new Error('no shell');
    room.dispatch({ kind: 'terminal ended', program: opened.program, killed: true });
    expect(room.session).toMatchObject({ terminal: null, notice: { kind: 'killed', program: 'shell' } });
  });

  it('keeps the keys when another lesson is opened by a command in it', () => {
    const room = atServers(80);
    room.press({ do: 'shell' });
    const kept = { ...room.session.learner, progress: { ...room.session.learner.progress, lesson: 'streaming' } };
    const now = room.session.now;
    if (!now) throw new Error('nothing was seen');
    room.dispatch({ kind: 'observed', now, learner: kept, saves: room.session.saves });
    expect(room.session.learner.progress.lesson).toBe('streaming');
    expect(isTyping(room.session)).toBe(true);
  });

  it('is zoomed and un-zoomed by the key right behind the one that leads out', () => {
    const room = atServers();
    room.press({ do: 'shell' });
    for (const zoomed of [true, false, true]) {
      room.press({ do: 'leave terminal' });
      room.press({ do: 'zoom' });
      expect(isZoomed(room.session)).toBe(zoomed);
    }
    room.press({ do: 'leave terminal' });
    room.press({ do: 'hint' });
    room.press({ do: 'close' });
    room.press({ do: 'zoom' });
    expect(isZoomed(room.session)).toBe(true);
  });

  it('gives the keys to a problem that lies over the lesson', () => {
    const room = atServers();
    room.press({ do: 'shell' });
    room.dispatch({ kind: 'refused', problem: { what: 'The disk is full.', fix: 'Make room.' } });
    expect(isTyping(room.session)).toBe(false);
    room.press({ do: 'close' });
    expect(isTyping(room.session)).toBe(true);
  });

  it('takes a code block: opened first where it is closed', () => {
    const room = atServers();
    expect(room.press({ do: 'type text', text: 'pg_ctl start' })).toEqual([
      { do: 'open terminal', program: shell },
      { do: 'paste', text: 'pg_ctl start' },
    ]);
    room.press({ do: 'leave terminal' });
    expect(room.press({ do: 'type text', text: 'ls' })).toEqual([{ do: 'paste', text: 'ls' }]);
    expect(isTyping(room.session)).toBe(true);
  });

  it('lends the whole screen where no terminal can be had, and does not try again', () => {
    const room = atServers();
    room.press({ do: 'shell' });
    expect(room.dispatch({ kind: 'no terminal', program: shell })).toEqual([{ do: 'run fullscreen', program: shell }]);
    expect(room.session.terminal).toBeNull();
    expect(room.press({ do: 'shell' })).toEqual([{ do: 'run fullscreen', program: shell }]);
    expect(room.press({ do: 'type text', text: 'ls' })).toEqual([]);
    expect(room.session.notice).toEqual({ kind: 'no terminal' });
  });

  it('is one of the panes that Tab goes through, and is scrolled there', () => {
    const room = atServers();
    room.press({ do: 'shell' });
    room.press({ do: 'leave terminal' });
    room.press({ do: 'next pane' });
    room.press({ do: 'next pane' });
    expect(room.session.pane).toBe('terminal');
    expect(room.press({ do: 'scroll', to: 7 })).toEqual([{ do: 'scroll terminal', to: 7 }]);
  });
});

describe('the division', () => {
  it('is kept', () => {
    const room = atServers();
    expect(room.press({ do: 'divide', left: 40 })).toEqual([
      { do: 'save', changes: [{ kind: 'settings', settings: { left: 40 } }] },
    ]);
    expect(room.session.learner.settings.left).toBe(40);
  });
});
