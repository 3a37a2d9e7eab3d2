/**
 * What a container wrote. `docker logs` stamps each line, so after a break the reading goes on where it ended: no gap and no repeat, also when the
 * container or the daemon was restarted in between.
 */
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { isUnreachable } from '../connect/unreachable.ts';
import { type Info, isGone } from '../container.ts';

const mostCharacters = 512 * 1024; // of one start; the rest is in docker logs
const mostLines = 10_000; // at a time: a long log costs Docker as much as these
const againAfterMs = 250;

/** The text of this start; empty for a container that never ran, or that Docker could not start. */
export type ContainerLogReader = (docker: Docker, info: Info) => Promise<string>;

export function createLogReader(): ContainerLogReader {
  const known = new Map<string, { readonly start: string; readonly sieve: Sieve; text: string }>();
  return async (docker, info) => {
    const { Id, State } = info;
    if (/created|removing|dead/.test(State.Status) || (State.Error && !State.Running)) return '';
    const start = `${Id} ${State.StartedAt}`;
    const before = known.get(info.Name);
    const isNew = before?.start !== start || before.text === '';
    const since = isNew ? Date.parse(State.StartedAt) - latestNoteMs : before.sieve.since();
    const found = await linesNow(docker, info, { since, tail: mostLines });
    const lines = isNew ? found.slice(beginning(found, State)) : found;
    const now = isNew ? { start, sieve: createSieve(lines[0]?.at ?? surelyAfter(State)), text: '' } : before;
    known.set(info.Name, now);
    const fresh = now.sieve.fresh(lines);
    const gap = lines.length >= mostLines && fresh.length === lines.length;
    now.text = lastPart((gap ? '' : now.text) + textOf(fresh));
    return now.text;
  };
}

const latestNoteMs = 2000; // Docker notes a start when the process is there already; on a disk that is busy, long after its first words
const betweenStartsMs = 150; // it takes at least some 400 ms from one start to the next
const surelyAfter = ({ StartedAt }: Info['State']): number => Date.parse(StartedAt) - betweenStartsMs;

/**
 * The first line of this start, among those from a little before it. What was said right before the start was noted belongs to it, too: between the last
 * word of another start and the first of this one there is a pause. All that a server said may be that early, if it failed at once.
 */
function beginning(lines: readonly Line[], state: Info['State']): number {
  const sure = lines.findIndex(({ at }) => at >= surelyAfter(state));
  const failed = !state.Running && state.ExitCode === 1;
  let first = sure >= 0 ? sure : failed ? Math.max(lines.length - 1, 0) : lines.length;
  const pauseBefore = (index: number) => (lines[index]?.at ?? 0) - (lines[index - 1]?.at ?? 0);
  while (first > 0 && first < lines.length && pauseBefore(first) < betweenStartsMs) first--;
  return first;
}

const lastPart = (text: string): string =>
  text.length <= mostCharacters ? text : text.slice(text.indexOf('\n', text.length - mostCharacters) + 1);

/** All that the container ever wrote. */
export async function wholeLog(docker: Docker, info: Info): Promise<string> {
  let text = '';
  for await (const lines of linesOf(docker, info, {})) text += textOf(lines);
  return text;
}

/** The same piece by piece, and what comes, until the signal: through restarts of the container and of the daemon, and from a container made anew. */
export async function* followedLog(
  docker: Docker,
  find: () => Promise<Info | undefined>,
  signal: AbortSignal,
): AsyncIterable<string> {
  let id = '';
  let sieve = createSieve(0);
  while (!signal.aborted) {
    try {
      const info = await find();
      if (info && info.Id !== id) {
        id = info.Id;
        sieve = createSieve(0);
      }
      for await (const lines of info ? linesOf(docker, info, { since: sieve.since(), follow: signal }) : []) {
        const text = textOf(sieve.fresh(lines));
        if (text) yield text;
      }
    } catch (error) {
      if (!signal.aborted && !isUnreachable(error) && !isGone(error)) throw error; // it may come back
    }
    await pause(againAfterMs, undefined, { signal }).catch(() => undefined); // the end of the following
  }
}

