import { describe, expect, it } from 'vitest';
import type { Intent } from '../../src/session/intent.ts';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns, piece } from '../../src/ui/layout/wrap.ts';
import { type Page, pageMaker } from '../../src/ui/page/page.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { findHits } from '../../src/ui/page/search.ts';
import { createSession, done, here, lessons } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const inServers = { changes: [done('guess/who-writes'), here('servers')], columns: 80, rows: 16 };

/** A room with a keyboard. */
function atKeyboard(options: Parameters<typeof createSession>[0] = inServers) {
  const room = createSession(options);
  room.observe({ slave: 'stopped' });
  const intent = (name: string): Intent | undefined => keyIntent(name, room.session, draw(room.session).reach);
  const lines = () => plainText(draw(room.session).lines).split('\n');
  return {
    room,
    lines,
    words: () => lines().slice(3, -4).filter(Boolean),
    key: (...names: readonly string[]) =>
      names
        .map((name) => {
          const pressed = intent(name);
          return pressed ? room.press(pressed) : [];
        })
        .at(-1) ?? [],
    type: (text: string) => {
      for (const sign of text) {
        const pressed = intent(sign === ' ' ? 'space' : sign);
        if (pressed) room.press(pressed);
      }
    },
  };
}

describe('a search in the lesson', () => {
  it('goes to the first hit below, marks all of them, and counts', () => {
    const { key, type, words, lines } = atKeyboard();
    key('/');
    type('paragraph 7');
    expect(words()).toContain('▸Paragraph 7 of this lesson.');
    expect(lines().at(-1)).toMatch(/^ \/paragraph 7▏ {2}1 of 1 .* Enter next .*Esc close/);
  });

  it('goes on, round, and back', () => {
    const { key, type, lines } = atKeyboard();
    key('/');
    type('paragraph 1');
    const place = () =>
      lines()
        .at(-1)
        ?.match(/\d+ of \d+/)?.[0];
    expect(place()).toBe('1 of 11');
    key('enter', 'down');
    expect(place()).toBe('3 of 11');
    key('up', 'up', 'up');
    expect(place()).toBe('11 of 11');
    key('enter');
    expect(place()).toBe('1 of 11');
  });

  it('takes a small letter for either, and a capital for itself', () => {
    const lines = [[piece('One standby')], [piece('one Standby')]];
    expect(findHits(lines, 'standby')).toHaveLength(2);
    expect(findHits(lines, 'Standby').map(({ line }) => line)).toEqual([1]);
  });

  it('finds a phrase that is broken at the end of a line', () => {
    const lines = [[piece('the first line that')], [piece('│ ', 'bar'), piece('fits decides')]];
    expect(findHits(lines, 'that fits')).toEqual([
      {
        line: 0,
        parts: [
          { line: 0, from: 15, to: 19 },
          { line: 1, from: 2, to: 6 },
        ],
      },
    ]);
  });

  it('leaves the page where it led, and other keys their letters', () => {
    const { room, key, type, words } = atKeyboard();
    key('/');
    type('qparagraph 29x');
    key('backspace');
    expect(room.session.search?.text).toBe('qparagraph 29');
    key('esc', '/');
    type('paragraph 29');
    key('esc');
    expect(room.session.search).toBeNull();
    expect(words()).toContain(' Paragraph 29 of this lesson.');
  });

  it('says so when nothing is found', () => {
    const { key, type, lines } = atKeyboard();
    key('/');
    type('nobody');
    expect(lines().at(-1)).toContain('not in this lesson');
  });
});

