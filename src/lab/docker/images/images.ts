/** Images of a daemon: whether one exists, its PostgreSQL major, and pulling it from a registry. */
import { type Readable, Transform } from 'node:stream';
import type Docker from 'dockerode';
import type { ImageProgress } from '../../lab.ts';
import { ProblemError } from '../../problem.ts';

export type ImageProgressListener = (progress: ImageProgress) => void;

/** Passes bytes through and reports their number. `total` may be an estimate; a larger count replaces it. */
export function counting(what: ImageProgress['what'], total: number, onProgress: ImageProgressListener): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _, next) {
      done += chunk.length;
      onProgress({ what, layers: null, bytes: { done, total: Math.max(total, done) } });
      next(null, chunk);
    },
  });
}

export async function hasImage(docker: Docker, name: string): Promise<boolean> {
  return (await inspected(docker, name)) !== undefined;
}

/** PG_MAJOR of the image's environment, which the official image sets. null: no such image or variable. */
export async function imageMajor(docker: Docker, name: string): Promise<number | null> {
  const setting = (await inspected(docker, name))?.Config.Env?.find((line) => line.startsWith('PG_MAJOR='));
  const major = Number(setting?.slice('PG_MAJOR='.length));
  return Number.isInteger(major) && major > 0 ? major : null;
}

export async function inspected(docker: Docker, name: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(name).inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** Throws a ProblemError when the registry refuses or is unreachable; rejects with the reason of an aborted signal. */
export async function pullImage(
  docker: Docker,
  name: string,
  onProgress: ImageProgressListener,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const layers = new Map<string, Layer>();
  try {
    const stream = (await docker.pull(name, signal ? { abortSignal: signal } : {})) as Readable;
    for await (const line of jsonLines<PullLine>(stream)) {
      if (line.error !== undefined) throw pullProblem(name, line.error);
      if (noteLayer(layers, line)) onProgress(pullProgress(layers));
    }
    // Podman does not report the end of a layer.
    for (const [id, { total }] of layers) layers.set(id, { state: 'done', total, bytes: total });
    if (layers.size > 0) onProgress(pullProgress(layers));
  } catch (error) {
    signal?.throwIfAborted();
    const { statusCode, message } = error as Error & { statusCode?: number };
    throw statusCode === undefined ? error : pullProblem(name, message, statusCode);
  }
  if (await hasImage(docker, name)) return;
  throw new ProblemError({
    what: `Docker pulled ${name} and does not have it.`,
    fix: `Try it by hand: docker pull ${name}`,
  });
}

/** One line of the answer of /images/create. Lines about a layer have its id. */
type PullLine = {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
};
type Layer = {
  readonly state: 'waiting' | 'downloading' | 'downloaded' | 'done';
  readonly bytes: number;
  readonly total: number;
};

/** Statuses of the daemon's API, which are not translated. */
const layerStates: Readonly<Record<string, Layer['state']>> = {
  'Pulling fs layer': 'waiting',
  Waiting: 'waiting',
  Downloading: 'downloading',
  'Verifying Checksum': 'downloaded',
  'Download complete': 'downloaded',
  Extracting: 'downloaded',
  'Pull complete': 'done',
  'Already exists': 'done',
};

function noteLayer(layers: Map<string, Layer>, { id, status, progressDetail }: PullLine): boolean {
  const state = layerStates[status ?? ''];
  if (id === undefined || state === undefined) return false;
  const { total = 0 } = layers.get(id) ?? {};
  // While a layer is extracted, progressDetail counts something else.
  const known = state === 'downloading' ? (progressDetail?.total ?? total) : total;
  layers.set(id, {
    state,
    total: known,
    bytes: state === 'downloading' ? (progressDetail?.current ?? 0) : state === 'waiting' ? 0 : known,
  });
  return true;
}

function pullProgress(layers: ReadonlyMap<string, Layer>): ImageProgress {
  const all = [...layers.values()];
  const sum = (of: (layer: Layer) => number) => all.reduce((before, layer) => before + of(layer), 0);
  return {
    what: all.some(({ state }) => state === 'waiting' || state === 'downloading') ? 'pulling' : 'unpacking',
    layers: { done: all.filter(({ state }) => state === 'done').length, total: all.length },
    bytes: { done: sum(({ bytes }) => bytes), total: sum(({ total }) => total) || null },
  };
}

const offline =
  'bring it in a file: "repl-workshop bundle save FILE" on a machine that has it, "repl-workshop bundle load FILE" here.';

/**
 * The daemon passes on the registry's message. Most causes have the same HTTP status 500, so they are told apart by
 * the message. The first match is used.
 */
const refusals: readonly (readonly [when: RegExp | number, what: (name: string) => string, fix: string])[] = [
  [
    /toomanyrequests|rate limit/i,
    (name) => `The registry gives out no more images to this network for now (asked for ${name})`,
    `Wait an hour, or log in with "docker login", or ${offline}`,
  ],
  [
    /no space left on device/i,
    (name) => `Docker's disk is full, so ${name} does not fit`,
    'Make room: docker system df, docker image prune',
  ],
  [
    /unauthorized|authentication required|no basic auth/i,
    (name) => `The registry wants a login for ${name}`,
    'Log in with "docker login", or check the name.',
  ],
  [
    404,
    (name) => `There is no image ${name} in its registry`,
    'Check the name and the tag (postgres:13 to postgres:18).',
  ],
  [
    /manifest unknown|not found|does not exist|pull access denied|no matching manifest/i,
    (name) => `There is no image ${name} for this machine in its registry`,
    'Check the name and the tag (postgres:13 to postgres:18).',
  ],
  [
    /no such host|dial tcp|connection refused|i\/o timeout|Client\.Timeout|unreachable|TLS handshake|server misbehaving|\bEOF\b|proxyconnect/i,
    (name) => `Docker could not reach the registry of ${name}`,
    `Check the network, also for Docker itself (a proxy?), or ${offline}`,
  ],
];

function pullProblem(name: string, message: string, status?: number): ProblemError {
  const reason = engineWords(message);
  const known = refusals.find(([when]) => (typeof when === 'number' ? when === status : when.test(reason)));
  if (known) return new ProblemError({ what: `${known[1](name)}: ${reason}`, fix: known[2] });
  return new ProblemError({
    what: `Docker could not pull ${name}: ${reason}`,
    fix: `Try it by hand: docker pull ${name}`,
  });
}

/** The daemon's message without dockerode's prefix '(HTTP code 500) server error - ', at most 300 characters. */
export const engineWords = (message: string): string =>
  message
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim()
    .replace(/\s+/g, ' ')
    .slice(0, 300);

/** Parses the daemon's answer to a long operation: one JSON object per line. */
export async function* jsonLines<T>(stream: Readable): AsyncGenerator<T> {
  let rest = '';
  for await (const text of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}
