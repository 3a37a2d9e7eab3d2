import { describe, expect, it } from 'vitest';
import { type Mouse, mouseIntent } from '../../src/ui/input/mouse.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });

/** A learner with a mouse: points at words on the screen. */
function sitDownWithMouse(columns = 100, rows = 28) {
  const room = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows });
  room.observe({ slave: 'stopped' });
  const lines = () => plainText(draw(room.session).lines).split('\n');
  const at = (words: string) => {
    const y = lines().findIndex((line) => line.includes(words));
    return { x: (lines()[y] ?? '').indexOf(words), y };
  };
  const point = (did: Mouse['did'], place: { x: number; y: number }) => {
    const intent = mouseIntent({ did, ...place }, room.session, draw(room.session));
    if (intent) room.press(intent);
    return intent;
  };
  return { room, lines, click: (words: string) => point('press', at(words)), roll: (did: Mouse['did'], words: string) => point(did, at(words)), point }; // biome-ignore format: a row
}

describe('a click', () => {
  it('on a key of the key line is that key', () => {
    const { room, click } = sitDownWithMouse();
    click('g lessons');
    expect(room.session.overlay?.kind).toBe('lessons');
    click('Esc close');
    expect(room.session.overlay).toBeNull();
  });

  it('on a task opens it beside its words', () => {
    const { room, click } = sitDownWithMouse();
    click('A write is refused');
    expect(room.session.selected).toBe('servers/refused-write');
  });

  it('on a tab or into a pane chooses it', () => {
    const narrow = sitDownWithMouse(80, 24);
    narrow.click('Servers');
    expect(narrow.room.session.pane).toBe('servers');
    const wide = sitDownWithMouse();
    wide.click('nobody is connected');
    expect(wide.room.session.pane).toBe('tasks');
  });

  it('on a lesson of the list opens it', () => {
    const { room, click } = sitDownWithMouse();
    room.press({ do: 'lessons' });
    click('The slave follows');
    expect(room.session.learner.progress.lesson).toBe('streaming');
  });

  it('on a setting changes it', () => {
    const { room, click } = sitDownWithMouse();
    room.press({ do: 'settings' });
    click('Mouse');
    expect(room.session.learner.settings.mouse).toBe(false);
  });

  it('on an answer takes it', () => {
    const room = createSession({ columns: 80, rows: 24 });
    room.observe();
    room.press({ do: 'answer' });
    const { lines, reach: viewport } = draw(room.session);
    const y = plainText(lines)
      .split('\n')
      .findIndex((line) => line.includes('The primary.'));
    expect(mouseIntent({ did: 'press', x: 8, y }, room.session, { lines, reach: viewport })).toEqual({
      do: 'choose',
      choice: 'b',
    });
  });

  it('on nothing does nothing', () => {
    const { click } = sitDownWithMouse();
    expect(click('Paragraph 3')).toBeUndefined();
  });
});

describe('the wheel', () => {
  it('scrolls what is under it, and stops at its ends', () => {
    const { room, roll, point } = sitDownWithMouse();
    const words = { x: 10, y: 10 };
    point('wheel down', words);
    expect(room.session.scroll).toMatchObject({ words: 3, tasks: 0 });
    for (let turn = 0; turn < 99; turn++) point('wheel down', words);
    const end = room.session.scroll.words;
    point('wheel down', words);
    expect(room.session.scroll.words).toBe(end);
    point('wheel up', words);
    expect(room.session.scroll.words).toBe(end - 3);
    expect(roll('wheel down', 'Tasks')).toEqual({ do: 'scroll', what: 'tasks', to: 0 });
  });

  it('moves through a list', () => {
    const { room, roll } = sitDownWithMouse();
    room.press({ do: 'lessons' });
    roll('wheel down', 'The slave follows');
    expect(room.session.overlay).toEqual({ kind: 'lessons', cursor: 2 });
  });
});