describe('the code block at hand', () => {
  const chosen = ' ┃ pg_ctl -D rep/master_data start';

  it('is chosen among those in sight, and left with Esc', () => {
    const { room, key, words } = atKeyboard();
    key(']');
    expect(words().find((line) => line.startsWith(chosen))).toMatch(/for the shell$/);
    key('esc');
    expect(room.session.block).toBeNull();
  });

  it('is copied, and typed with Enter', () => {
    const { room, key, lines } = atKeyboard();
    const text = 'pg_ctl -D rep/master_data start';
    expect(key(']', 'c')).toEqual([{ do: 'copy', text }]);
    room.dispatch({ kind: 'copied', text, sure: true });
    expect(lines().at(-1)).toBe(' Copied: one line.');
    room.dispatch({ kind: 'copied', text, sure: false });
    expect(lines().slice(-2).join()).toContain('hold Shift');
    expect(key('enter')).toEqual([
      { do: 'open terminal', program: { run: 'shell' } },
      { do: 'paste', text },
    ]);
  });

  it('is the first in sight for a copy, and none where none is in sight', () => {
    const { key, lines } = atKeyboard();
    expect(key('c')).toEqual([{ do: 'copy', text: 'pg_ctl -D rep/master_data start' }]);
    key('end');
    expect(key('c')).toEqual([]);
    expect(lines().at(-1)).toContain('No command is in sight');
  });

  it('is let go when it is scrolled out of sight, and found again from the end', () => {
    const { room, key } = atKeyboard();
    key(']', 'end');
    expect(room.session.block).toBeNull();
    key('[');
    expect(room.session.block).toBe(0);
    expect(draw(room.session).reach.visible.top).toBeLessThan(6);
  });

  it('leaves Enter to the question where none is chosen', () => {
    const { room, key } = atKeyboard({ columns: 80, rows: 24 });
    key('enter');
    expect(room.session.overlay).toMatchObject({ kind: 'question' });
  });
});

describe('the place in a lesson', () => {
  const saved = (effects: readonly unknown[]) => JSON.stringify(effects);

  it('is kept when the lesson is left, not at each key', () => {
    const { room, key } = atKeyboard();
    expect(key('end', 'up', 'up')).toEqual([]);
    const left = room.press({ do: 'back' });
    expect(saved(left)).toMatch(/"reading":\{"servers":\d{3}\}/);
    const { reading } = room.session.learner.settings;
    room.press({ do: 'skip' });
    room.press({ do: 'accept' });
    expect(draw(room.session).reach.visible.top).toBeGreaterThan(40);
    expect(room.session.learner.settings.reading).toEqual(reading);
  });

  it('is kept when the learner quits, and found again at the next start', () => {
    const { room, key } = atKeyboard();
    key('end');
    room.press({ do: 'quit' });
    const effects = room.press({ do: 'accept' });
    expect(effects.map((effect) => effect.do)).toEqual(['save', 'quit']);
    const { reading } = room.session.learner.settings;
    const again = atKeyboard({
      ...inServers,
      changes: [...inServers.changes, { kind: 'settings', settings: { reading } }],
    });
    expect(draw(again.room.session).reach.scrollTop.words).toBe(draw(again.room.session).reach.maxScroll.words);
  });

  it('stays on a screen of another width', () => {
    const { room, key, words } = atKeyboard();
    key('/');
    for (const sign of 'graph 15') key(sign === ' ' ? 'space' : sign);
    key('esc');
    room.dispatch({ kind: 'resized', columns: 40, rows: 16 });
    expect(words().join()).toContain('Paragraph 15');
  });
});

describe('a lesson of five thousand lines', () => {
  const [first] = lessons;
  if (!first) throw new Error('no lesson in the room');
  const text = Array.from(
    { length: 2500 },
    (_, at) => ({ kind: 'paragraph', spans: [{ text: `Line ${at}.` }] }) as const,
  );
  const long = [{ ...first, words: { ...first.words, intro: text } }];

  it('is laid out once for a width, whatever is scrolled', () => {
    const page = pageMaker({ notes: [], root: false });
    const { session } = createSession();
    const pages = new Set<Page>();
    for (let top = 0; top < 100; top++)
      pages.add(page({ ...session, lessons: long, clock: `${top}`, scroll: { ...session.scroll, words: top } }, 60));
    expect(pages.size).toBe(1);
    expect([...pages][0]?.lines.length).toBeGreaterThan(5000);
    expect(page({ ...session, lessons: long }, 61)).not.toBe([...pages][0]);
  });
});

describe('the reading pane', () => {
  const sizes = [[200, 50], [120, 40], [80, 24], [40, 12], [30, 8]] as const; // biome-ignore format: pairs
  it.each(sizes)('fills %ix%i exactly while one searches and chooses', (columns, rows) => {
    const { room, key, type } = atKeyboard({ ...inServers, columns, rows });
    const isWhole = () => {
      const { lines } = draw(room.session);
      expect(lines.length).toBe(rows);
      expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(columns);
    };
    key(']');
    isWhole();
    key('/');
    type('paragraph of a very long search that goes on and on and on');
    isWhole();
    key(...Array.from({ length: 60 }, () => 'backspace'));
    type('of');
    isWhole();
  });
});
