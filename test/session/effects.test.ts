import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/lab/lab.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { applyChanges, emptyLearnerState, type LearnerState } from '../../src/learner/progress.ts';
import type { LogMove } from '../../src/session/log/state.ts';
import { type Ports, runSession } from '../../src/session/run/effects.ts';
import type { Session } from '../../src/session/session.ts';
import { openSession } from '../../src/session/update.ts';
import { done, here, lessons, observation, plan } from './fixture.ts';

/** A lab whose looks end when the test says so, and files that are a variable. */
function outside() {
  const looks: ((result: Observation | Error) => void)[] = [];
  const events: ((event: LabEvent) => void)[] = [];
  const sessions: Session[] = [];
  const waiting: { until: (session: Session) => boolean; resolve: () => void }[] = [];
  let files: LearnerState = applyChanges(emptyLearnerState, [done('guess/who-writes'), here('servers')]);
  let tick = () => {};
  let busy = false;
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
    store: { load: async () => files, isBusy: () => busy, change: async (how) => (files = how(files)) },
    notes: [],
    runFullscreen: async () => undefined,
    takeOver: () => false,
    terminal: {
      run: async () => null,
      paste: async () => undefined,
      ready: () => false,
      raise: () => undefined,
      scroll: () => undefined,
    },
    perform: async () => 'done',
    writeReport: async () => [],
    quit: () => undefined,
    copy: () => true,
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
    readOnly: false,
    learner: files,
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
    busy(is: boolean) {
      busy = is;
    },
    until: (until: (session: Session) => boolean) => new Promise<void>((resolve) => waiting.push({ until, resolve })),
  };
}

const failed = (error: unknown) => {
  throw error;
};

/** The first look begins when whoever opened the session has drawn it. */
const begun = () => new Promise(setImmediate);

describe('a running session', () => {
  it('leaves whoever opens it time to draw before the first look', async () => {
    const world = outside();
    await using _running = runSession(world.opening, world.ports, world.changed, failed);
    expect(world.looks.length).toBe(0);
    await begun();
    expect(world.looks.length).toBe(1);
  });

  it('judges what a look saw, and writes what was found', async () => {
    const world = outside();
    await using running = runSession(world.opening, world.ports, world.changed, failed);
    await begun();
    const seen = world.until(({ now }) => now !== null);
    world.looks[0]?.(observation({ slave: 'stopped' }));
    await seen;
    expect(running.session.tasks[0]?.done?.seen).toBe('master answers on port 5432');
    await running[Symbol.asyncDispose]();
    expect(world.files().progress.done).toHaveProperty('servers/master-runs');
  });

  it('judges and keeps nothing of what it sees while a command in another terminal changes the lab', async () => {
    const world = outside();
    await using running = runSession(world.opening, world.ports, world.changed, failed);
    await begun();
    world.busy(true);
    const seen = world.until(({ changedElsewhere }) => changedElsewhere);
    world.looks[0]?.(observation({ slave: 'stopped' }));
    await seen;
    expect(running.session).toMatchObject({ tasks: [], learner: { progress: { done: {} } } });
    expect(running.session.now).not.toBeNull();
    running.dispatch({ kind: 'intent', intent: { do: 'next' } });
    expect(running.session.notice).toEqual({ kind: 'busy elsewhere' });

    world.busy(false);
    const again = world.until(({ changedElsewhere }) => !changedElsewhere);
    world.tick();
    world.looks[1]?.(observation({ slave: 'stopped' }));
    await again;
    expect(running.session.tasks[0]?.done?.seen).toBe('master answers on port 5432');
  });

  it('looks at once after a saved file, but not because a log grew', async () => {
    const world = outside();
    await using running = runSession(world.opening, world.ports, world.changed, failed);
    await begun();
    const seen = world.until(({ lookState }) => lookState === 'idle');
    world.looks[0]?.(observation());
    await seen;
    const asked = world.until(({ lookState }) => lookState === 'under way');
    world.tell({ kind: 'log', server: 'master' });
    await new Promise(setImmediate);
    expect(world.looks.length).toBe(1);
    world.tell({ kind: 'files', server: 'master' });
    await asked;
    expect(world.looks.length).toBe(2);
    expect(running.session.lookState).toBe('under way');
  });

  it('keeps two looks apart, whatever the clock says', async () => {
    const world = outside();
    await using _running = runSession(world.opening, world.ports, world.changed, failed);
    await begun();
    world.tick();
    world.tick();
    expect(world.looks.length).toBe(1);
  });

  it('tells what the machine refuses, and goes on', async () => {
    const world = outside();
    await using running = runSession(world.opening, world.ports, world.changed, failed);
    await begun();
    const told = world.until(({ lookProblem }) => lookProblem !== null);
    world.looks[0]?.(new ProblemError({ what: 'The lab folder is gone.', fix: 'Bring it back.' }));
    await told;
    world.tick();
    expect(world.looks.length).toBe(2);
    expect(running.session.lookProblem?.fix).toBe('Bring it back.');
  });

  it('copies', async () => {
    const world = outside();
    await using running = runSession(world.opening, world.ports, world.changed, failed);
    const told = world.until(({ notice }) => notice !== null);
    running.dispatch({ kind: 'intent', intent: { do: 'copy', block: { index: 0, text: 'a\nb' } } });
    await told;
    expect(running.session.notice).toEqual({ kind: 'copied', lines: 2, sure: true });
  });

  it('gives an error of its own to whoever opened it', async () => {
    const world = outside();
    const error = new Promise((resolve) => runSession(world.opening, world.ports, world.changed, resolve));
    await begun();
    world.looks[0]?.(new TypeError('ours'));
    expect(await error).toBeInstanceOf(TypeError);
  });
});

