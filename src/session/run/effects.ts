/** Performs the effects of a session and turns their results into events. Not pure, like all of session/run/. */
import type { Lab } from '../../lab/lab.ts';
import type { Observation } from '../../lab/observation.ts';
import { type Problem, ProblemError } from '../../lab/problem.ts';
import { applyChanges } from '../../learner/progress.ts';
import type { ComparedWith, StateComparison } from '../../learner/states.ts';
import type { LearnerStore } from '../../learner/store.ts';
import type { OperationOutcome, OperationWatcher } from '../../lesson/step-progress.ts';
import type { LogNote } from '../../postgres/log/notes.ts';
import type { Effect, Operation, Session, SessionEvent, TerminalProgram } from '../session.ts';
import type { Transition } from '../transition.ts';
import { update } from '../update.ts';
import { openLogReading } from './log-reader.ts';

/** The terminal beside the lesson. Its contents arrive as events ('terminal drawn'). */
export interface TerminalPort {
  // Resolves when the program has ended; with null when no terminal can be opened.
  run(program: TerminalProgram): Promise<{ readonly killed: boolean } | null>;
  ready(program: TerminalProgram): boolean; // true: the program waits for input and runs nothing else
  raise(program: TerminalProgram): void;
  paste(text: string): Promise<void>;
  scroll(top: number): void;
}

export interface Ports {
  readonly lab: Pick<Lab, 'observe' | 'watch' | 'server'>;
  readonly store: LearnerStore;
  readonly notes: readonly LogNote[];
  runFullscreen(program: TerminalProgram): Promise<void>; // resolves when the program has ended and the frame is back
  readonly terminal: TerminalPort;
  perform(operation: Operation, watcher: OperationWatcher): Promise<OperationOutcome>;
  hasStep(which: 'undo' | 'redo'): boolean; // whether there is a state to bring back
  writeReport(): Promise<readonly string[]>; // resolves with the report's files
  keepStart(lesson: string, now: Observation): Promise<void>; // unless the start of this lesson was kept before
  compare(against: ComparedWith, lesson: string, now: Observation): Promise<StateComparison | Problem>;
  copy(text: string): boolean; // to the clipboard; true: this terminal is known to support it
  takeOver(): boolean; // for a read-only screen: true as soon as no other screen is open on the lab
  quit(stopServers: boolean): void;
  readonly clock: { now(): string; everySecond(tick: () => void): () => void };
}

export interface Running extends AsyncDisposable {
  readonly session: Session;
  dispatch(event: SessionEvent): void;
}

/**
 * Runs a session until it is disposed: a look each second and after every change in the lab, never two at once.
 * Calls `changed` after every event, and `failed` with each error that is not a ProblemError.
 */
export function runSession(
  opening: Transition,
  ports: Ports,
  changed: (session: Session) => void,
  failed: (error: unknown) => void,
): Running {
  const ending = new AbortController();
  const { signal } = ending;
  let session = opening[0];
  const work: Work = { stop: () => undefined, over: Promise.resolve() };
  let files: Promise<unknown> = Promise.resolve(); // reads and writes of the learner's files, one after the other
  const inTurn = <T>(access: () => Promise<T>): Promise<T> => {
    const turn = files.then(access);
    files = turn.catch(() => undefined); // the caller gets the error through `turn`
    return turn;
  };
  const fail = (error: unknown) => {
    if (!signal.aborted) failed(error);
  };
  const start = (effects: readonly Effect[]) => {
    if (signal.aborted) return;
    for (const effect of effects) {
      if (effect.do === 'read log') logs.read(effect.servers);
      else perform(effect, ports, inTurn, { signal, work, dispatch }).then((event) => event && dispatch(event), fail);
    }
  };
  const dispatch = (event: SessionEvent) => {
    if (signal.aborted) return;
    const [next, effects] = update(session, event);
    session = next;
    if (session.overlay?.kind !== 'log') logs.stop();
    start(effects);
    changed(session);
  };
  const logs = openLogReading(ports, (part) => dispatch({ kind: 'log read', part }), fail);
  const stopClock = ports.clock.everySecond(() => {
    dispatch({ kind: 'tick', at: ports.clock.now() });
    if (session.readOnly && ports.takeOver()) dispatch({ kind: 'took over' });
  });
  follow(ports.lab, signal, dispatch).catch(fail);
  setImmediate(start, opening[1]); // the caller draws the first frame before the first look begins
  return {
    get session() {
      return session;
    },
    dispatch,
    async [Symbol.asyncDispose]() {
      stopClock();
      logs.stop();
      ending.abort();
      work.stop();
      await Promise.all([files, work.over]);
    },
  };
}

