import { describe, expect, it } from 'vitest';
import { keyIntent } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { messages } from '../../src/ui/messages.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, done, here } from '../session/fixture.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });

function atTasks(options: Parameters<typeof createSession>[0]) {
  const screen = createSession({ columns: 80, rows: 24, ...options });
  const frame = () => draw(screen.session);
  const key = (name: string) => {
    const intent = keyIntent(name, screen.session, frame().reach);
    return intent ? screen.press(intent) : [];
  };
  const lines = () =>
    plainText(frame().lines)
      .split('\n')
      .map((line) => line.trimEnd());
  return { screen, key, lines, body: () => lines().slice(3, -2).filter(Boolean) };
}
const inServers = { changes: [done('guess/who-writes'), here('servers')] };
const inStreaming = { changes: [done('guess/who-writes'), here('streaming')] };

const start = 'pg_ctl -D rep/slave_data start';
const inOne = (lines: readonly string[]) => lines.join(' ').replace(/[│\s]+/g, ' ');

describe('the steps of a concept', () => {
  it('are folded until Enter on the task', () => {
    const { screen, key, lines } = atTasks(inServers);
    screen.observe({ slave: 'failed' });
    expect(inOne(lines())).toContain(messages.folded);
    expect(inOne(lines())).not.toContain(start);
    expect(key('d')).toEqual([]);
    key('tab');
    expect(key(']')).toEqual([]);
    key('enter');
    expect(inOne(lines())).toContain(start);
    screen.observe({ slave: 'failed', at: '2026-11-23T14:03:30.000Z' });
    expect(inOne(lines())).toContain(start);
  });

  it('are open when its last hint was shown', () => {
    const read = (level: number) => [
      ...inServers.changes,
      { kind: 'hint', task: 'servers/slave-runs/started-too-early', level: 1 } as const,
      { kind: 'hint', task: 'servers/slave-runs', level } as const,
    ];
    for (const [level, words] of [
      [2, messages.folded],
      [3, start],
    ] as const) {
      const { screen, lines } = atTasks({ changes: read(level) });
      screen.observe({ slave: 'failed' });
      expect(inOne(lines())).toContain(words);
    }
  });

  it('are open where the task was done before', () => {
    const { screen, lines } = atTasks({ changes: [...inServers.changes, done('servers/slave-runs')] });
    screen.observe({ slave: 'failed' });
    screen.observe({ slave: 'failed', at: '2026-11-23T14:03:30.000Z' });
    expect(inOne(lines())).not.toContain(messages.folded);
  });

  it('of a slip are open at once', () => {
    const { screen, lines } = atTasks(inServers);
    screen.observe({ slave: 'stopped' });
    expect(inOne(lines())).toContain(start);
  });
});

describe('the tasks pane', () => {
  it('the arrows open one task after the other in the tasks pane', () => {
    const { screen, key, body } = atTasks(inServers);
    screen.observe({ slave: 'stopped' });
    key('tab');
    expect(body().map((line) => line.slice(0, 24))).toContain(' 2▸✖ The slave runs · no');
    key('up');
    expect(body().slice(0, 2)).toEqual([' 1▸✔ The master runs', '     seen  master answers on port 5432']);
    key('down');
    key('down');
    key('down');
    expect(body().slice(-2)).toEqual([' 3▸○ A write is refused · later', '     next  “The slave runs” comes first']);
  });

  it('the tasks pane keeps the chosen task in view in a small terminal', () => {
    const { screen, key, body } = atTasks({ ...inServers, columns: 40, rows: 12 });
    screen.observe({ slave: 'stopped' });
    key('tab');
    key('down');
    expect(body().some((line) => line.startsWith(' 3▸○'))).toBe(true);
    key('up');
    expect(body()[0]).toContain('2▸✖');
  });
});

describe('the layers of a verdict', () => {
  it('the layers of a verdict say how far a setting is, with what was seen at each', () => {
    const { screen, key, lines } = atTasks(inStreaming);
    screen.observe();
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

  it('e opens the editor at the place of the chosen layer', () => {
    const { screen, key, lines } = atTasks(inServers);
    screen.observe({ slave: 'stopped' });
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

  it('a task that waits for another has no layers to show', () => {
    const { screen, key, lines } = atTasks(inServers);
    screen.observe({ slave: 'stopped' });
    key('tab');
    key('down');
    key('enter');
    expect(lines().at(-1)).toBe(' There is nothing to show for this task yet.');
  });
});

describe('a task that passes', () => {
  const styles = (screen: ReturnType<typeof createSession>) =>
    draw(screen.session)
      .lines.flat()
      .filter(({ style }) => style === 'passed')
      .map(({ text }) => text);
  const later = { kind: 'tick', at: '2026-11-23T14:02:31.000Z' } as const;

  it('a task that passes is shown as passed once, until the next tick', () => {
    const { screen, key } = atTasks(inServers);
    key('tab');
    screen.observe({ slave: 'stopped' });
    expect(styles(screen)).toEqual(['The master runs']);
    screen.dispatch({ kind: 'tick', at: '2026-11-23T14:02:30.200Z' });
    expect(styles(screen)).toEqual(['The master runs']);
    screen.dispatch(later);
    expect(styles(screen)).toEqual([]);
    screen.observe({ slave: 'stopped' });
    expect(styles(screen)).toEqual([]);
  });

  it('the last task of a lesson is shown as passed too, until the next tick', () => {
    const { screen, key, lines } = atTasks(inStreaming);
    key('tab');
    screen.observe({ streaming: true });
    expect(lines().join('\n')).toMatch(/All done\. n shows what you have learnt\. ━+/);
    screen.dispatch(later);
    expect(lines().join('\n')).not.toContain('━');
  });

  it('a task that passes is not animated where the learner has turned motion off', () => {
    const still = { kind: 'settings', settings: { motion: false } } as const;
    const { screen, key } = atTasks({ changes: [...inServers.changes, still] });
    key('tab');
    screen.observe({ slave: 'stopped' });
    expect(styles(screen)).toEqual([]);
  });
});

it('a task that is broken again has its own sign and words', () => {
  const { screen, key, body } = atTasks({ changes: [...inServers.changes, done('servers/master-runs')] });
  key('tab');
  screen.observe({ master: 'stopped' });
  screen.observe({ master: 'stopped' });
  expect(body()[0]).toBe(' 1▸! The master runs · broken again');
});