describe('the log view of a running session', () => {
  /** Logs that grow when the test says so, and know whether somebody reads them. */
  function logs(absent: readonly string[] = []) {
    const sources = new Map<string, { write: (text: string) => void; readonly signal: AbortSignal }>();
    const server = (name: string) => ({
      readLog(signal: AbortSignal | null): AsyncIterable<string> {
        if (!signal) throw new Error('the view follows');
        if (absent.includes(name)) throw new ProblemError({ what: `${name} has no log yet.`, fix: 'Start it.' });
        const written: string[] = [];
        let wake = () => {};
        const write = (text: string) => {
          written.push(text);
          wake();
        };
        sources.set(name, { write, signal });
        signal.addEventListener('abort', () => wake());
        return (async function* () {
          while (!signal.aborted) {
            yield* written.splice(0);
            if (!signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
          }
        })();
      },
    });
    return { sources, server: server as unknown as Ports['lab']['server'] };
  }
  const line = (time: string, says: string) => `2026-11-23 ${time} UTC [7] LOG:  ${says}\n`;
  const open = { kind: 'intent', intent: { do: 'log' } } as const;
  const bookIn = ({ overlay }: Session) => (overlay?.kind === 'log' ? overlay.buffer : undefined);
  const textIn = (session: Session) =>
    bookIn(session)
      ?.chunks.map(({ text }) => text)
      .join('\n') ?? '';

  it('follows the logs of all servers while it is open, and stops when anything takes its place', async () => {
    const world = outside();
    const { sources, server } = logs();
    await using running = runSession(
      world.opening,
      { ...world.ports, lab: { ...world.ports.lab, server } },
      world.changed,
      failed,
    );
    running.dispatch(open);
    await world.until((session) => bookIn(session)?.reading === false);
    sources.get('master')?.write(line('14:00:00.000', 'one'));
    await world.until((session) => textIn(session).includes('one'));
    sources.get('slave')?.write(line('14:00:01.000', 'two'));
    await world.until((session) => textIn(session).includes('two'));
    expect([...sources.values()].map(({ signal }) => signal.aborted)).toEqual([false, false]);
    running.dispatch({ kind: 'intent', intent: { do: 'help' } });
    expect([...sources.values()].map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it('makes one record of what comes in pieces', async () => {
    const world = outside();
    const { sources, server } = logs();
    await using running = runSession(
      world.opening,
      { ...world.ports, lab: { ...world.ports.lab, server } },
      world.changed,
      failed,
    );
    running.dispatch(open);
    await world.until((session) => bookIn(session)?.reading === false);
    const whole = `${line('14:00:00.000', 'one')}2026-11-23 14:00:00.000 UTC [7] DETAIL:  and more\n`;
    for (const piece of [whole.slice(0, 20), whole.slice(20, 60), whole.slice(60)]) sources.get('master')?.write(piece);
    await world.until((session) => textIn(session).includes('and more'));
    expect(bookIn(running.session)?.chunks.map(({ ends }) => ends.length)).toEqual([1]);
  });

  it('says which server has no log, and shows the others', async () => {
    const world = outside();
    const { sources, server } = logs(['slave']);
    await using running = runSession(
      world.opening,
      { ...world.ports, lab: { ...world.ports.lab, server } },
      world.changed,
      failed,
    );
    running.dispatch(open);
    await world.until((session) => bookIn(session)?.absent[0] === 'slave');
    sources.get('master')?.write(line('14:00:00.000', 'one'));
    await world.until((session) => textIn(session).includes('one'));
    expect(bookIn(running.session)?.absent).toEqual(['slave']);
  });

  it('searches in slices, with room for keys between them', async () => {
    const world = outside();
    const { sources, server } = logs();
    await using running = runSession(
      world.opening,
      { ...world.ports, lab: { ...world.ports.lab, server } },
      world.changed,
      failed,
    );
    running.dispatch(open);
    await world.until((session) => bookIn(session)?.reading === false);
    sources
      .get('master')
      ?.write(
        Array.from({ length: 30_000 }, (_, at) => line('14:00:00.000', `number ${at}, ${'x'.repeat(60)}`)).join(''),
      );
    await world.until((session) => textIn(session).includes('number 29999'));
    const move = (to: LogMove) => running.dispatch({ kind: 'intent', intent: { do: 'in log', move: to } });
    move({ to: 'search' });
    move({ to: 'type', text: 'number 123' });
    const found = world.until(({ overlay }) => overlay?.kind === 'log' && overlay.search?.ahead === 0);
    expect(running.session.overlay).toMatchObject({ follows: true });
    await found;
    expect(running.session.overlay).toMatchObject({ follows: false, cursor: 12_399 });
  });
});
