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

/** The slow commit, opened from the map with the keys that a learner has. */
function openCommit(now: Observation, columns = 80, rows = 24, motion = true) {
  const room = createSession({
    columns,
    rows,
    plan: planWith(now),
    changes: [here('streaming'), { kind: 'settings', settings: { motion } }],
  });
  room.dispatch({ kind: 'observed', now, learner: room.session.learner, saves: room.session.saves });
  const key = (...names: readonly string[]) => {
    for (const name of names) {
      const intent = keyIntent(name, room.session, draw(room.session).reach);
      if (intent) room.press(intent);
    }
  };
  key('m', 'c');
  const text = () => plainText(draw(room.session).lines);
  return { room, key, text, body: () => text().split('\n').slice(2, -4) };
}

const names = (value = 'slave') => setting('master', 'synchronous_standby_names', value);
const synchronous = replicas(
  { slave: 'master' },
  names(),
  sender('master', 'slave', { syncState: 'sync', syncPriority: 1, replay: '0/5000048' }),
);

/** After how many steps the client has its COMMIT; null: it has not, at the end of the line. */
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

describe('one commit, slowly', () => {
  it('goes from the buffers of the primary to the readers of the standby', () => {
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
      ' it, its disk perhaps not.',
      ' If master dies now: slave has the row, unless its machine fails in the same',
      ' moment.',
      '',
      '',
      '',
    ]);
  });

  it('is a single line where there is no room', () => {
    const { key, body } = openCommit(synchronous, 40, 12);
    key('space', 'space');
    expect(body()).toEqual([
      ' synchronous_commit [on]',
      ' client  ○ waits',
      ' master ●━━■──□ ▶ slave □──□──□',
      ' 2 flushed: master has flushed its log:',
      ' the record is on its disk. Only now',
      ' may it be sent.',
    ]);
  });

  it('frees the client where its level says', () => {
    expect(levels.map((level) => freedAfter(synchronous, level))).toEqual([1, 2, 4, 5, 6]);
  });

  it('frees it on the primary where nobody is waited for', () => {
    const alone = replicas({ slave: 'master' });
    expect(levels.map((level) => freedAfter(alone, level))).toEqual([1, 2, 2, 2, 2]);
  });

  it('never frees it while the standby that is asked for is missing', () => {
    const gone = replicas({ slave: 'master' }, stopped('master', 'slave'), names());
    expect(levels.map((level) => freedAfter(gone, level))).toEqual([1, 2, null, null, null]);
    const { key, text } = openCommit(gone, 120, 40);
    key(...Array.from({ length: 9 }, () => 'space'));
    expect(text()).toContain('✖ waits on');
    expect(text()).toContain('╭┄ no standby ┄');
    expect(text()).toContain('Here it ends: nobody receives the log of master.');
    expect(text()).toContain('The client waits, until a standby that synchronous_standby_names asks for has come');
  });

  it('stops where replay is paused: only remote_apply waits for it', () => {
    const still = paused('slave', '0/5000048')(synchronous);
    expect(levels.map((level) => freedAfter(still, level))).toEqual([1, 2, 4, 5, null]);
  });

  it('names what is lost if the primary dies, and when the client was told otherwise', () => {
    const { key, text } = openCommit(synchronous, 120, 40);
    key('left', 'left', 'left', 'space');
    expect(text()).toContain('[off]');
    expect(text()).toContain('If master dies now: the row is gone. The client was told COMMIT all the same.');
  });

  it("shows the learner's own medians, near and far", () => {
    const { room, text } = openCommit(synchronous, 100, 30);
    const measured = (distance: number, on: number): Measurement => ({
      at: '', on: 'master', distance, names: 'slave', syncStandby: 'slave',
      levels: [{ level: 'on', commits: 100, medianMs: on, p95Ms: on, staleReads: 0, reads: 100 }],
    }); // biome-ignore format: a row
    const { learner, now, saves } = room.session;
    if (!now) throw new Error('nothing seen');
    const journal = { ...learner.journal, measurements: [measured(0, 9), measured(0, 2.5), measured(5, 12.4)] };
    room.dispatch({ kind: 'observed', now, learner: { ...learner, journal }, saves });
    expect(text()).toMatch(/your medians, near .* 2\.50 ms/);
    expect(text()).toMatch(/your medians, far .* 12\.40 ms/);
  });

  it('says so when nobody can commit', () => {
    const { room } = openCommit(replicas({ slave: 'nobody' }, down('master')));
    expect(room.session.overlay?.kind).toBe('map');
    expect(room.session.notice).toEqual({ kind: 'no primary' });
  });
});

describe('its keys', () => {
  const tick = { kind: 'tick', at: '2026-11-23T14:02:01.000Z' } as const;
  const stepOf = ({ room: { session } }: ReturnType<typeof openCommit>) =>
    session.overlay?.kind === 'commit' ? session.overlay.step : undefined;

  it('go a step on, a step back, and to another level from the start', () => {
    const commit = openCommit(synchronous);
    commit.key('space', 'down', 'up');
    expect(stepOf(commit)).toBe(1);
    commit.key('right');
    expect(stepOf(commit)).toBe(0);
  });

  it('play it with the ticks of the clock, to its end, and again', () => {
    const commit = openCommit(synchronous);
    commit.key('enter');
    for (let at = 0; at < 9; at++) commit.room.dispatch(tick);
    expect(stepOf(commit)).toBe(6);
    commit.key('enter');
    expect(stepOf(commit)).toBe(0);
    commit.room.dispatch(tick);
    commit.key('enter');
    commit.room.dispatch(tick);
    expect(stepOf(commit)).toBe(1);
  });

  it('let nothing move by itself where the learner wants no motion', () => {
    const commit = openCommit(synchronous, 100, 30, false);
    commit.key('enter');
    commit.room.dispatch(tick);
    expect(stepOf(commit)).toBe(1);
    expect(plainText([keyLine(commit.room.session, 100)])).not.toContain('play');
  });

  it('lead back to the map, and from there to the lesson', () => {
    const commit = openCommit(synchronous);
    commit.key('esc');
    expect(commit.room.session.overlay).toEqual({ kind: 'map' });
    commit.key('m');
    expect(commit.room.session.overlay).toBeNull();
  });
});
