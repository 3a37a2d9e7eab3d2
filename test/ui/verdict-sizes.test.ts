/**
 * With any verdict and any size of the screen, the next step is in view, or a mark says how to see it. A line that
 * is cut ends with "…".
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fail } from '../../src/check/verdict.ts';
import type { Session } from '../../src/session/session.ts';
import { clip, cut } from '../../src/ui/layout/fit.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { type Line, lineColumns, piece } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const text = (session: Session): string => plainText(draw(session).lines);

const words = (count: number, word: string) => Array.from({ length: count }, (_, at) => `${word}${at}`).join(' ');
const todo = 'pg_ctl -D rep/slave_data restart';
const verdict = (length: number, steps: number, first = todo): Fail => ({
  kind: 'fail',
  cause: 'made-up',
  seen: words(length, 'seen'),
  want: words(length, 'want'),
  why: words(length * 2, 'why'),
  at: { server: 'slave', file: 'rep/slave_data/postgresql.conf', line: 891 },
  layers: [
    { layer: 'written', ok: true, seen: '' },
    { layer: 'loaded', ok: false, seen: '' },
  ],
  next: [
    { do: 'run', text: first },
    ...Array.from({ length: steps - 1 }, (_, at) => ({ do: 'say', text: `step${at}` }) as const),
  ],
});
const verdicts: readonly Fail[] = [
  ...[1, 20, 200].flatMap((length) => [1, 4].map((steps) => verdict(length, steps))),
  verdict(5, 2, `${todo} ${words(60, 'more')}`),
];

const sizes = [40, 80, 100, 120, 200].flatMap((columns) => [12, 16, 20, 24, 40, 50].map((rows) => ({ columns, rows })));
const panes = ['words', 'tasks', 'servers'] as const;
type Terminal = 'closed' | 'typing' | 'left' | 'zoomed';
const terminals: readonly Terminal[] = ['closed', 'typing', 'left', 'zoomed'];

function sessionWith(columns: number, rows: number, terminal: Terminal, fail: Fail): Session {
  const screen = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows });
  screen.observe({ slave: 'stopped' });
  if (terminal !== 'closed') screen.press({ do: 'shell' });
  if (terminal === 'left' || terminal === 'zoomed') screen.press({ do: 'leave terminal' });
  if (terminal === 'zoomed') screen.press({ do: 'zoom' });
  const { session } = screen;
  return { ...session, tasks: session.tasks.map((state, at) => (at === 1 ? { ...state, verdict: fail } : state)) };
}

describe.each(terminals)('the next step, with the terminal %s', (terminal) => {
  it.each(panes)(
    `the next step is in view in any size, or a mark leads to it, from %s with the terminal ${terminal}`,
    (pane) => {
      for (const { columns, rows } of sizes)
        for (const fail of verdicts) {
          const shown = text({ ...sessionWith(columns, rows, terminal, fail), pane });
          const at = `${columns}x${rows} ${terminal} ${pane}\n${shown}`;
          const isThere = /(next▸?|→) +pg_ctl/.test(shown) || /^\s*next\s+pg_ctl/m.test(shown);
          const marked = /Tab: all of it|↓ more/.test(shown) || /Lesson.*Tasks.*Servers/.test(shown);
          expect(isThere || marked, at).toBe(true);
          if (terminal !== 'closed' && rows >= 24 && pane !== 'tasks') expect(isThere, at).toBe(true);
        }
    },
  );
});

it('the frame says when parts of a verdict are left out beside the lesson', () => {
  for (const { columns, rows } of sizes.filter((size) => size.columns >= 100))
    for (const terminal of ['closed', 'left'] as const)
      for (const fail of verdicts) {
        const session = { ...sessionWith(columns, rows, terminal, fail), pane: 'words' } as const;
        const shown = text(session);
        const whole = [fail.seen, fail.want, fail.why ?? ''].every((part) =>
          part.split(' ').every((word) => shown.includes(word)),
        );
        if (!whole) expect(shown, `${columns}x${rows} ${terminal}`).toMatch(/Tab: all of it|↓ more.*─/);
      }
});

describe('a line that is too long', () => {
  const signs = ['a', ' ', '数', '😀', '─', '…', 'bc '];
  it('a line that is too long ends with “…”, unless only blanks are left out', () => {
    let seed = 7;
    const any = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 1000; round++) {
      const line: Line = Array.from({ length: any(6) }, () =>
        piece(Array.from({ length: any(12) }, () => signs[any(signs.length)]).join('')),
      );
      const width = 2 + any(30);
      const [before, after] = [plainText([line]), plainText([cut(line, width)])];
      expect(lineColumns(cut(line, width))).toBeLessThanOrEqual(width);
      if (after !== before) expect(after.endsWith('…'), JSON.stringify({ before, after, width })).toBe(true);
    }
  });

  it('lines are cut in fit.ts only, except the screen of another program', () => {
    const files = readdirSync('src/ui', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .sort();
    const using = (name: string) =>
      files.filter((file) => new RegExp(`\\b${name}\\(`).test(readFileSync(join('src/ui', file), 'utf8')));
    expect(using('hardWrap')).toEqual(['layout/fit.ts', 'layout/wrap.ts']);
    expect(using('clip')).toEqual(['layout/fit.ts', 'terminal.ts']);
    expect(plainText([clip([piece('abcdef')], 3)])).toBe('abc');
  });
});
