/**
 * A container's log. `docker logs` puts a timestamp before each line, so reading continues where it stopped, without
 * a gap and without a repeat, also after a restart of the container or the daemon.
 */
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { isUnreachable } from '../connect/unreachable.ts';
import { type Info, isGone } from '../container.ts';

const mostCharacters = 512 * 1024; // kept of one start; earlier text is only in docker logs
const mostLines = 10_000; // per call, which limits what a long log costs
const againAfterMs = 250;

/** Resolves with the log of the current start; with '' for a container that never ran or could not be started. */
export type ContainerLogReader = (docker: Docker, info: Info) => Promise<string>;

export function createLogReader(): ContainerLogReader {
  const known = new Map<string, { readonly start: string; readonly filter: LineFilter; text: string }>();
  return async (docker, info) => {
    const { Id, State } = info;
    if (/created|removing|dead/.test(State.Status) || (State.Error && !State.Running)) return '';
    const start = `${Id} ${State.StartedAt}`;
    const before = known.get(info.Name);
    const isNew = before?.start !== start || before.text === '';
    const since = isNew ? Date.parse(State.StartedAt) - startedAtDelayMs : before.filter.since();
    const found = await currentLines(docker, info, { since, tail: mostLines });
    const lines = isNew ? found.slice(firstLineOfStart(found, State)) : found;
    const now = isNew ? { start, filter: createLineFilter(lines[0]?.at ?? certainStart(State)), text: '' } : before;
    known.set(info.Name, now);
    const fresh = now.filter.fresh(lines);
    const gap = lines.length >= mostLines && fresh.length === lines.length;
    now.text = lastPart((gap ? '' : now.text) + textOf(fresh));
    return now.text;
  };
}

/** Docker records StartedAt after the process runs already; on a busy disk, long after the first lines of its log. */
const startedAtDelayMs = 2000;
const betweenStartsMs = 150; // a restart takes at least 400 ms
const certainStart = ({ StartedAt }: Info['State']): number => Date.parse(StartedAt) - betweenStartsMs;

/**
 * The index of this start's first line, among lines since 2 s before StartedAt. Lines shortly before StartedAt may
 * belong to this start: a pause separates them from the previous one. If the server failed at once, all its lines may
 * be so early.
 */
function firstLineOfStart(lines: readonly Line[], state: Info['State']): number {
  const sure = lines.findIndex(({ at }) => at >= certainStart(state));
  const failed = !state.Running && state.ExitCode === 1;
  let first = sure >= 0 ? sure : failed ? Math.max(lines.length - 1, 0) : lines.length;
  const pauseBefore = (index: number) => (lines[index]?.at ?? 0) - (lines[index - 1]?.at ?? 0);
  while (first > 0 && first < lines.length && pauseBefore(first) < betweenStartsMs) first--;
  return first;
}

const lastPart = (text: string): string =>
  text.length <= mostCharacters ? text : text.slice(text.indexOf('\n', text.length - mostCharacters) + 1);

/** Resolves with all that the container ever wrote. */
export async function wholeLog(docker: Docker, info: Info): Promise<string> {
  let text = '';
  for await (const lines of linesOf(docker, info, {})) text += textOf(lines);
  return text;
}

/**
 * Yields the whole log and then what is added, until `signal` aborts: through restarts of the container and the
 * daemon, and from a new container of the same server. Rejects with errors other than a missing container or daemon.
 */
export async function* followedLog(
  docker: Docker,
  find: () => Promise<Info | undefined>,
  signal: AbortSignal,
): AsyncIterable<string> {
  let id = '';
  let filter = createLineFilter(0);
  while (!signal.aborted) {
    try {
      const info = await find();
      if (info && info.Id !== id) {
        id = info.Id;
        filter = createLineFilter(0);
      }
      for await (const lines of info ? linesOf(docker, info, { since: filter.since(), follow: signal }) : []) {
        const text = textOf(filter.fresh(lines));
        if (text) yield text;
      }
    } catch (error) {
      if (!signal.aborted && !isUnreachable(error) && !isGone(error)) throw error;
    }
    await pause(againAfterMs, undefined, { signal }).catch(() => undefined); // rejects when `signal` aborts
  }
}

type Line = { readonly raw: string; readonly at: number; readonly text: string };
const textOf = (lines: readonly Line[]): string => lines.map(({ text }) => text).join('');
type LineFilter = ReturnType<typeof createLineFilter>;

/**
 * Lets each line through once. Each reading overlaps the previous one by a second, because lines of stdout and stderr
 * are not always stored in the order of their timestamps.
 */
function createLineFilter(begin: number) {
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

/** Resolves with no lines for a container that is being removed (409), which may still run ("docker rm --force"). */
async function currentLines(docker: Docker, info: Info, wanted: Wanted): Promise<readonly Line[]> {
  const lines: Line[] = [];
  try {
    for await (const some of linesOf(docker, info, wanted)) lines.push(...some);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 409) throw error;
  }
  return lines;
}

/** Yields the complete lines of each chunk as it arrives. */
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

/** Reads a stream, because dockerode's own `logs` hangs when the daemon goes away in the middle of its answer. */
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

/** Without a TTY a line has a header of 8 bytes: stream, three zeros, length. Source: Docker API, "Stream format". */
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
  const [prefix = '', at = ''] = /^(\S+) /.exec(raw) ?? [];
  return { raw, at: Date.parse(at), text: raw.slice(prefix.length).replace(/\r\n$/, '\n') };
}
