import { describe, expect, it } from 'vitest';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { inAscii } from '../../src/ui/theme.ts';
import { createSession, done, here } from '../session/fixture.ts';
import { line, notes, partsOf } from '../session/logs.ts';

const draw = frameMaker({ notes, root: false, planOf: () => [] });

const master = [
  line('14:00:00.000', 'LOG:  starting PostgreSQL 18.4 on x86_64-pc-linux-gnu', 1),
  line('14:00:01.000', 'LOG:  database system is ready to accept connections', 1),
  line('14:03:00.100', 'FATAL:  password authentication failed for user "slave"'),
  line('14:03:00.100', 'DETAIL:  Role "slave" does not exist.'),
  '',
].join('\n');
const slave = [
  line('14:01:59.000', 'LOG:  entering standby mode'),
  line('14:03:00.200', "LOG:  statement: ALTER ROLE slave PASSWORD 'sesame'"),
  '',
].join('\n');

async function open(columns: number, rows: number, texts: Readonly<Record<string, string>> = { master, slave }) {
  const screen = createSession({ changes: [done('guess/who-writes'), here('servers')], columns, rows });
  screen.observe();
  screen.press({ do: 'log' });
  for (const part of await partsOf(texts)) screen.dispatch({ kind: 'log read', part });
  const frame = () => draw(screen.session);
  return {
    screen,
    frame,
    press(...names: readonly string[]) {
      for (const name of names) {
        const intent = keyIntent(name, screen.session, frame().reach);
        if (intent) screen.press(intent);
        if (screen.allEffects.at(-1)?.do === 'search log') screen.dispatch({ kind: 'log searched' });
      }
    },
    body: () => plainText(frame().lines).split('\n').slice(2),
    cursor: () =>
      plainText(frame().lines)
        .split('\n')
        .find((shown) => shown.startsWith(' ▸')),
  };
}

const many = (count: number) =>
  `${Array.from({ length: count }, (_, at) => line('14:00:00.000', `LOG:  number ${at + 1}`)).join('\n')}\n`;

describe('the log view', () => {
  it('the log view names each line’s server, explains the first trouble of a kind, and masks passwords', async () => {
    const { body } = await open(80, 24);
    expect(body().join('\n').replaceAll('\u00a0', ' ').replaceAll(/ +$/gm, '')).toBe(`\
 Log of master and slave · everything                                       5/5

   14:00:00 master LOG   starting PostgreSQL 18.4 on x86_64-pc-linux-gnu +
   14:00:01 master LOG   database system is ready to accept connections  + good
   14:01:59 slave  LOG   entering standby mode  + good
   14:03:00 master FATAL password authentication failed for user "slave"
                         DETAIL Role "slave" does not exist.
                         ╰ A client tried to log in as slave, but this server
                           has no such role. The client only receives "password
                           authentication failed". The real reason is here, in
                           the DETAIL.
                           Cause: The role was never created, was created on
                                  the wrong server, or its name is spelt
                                  differently.
                           Next: Create it on the primary, with CREATE ROLE
                                 slave WITH LOGIN REPLICATION and a password.
 ▸ 14:03:00 slave  LOG   statement: ALTER ROLE slave PASSWORD '********' +



────────────────────────────────────────────────────────────────────────────────
 Enter note  a all notes  ← → server  f filter  / search  s story  Esc close`);
  });

  it('Enter opens and closes the note under the cursor, and a all notes', async () => {
    const { body, press } = await open(80, 24);
    press('up');
    press('enter');
    expect(body()[6]?.trim()).toBe('+\u00a0trouble');
    press('a');
    expect(body().filter((shown) => shown.includes('╰')).length).toBeGreaterThan(1);
    press('a');
    expect(body().filter((shown) => shown.includes('╰'))).toEqual([]);
  });

  it('the log view leaves the server’s name out where all lines are from one server', async () => {
    const { body, press } = await open(80, 24);
    press('right', 'right');
    expect(body()[0]).toContain('Log of slave · everything');
    expect(body()[2]).toMatch(/^ {3}14:01:59 LOG {3}entering/);
  });

  it('the log view marks the hits of a search, in the margin too, and says which hit is current', async () => {
    const { body, press, frame, screen } = await open(80, 24);
    press('/', ...'standby');
    expect(body().at(-1)).toMatch(/^ \/standby▏ {3}Enter keep {2}Esc clear$/);
    expect(body().find((shown) => shown.includes('standby mode'))).toMatch(/^ ▸● 14:01:59/);
    expect(frame().lines.flat()).toContainEqual({ text: 'standby', style: 'chosen' });
    expect(body().at(-2)).toContain(' standby: hit 1 of 1 ');
    press('backspace', 'x', 'enter');
    expect(body().at(-2)).toContain(' standbx: not found ');
    press('esc');
    expect(screen.session.overlay?.kind).toBe('log');
    press('esc');
    expect(screen.session.overlay).toBeNull();
  });

  it('letters and spaces go into the search pattern of the log view, and nowhere else', async () => {
    const { body, press } = await open(80, 24);
    press('/', 'q', 'space', 'n', 'left');
    expect(body().at(-1)).toContain('/q n▏');
  });

  it('the log view tells the story, and leads from it to the line', async () => {
    const { body, press, cursor } = await open(80, 24);
    press('s');
    expect(body()[0]).toBe(' What most likely happened');
    expect(body().join('\n')).toContain(
      ' 1 ✖ master 14:03:00, once · no end seen\n     A client tried to log in as slave',
    );
    press('1');
    expect(cursor()).toContain('master FATAL password');
  });

  it('the log view says how many lines have come while the learner reads further up', async () => {
    const { screen, press, body, cursor } = await open(80, 24, { master: many(100), slave: '' });
    press('home');
    expect(cursor()).toMatch(/number 1$/);
    const [part] = await partsOf({ master: many(3) });
    if (!part?.chunk) throw new Error('nothing was read');
    screen.dispatch({ kind: 'log read', part: { ...part, chunk: { ...part.chunk, from: 100 } } });
    expect(body().at(-2)).toContain('── 3 new lines ↓ ──');
    expect(cursor()).toMatch(/number 1$/);
    press('end');
    expect(cursor()).toMatch(/number 3$/);
    expect(body()[0]).toMatch(/103\/103$/);
  });
});

