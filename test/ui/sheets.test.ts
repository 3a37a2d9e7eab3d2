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
const textOf = (screen: Pick<ReturnType<typeof createSession>, 'session'>) => plainText(draw(screen.session).lines);
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

describe('the welcome', () => {
  const open = (changes: Parameters<typeof applyChanges>[1], size = { columns: 80, rows: 24 }, readOnly = false) => {
    const learner = applyChanges(emptyLearnerState, changes);
    const about = { lessons, plan, about: 'native', folder: '~/repl-workshop', readOnly, learner };
    return { session: openSession({ ...about, at: '2026-11-23T14:02:00.000Z', ...size })[0] };
  };

  it('the welcome says what the workshop is and does on this machine, without scrolling', () => {
    const { session } = open([]);
    expect(session.overlay).toEqual({ kind: 'welcome' });
    expect(draw(session).reach.maxScroll.overlay).toBe(0);
    const text = textOf({ session });
    expect(text).toContain('~/repl-workshop');
    expect(text).toContain('5432 and 5433');
    expect(text).toContain('master');
    expect(text).toContain('shows all keys');
    expect(text).toContain(' Enter begin  ? keys  q quit');
  });

  it('the welcome fits a small terminal', () => {
    const { session } = open([], { columns: 40, rows: 12 });
    expect(draw(session).reach.maxScroll.overlay).toBe(0);
    expect(textOf({ session })).toContain('master :5432 ───► slave :5433');
  });

  it('the welcome is shown once, and not to a learner with progress or to a read-only session', () => {
    expect(open([{ kind: 'settings', settings: { welcomed: '2026-11-22T10:00:00.000Z' } }]).session.overlay).toBeNull();
    expect(open([done('guess/who-writes')]).session.overlay).toBeNull();
    expect(open([], undefined, true).session.overlay).toBeNull();
  });
});

describe('the settings', () => {
  it('a setting is changed at once, and saved', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe();
    screen.press({ do: 'settings' });
    expect(textOf(screen)).toContain('▸ Colours       ◂ auto ▸');
    expect(screen.press({ do: 'change setting', by: -1 })).toEqual([
      { do: 'save', changes: [{ kind: 'settings', settings: { theme: 'contrast' } }] },
    ]);
    screen.press({ do: 'move', by: 1 });
    screen.press({ do: 'accept' });
    expect(screen.session.learner.settings).toMatchObject({ theme: 'contrast', glyphs: 'unicode' });
    expect(textOf(screen)).toContain('  Colours         high contrast');
  });

  it('the settings say which background the terminal reported', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.dispatch({ kind: 'background', background: 'light' });
    screen.press({ do: 'settings' });
    expect(textOf(screen)).toContain("Follows your terminal's background, which seems to be light");
  });

  it('the settings of a read-only session are its own, and are not replaced by the saved ones', () => {
    const screen = createSession({ ...inServers, readOnly: true });
    screen.observe();
    screen.press({ do: 'settings' });
    expect(screen.press({ do: 'change setting', by: 1 })).toEqual([]);
    screen.dispatch({ kind: 'observed', now: screen.session.now ?? never(), learner: emptyLearnerState, saves: 0 });
    expect(screen.session.learner.settings.theme).toBe('dark');
  });
});

describe('the help', () => {
  it('the help has every key of the lesson, grouped by purpose', () => {
    const screen = createSession(inServers);
    const text = plainText(helpLines(screen.session, 78));
    expect(text.split('\n').filter((line) => /^\S/.test(line))).toEqual(['To read', 'To do the tasks', 'To work on the servers', 'To look around', 'The workshop itself', 'In each view']); // biome-ignore format: a list
    for (const { shown } of listedKeys) expect(text).toContain(shown);
    expect(text).toContain('← →');
  });

  it.each([38, 78, 118, 198])('the help is never wider than %i columns', (width) => {
    const widest = Math.max(...helpLines(createSession(inServers).session, width).map(lineColumns));
    expect(widest).toBeLessThanOrEqual(width);
  });
});

describe('the lesson list', () => {
  it('the lesson list says how far each lesson is, how long it takes, and how much is left in all', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe();
    screen.press({ do: 'lessons' });
    expect(textOf(screen).split('\n').slice(2, 11)).toEqual([
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

  it('the lesson list ends with what was learnt', () => {
    const screen = createSession({ ...inServers, columns: 80, rows: 24 });
    screen.observe();
    screen.press({ do: 'lessons' });
    for (let down = 0; down < 5; down++) screen.press({ do: 'move', by: 1 });
    screen.press({ do: 'accept' });
    expect(screen.session.overlay).toEqual({ kind: 'end' });
    expect(textOf(screen).split('\n').slice(2, 8)).toEqual([
      ' What you have learnt',
      '',
      expect.stringMatching(/^ 3 of 5 tasks done\. Started 2026-11-23 \d\d:\d\d\.$/),
      '',
      ' To remember',
      ' ✔  1  The primary writes, the standby replays.',
    ]);
  });
});

describe('after the last lesson', () => {
  it('going on after the last lesson shows what was learnt', () => {
    const screen = createSession({ changes: [here('streaming'), done('streaming/follows')] });
    screen.observe({ streaming: true });
    screen.press({ do: 'next' });
    expect(screen.session.overlay).toEqual({ kind: 'end' });
  });
});

function never(): never {
  throw new Error('nothing was seen');
}
