import { describe, expect, it } from 'vitest';
import { news, nothingSpoken, spokenOf } from '../../src/ui/spoken.ts';
import { createSession, done, here } from '../session/fixture.ts';

const context = { notes: [], root: false, planOf: () => [] };
const inServers = { changes: [done('guess/who-writes'), here('servers')] };

function listen(room: ReturnType<typeof createSession>) {
  let said = nothingSpoken;
  return () => {
    const now = spokenOf(room.session, context);
    const added = news(said, now);
    said = now;
    return added;
  };
}

describe('a screen reader', () => {
  it('hears title, tasks, verdict and keys, in this order, and no drawings', () => {
    const room = createSession(inServers);
    room.observe({ slave: 'stopped' });
    const heard = listen(room)();
    const order = ['Lesson 2 of 3: Two servers', 'Task 1 of 3: The master runs: done', 'Task 2 of 3: The slave runs: not yet', 'seen, slave is stopped', 'Task 3 of 3: A write is refused: later']; // biome-ignore format: a list
    const places = order.map((text) => heard.indexOf(text));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(heard.at(-1)).toMatch(/^Keys: n next, h hint/);
    expect(heard.join('\n')).not.toMatch(/[\u2190-\u21ff\u2500-\u25ff✔✖]/);
  });

  it('hears what changed, and nothing when nothing did', () => {
    const room = createSession(inServers);
    room.observe({ slave: 'stopped' });
    const hear = listen(room);
    hear();
    room.observe({ slave: 'stopped' });
    expect(hear()).toEqual([]);
    room.observe();
    expect(hear()).toEqual([
      'Task 2 of 3: The slave runs: done',
      'Task 3 of 3: A write is refused: not yet',
      'seen, nobody has tried to write on the slave',
      'want, one refused write',
      'chosen: master :5432, primary, timeline 1, 0/5000148',
      'slave, :5433, primary, timeline 1, 0/5000148',
    ]);
  });

  it('hears a list when it opens, then the chosen row only, and that it is closed', () => {
    const room = createSession(inServers);
    room.observe();
    const hear = listen(room);
    hear();
    room.press({ do: 'lessons' });
    expect(hear()).toContain('chosen: 2, Two servers, 2 of 3, 10 min, you are here');
    room.press({ do: 'move', by: 1 });
    expect(hear()).toEqual(['chosen: 3, The slave follows, 0 of 1, 8 min']);
    room.press({ do: 'close' });
    expect(hear()[0]).toBe('Back in the lesson.');
  });

  it('hears a notice', () => {
    const room = createSession(inServers);
    room.observe({ slave: 'stopped' });
    const hear = listen(room);
    hear();
    room.press({ do: 'next' });
    expect(hear()).toEqual(['Still to do: The slave runs; A write is refused. N skips.']);
  });
});
