import { describe, expect, it } from 'vitest';
import { news, nothingSpoken, spokenOf } from '../../src/ui/spoken.ts';
import { createSession, done, here } from '../session/fixture.ts';

const context = { notes: [], root: false, planOf: () => [] };
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

function listen(screen: ReturnType<typeof createSession>) {
  let spoken = nothingSpoken;
  return () => {
    const now = spokenOf(screen.session, context);
    const added = news(spoken, now);
    spoken = now;
    return added;
  };
}

describe('a screen reader', () => {
  it('a screen reader gets title, tasks, verdict and keys, in this order, and no drawings', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    const heard = listen(screen)();
    const order = ['Lesson 2 of 3: Two servers', 'Task 1 of 3: The master runs: done', 'Task 2 of 3: The slave runs: not yet', 'seen, slave is stopped', 'Task 3 of 3: A write is refused: later']; // biome-ignore format: a list
    const places = order.map((text) => heard.indexOf(text));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(heard.at(-1)).toMatch(/^Keys: n next, h hint/);
    expect(heard.join('\n')).not.toMatch(/[\u2190-\u21ff\u2500-\u25ff✔✖]/);
  });

  it('a screen reader gets what changed, and nothing when nothing changed', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    const spokenNow = listen(screen);
    spokenNow();
    screen.observe({ slave: 'stopped' });
    expect(spokenNow()).toEqual([]);
    screen.observe();
    expect(spokenNow()).toEqual([
      'Task 2 of 3: The slave runs: done',
      'Task 3 of 3: A write is refused: not yet',
      'seen, nobody has tried to write on the slave',
      'want, one refused write',
      'chosen: master :5432, primary, timeline 1, 0/5000148',
      'slave, :5433, primary, timeline 1, 0/5000148',
    ]);
  });

  it('a screen reader gets a list when it opens, then only the chosen row, and that it is closed', () => {
    const screen = createSession(inServers);
    screen.observe();
    const spokenNow = listen(screen);
    spokenNow();
    screen.press({ do: 'lessons' });
    expect(spokenNow()).toContain('chosen: 2, Two servers, 2 of 3, 10 min, you are here');
    screen.press({ do: 'move', by: 1 });
    expect(spokenNow()).toEqual(['chosen: 3, The slave follows, 0 of 1, 8 min']);
    screen.press({ do: 'close' });
    expect(spokenNow()[0]).toBe('Back in the lesson.');
  });

  it('a screen reader gets a notice', () => {
    const screen = createSession(inServers);
    screen.observe({ slave: 'stopped' });
    const spokenNow = listen(screen);
    spokenNow();
    screen.press({ do: 'next' });
    expect(spokenNow()).toEqual(['Still to do: The slave runs; A write is refused. N skips.']);
  });
});
