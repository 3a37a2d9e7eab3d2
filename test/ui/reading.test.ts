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

/** A session with a keyboard. */
function atKeyboard(options: Parameters<typeof createSession>[0] = inServers) {
  const screen = createSession(options);
  screen.observe({ slave: 'stopped' });
  const intent = (name: string): Intent | undefined => keyIntent(name, screen.session, draw(screen.session).reach);
  const lines = () => plainText(draw(screen.session).lines).split('\n');
  return {
    screen,
    lines,
    words: () => lines().slice(3, -4).filter(Boolean),
    key: (...names: readonly string[]) =>
      names
        .map((name) => {
          const pressed = intent(name);
          return pressed ? screen.press(pressed) : [];
        })
        .at(-1) ?? [],
    type: (text: string) => {
      for (const sign of text) {
        const pressed = intent(sign === ' ' ? 'space' : sign);
        if (pressed) screen.press(pressed);
      }
    },
  };
}

describe('a search in the lesson', () => {
  it('a search in the lesson goes to the first hit below, marks all hits, and counts them', () => {
    const { key, type, words, lines } = atKeyboard();
    key('/');
    type('paragraph 7');
    expect(words()).toContain('▸Paragraph 7 of this lesson.');
    expect(lines().at(-1)).toMatch(/^ \/paragraph 7▏ {2}1 of 1 .* Enter next .*Esc close/);
  });

  it('a search in the lesson goes to the next hit, round the end, and back', () => {
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

  it('a small letter in a search matches both cases, and a capital only itself', () => {
    const lines = [[piece('One standby')], [piece('one Standby')]];
    expect(findHits(lines, 'standby')).toHaveLength(2);
    expect(findHits(lines, 'Standby').map(({ line }) => line)).toEqual([1]);
  });

  it('a search finds a phrase that is broken at the end of a line', () => {
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

  it('an ended search leaves the page at its hit, and letters typed meanwhile are not keys', () => {
    const { screen, key, type, words } = atKeyboard();
    key('/');
    type('qparagraph 29x');
    key('backspace');
    expect(screen.session.search?.text).toBe('qparagraph 29');
    key('esc', '/');
    type('paragraph 29');
    key('esc');
    expect(screen.session.search).toBeNull();
    expect(words()).toContain(' Paragraph 29 of this lesson.');
  });

  it('a search in the lesson says when it finds nothing', () => {
    const { key, type, lines } = atKeyboard();
    key('/');
    type('nobody');
    expect(lines().at(-1)).toContain('not in this lesson');
  });
});

describe('the chosen code block', () => {
  const chosen = ' ┃ pg_ctl -D rep/master_data start';

  it('] chooses a code block that is in view, and Esc leaves it', () => {
    const { screen, key, words } = atKeyboard();
    key(']');
    expect(words().find((line) => line.startsWith(chosen))).toMatch(/for the shell$/);
    key('esc');
    expect(screen.session.block).toBeNull();
  });

  it('the chosen code block is copied with c, and typed with Enter', () => {
    const { screen, key, lines } = atKeyboard();
    const text = 'pg_ctl -D rep/master_data start';
    expect(key(']', 'c')).toEqual([{ do: 'copy', text }]);
    screen.dispatch({ kind: 'copied', text, sure: true });
    expect(lines().at(-1)).toBe(' Copied: one line.');
    screen.dispatch({ kind: 'copied', text, sure: false });
    expect(lines().slice(-2).join()).toContain('hold Shift');
    expect(key('enter')).toEqual([
      { do: 'open terminal', program: { run: 'shell' } },
      { do: 'paste', text },
    ]);
  });

  it('c copies the first code block in view, and says so when none is in view', () => {
    const { key, lines } = atKeyboard();
    expect(key('c')).toEqual([{ do: 'copy', text: 'pg_ctl -D rep/master_data start' }]);
    key('end');
    expect(key('c')).toEqual([]);
    expect(lines().at(-1)).toContain('No command is in sight');
  });

  it('a code block that is scrolled out of view is no longer chosen, and [ finds the last one', () => {
    const { screen, key } = atKeyboard();
    key(']', 'end');
    expect(screen.session.block).toBeNull();
    key('[');
    expect(screen.session.block).toBe(0);
    expect(draw(screen.session).reach.visible.top).toBeLessThan(6);
  });

  it('Enter answers the question where no code block is chosen', () => {
    const { screen, key } = atKeyboard({ columns: 80, rows: 24 });
    key('enter');
    expect(screen.session.overlay).toMatchObject({ kind: 'question' });
  });
});

describe('the place in a lesson', () => {
  const saved = (effects: readonly unknown[]) => JSON.stringify(effects);

  it('the place in a lesson is saved when the learner leaves the lesson, not at each key', () => {
    const { screen, key } = atKeyboard();
    expect(key('end', 'up', 'up')).toEqual([]);
    const left = screen.press({ do: 'back' });
    expect(saved(left)).toMatch(/"reading":\{"servers":\d{3}\}/);
    const { reading } = screen.session.learner.settings;
    screen.press({ do: 'skip' });
    screen.press({ do: 'accept' });
    expect(draw(screen.session).reach.visible.top).toBeGreaterThan(40);
    expect(screen.session.learner.settings.reading).toEqual(reading);
  });

  it('the place in a lesson is saved when the learner quits, and restored at the next start', () => {
    const { screen, key } = atKeyboard();
    key('end');
    screen.press({ do: 'quit' });
    const effects = screen.press({ do: 'accept' });
    expect(effects.map((effect) => effect.do)).toEqual(['save', 'quit']);
    const { reading } = screen.session.learner.settings;
    const again = atKeyboard({
      ...inServers,
      changes: [...inServers.changes, { kind: 'settings', settings: { reading } }],
    });
    expect(draw(again.screen.session).reach.scrollTop.words).toBe(draw(again.screen.session).reach.maxScroll.words);
  });

  it('the place in a lesson stays in view when the terminal changes its width', () => {
    const { screen, key, words } = atKeyboard();
    key('/');
    for (const sign of 'graph 15') key(sign === ' ' ? 'space' : sign);
    key('esc');
    screen.dispatch({ kind: 'resized', columns: 40, rows: 16 });
    expect(words().join()).toContain('Paragraph 15');
  });
});

describe('a lesson of five thousand lines', () => {
  const [first] = lessons;
  if (!first) throw new Error('no lesson in the fixture');
  const text = Array.from(
    { length: 2500 },
    (_, at) => ({ kind: 'paragraph', spans: [{ text: `Line ${at}.` }] }) as const,
  );
  const long = [{ ...first, words: { ...first.words, intro: text } }];

  it('a lesson of five thousand lines is laid out once for a width, however it is scrolled', () => {
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
  it.each(sizes)('the reading pane fills %ix%i exactly during a search and with a chosen block', (columns, rows) => {
    const { screen, key, type } = atKeyboard({ ...inServers, columns, rows });
    const isWhole = () => {
      const { lines } = draw(screen.session);
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
