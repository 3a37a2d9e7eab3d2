import { describe, expect, it } from 'vitest';
import { type Mouse, mouseIntent } from '../../src/ui/input/mouse.ts';
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
    wide.click('no standby is connected');
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
