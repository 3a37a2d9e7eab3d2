/**
 * Reads the logs of several servers and emits parts for one log buffer: first what the logs contain, ordered by time,
 * then what is added. Works in slices so that keys are handled in between.
 */
import type { Lab } from '../../lab/lab.ts';
import { type NoteReader, noteReader } from '../../postgres/log/neighbours.ts';
import type { LogNote } from '../../postgres/log/notes.ts';
import { type LogPart, maxText } from '../log/buffer.ts';
import { chunkWriter } from '../log/chunk-writer.ts';
import { type LogIntake, logIntakeOf } from './log-source.ts';

/** `size`: bytes of the server's log at the last look. */
export type LogSource = {
  readonly name: string;
  readonly size: number;
  readonly pieces: () => AsyncIterable<string>;
};

const slice = 300; // records between two yields to the event loop, some 4 ms
const quietMs = 50; // the last record is complete after this time without a further line
const restMs = 100; // pause between two reads of a log that grows all the time
const sizeWaitMs = 1000; // longest wait for another piece of a log that has become smaller since the last look

/** Reads one set of servers at a time, until `stop` or the next `read`. Calls `failed` with an error of the reading. */
export function openLogReading(
  { lab, notes }: { readonly lab: Pick<Lab, 'server'>; readonly notes: readonly LogNote[] },
  emit: (part: LogPart) => void,
  failed: (error: unknown) => void,
) {
  let current: AbortController | undefined;
  const stop = () => {
    current?.abort();
    current = undefined;
  };
  return {
    stop,
    read(servers: readonly { readonly name: string; readonly size: number }[]) {
      stop();
      current = new AbortController();
      const { signal } = current;
      const sources = servers.map((each) => ({ ...each, pieces: () => lab.server(each.name).readLog(signal) }));
      readLogs(sources, notes, emit, signal).catch((error) => signal.aborted || failed(error));
    },
  };
}

/** Resolves when `signal` aborts; rejects with the first read error. */
export async function readLogs(
  sources: readonly LogSource[],
  notes: readonly LogNote[],
  emit: (part: LogPart) => void,
  signal: AbortSignal,
): Promise<void> {
  const input = wakeUp(signal);
  const intakes = sources.map(({ name, size }) => logIntakeOf(name, size, maxText / sources.length));
  const flows = sources.map(({ pieces }, at) => intakes[at]?.fill(pieces, input.notify, signal));
  await Promise.all([...flows, emitParts(intakes, notes, emit, input, signal)]);
}

async function emitParts(
  intakes: readonly LogIntake[],
  notes: readonly LogNote[],
  emit: (part: LogPart) => void,
  input: WakeUp,
  signal: AbortSignal,
): Promise<void> {
  const names = intakes.map(({ name }) => name);
  const writer = chunkWriter(notes, names, (part) => !signal.aborted && emit(part));
  const noted = noteReader(notes, writer.add);
  const take = async (whole: boolean) => {
    await merge(intakes, whole, noted.push, signal);
    if (whole) noted.flush();
    writer.close(intakes.flatMap(({ name, isAbsent }) => (isAbsent() ? [name] : [])));
  };
  while (!intakes.every(({ isThere }) => isThere()) && (await input.arrives(sizeWaitMs)));
  await take(true);
  while (!signal.aborted) {
    await input.arrives();
    for (await take(false); await input.arrives(quietMs); await take(false)) await pause(restMs, signal);
    await take(true);
  }
}

/** Takes all ready records, the earliest first. `whole`: no input for now, so each log's last record is complete. */
async function merge(
  intakes: readonly LogIntake[],
  whole: boolean,
  take: NoteReader['push'],
  signal: AbortSignal,
): Promise<void> {
  for (let count = 1; !signal.aborted; count++) {
    let first: LogIntake | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const intake of intakes) {
      const at = intake.next(whole);
      if (at === undefined || (first && at >= earliest)) continue;
      first = intake;
      earliest = at;
    }
    if (!first) return;
    const { record, text } = first.take();
    take(record, text);
    if (count % slice === 0) await new Promise(setImmediate);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });

type WakeUp = { readonly notify: () => void; readonly arrives: (ms?: number) => Promise<boolean> };

/**
 * `arrives` resolves with true at the next `notify`, or at once when there was one since it last did; with false after
 * `ms` or when `signal` aborts.
 */
function wakeUp(signal: AbortSignal): WakeUp {
  let notified = false;
  let resume: () => void = () => undefined;
  return {
    notify() {
      notified = true;
      resume();
    },
    arrives: (ms) =>
      new Promise((resolve) => {
        const finish = (arrived: boolean) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resume = () => undefined;
          if (arrived) notified = false;
          resolve(arrived);
        };
        const giveUp = () => finish(false);
        const timer = ms === undefined ? undefined : setTimeout(giveUp, ms);
        signal.addEventListener('abort', giveUp);
        resume = () => finish(true);
        if (signal.aborted) giveUp();
        else if (notified) finish(true);
      }),
  };
}
