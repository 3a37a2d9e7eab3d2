import { describe, expect, it } from 'vitest';
import { applyChanges, emptyLearnerState } from '../../src/learner/progress.ts';
import { openSession } from '../../src/session/update.ts';
import { listedKeys } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { helpLines } from '../../src/ui/sheets/help.ts';
import { createSession, done, here, lessons, plan } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });
const screen = (room: Pick<ReturnType<typeof createSession>, 'session'>) => plainText(draw(room.session).lines);
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

describe('the welcome', () => {
  const open = (changes: Parameters<typeof applyChanges>[1], size = { columns: 80, rows: 24 }, readOnly = false) => {
    const learner = applyChanges(emptyLearnerState, changes);
    const about = { lessons, plan, about: 'native', folder: '~/repl-workshop', readOnly, learner };
    return { session: openSession({ ...about, at: '2026-11-23T14:02:00.000Z', ...size })[0] };
  };

  it('says what this is and what it does on this machine, without a line to scroll for', () => {
    const { session } = open([]);
    expect(session.overlay).toEqual({ kind: 'welcome' });
    expect(draw(session).reach.maxScroll.overlay).toBe(0);
    const text = screen({ session });
    expect(text).toContain('~/repl-workshop');
    expect(text).toContain('5432 and 5433');
    expect(text).toContain('master');
    expect(text).toContain('shows all keys');
    expect(text).toContain(' Enter begin  ? keys  q quit');
  });

  it('fits a small terminal', () => {
    const { session } = open([], { columns: 40, rows: 12 });
    expect(draw(session).reach.maxScroll.overlay).toBe(0);
    expect(screen({ session })).toContain('master :5432 ───► slave :5433');
  });

  it('is shown once, and to nobody who has done something, or only looks', () => {
    expect(open([{ kind: 'settings', settings: { welcomed: '2026-11-22T10:00:00.000Z' } }]).session.overlay).toBeNull();
    expect(open([done('guess/who-writes')]).session.overlay).toBeNull();
    expect(open([], undefined, true).session.overlay).toBeNull();
  });
});

describe('the settings', () => {
  it('are changed at once, and kept', () => {
    const room = createSession({ ...inServers, columns: 80, rows: 24 });
    room.observe();
    room.press({ do: 'settings' });
    expect(screen(room)).toContain('▸ Colours       ◂ auto ▸');
    expect(room.press({ do: 'change setting', by: -1 })).toEqual([
      { do: 'save', changes: [{ kind: 'settings', settings: { theme: 'contrast' } }] },
    ]);
    room.press({ do: 'move', by: 1 });
    room.press({ do: 'accept' });
    expect(room.session.learner.settings).toMatchObject({ theme: 'contrast', glyphs: 'unicode' });
    expect(screen(room)).toContain('  Colours         high contrast');
  });

  it('say which background was seen', () => {
    const room = createSession({ ...inServers, columns: 80, rows: 24 });
    room.dispatch({ kind: 'background', background: 'light' });
    room.press({ do: 'settings' });
    expect(screen(room)).toContain("As your terminal's background is: light");
  });

  it('of a second screen are its own, and stay', () => {
    const room = createSession({ ...inServers, readOnly: true });
    room.observe();
    room.press({ do: 'settings' });
    expect(room.press({ do: 'change setting', by: 1 })).toEqual([]);
    room.dispatch({ kind: 'observed', now: room.session.now ?? never(), learner: emptyLearnerState, saves: 0 });
    expect(room.session.learner.settings.theme).toBe('dark');
  });
});

describe('the help', () => {
  it('has every key of the lesson, grouped by what one wants', () => {
    const room = createSession(inServers);
    const text = plainText(helpLines(room.session, 78));
    expect(text.split('\n').filter((line) => /^\S/.test(line))).toEqual(['To read', 'To do the tasks', 'To work on the servers', 'To look around', 'The workshop itself', 'Once you are there']); // biome-ignore format: a list
    for (const { shown } of listedKeys) expect(text).toContain(shown);
    expect(text).toContain('← →');
  });

  it.each([38, 78, 118, 198])('is never wider than %i columns', (width) => {
    const widest = Math.max(...helpLines(createSession(inServers).session, width).map(lineColumns));
    expect(widest).toBeLessThanOrEqual(width);
  });
});

describe('the lesson list', () => {
  it('says how far each lesson is, how long it takes, and what is left of all', () => {
    const room = createSession({ ...inServers, columns: 80, rows: 24 });
    room.observe();
    room.press({ do: 'lessons' });
    expect(screen(room).split('\n').slice(2, 11)).toEqual([
      ' Lessons',
      '',
      ' 3 of 5 tasks done, about 18 minutes left',
      '',
      '   ✔  1  What replication is  1 of 1    5 min   done',
      ' ▸ ●  2  Two servers          2 of 3   10 min   you are here',
      '   ○  3  The slave follows    0 of 1    8 min',
      '',
      '         What you have learnt',
    ]);
  });

  it('ends with what was learnt', () => {
    const room = createSession({ ...inServers, columns: 80, rows: 24 });
    room.observe();
    room.press({ do: 'lessons' });
    for (let down = 0; down < 5; down++) room.press({ do: 'move', by: 1 });
    room.press({ do: 'accept' });
    expect(room.session.overlay).toEqual({ kind: 'end' });
    expect(screen(room).split('\n').slice(2, 8)).toEqual([
      ' What you have learnt',
      '',
      expect.stringMatching(/^ 3 of 5 tasks done\. Begun 2026-11-23 \d\d:\d\d\.$/),
      '',
      ' To remember',
      ' ✔  1  The primary writes, the standby replays.',
    ]);
  });
});

describe('after the last lesson', () => {
  it('stands what was learnt', () => {
    const room = createSession({ changes: [here('streaming'), done('streaming/follows')] });
    room.observe({ streaming: true });
    room.press({ do: 'next' });
    expect(room.session.overlay).toEqual({ kind: 'end' });
  });
});

function never(): never {
  throw new Error('nothing was seen');
}
