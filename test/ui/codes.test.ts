/**
 * code-places.txt lists where each code block of each lesson goes, for both engines. To update it after a change:
 * `npx vitest run --project pure test/ui/codes.test.ts -u`.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { LabPlan } from '../../src/lab/plan/plan.ts';
import type { Code } from '../../src/lesson/format/code-place.ts';
import { parseConf } from '../../src/postgres/conf/conf.ts';
import { parseHba } from '../../src/postgres/hba/hba.ts';
import type { Intent } from '../../src/session/intent.ts';
import type { Effect } from '../../src/session/session.ts';
import { pageOf } from '../../src/ui/page/page.ts';
import { codeTexts } from '../../src/ui/page/prose.ts';
import { onDocker } from '../lesson/docker-plan.ts';
import { plan } from '../lesson/plan.ts';
import { realLessons } from '../screens/lessons.ts';
import { createSession } from '../session/fixture.ts';

const plans: Readonly<Record<string, LabPlan>> = {
  native: plan,
  docker: onDocker(),
  'docker, volumes': onDocker({ storage: 'volume' }),
};

type Placed = { readonly engine: string; readonly lesson: number; readonly where: string; readonly code: Code };

/** The code blocks of the pages, which `]` goes through, and those of the hints. */
async function allCodes(): Promise<readonly Placed[]> {
  const all = await Promise.all(
    Object.entries(plans).map(async ([engine, of]) => {
      const lessons = await realLessons(of);
      const prose = { width: 80, plan: of, root: false, notes: [] };
      return lessons.flatMap(({ number: lesson, words }) => [
        ...pageOf(words, prose).codes.map((code) => ({ engine, lesson, where: 'page', code })),
        ...words.tasks.flatMap(({ hints }) =>
          hints.flatMap(({ blocks }) =>
            codeTexts(blocks, prose).map((code) => ({ engine, lesson, where: 'hint', code })),
          ),
        ),
      ]);
    }),
  );
  return all.flat();
}
const codes = await allCodes();

const press = (intent: Intent): readonly Effect[] => {
  const screen = createSession();
  screen.observe({});
  return screen.press(intent);
};

describe('each code block of each lesson', () => {
  it('each code block of each lesson is used where code-places.txt says', async () => {
    const rows = codes.map(({ engine, lesson, where, code }) => {
      const goes = press({ do: 'use', code }).map((effect) => {
        if (effect.do === 'open terminal') return Object.values(effect.program).slice(0, 3).join(' ');
        return effect.do;
      });
      return [lesson, engine, where, goes.join(', '), (code.text.split('\n')[0] ?? '').slice(0, 60)].join(' | ');
    });
    await expect(`${[...new Set(rows)].join('\n')}\n`).toMatchFileSnapshot('code-places.txt');
  });

  it('each code block of each lesson is text that its place accepts', () => {
    const wrong = codes.filter(({ code: { place, text } }) => {
      switch (place.to) {
        case 'shell':
          return /^\s*(SELECT|INSERT|CREATE|SHOW|ALTER|host|local|[a-z_]+ = )/m.test(text);
        case 'psql':
          return !/^(SELECT|INSERT|CREATE|SHOW) .*;/s.test(text);
        case 'file':
          return place.file === 'pg_hba.conf'
            ? parseHba(text).rules.length !== 1
            : parseConf(text, '').errors.length > 0 || parseConf(text, '').settings.length !== 1;
        default:
          return true;
      }
    });
    expect(wrong).toEqual([]);
    expect(codes.length).toBeGreaterThan(100);
  });

  const bash = spawnSync('bash', ['-n'], { input: '' }).status === 0;
  it.skipIf(!bash)('each code block for the shell is parsed by bash (needs bash)', () => {
    const shell = codes.filter(({ code }) => code.place.to === 'shell').map(({ code }) => code.text);
    const refused = [...new Set(shell)].filter((text) => spawnSync('bash', ['-n'], { input: text }).status !== 0);
    expect(refused).toEqual([]);
  });
});

const shell = { run: 'shell' } as const;
const psql = { run: 'psql', server: 'slave' } as const;
const sql: Code = { text: 'SELECT 1;', place: { to: 'psql', server: 'slave' } };

describe('a code block that is used', () => {
  it('a code block goes to the newest idle program of its kind, which comes to the top', () => {
    const screen = createSession();
    screen.observe({});
    screen.press({ do: 'use', code: sql });
    screen.press({ do: 'leave terminal' });
    expect(screen.press({ do: 'use', code: { text: 'ls', place: { to: 'shell' } } })).toEqual([
      { do: 'open terminal', program: shell },
      { do: 'paste', text: 'ls' },
    ]);
    const [asks] = screen.press({ do: 'use', code: sql });
    expect(asks).toMatchObject({ do: 'find ready', among: [psql], into: psql });
    const program = asks?.do === 'find ready' ? (asks.among[0] ?? null) : null;
    expect(screen.dispatch({ kind: 'ready found', program, into: psql, text: sql.text })).toEqual([
      { do: 'raise', program: psql },
      { do: 'paste', text: sql.text },
    ]);
    expect(screen.session.terminal?.programs).toEqual([shell, psql]);
  });

  it('a code block interrupts no program: where all of its kind are busy, one more is opened', () => {
    const screen = createSession();
    screen.observe({});
    screen.press({ do: 'use', code: sql });
    expect(screen.dispatch({ kind: 'ready found', program: null, into: psql, text: 'x' })).toEqual([
      { do: 'open terminal', program: psql },
      { do: 'paste', text: 'x' },
    ]);
    expect(screen.session.terminal?.programs).toEqual([psql, psql]);
  });

  it('a code block of SQL is not used while its server is down, because another may have its port', () => {
    const screen = createSession();
    screen.observe({ slave: 'stopped' });
    expect(screen.press({ do: 'use', code: sql })).toEqual([]);
    expect(screen.session.notice).toEqual({ kind: 'no server', server: 'slave' });
  });

  it('a code block of a file opens the file where the line belongs, and copies the line', () => {
    const line: Code = { text: 'port = 5433', place: { to: 'file', server: 'slave', file: 'postgresql.conf' } };
    expect(press({ do: 'use', code: line })).toEqual([
      { do: 'copy', text: 'port = 5433' },
      {
        do: 'open terminal',
        program: { run: 'edit', server: 'slave', file: 'postgresql.conf', near: 'port = 5433' },
      },
    ]);
  });
});