describe('moving about in a log', () => {
  it('the cursor of the log view visits every record downwards and upwards, and each is whole in view', async () => {
    const { press, cursor } = await open(80, 24, { master: many(60), slave: '' });
    press('home');
    for (let number = 1; number < 60; number++) {
      expect(cursor()).toMatch(new RegExp(`number ${number}\\b`));
      press('down');
    }
    for (let number = 60; number > 1; number--) {
      expect(cursor()).toMatch(new RegExp(`number ${number}\\b`));
      press('up');
    }
  });

  it('paging through the log view shows every line', async () => {
    const { press, body } = await open(80, 24, { master: many(200), slave: '' });
    const seen = new Set<string>();
    const look = () => {
      for (const shown of body()) for (const [number] of shown.matchAll(/number \d+/g)) seen.add(number);
    };
    press('home');
    for (let page = 0; page < 15; page++) {
      look();
      press('space');
    }
    expect(seen.size).toBe(200);
    seen.clear();
    for (let page = 0; page < 15; page++) {
      look();
      press('pageup');
    }
    expect(seen.size).toBe(200);
  });

  it('the arrows go line by line through a record that is taller than the screen', async () => {
    const words = Array.from({ length: 100 }, (_, at) => `word${at}`).join(' ');
    const { press, body } = await open(40, 12, {
      master: `${line('14:00:00.000', `LOG:  ${words}`)}\n${many(1)}`,
      slave: '',
    });
    press('home');
    const seen = new Set<string>();
    for (let step = 0; step < 60; step++) {
      for (const [word] of body()
        .join(' ')
        .matchAll(/word\d+/g))
        seen.add(word);
      press('down');
    }
    expect(seen.size).toBe(100);
    expect(body().join('\n')).toContain('number 1');
  });

  it('the log view cuts a text of enormous length, and says by how much', async () => {
    const { body } = await open(80, 24, {
      master: `${line('14:00:00.000', `LOG:  ${'x '.repeat(500_000)}`)}\n`,
      slave: '',
    });
    expect(body().join(' ')).toContain('(999,299 more characters)');
  });
});

describe('every size', () => {
  const sizes = [[200, 50], [120, 40], [80, 24], [60, 16], [40, 12], [30, 8]] as const; // biome-ignore format: pairs
  it.each(sizes)(
    'the log view fills %ix%i exactly with whatever it shows, and has an ASCII form',
    async (columns, rows) => {
      const { press, frame } = await open(columns, rows);
      for (const name of [
        '',
        'a',
        'home',
        'f',
        'right',
        'f',
        'f',
        'f',
        '/',
        'l',
        'enter',
        'n',
        'esc',
        's',
        'esc',
        'end',
      ]) {
        press(name);
        const { lines } = frame();
        expect(lines.length).toBe(rows);
        expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(columns);
        for (const sign of new Set(plainText(lines).replace(/[\n ?]/g, ''))) expect(inAscii(sign)).not.toBe('?');
      }
    },
  );
});
