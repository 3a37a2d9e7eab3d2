import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/lab/lab.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { type Ports, run } from '../../src/session/effects.ts';
import { applyChanges, type Kept, nothingKept } from '../../src/session/progress.ts';
import type { Session } from '../../src/session/session.ts';
import { openSession } from '../../src/session/update.ts';
import { done, here, lessons, observation, plan } from './room.ts';

/** A lab whose looks end when the test says so, and files that are a variable. */
function outside() {
  const looks: ((result: Observation | Error) => void)[] = [];
  const events: ((event: LabEvent) => void)[] = [];
  const sessions: Session[] = [];
  const waiting: { until: (session: Session) => boolean; resolve: () => void }[] = [];
  let files: Kept = applyChanges(nothingKept, [done('guess/who-writes'), here('servers')]);
  let tick = () => {};
  const ports: Ports = {
    lab: {
      observe: () =>
        new Promise((resolve, reject) =>
          looks.push((result) => (result instanceof Error ? reject(result) : resolve(result))),
        ),
      async *watch(signal) {
        while (!signal.aborted) yield await new Promise<LabEvent>((resolve) => events.push(resolve));
      },
      server: () => {
        throw new Error('no server is needed here');
      },
    },
    store: { load: async () => files, change: async (how) => (files = how(files)) },
    lend: async () => undefined,
    perform: async () => 'done',
    writeReport: async () => [],
    quit: () => undefined,
    clock: {
      now: () => '2026-11-23T14:02:00.000Z',
      everySecond: (given) => {
        tick = given;
        return () => {};
      },
    },
  };
  const changed = (session: Session) => {
    sessions.push(session);
    for (const one of waiting.splice(0)) one.until(session) ? one.resolve() : waiting.push(one);
  };
  const opening = openSession({
    lessons,
    plan,
    about: '',
    onlyLook: false,
    kept: files,
    at: ports.clock.now(),
    columns: 80,
    rows: 24,
  });
  return {
    ports,
    opening,
    changed,
    looks,
    tick: () => tick(),
    tell: (event: LabEvent) => events.shift()?.(event),
    files: () => files,
    until: (until: (session: Session) => boolean) => new Promise<void>((resolve) => waiting.push({ until, resolve })),
  };
}

const failed = (error: unknown) => {
  throw error;
};

describe('a running session', () => {
  it('judges what a look saw, and writes what was found', async () => {
    const world = outside();
    await using running = run(world.opening, world.ports, world.changed, failed);
    const seen = world.until(({ now }) => now !== null);
    world.looks[0]?.(observation({ slave: 'stopped' }));
    await seen;
    expect(running.session.tasks[0]?.done?.seen).toBe('master answers on port 5432');
    await running[Symbol.asyncDispose]();
    expect(world.files().progress.done).toHaveProperty('servers/master-runs');
  });

  it('looks at once after a saved file, but not because a log grew', async () => {
    const world = outside();
    await using running = run(world.opening, world.ports, world.changed, failed);
    const seen = world.until(({ look }) => look === 'idle');
    world.looks[0]?.(observation());
    await seen;
    const asked = world.until(({ look }) => look === 'under way');
    world.tell({ kind: 'log', server: 'master' });
    await new Promise(setImmediate);
    expect(world.looks.length).toBe(1);
    world.tell({ kind: 'files', server: 'master' });
    await asked;
    expect(world.looks.length).toBe(2);
    expect(running.session.look).toBe('under way');
  });

  it('keeps two looks apart, whatever the clock says', async () => {
    const world = outside();
    await using _running = run(world.opening, world.ports, world.changed, failed);
    world.tick();
    world.tick();
    expect(world.looks.length).toBe(1);
  });

  it('tells what the machine refuses, and goes on', async () => {
    const world = outside();
    await using running = run(world.opening, world.ports, world.changed, failed);
    const told = world.until(({ blind }) => blind !== null);
    world.looks[0]?.(new ProblemError({ what: 'The lab folder is gone.', fix: 'Bring it back.' }));
    await told;
    world.tick();
    expect(world.looks.length).toBe(2);
    expect(running.session.blind?.fix).toBe('Bring it back.');
  });

  it('gives an error of its own to whoever opened it', async () => {
    const world = outside();
    const error = new Promise((resolve) => run(world.opening, world.ports, world.changed, resolve));
    world.looks[0]?.(new TypeError('ours'));
    expect(await error).toBeInstanceOf(TypeError);
  });
});
