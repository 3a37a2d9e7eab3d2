import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/lab/lab.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { applyChanges, emptyLearnerState, type LearnerState } from '../../src/learner/progress.ts';
import type { LogMove } from '../../src/session/log/state.ts';
import { type Ports, runSession } from '../../src/session/run/effects.ts';
import type { Session } from '../../src/session/session.ts';
import { openSession } from '../../src/session/update.ts';
import { messages } from '../../src/ui/messages.ts';
import { done, here, lessons, observation, plan } from './fixture.ts';

/** Ports of a session in memory: a look ends when the test resolves it, and the learner's files are a variable. */
function inMemory() {
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
    hasStep: (which) => which === 'undo',
    terminal: {
      run: async () => null,
      paste: async () => undefined,
      ready: () => false,
      raise: () => undefined,
      scroll: () => undefined,
    },
    perform: async () => 'done',
    writeReport: async () => [],
    keepStart: async () => undefined,
    compare: async () => ({ with: 'start', lesson: 'guess', at: '', servers: [] }),
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
    emit: (event: LabEvent) => events.shift()?.(event),
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

/** The first look begins one turn of the event loop after the opening, when the caller has drawn the session. */
const firstLook = () => new Promise(setImmediate);

describe('a running session', () => {
  it('a running session starts its first look one turn later, so that the caller can draw first', async () => {
    const memory = inMemory();
    await using _running = runSession(memory.opening, memory.ports, memory.changed, failed);
    expect(memory.looks.length).toBe(0);
    await firstLook();
    expect(memory.looks.length).toBe(1);
  });

  it('a running session judges what a look saw, and saves the tasks that pass', async () => {
    const memory = inMemory();
    await using running = runSession(memory.opening, memory.ports, memory.changed, failed);
    await firstLook();
    const seen = memory.until(({ now }) => now !== null);
    memory.looks[0]?.(observation({ slave: 'stopped' }));
    await seen;
    expect(running.session.tasks[0]?.done?.seen).toBe('master answers on port 5432');
    await running[Symbol.asyncDispose]();
    expect(memory.files().progress.done).toHaveProperty('servers/master-runs');
  });

  it('a running session judges and saves nothing while a command in another terminal changes the lab', async () => {
    const memory = inMemory();
    await using running = runSession(memory.opening, memory.ports, memory.changed, failed);
    await firstLook();
    memory.busy(true);
    const seen = memory.until(({ changedElsewhere }) => changedElsewhere);
    memory.looks[0]?.(observation({ slave: 'stopped' }));
    await seen;
    expect(running.session).toMatchObject({ tasks: [], learner: { progress: { done: {} } } });
    expect(running.session.now).not.toBeNull();
    running.dispatch({ kind: 'intent', intent: { do: 'next' } });
    expect(running.session.notice).toEqual({ kind: 'busy elsewhere' });

    memory.busy(false);
    const again = memory.until(({ changedElsewhere }) => !changedElsewhere);
    memory.tick();
    memory.looks[1]?.(observation({ slave: 'stopped' }));
    await again;
    expect(running.session.tasks[0]?.done?.seen).toBe('master answers on port 5432');
  });

  it('a running session looks at once after a saved file, but not when a log grows', async () => {
    const memory = inMemory();
    await using running = runSession(memory.opening, memory.ports, memory.changed, failed);
    await firstLook();
    const seen = memory.until(({ lookState }) => lookState === 'idle');
    memory.looks[0]?.(observation());
    await seen;
    const asked = memory.until(({ lookState }) => lookState === 'under way');
    memory.emit({ kind: 'log', server: 'master' });
    await new Promise(setImmediate);
    expect(memory.looks.length).toBe(1);
    memory.emit({ kind: 'files', server: 'master' });
    await asked;
    expect(memory.looks.length).toBe(2);
    expect(running.session.lookState).toBe('under way');
  });

  it('undo asks before it begins; redo says at once, in the words of the command, that there is nothing', async () => {
    const memory = inMemory();
    await using running = runSession(memory.opening, memory.ports, memory.changed, failed);
    const asks = memory.until(({ overlay }) => overlay?.kind === 'confirm');
    running.dispatch({ kind: 'intent', intent: { do: 'undo' } });
    await asks;
    expect(running.session.notice).toBeNull();
    running.dispatch({ kind: 'intent', intent: { do: 'decline' } });
    const says = memory.until(({ notice }) => notice !== null);
    running.dispatch({ kind: 'intent', intent: { do: 'redo' } });
    await says;
    expect(running.session.overlay).toBeNull();
    expect(running.session.notice && messages.notice(running.session.notice)).toBe(messages.step.redo.none.what);
  });

  it('a running session never starts a second look while one is under way', async () => {
    const memory = inMemory();
    await using _running = runSession(memory.opening, memory.ports, memory.changed, failed);
    await firstLook();
    memory.tick();
    memory.tick();
    expect(memory.looks.length).toBe(1);
  });

  it('a running session shows the problem of a failed look, and looks again', async () => {
    const memory = inMemory();
    await using running = runSession(memory.opening, memory.ports, memory.changed, failed);
    await firstLook();
    const reported = memory.until(({ lookProblem }) => lookProblem !== null);
    memory.looks[0]?.(new ProblemError({ what: 'The lab folder is gone.', fix: 'Bring it back.' }));
    await reported;
    memory.tick();
    expect(memory.looks.length).toBe(2);
    expect(running.session.lookProblem?.fix).toBe('Bring it back.');
  });

  it('a running session copies a code block, and says how many lines it has', async () => {
    const memory = inMemory();
    await using running = runSession(memory.opening, memory.ports, memory.changed, failed);
    const reported = memory.until(({ notice }) => notice !== null);
    running.dispatch({ kind: 'intent', intent: { do: 'copy', block: { index: 0, text: 'a\nb' } } });
    await reported;
    expect(running.session.notice).toEqual({ kind: 'copied', lines: 2, sure: true });
  });

  it('a running session reports its own errors to the caller', async () => {
    const memory = inMemory();
    const error = new Promise((resolve) => runSession(memory.opening, memory.ports, memory.changed, resolve));
    await firstLook();
    memory.looks[0]?.(new TypeError('ours'));
    expect(await error).toBeInstanceOf(TypeError);
  });
});

describe('the log view of a running session', () => {
  /** Logs that grow when the test writes to them; `signal` is aborted when the session stops reading. */
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
  const line = (time: string, message: string) => `2026-11-23 ${time} UTC [7] LOG:  ${message}\n`;
  const open = { kind: 'intent', intent: { do: 'log' } } as const;
  const bookIn = ({ overlay }: Session) => (overlay?.kind === 'log' ? overlay.buffer : undefined);
  const textIn = (session: Session) =>
    bookIn(session)
      ?.chunks.map(({ text }) => text)
      .join('\n') ?? '';

  const withLogs = () => {
    const memory = inMemory();
    const { sources, server } = logs();
    const ports = { ...memory.ports, lab: { ...memory.ports.lab, server } };
    return { memory, sources, run: () => runSession(memory.opening, ports, memory.changed, failed) };
  };

  it('an open log view follows the logs of all servers, and stops when another overlay replaces it', async () => {
    const { memory, sources, run } = withLogs();
    await using running = run();
    running.dispatch(open);
    await memory.until((session) => bookIn(session)?.reading === false);
    sources.get('master')?.write(line('14:00:00.000', 'one'));
    await memory.until((session) => textIn(session).includes('one'));
    sources.get('slave')?.write(line('14:00:01.000', 'two'));
    await memory.until((session) => textIn(session).includes('two'));
    expect([...sources.values()].map(({ signal }) => signal.aborted)).toEqual([false, false]);
    running.dispatch({ kind: 'intent', intent: { do: 'help' } });
    expect([...sources.values()].map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it('the log reader makes one record of text that arrives in pieces', async () => {
    const { memory, sources, run } = withLogs();
    await using running = run();
    running.dispatch(open);
    await memory.until((session) => bookIn(session)?.reading === false);
    const whole = `${line('14:00:00.000', 'one')}2026-11-23 14:00:00.000 UTC [7] DETAIL:  and more\n`;
    for (const piece of [whole.slice(0, 20), whole.slice(20, 60), whole.slice(60)]) sources.get('master')?.write(piece);
    await memory.until((session) => textIn(session).includes('and more'));
    expect(bookIn(running.session)?.chunks.map(({ ends }) => ends.length)).toEqual([1]);
  });

  it('the log view names the server that has no log, and shows the logs of the others', async () => {
    const memory = inMemory();
    const { sources, server } = logs(['slave']);
    await using running = runSession(
      memory.opening,
      { ...memory.ports, lab: { ...memory.ports.lab, server } },
      memory.changed,
      failed,
    );
    running.dispatch(open);
    await memory.until((session) => bookIn(session)?.absent[0] === 'slave');
    sources.get('master')?.write(line('14:00:00.000', 'one'));
    await memory.until((session) => textIn(session).includes('one'));
    expect(bookIn(running.session)?.absent).toEqual(['slave']);
  });

  it('a search in a long log runs in slices, and keys are handled between them', async () => {
    const { memory, sources, run } = withLogs();
    await using running = run();
    running.dispatch(open);
    await memory.until((session) => bookIn(session)?.reading === false);
    sources
      .get('master')
      ?.write(
        Array.from({ length: 30_000 }, (_, at) => line('14:00:00.000', `number ${at}, ${'x'.repeat(60)}`)).join(''),
      );
    await memory.until((session) => textIn(session).includes('number 29999'));
    const move = (to: LogMove) => running.dispatch({ kind: 'intent', intent: { do: 'in log', move: to } });
    move({ to: 'search' });
    move({ to: 'type', text: 'number 123' });
    const found = memory.until(({ overlay }) => overlay?.kind === 'log' && overlay.search?.ahead === 0);
    expect(running.session.overlay).toMatchObject({ follows: true });
    await found;
    expect(running.session.overlay).toMatchObject({ follows: false, cursor: 12_399 });
  });
});
