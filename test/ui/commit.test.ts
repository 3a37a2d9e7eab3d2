import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../src/lab/measure/measurement.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { levels } from '../../src/session/view/commit.ts';
import { keyIntent, keyLine } from '../../src/ui/keys/table.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { createSession, here } from '../session/fixture.ts';
import { down, paused, planWith, replicas, sender, setting, stopped } from '../session/replicas.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });

/** The view of one commit, opened from the map with the learner's keys. */
function openCommit(now: Observation, columns = 80, rows = 24, motion = true) {
  const screen = createSession({
    columns,
    rows,
    plan: planWith(now),
    changes: [here('streaming'), { kind: 'settings', settings: { motion } }],
  });
  screen.dispatch({ kind: 'observed', now, learner: screen.session.learner, saves: screen.session.saves });
  const key = (...names: readonly string[]) => {
    for (const name of names) {
      const intent = keyIntent(name, screen.session, draw(screen.session).reach);
      if (intent) screen.press(intent);
    }
  };
  key('m', 'c');
  const text = () => plainText(draw(screen.session).lines);
  return { screen, key, text, body: () => text().split('\n').slice(2, -4) };
}

const names = (value = 'slave') => setting('master', 'synchronous_standby_names', value);
const synchronous = replicas(
  { slave: 'master' },
  names(),
  sender('master', 'slave', { syncState: 'sync', syncPriority: 1, replay: '0/5000048' }),
);

/** The number of steps after which the client has its COMMIT; null when it has none at the last step. */
function freedAfter(now: Observation, level: (typeof levels)[number]): number | null {
  const { key, text } = openCommit(now);
  key(...levels.map(() => 'left'), ...Array.from({ length: levels.indexOf(level) }, () => 'right'));
  expect(text()).toContain(`[${level}]`);
  for (let step = 0; step <= 6; step++) {
    if (text().includes('has its COMMIT')) return step;
    key('space');
  }
  return null;
}

