import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/lab/observation.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { lineColumns } from '../../src/ui/layout/wrap.ts';
import { plainText } from '../../src/ui/page/prose.ts';
import { inAscii } from '../../src/ui/theme.ts';
import { createSession, here } from '../session/fixture.ts';
import { down, paused, planWith, replicas, sender, server, setting, sql, stopped } from '../session/replicas.ts';

const draw = frameMaker({ notes: [], root: false, planOf: () => [] });

/** Opens the map of this observation; `look` dispatches another observation. */
function openMap(now: Observation, columns = 80, rows = 24) {
  const screen = createSession({ columns, rows, plan: planWith(now), changes: [here('streaming')] });
  const look = (seen: Observation) =>
    screen.dispatch({ kind: 'observed', now: seen, learner: screen.session.learner, saves: screen.session.saves });
  look(now);
  screen.press({ do: 'map' });
  const lines = () => plainText(draw(screen.session).lines).split('\n');
  return { ...screen, look, lines, body: () => lines().slice(2, -2), get session() { return screen.session; } }; // biome-ignore format: short
}

const lag = sender('master', 'slave', { replay: '0/4FF0148', writeLag: 0.31, flushLag: 0.84, replayLag: 1234 });
const waiting = (since: string, pid: number) => ({
  pid, since, user: 'postgres', database: 'master', query: "INSERT INTO visits\n  VALUES ('x')",
}); // biome-ignore format: a row

