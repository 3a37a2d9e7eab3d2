/** Reads the logs of several servers into one book: what is there, brought into one order by time, then what comes. Its slices leave room for keys. */
import type { Lab } from '../../lab/lab.ts';
import { type NoteReader, noteReader } from '../../postgres/log/neighbours.ts';
import type { LogNote } from '../../postgres/log/notes.ts';
import { type LogPart, maxText } from '../log/buffer.ts';
import { chunkWriter } from '../log/chunk-writer.ts';
import { type LogIntake, logIntakeOf } from './log-source.ts';

/** `size`: bytes that its log had at the last look. */
export type LogSource = {
  readonly name: string;
  readonly size: number;
  readonly pieces: () => AsyncIterable<string>;
};

const slice = 300; // records between two breaths, some 4 ms
const quietMs = 50; // after so long without a further line the last record is whole
const restMs = 100; // between two looks at a log that grows all the time
const patienceMs = 1000; // for a log that is smaller by now than at the last look

/** Reads for whoever looks: one set of servers at a time, until it is told to stop. */
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

/** Goes on until the signal. */
export async function readLogs(
  sources: readonly LogSource[],
  notes: readonly LogNote[],
  emit: (part: LogPart) => void,
  signal: AbortSignal,
): Promise<void> {
  const bell = doorbell(signal);
  const intakes = sources.map(({ name, size }) => logIntakeOf(name, size, maxText / sources.length));
  const flows = sources.map(({ pieces }, at) => intakes[at]?.fill(pieces, bell.ring, signal));
  await Promise.all([...flows, grind(intakes, notes, emit, bell, signal)]);
}

async function grind(
  intakes: readonly LogIntake[],
  notes: readonly LogNote[],
  emit: (part: LogPart) => void,
  bell: Doorbell,
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
  while (!intakes.every(({ isThere }) => isThere()) && (await bell.rings(patienceMs)));
  await take(true);
  while (!signal.aborted) {
    await bell.rings();
    for (await take(false); await bell.rings(quietMs); await take(false)) await pause(restMs, signal);
    await take(true);
  }
}

/** The earliest record first. `whole`: nothing more is coming for now, so each log's last record is complete. */
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

type Doorbell = { readonly ring: () => void; readonly rings: (ms?: number) => Promise<boolean> };

/** `rings`: true as soon as it rings, or if it did since the last time; false after so long, or at the signal. */
function doorbell(signal: AbortSignal): Doorbell {
  let rung = false;
  let answer: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      answer();
    },
    rings: (ms) =>
      new Promise((resolve) => {
        const stop = (rang: boolean) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', leave);
          answer = () => undefined;
          if (rang) rung = false;
          resolve(rang);
        };
        const leave = () => stop(false);
        const timer = ms === undefined ? undefined : setTimeout(leave, ms);
        signal.addEventListener('abort', leave);
        answer = () => stop(true);
        if (signal.aborted) leave();
        else if (rung) stop(true);
      }),
  };
}