describe('the commit view', () => {
  it('the steps of a commit lead from the buffers of the primary to the readers of the standby', () => {
    const { key, body } = openCommit(synchronous);
    key('space', 'space', 'down', 'space');
    expect(body()).toEqual([
      ' synchronous_commit   off       local     remote_write [on]       remote_apply',
      ' A commit on master waits until slave has flushed it.',
      '',
      ' client  ○ waits',
      ' ╭─ master ──────────────────────────╮    ╭─ slave ───────────────────────────╮',
      ' │ ●━━━━━━━━━━●━━━━━━━━━━●━━━━━━━━━━ ├━━━▶│ ■──────────□──────────□           │',
      ' │ inserted   flushed    sent        │    │ written    flushed    replayed    │',
      ' │ 0/5000148             0/5000148   │    │ 0/5000148  0/5000148  0/5000048   │',
      ' │                                   │    │            ▲ COMMIT               │',
      ' ╰───────────────────────────────────╯    ╰───────────────────────────────────╯',
      '',
      ' 4 written: The walreceiver of slave has written it: its operating system has',
      ' it, but perhaps not its disk.',
      ' If master dies now: slave has the row, unless its machine fails in the same',
      ' moment.',
      '',
      '',
      '',
    ]);
  });

  it('the picture of a commit is a single line in a small terminal', () => {
    const { key, body } = openCommit(synchronous, 40, 12);
    key('space', 'space');
    expect(body()).toEqual([
      ' synchronous_commit [on]',
      ' client  ○ waits',
      ' master ●━━■──□ ▶ slave □──□──□',
      ' 2 flushed: master has flushed its WAL:',
      ' the record is on its disk. Only now',
      ' may it be sent.',
    ]);
  });

  it('the client of a commit goes on at the step that its synchronous_commit level names', () => {
    expect(levels.map((level) => freedAfter(synchronous, level))).toEqual([1, 2, 4, 5, 6]);
  });

  it('the client of a commit goes on at the primary’s flush where no standby is waited for', () => {
    const alone = replicas({ slave: 'master' });
    expect(levels.map((level) => freedAfter(alone, level))).toEqual([1, 2, 2, 2, 2]);
  });

  it('the client of a commit waits forever while its synchronous standby is missing', () => {
    const gone = replicas({ slave: 'master' }, stopped('master', 'slave'), names());
    expect(levels.map((level) => freedAfter(gone, level))).toEqual([1, 2, null, null, null]);
    const { key, text } = openCommit(gone, 120, 40);
    key(...Array.from({ length: 9 }, () => 'space'));
    expect(text()).toContain('✖ waits on');
    expect(text()).toContain('╭┄ no standby ┄');
    expect(text()).toContain('Here it ends: no standby receives the WAL of master.');
    expect(text()).toContain('The client waits until a standby on synchronous_standby_names connects');
  });

  it('a commit stops where replay is paused, and only remote_apply waits for the replay', () => {
    const still = paused('slave', '0/5000048')(synchronous);
    expect(levels.map((level) => freedAfter(still, level))).toEqual([1, 2, 4, 5, null]);
  });

  it('a commit names the row that is lost if the primary dies, and when the client was told COMMIT', () => {
    const { key, text } = openCommit(synchronous, 120, 40);
    key('left', 'left', 'left', 'space');
    expect(text()).toContain('[off]');
    expect(text()).toContain('If master dies now: the row is gone. The client got its COMMIT anyway.');
  });

  it("a commit shows the learner's own medians, near and far", () => {
    const { screen, text } = openCommit(synchronous, 100, 30);
    const measured = (distance: number, on: number): Measurement => ({
      at: '', on: 'master', distance, names: 'slave', syncStandby: 'slave',
      levels: [{ level: 'on', commits: 100, medianMs: on, p95Ms: on, staleReads: 0, reads: 100 }],
    }); // biome-ignore format: a row
    const { learner, now, saves } = screen.session;
    if (!now) throw new Error('nothing seen');
    const journal = { ...learner.journal, measurements: [measured(0, 9), measured(0, 2.5), measured(5, 12.4)] };
    screen.dispatch({ kind: 'observed', now, learner: { ...learner, journal }, saves });
    expect(text()).toMatch(/your medians, near .* 2\.50 ms/);
    expect(text()).toMatch(/your medians, far .* 12\.40 ms/);
  });

  it('the commit view says so when there is no primary to commit on', () => {
    const { screen } = openCommit(replicas({ slave: 'nobody' }, down('master')));
    expect(screen.session.overlay?.kind).toBe('map');
    expect(screen.session.notice).toEqual({ kind: 'no primary' });
  });
});

describe('the keys of the commit view', () => {
  const tick = { kind: 'tick', at: '2026-11-23T14:02:01.000Z' } as const;
  const stepOf = ({ screen: { session } }: ReturnType<typeof openCommit>) =>
    session.overlay?.kind === 'commit' ? session.overlay.step : undefined;

  it('the keys of the commit view go a step on, a step back, and to another level from the start', () => {
    const commit = openCommit(synchronous);
    commit.key('space', 'down', 'up');
    expect(stepOf(commit)).toBe(1);
    commit.key('right');
    expect(stepOf(commit)).toBe(0);
  });

  it('Enter plays the commit with the ticks of the clock to its end, and again from the start', () => {
    const commit = openCommit(synchronous);
    commit.key('enter');
    for (let at = 0; at < 9; at++) commit.screen.dispatch(tick);
    expect(stepOf(commit)).toBe(6);
    commit.key('enter');
    expect(stepOf(commit)).toBe(0);
    commit.screen.dispatch(tick);
    commit.key('enter');
    commit.screen.dispatch(tick);
    expect(stepOf(commit)).toBe(1);
  });

  it('the commit view plays nothing by itself where the learner has turned motion off', () => {
    const commit = openCommit(synchronous, 100, 30, false);
    commit.key('enter');
    commit.screen.dispatch(tick);
    expect(stepOf(commit)).toBe(1);
    expect(plainText([keyLine(commit.screen.session, 100)])).not.toContain('play');
  });

  it('Esc leads from the commit view back to the map, and m from there to the lesson', () => {
    const commit = openCommit(synchronous);
    commit.key('esc');
    expect(commit.screen.session.overlay).toEqual({ kind: 'map' });
    commit.key('m');
    expect(commit.screen.session.overlay).toBeNull();
  });
});