describe('the map', () => {
  it('the map shows servers, what flows between them, and what that means, at 80x24', () => {
    const now = replicas({ slave: 'master' }, lag, setting('master', 'synchronous_standby_names', 'slave'));
    const synchronous = sender('master', 'slave', { syncState: 'sync', syncPriority: 1 })(now);
    expect(openMap(synchronous).body()).toEqual([
      ' ╭─ master :5432 ─────────────────────────────────────────────────────────────╮',
      ' │ ● primary  timeline 1  0/5000148                                           │',
      ' ╰──┬─────────────────────────────────────────────────────────────────────────╯',
      '    │  slave · streaming · sync 1',
      '    │  sent     ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  0/5000148      0 B',
      '    │  written  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  0/5000148      0 B   0.3 ms',
      '    │  flushed  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  0/5000148      0 B   0.8 ms',
      '    │  replayed ━━━━━━━━━━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄  0/4FF0148    64 kB    1.2 s',
      '    │  behind   ▇  most 64 kB',
      '    │  later    ▇  most 1.2 s',
      '    │  ╭─ slave :5433 ────────────────────────────────────────────────────────╮',
      '    ╰─▶│ ● standby  timeline 1  0/5000148                                     │',
      '       ╰──────────────────────────────────────────────────────────────────────╯',
      ' A full bar is the newest 256 kB of WAL; the empty part has not arrived yet.',
      '',
      '',
      '',
      '────────────────────────────────────────────────────────────────────────────────',
      ' A commit on master waits until slave has flushed it.',
      ' ✔ All done. n shows what you have learnt.',
    ]);
  });

  it('the map has servers side by side at 120x40, also a cascade, and draws the lags', () => {
    const now = replicas({ slave: 'master', slave2: 'master', slave3: 'slave' }, lag);
    expect(openMap(now, 120, 40).body().slice(1, 29)).toEqual([
      ' ╭─ master :5432 ───────────╮                                                              ╭─ slave :5433 ────────────╮',
      ' │ ● primary                ├── slave · streaming · async ────────────────────────────────▶│ ● standby                │',
      ' │ timeline 1  0/5000148    │   sent     ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │ timeline 1  0/5000148    │',
      ' │                          │   written  ━━━━━━━━━━━━━━━━━━  0/5000148      0 B   0.3 ms   │                          │',
      ' │                          │   flushed  ━━━━━━━━━━━━━━━━━━  0/5000148      0 B   0.8 ms   │                          │',
      ' ╰──┬───────────────────────╯   replayed ━━━━━━━━━━━━━┄┄┄┄┄  0/4FF0148    64 kB    1.2 s   ╰──────────────────────────╯',
      '    │                                                                                      ╭─ slave3 :5435 ───────────╮',
      '    │                        ── from slave · slave3 · streaming · async ──────────────────▶│ ● standby                │',
      '    │                           sent     ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │ timeline 1  0/5000148    │',
      '    │                           written  ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │                          │',
      '    │                           flushed  ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │                          │',
      '    │                           replayed ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            ╰──────────────────────────╯',
      '    │                                                                                      ╭─ slave2 :5434 ───────────╮',
      '    ╰────────────────────────── slave2 · streaming · async ───────────────────────────────▶│ ● standby                │',
      '                                sent     ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │ timeline 1  0/5000148    │',
      '                                written  ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │                          │',
      '                                flushed  ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            │                          │',
      '                                replayed ━━━━━━━━━━━━━━━━━━  0/5000148      0 B            ╰──────────────────────────╯',
      '',
      ' A full bar is the newest 256 kB of WAL; the empty part has not arrived yet.',
      '',
      ' slave: WAL not replayed yet                                 slave: time until replayed',
      '    64 kB │█                                                    1.2 s │█',
      '          │█                                                          │█',
      '          │█                                                          │█',
      '          │█                                                          │█',
      '          │█                                                          │█',
      '        0 └─                                                        0 └─',
    ]);
  });

  it('the map is a list at 40x12', () => {
    expect(openMap(replicas({ slave: 'master' }, lag), 40, 12).body()).toEqual([
      ' master :5432  ● primary',
      '   ╰ slave · streaming · async',
      '     replayed ━━━━━┄┄    64 kB    1.2 s',
      '   slave :5433  ● standby',
      ' A commit on master waits for no',
      ' standby: synchronous_standby_names is',
      '── ↓ more ──────────────────────────────',
      ' ✔ All done. n shows what you have lear…',
    ]);
  });

  it('the map has the same layout in ASCII as in Unicode', () => {
    const text = openMap(replicas({ slave: 'master' }, lag, paused('slave', '0/4FF0148')), 120, 40).lines();
    const plain = text.map(inAscii);
    expect(plain.join('\n')).toMatch(/^[ -~\n]+$/);
    expect(plain.map((line) => line.length)).toEqual(text.map((line) => line.length));
    expect(plain.slice(3, 9)).toEqual([
      ' +- master :5432 -----------+                                                              +- slave :5433 ------------+',
      ' | * primary                +-- slave . streaming . async -------------------------------->| * standby                |',
      ' | timeline 1  0/5000148    |   sent     ==================  0/5000148      0 B            | timeline 1  0/4FF0148    |',
      ' |                          |   written  ==================  0/5000148      0 B   0.3 ms   | " replay is paused       |',
      ' |                          |   flushed  ==================  0/5000148      0 B   0.8 ms   |                          |',
      ' `--------------------------+   replayed =============.....  0/4FF0148    64 kB   paused   `--------------------------+',
    ]);
  });

  const many = replicas({ slave: 'master', slave2: 'slave', slave3: 'slave2' }, lag);
  const oddLabs: readonly (readonly [string, Observation])[] = [
    ['four in a row', many],
    ['nothing made', replicas({ slave: 'nobody' }, down('master', 'absent'), down('slave', 'absent'))],
    ['followers of each other', replicas({ slave: 'slave2', slave2: 'slave' })],
    ['a stranger', replicas({ slave: '5999' }, down('master', 'hung'))],
  ];
  const sizes = [[200, 50], [120, 40], [98, 30], [80, 24], [60, 20], [40, 12], [30, 8]] as const; // biome-ignore format: pairs
  it.each(oddLabs)('the map fills every screen exactly: %s', (_, now) => {
    for (const [columns, rows] of sizes) {
      const screen = openMap(now, columns, rows);
      for (const intent of ['map', 'commit'] as const) {
        screen.press({ do: intent });
        const { lines } = draw(screen.session);
        expect(lines.length, `${columns}x${rows}`).toBe(rows);
        expect(Math.max(...lines.map(lineColumns)), `${columns}x${rows}`).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('details on the map', () => {
  const mapText = (now: Observation, columns = 120) => openMap(now, columns, 40).lines().join('\n');

  it('a stopped standby stays on the map where it belongs, with nothing flowing to it', () => {
    const text = mapText(replicas({ slave: 'master' }, stopped('master', 'slave')));
    expect(text).toContain('├── ✖ not connected ┄┄┄');
    expect(text).toContain('┆ ○ stopped');
  });

  it('the map says which servers are paused, hung, failed or not made yet', () => {
    const states = ['paused', 'hung', 'failed', 'absent', 'created', 'starting'] as const;
    const text = (state: (typeof states)[number]) => mapText(replicas({ slave: 'nobody' }, down('slave', state)));
    expect(states.map((state) => /┆ ([○✖] [^┆]*?) +┆/.exec(text(state))?.[1])).toEqual([
      '○ paused',
      '✖ does not answer',
      '✖ failed',
      '○ not made yet',
      '○ made, never started',
      '○ starting',
    ]);
  });

  it('the map distinguishes two clusters from two servers of one', () => {
    const other = sql('slave', {
      inRecovery: false,
      receiver: null,
      systemIdentifier: '77116',
      position: { role: 'primary', current: '0/1' },
    });
    const text = mapText(replicas({ slave: 'nobody' }, other));
    expect(text).toContain('cluster …7116');
    expect(text).toContain('no WAL flows between them');
    expect(text).toContain('Two primaries of two clusters');
  });

  it('the map shows a standby that follows itself, and one that follows an unknown server', () => {
    expect(mapText(replicas({ slave: 'slave' }))).toContain('↺ receives from itself');
    const text = mapText(replicas({ slave: '5999' }));
    expect(text).toContain('╭┄ another client ');
    expect(text).toContain('┆ 127.0.0.1:5999 ');
  });

  it('the map says that replay is paused, and does not show its replay lag as a time', () => {
    const text = mapText(replicas({ slave: 'master' }, lag, paused('slave', '0/4FF0148')));
    expect(text).toContain('‖ replay is paused');
    expect(text).toMatch(/replayed .* 0\/4FF0148 {4}64 kB {3}paused/);
    expect(text).toContain('Replay is paused on slave');
  });

  it('commits that wait are dots on the map, oldest first, with the time they began and their age', () => {
    const waits = [waiting('2026-11-23T14:02:31.000Z', 8), waiting('2026-11-23T14:02:28.000Z', 9)];
    const now = replicas(
      { slave: 'master' },
      stopped('master', 'slave'),
      setting('master', 'synchronous_standby_names', 'first 1 (slave)'),
      sql('master', { now: '2026-11-23T14:03:32.500Z', waiting: waits }),
    );
    const text = mapText(now);
    expect(text).toContain('●● 2 commits wait');
    expect(text).toMatch(
      /● master {2}since \d\d:02:28, 1 min 4 s {2}INSERT INTO visits VALUES \('x'\)\n.*:02:31, 1 min 1 s/,
    );
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'A commit on master does not return: synchronous_standby_names asks for first 1 (slave), and one standby is missing. 2 commits are waiting now.',
    );
  });

  it('the map says who uses each slot, and what the slot keeps', () => {
    const slot = {
      kind: 'physical',
      temporary: false,
      active: false,
      activePid: null,
      restart: '0/3000000',
      walStatus: 'reserved',
      kept: 33_554_760,
    } as const;
    const slots = [
      { ...slot, name: 'old' },
      { ...slot, name: 'slave_slot', active: true, activePid: 5433, kept: 328 },
      { ...slot, name: 'too_late', restart: null, walStatus: 'lost', kept: null } as const,
    ];
    const text = mapText(replicas({ slave: 'master' }, sql('master', { slots })), 80);
    expect(text).toContain('○ master  old         keeps 32 MB  unused  physical');
    expect(text).toContain('● master  slave_slot  keeps 328 B  used by slave  physical');
    expect(text).toContain('○ master  too_late    lost: the WAL that it kept is gone');
  });

  it('the map draws timelines as a tree as soon as there are two', () => {
    expect(mapText(replicas({ slave: 'master' }))).not.toContain('Timelines');
    const branches = [{ timeline: 2, from: 1, at: '0/4000000', why: 'no recovery target specified' }];
    const promoted = sql('slave', {
      inRecovery: false,
      receiver: null,
      timeline: 2,
      branches,
      position: { role: 'primary', current: '0/5000000' },
    });
    const further = sql('slave2', {
      inRecovery: false,
      receiver: null,
      timeline: 3,
      branches: [...branches, { timeline: 3, from: 2, at: '0/4800000', why: '' }],
      position: { role: 'primary', current: '0/5000000' },
    });
    const lines = openMap(replicas({ slave: 'nobody', slave2: 'nobody' }, promoted, further), 120, 40).lines();
    const from = lines.findIndex((line) => line.includes('Timelines'));
    expect(lines.slice(from + 1, from + 4)).toEqual([
      ' 1 ━━━━━━━━━━━━▶ master',
      '   ╰━ 2 ━━━━━━━━━━━━▶ slave  from 0/4000000 on: no recovery target specified',
      '        ╰━ 3 ━━━━━━━━━━━━▶ slave2  from 0/4800000 on',
    ]);
  });

  it('the map masks a password in a waiting statement', () => {
    const waits = [{ ...waiting('2026-11-23T14:02:28.000Z', 9), query: "ALTER ROLE slave PASSWORD 'slave_pass'" }];
    const text = mapText(replicas({}, sql('master', { now: '2026-11-23T14:02:29.000Z', waiting: waits })));
    expect(text).toContain('ALTER ROLE slave PASSWORD');
    expect(text).not.toContain('slave_pass');
  });
});

describe('an open map', () => {
  it('an open map does not change while nothing moves', () => {
    const map = openMap(replicas({ slave: 'master' }, lag), 120, 40);
    const before = map.lines();
    map.look({ ...replicas({ slave: 'master' }, lag), at: '2026-11-23T14:02:45.000Z' });
    map.dispatch({ kind: 'tick', at: '2026-11-23T14:02:00.900Z' });
    expect(map.lines()).toEqual(before);
  });

  it('an open map shows that a task passes, and stays open', () => {
    const map = openMap(replicas({ slave: 'nobody' }));
    expect(map.lines().at(-3)).toContain('✖ The slave receives the log · not yet');
    map.look(replicas({ slave: 'master' }));
    expect(map.lines().at(-3)).toContain('✔ All done.');
    expect(map.session.overlay).toEqual({ kind: 'map' });
  });

  it('a map that is opened before the first look says that it waits', () => {
    const screen = createSession();
    screen.press({ do: 'map' });
    expect(plainText(draw(screen.session).lines)).toContain('Looking at the servers …');
  });

  it('the map says what is not known of a server that cannot be asked', () => {
    const shut = server('master', { sql: { what: 'master turned the workshop away: password=x', fix: '' } });
    expect(
      openMap(replicas({ slave: 'nobody' }, shut))
        .lines()
        .join('\n'),
    ).toContain('● running, but cannot be queried');
  });
});
