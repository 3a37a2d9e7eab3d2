import { describe, expect, it } from 'vitest';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });

function atTasks(options: Parameters<typeof createSession>[0]) {
  const room = createSession({ columns: 80, rows: 24, ...options });
  const frame = () => draw(room.session);
  const key = (name: string) => {
    const intent = keyIntent(name, room.session, frame().reach);
    return intent ? room.press(intent) : [];
  };
  const lines = () =>
    plainText(frame().lines)
      .split('\n')
      .map((line) => line.trimEnd());
  return { room, key, lines, body: () => lines().slice(3, -2).filter(Boolean) };
}
const inServers = { changes: [done('guess/who-writes'), here('servers')] };
const inStreaming = { changes: [done('guess/who-writes'), here('streaming')] };

describe('the pane of the tasks', () => {
  it('opens one task after the other with the arrows', () => {
    const { room, key, body } = atTasks(inServers);
    room.observe({ slave: 'stopped' });
    key('tab');
    expect(body().map((line) => line.slice(0, 24))).toContain(' 2▸✖ The slave runs · no');
    key('up');
    expect(body().slice(0, 2)).toEqual([' 1▸✔ The master runs', '     seen  master answers on port 5432']);
    key('down');
    key('down');
    key('down');
    expect(body().slice(-2)).toEqual([' 3▸○ A write is refused · later', '     next  “The slave runs” comes first']);
  });

  it('keeps the chosen task in sight where there is little room', () => {
    const { room, key, body } = atTasks({ ...inServers, columns: 40, rows: 12 });
    room.observe({ slave: 'stopped' });
    key('tab');
    key('down');
    expect(body().some((line) => line.startsWith(' 3▸○'))).toBe(true);
    key('up');
    expect(body()[0]).toContain('2▸✖');
  });
});

describe('a verdict, layer by layer', () => {
  it('says how far it is, with what was seen at each', () => {
    const { room, key, lines } = atTasks(inStreaming);
    room.observe();
    key('tab');
    key('enter');
    expect(lines().slice(2, 14)).toEqual(
      [
        ' The slave receives the log',
        '',
        '   ✔ written · as it should be',
        '     line 101',
        ' ▸ ✖ loaded · here it stops',
        '     saved 14:02:23, last loaded 14:02:11',
        '   ? in effect · not known',
        '',
        ' seen  nobody receives the log of master',
        ' want  slave1, streaming',
        ' next  pg_ctl -D rep/master_data reload',
        '',
      ].map((line) => line.trimEnd()),
    );
  });

  it('opens the editor at the place of a layer', () => {
    const { room, key, lines } = atTasks(inServers);
    room.observe({ slave: 'stopped' });
    key('tab');
    key('enter');
    expect(lines()[4]).toBe(' ▸ ✖ observed · here it stops');
    expect(key('e')).toEqual([
      {
        do: 'open terminal',
        program: { run: 'edit', server: 'slave', file: 'rep/slave_data/postgresql.conf', line: 64 },
      },
    ]);
  });

  it('has nothing to show of a task that waits for another', () => {
    const { room, key, lines } = atTasks(inServers);
    room.observe({ slave: 'stopped' });
    key('tab');
    key('down');
    key('enter');
    expect(lines().at(-1)).toBe(' There is nothing to see of this task yet.');
  });
});

describe('the moment of success', () => {
  const styles = (room: ReturnType<typeof createSession>) =>
    draw(room.session)
      .lines.flat()
      .filter(({ style }) => style === 'passed')
      .map(({ text }) => text);
  const later = { kind: 'tick', at: '2026-11-23T14:02:31.000Z' } as const;

  it('is seen once, and over with the next tick', () => {
    const { room, key } = atTasks(inServers);
    key('tab');
    room.observe({ slave: 'stopped' });
    expect(styles(room)).toEqual(['The master runs']);
    room.dispatch({ kind: 'tick', at: '2026-11-23T14:02:30.200Z' });
    expect(styles(room)).toEqual(['The master runs']);
    room.dispatch(later);
    expect(styles(room)).toEqual([]);
    room.observe({ slave: 'stopped' });
    expect(styles(room)).toEqual([]);
  });

  it('is seen at the end of a lesson too', () => {
    const { room, key, lines } = atTasks(inStreaming);
    key('tab');
    room.observe({ streaming: true });
    expect(lines().join('\n')).toMatch(/All done\. n shows what you have learnt\. ━+/);
    room.dispatch(later);
    expect(lines().join('\n')).not.toContain('━');
  });

  it('does not come where the learner wants nothing to move', () => {
    const still = { kind: 'settings', settings: { motion: false } } as const;
    const { room, key } = atTasks({ changes: [...inServers.changes, still] });
    key('tab');
    room.observe({ slave: 'stopped' });
    expect(styles(room)).toEqual([]);
  });
});

it('a task that is broken again has a sign and words of its own', () => {
  const { room, key, body } = atTasks({ changes: [...inServers.changes, done('servers/master-runs')] });
  key('tab');
  room.observe({ master: 'stopped' });
  room.observe({ master: 'stopped' });
  expect(body()[0]).toBe(' 1▸! The master runs · broken again');
});