type Line = { readonly raw: string; readonly at: number; readonly text: string };
const textOf = (lines: readonly Line[]): string => lines.map(({ text }) => text).join('');
type Sieve = ReturnType<typeof createSieve>;

/** Lets each line through once. A second is asked for again: what a container says on two streams is not always written down in the order of its stamps. */
function createSieve(begin: number) {
  let last = begin;
  let seen: Line[] = [];
  return {
    since: () => Math.max(begin, last - 1000),
    fresh(lines: readonly Line[]): readonly Line[] {
      const from = lines.reduce((earliest, { at }) => Math.min(earliest, at), last);
      const again = new Map<string, number>();
      for (const { raw, at } of seen) if (at >= from) again.set(raw, (again.get(raw) ?? 0) + 1);
      const fresh = lines.filter(({ raw }) => {
        const times = again.get(raw) ?? 0;
        again.set(raw, times - 1);
        return times <= 0;
      });
      last = fresh.reduce((latest, { at }) => Math.max(latest, at), last);
      seen = [...seen, ...fresh].filter(({ at }) => at >= last - 1000);
      return fresh;
    },
  };
}

type Wanted = { readonly since?: number; readonly tail?: number; readonly follow?: AbortSignal };

/** None of a container that is being removed: "docker rm --force" marks one that still runs. */
async function linesNow(docker: Docker, info: Info, wanted: Wanted): Promise<readonly Line[]> {
  const lines: Line[] = [];
  try {
    for await (const some of linesOf(docker, info, wanted)) lines.push(...some);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 409) throw error;
  }
  return lines;
}

/** As many lines at a time as have come. */
async function* linesOf(docker: Docker, { Id, Config }: Info, wanted: Wanted): AsyncIterable<readonly Line[]> {
  const stream = await openLog(docker, Id, wanted);
  let rest = Buffer.alloc(0);
  for await (const piece of stream) {
    const bytes = Buffer.concat([rest, piece as Buffer]);
    const { texts, taken } = Config.Tty ? inLines(bytes) : inFrames(bytes);
    rest = bytes.subarray(taken);
    yield texts.map(lineOf);
  }
  if (Config.Tty && rest.length > 0) yield [lineOf(rest.toString())];
}

/** As a stream, not through dockerode's own call: that waits for ever when the daemon goes away in the middle of its answer. */
function openLog(docker: Docker, id: string, { since = 0, tail, follow }: Wanted): Promise<Readable> {
  const options = {
    ...{ stdout: true, stderr: true, timestamps: true, follow: !!follow },
    ...{ since: (since / 1000).toFixed(3), tail: tail ?? 'all' },
  };
  const call = {
    path: `/containers/${id}/logs?`,
    method: 'GET',
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    options,
    ...(follow ? { abortSignal: follow } : {}),
  };
  return new Promise((resolve, reject) =>
    docker.modem.dial(call, (error, stream) => (error ? reject(error) : resolve(stream as Readable))),
  );
}

type Split = { readonly texts: readonly string[]; readonly taken: number };

/** Without a terminal each line comes with a head of 8 bytes: which stream, three zeros, how long. */
function inFrames(bytes: Buffer): Split {
  const texts: string[] = [];
  let taken = 0;
  for (;;) {
    const end = taken + 8 + (taken + 8 <= bytes.length ? bytes.readUInt32BE(taken + 4) : 0);
    if (end > bytes.length) return { texts, taken };
    texts.push(bytes.toString('utf8', taken + 8, end));
    taken = end;
  }
}

function inLines(bytes: Buffer): Split {
  const taken = bytes.lastIndexOf('\n') + 1;
  return { texts: bytes.toString('utf8', 0, taken).match(/.*\r?\n/g) ?? [], taken };
}

function lineOf(raw: string): Line {
  const [stamp = '', at = ''] = /^(\S+) /.exec(raw) ?? [];
  return { raw, at: Date.parse(at), text: raw.slice(stamp.length).replace(/\r\n$/, '\n') };
}
