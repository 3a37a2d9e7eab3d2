import { describe, expect, it } from 'vitest';
import { type Mouse, mouseIntent } from '../../src/ui/input/mouse.ts';
import { inputReader } from '../../src/ui/input/reports.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });

/** A session with a mouse; `click` and `roll` point at words on the screen. */
function openWithMouse(columns = 100, rows = 28) {
  const screen = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows });
  screen.observe({ slave: 'stopped' });
  const lines = () => plainText(draw(screen.session).lines).split('\n');
  const at = (words: string) => {
    const y = lines().findIndex((line) => line.includes(words));
    return { x: (lines()[y] ?? '').indexOf(words), y };
  };
  const point = (did: Mouse['did'], place: { x: number; y: number }) => {
    const intent = mouseIntent({ did, ...place }, screen.session, draw(screen.session));
    if (intent) screen.press(intent);
    return intent;
  };
  return { screen, lines, click: (words: string) => point('press', at(words)), roll: (did: Mouse['did'], words: string) => point(did, at(words)), point }; // biome-ignore format: a row
}

describe('a click', () => {
  it('a click on a key of the key line is that key', () => {
    const { screen, click } = openWithMouse();
    click('g lessons');
    expect(screen.session.overlay?.kind).toBe('lessons');
    click('Esc close');
    expect(screen.session.overlay).toBeNull();
  });

  it('a click on a task selects it', () => {
    const { screen, click } = openWithMouse();
    click('A write is refused');
    expect(screen.session.selected).toBe('servers/refused-write');
  });

  it('a click on a tab or into a pane chooses it', () => {
    const narrow = openWithMouse(80, 24);
    narrow.click('Servers');
    expect(narrow.screen.session.pane).toBe('servers');
    const wide = openWithMouse();
    wide.click('nobody is connected');
    expect(wide.screen.session.pane).toBe('tasks');
  });

  it('a click on a lesson of the list opens it', () => {
    const { screen, click } = openWithMouse();
    screen.press({ do: 'lessons' });
    click('The slave follows');
    expect(screen.session.learner.progress.lesson).toBe('streaming');
  });

  it('a click on a setting changes it', () => {
    const { screen, click } = openWithMouse();
    screen.press({ do: 'settings' });
    click('Mouse');
    expect(screen.session.learner.settings.mouse).toBe(false);
  });

  it('a click on an answer gives it', () => {
    const screen = createSession({ columns: 80, rows: 24 });
    screen.observe();
    screen.press({ do: 'answer' });
    const { lines, reach: viewport } = draw(screen.session);
    const y = plainText(lines)
      .split('\n')
      .findIndex((line) => line.includes('The primary.'));
    expect(mouseIntent({ did: 'press', x: 8, y }, screen.session, { lines, reach: viewport })).toEqual({
      do: 'choose',
      choice: 'b',
    });
  });

  it('a click on plain text does nothing', () => {
    const { click } = openWithMouse();
    expect(click('Paragraph 3')).toBeUndefined();
  });
});

describe('the wheel', () => {
  it('the wheel scrolls the pane under it, and stops at both ends', () => {
    const { screen, roll, point } = openWithMouse();
    const words = { x: 10, y: 10 };
    point('wheel down', words);
    expect(screen.session.scroll).toMatchObject({ words: 3, tasks: 0 });
    for (let turn = 0; turn < 99; turn++) point('wheel down', words);
    const end = screen.session.scroll.words;
    point('wheel down', words);
    expect(screen.session.scroll.words).toBe(end);
    point('wheel up', words);
    expect(screen.session.scroll.words).toBe(end - 3);
    expect(roll('wheel down', 'Tasks')).toEqual({ do: 'scroll', what: 'tasks', to: 0 });
  });

  it('the wheel moves through a list', () => {
    const { screen, roll } = openWithMouse();
    screen.press({ do: 'lessons' });
    roll('wheel down', 'The slave follows');
    expect(screen.session.overlay).toEqual({ kind: 'lessons', cursor: 2 });
  });
});

describe('terminal input', () => {
  const read = (...reads: readonly string[]) => {
    const reader = inputReader();
    return reads.flatMap((text) => reader(text));
  };
  const keys = (text: string) => ({ kind: 'keys', text });
  const press = { kind: 'mouse', mouse: { did: 'press', x: 2, y: 29 } };

  it('terminal input is split into keys, mouse reports and the answer about the background', () => {
    expect(read('j\u001b[<0;3;30M\u001b[<0;3;30mk')).toEqual([keys('j'), press, keys('k')]);
    expect(read('\u001b[<64;1;1M\u001b[<65;1;1M')).toMatchObject([{ mouse: { did: 'wheel up' } }, { mouse: { did: 'wheel down' } }]); // biome-ignore format: a row
    expect(read('\u001b]11;rgb:ffff/ffff/ffff\u001b\\n')).toEqual([
      { kind: 'background', background: 'light' },
      keys('n'),
    ]);
    expect(read('\u001b]11;rgb:0/0/0\u0007')).toEqual([{ kind: 'background', background: 'dark' }]);
  });

  it('terminal input that arrives in parts is put together again', () => {
    expect(read('\u001b[<0;3', ';30M')).toEqual([press]);
    expect(read('\u001b]11;rgb:ffff/ff', 'ff/ffff\u001b', '\\')).toEqual([{ kind: 'background', background: 'light' }]);
    expect(read('\u001b', '[<0;3;30M')).toEqual([keys('\u001b'), press]);
  });

  it('a paste in terminal input is one event, however it arrives, and none of its keys is pressed', () => {
    const paste = (text: string) => ({ kind: 'paste', text });
    expect(read('j\u001b[200~reset\ny\u001b[201~k')).toEqual([keys('j'), paste('reset\ny'), keys('k')]);
    expect(read('\u001b[20', '0~psql \u001b[<0;3;30M', ' -c\u001b[20', '1~q')).toEqual([
      paste('psql \u001b[<0;3;30M -c'),
      keys('q'),
    ]);
    expect(read('\u001b', '[200~a\u001b[201~')).toEqual([keys('\u001b'), paste('a')]);
  });

  it('terminal input delays no key, and other mouse buttons and moves are ignored', () => {
    expect(read('\u001b')).toEqual([keys('\u001b')]);
    expect(read('\u001b[A\u001bOP\u001b[5~')).toEqual([keys('\u001b[A\u001bOP\u001b[5~')]);
    expect(read('\u001b[<2;3;30M\u001b[<32;3;30M\u001b[<66;3;30M')).toEqual([]);
  });
});