/** Ignores changes of logs: with `log_connections = on` each look writes to them, and would cause the next look. */
async function follow(lab: Ports['lab'], signal: AbortSignal, dispatch: (event: SessionEvent) => void): Promise<void> {
  for await (const { kind } of lab.watch(signal)) if (kind !== 'log') dispatch({ kind: 'changed' });
}

/** The operation under way, or the last one. Two never run at the same time. */
type Work = { stop: () => void; over: Promise<unknown> };
type Context = { readonly signal: AbortSignal; readonly work: Work; readonly dispatch: (event: SessionEvent) => void };

type InTurn = <T>(access: () => Promise<T>) => Promise<T>;

async function perform(
  effect: Exclude<Effect, { do: 'read log' }>,
  ports: Ports,
  inTurn: InTurn,
  context: Context,
): Promise<SessionEvent | undefined> {
  switch (effect.do) {
    case 'observe':
      return observe(effect.saves, ports, inTurn, context.signal);
    case 'save':
      return refusal(inTurn(() => ports.store.change((learner) => applyChanges(learner, effect.changes))));
    case 'keep start':
      return refusal(inTurn(() => ports.keepStart(effect.lesson, effect.now)));
    case 'compare': {
      const { against, lesson, now } = effect;
      return { kind: 'compared', against, found: await inTurn(() => ports.compare(against, lesson, now)) };
    }
    case 'find step':
      return { kind: 'step found', which: effect.which, there: ports.hasStep(effect.which) };
    case 'run fullscreen':
      return (await refusal(ports.runFullscreen(effect.program))) ?? { kind: 'program ended' };
    case 'open terminal':
      return openTerminal(effect.program, ports);
    case 'raise':
      return void ports.terminal.raise(effect.program);
    case 'find ready': {
      const { among, into, text } = effect;
      return { kind: 'ready found', program: among.findLast(ports.terminal.ready) ?? null, into, text };
    }
    case 'paste':
      await ports.terminal.paste(effect.text);
      return undefined;
    case 'scroll terminal':
      ports.terminal.scroll(effect.to);
      return undefined;
    case 'search log':
      await new Promise(setImmediate); // lets pending key presses go first
      return { kind: 'log searched' };
    case 'copy':
      return { kind: 'copied', text: effect.text, sure: ports.copy(effect.text) };
    case 'perform':
      return performOperation(effect.operation, ports, context);
    case 'stop operation':
      return void context.work.stop();
    case 'write report':
      return writeReport(ports);
    case 'quit':
      await inTurn(async () => ports.quit(effect.stopServers));
      return undefined;
  }
}

async function performOperation(
  operation: Operation,
  ports: Ports,
  { work, dispatch }: Context,
): Promise<SessionEvent> {
  const stopping = new AbortController();
  const onProgress: OperationWatcher['onProgress'] = (progress) =>
    dispatch({ kind: 'progress', stepProgress: progress });
  const warnings: Problem[] = [];
  const onWarning: OperationWatcher['onWarning'] = (problem) => void warnings.push(problem);
  const performed = ports.perform(operation, { onProgress, onWarning, signal: stopping.signal });
  work.stop = () => stopping.abort();
  work.over = performed.catch(() => undefined); // the error is handled below
  try {
    const outcome = await performed;
    const ended: SessionEvent = {
      kind: 'operation ended',
      operation,
      problem: null,
      ...(outcome === 'stopped' ? { stopped: true } : {}),
    };
    const [warning] = warnings;
    if (!warning) return ended;
    dispatch(ended);
    return { kind: 'refused', problem: warning };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: 'operation ended', operation, problem: error.problem };
    throw error;
  }
}

async function writeReport(ports: Ports): Promise<SessionEvent> {
  try {
    return { kind: 'report written', files: await ports.writeReport() };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: 'refused', problem: error.problem };
    throw error;
  }
}

async function openTerminal(program: TerminalProgram, { terminal }: Ports): Promise<SessionEvent> {
  const end = await terminal.run(program);
  return end ? { kind: 'terminal ended', program, killed: end.killed } : { kind: 'no terminal', program };
}

async function observe(
  saves: number,
  { lab, store }: Ports,
  inTurn: InTurn,
  signal: AbortSignal,
): Promise<SessionEvent> {
  try {
    const wasBusy = store.isBusy();
    const [now, learner] = await Promise.all([lab.observe(signal), inTurn(() => store.load())]);
    return wasBusy || store.isBusy() ? { kind: 'observed at work', now } : { kind: 'observed', now, learner, saves };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: 'look failed', problem: error.problem };
    throw error;
  }
}

/** Turns a ProblemError into an event; rejects with any other error. */
async function refusal(work: Promise<unknown>): Promise<Extract<SessionEvent, { kind: 'refused' }> | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return { kind: 'refused', problem: error.problem };
    throw error;
  }
}
