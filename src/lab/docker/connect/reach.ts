/** Finds the Docker daemon: candidates are tried in order; each one answers or gives a reason why not. */

import type Dockerode from 'dockerode';
import { knownHome } from '../../machine/home.ts';
import type { Problem } from '../../problem.ts';
import { type Connection, connectEngine } from './connection.ts';
import { type BrokenContext, type Context, chosenContext, configFolder } from './context.ts';
import {
  type EngineAddress,
  hostValue,
  type NoAddress,
  parseEngineAddress,
  shownAddress,
  type Tls,
  withoutPassword,
} from './engine-address.ts';
import { siteOf } from './locality.ts';
import { type EngineCandidate, type Failed, problemOf, type Tried } from './problem.ts';
import { type ThisMachine, type UsualSocket, usualSockets } from './well-known-sockets.ts';
import { silentCode, strangerCode, whyOf } from './why.ts';

/** A daemon that has answered. Disposing ends all connections to it, and the ssh processes that carry them. */
export type Reached = Disposable & {
  readonly docker: Dockerode;
  readonly from: string; // 'DOCKER_HOST', 'context colima', 'socket /var/run/docker.sock'
  readonly where: string; // '/var/run/docker.sock', 'tcp://10.0.0.7:2376', 'ssh://me@box'
  readonly host: string; // the address in the form of DOCKER_HOST
  /** What a docker program needs besides its inherited environment; empty when it finds this daemon by itself. */
  readonly env: Readonly<Record<string, string>>;
  readonly remote: boolean; // files and published ports of the daemon are another machine's
  readonly daemonHost: string; // where published ports answer: '127.0.0.1', or the host
  readonly version: string; // '28.2.2'
  readonly apiVersion: string; // '1.50'
  readonly engine: 'docker' | 'podman';
  readonly operatingSystem: string; // 'Docker Desktop', 'Debian GNU/Linux 12 (bookworm)'
  readonly rootless: boolean;
  readonly tried: readonly Tried[]; // the candidates that failed before this one
};

export type NotReached = { readonly problem: Problem; readonly tried: readonly Tried[] };

export const isReached = (result: Reached | NotReached): result is Reached => 'docker' in result;

export type ReachOptions = Partial<ThisMachine> & {
  readonly deadlineMs?: number; // for the first answer of one candidate
  readonly sshDeadlineMs?: number;
  readonly sockets?: readonly UsualSocket[]; // replace the well-known ones
  readonly signal?: AbortSignal;
};

/** Resolves with NotReached when no daemon answers; rejects only with the reason of an aborted signal. */
export async function reachDocker(env: NodeJS.ProcessEnv, options: ReachOptions = {}): Promise<Reached | NotReached> {
  const { home = knownHome(env) ?? '/', uid = process.getuid?.() ?? 0, platform = process.platform, signal } = options;
  const here = { home, uid, platform };
  const usual = options.sockets ?? usualSockets(env, here);
  const candidates = candidatesFrom(env, here, usual);
  if ('problem' in candidates) return candidates;
  const failed: Failed[] = [];
  for (const way of candidates) {
    signal?.throwIfAborted();
    const { deadlineMs = restDeadlineMs, sshDeadlineMs = restDeadlineMs } = options;
    const result = await tryCandidate(way, {
      env,
      deadlineMs: way.address.kind === 'ssh' ? sshDeadlineMs : deadlineMs,
      signal,
    });
    if ('docker' in result) return { ...result, tried: failed.map(shown) };
    failed.push(result);
  }
  return { problem: problemOf(failed, usual, env, platform), tried: failed.map(shown) };
}

const shown = ({ from, where, why }: Failed): Tried => ({ from, where, why });

/**
 * DOCKER_HOST has precedence over contexts, as in the docker program. When the daemon that one of them names fails,
 * no other daemon is tried.
 */
function candidatesFrom(
  env: NodeJS.ProcessEnv,
  here: ThisMachine,
  sockets: readonly UsualSocket[],
): readonly EngineCandidate[] | NotReached {
  if (env.DOCKER_HOST) return hostCandidate(env.DOCKER_HOST, env, here);
  const context = chosenContext(env, here.home);
  if (context) return contextCandidate(context, env);
  return sockets.map((usual) => {
    const address: EngineAddress = { kind: 'unix', path: usual.path };
    const isDefault = usual.path === '/var/run/docker.sock'; // the docker program's own default
    return {
      from: `socket ${usual.path}`,
      address,
      env: isDefault ? {} : { DOCKER_HOST: hostValue(address) },
      usual,
    };
  });
}

function hostCandidate(
  value: string,
  env: NodeJS.ProcessEnv,
  { home }: ThisMachine,
): readonly EngineCandidate[] | NotReached {
  const from = 'DOCKER_HOST';
  const address = parseEngineAddress(value, tlsOf(env, home));
  if ('why' in address) return noAddress(from, value, address);
  const otherwise = 'Or unset DOCKER_HOST, to use an engine of this machine.';
  return [{ from, address, env: {}, chosen: 'The engine that DOCKER_HOST names', otherwise }];
}

/** As in the docker program, DOCKER_CERT_PATH alone does not enable TLS. */
function tlsOf(env: NodeJS.ProcessEnv, home: string): Tls | null {
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return null;
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  return { folder: env.DOCKER_CERT_PATH || configFolder(env, home), verify, needsCa: verify };
}

function contextCandidate(
  context: Context | BrokenContext,
  env: NodeJS.ProcessEnv,
): readonly EngineCandidate[] | NotReached {
  const from = `context ${context.name}`;
  const leave = env.DOCKER_CONTEXT ? 'unset DOCKER_CONTEXT' : 'choose another (docker context use default)';
  if ('why' in context) {
    const what = `The docker context "${context.name}" cannot be used: ${context.why}.`;
    const fix = `See "docker context ls", or ${leave}.`;
    return { problem: { what, fix }, tried: [{ from, where: '', why: context.why }] };
  }
  const address = parseEngineAddress(context.host, context.tls);
  if ('why' in address) return noAddress(from, context.host, address);
  const chosen = `The engine of the docker context "${context.name}"`;
  return [{ from, address, env: {}, chosen, otherwise: `Or ${leave}.` }];
}

function noAddress(from: string, value: string, { why, instead }: NoAddress): NotReached {
  const where = withoutPassword(value);
  const fix = from === 'DOCKER_HOST' ? `${instead} Or unset DOCKER_HOST.` : instead;
  return { problem: { what: `${from} says "${where}": ${why}.`, fix }, tried: [{ from, where, why }] };
}

type TryOptions = {
  readonly env: NodeJS.ProcessEnv;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
};
/** A daemon on a busy machine takes seconds for an answer. Where nothing listens, the system says so at once. */
const restDeadlineMs = 10_000;

async function tryCandidate(
  way: EngineCandidate,
  { env, deadlineMs, signal }: TryOptions,
): Promise<Omit<Reached, 'tried'> | Failed> {
  const { from, address } = way;
  const where = shownAddress(address);
  let connection: Connection | undefined;
  try {
    connection = await connectEngine(address, env);
    const { docker } = connection;
    const calls = docker as unknown as VersionCalls;
    const version = await within(deadlineMs, signal, (abortSignal) => calls.version({ abortSignal }));
    const answer = await within(restDeadlineMs, signal, (ending) => describe(calls, version, address, ending));
    const site = await within(restDeadlineMs, signal, (ending) => siteOf(address, docker, { env, signal: ending }));
    return { from, where, host: hostValue(address), env: way.env, ...connection, ...answer, ...site };
  } catch (error) {
    connection?.[Symbol.dispose]();
    signal?.throwIfAborted();
    const reason = whyOf(error, address, deadlineMs);
    return { from, where, why: reason.what, way, reason };
  }
}

/** Rejects with `silentCode` when `work` takes longer than `ms`. */
async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(ms);
  try {
    return await work(signal ? AbortSignal.any([late, signal]) : late);
  } catch (error) {
    if (late.aborted) throw Object.assign(new Error(`no answer within ${ms} ms`), { code: silentCode });
    throw error;
  }
}

/** Both calls take a signal, which dockerode's types lack. Fields are optional: another server may answer anything. */
type VersionCalls = {
  version(options: { abortSignal: AbortSignal }): Promise<Partial<Dockerode.DockerVersion>>;
  info(options: { abortSignal: AbortSignal }): Promise<Info>;
};
type Info = {
  readonly OperatingSystem?: string;
  readonly SecurityOptions?: readonly string[];
  readonly Rootless?: boolean; // Podman's own field
};
type Answer = Pick<Reached, 'version' | 'apiVersion' | 'engine' | 'operatingSystem' | 'rootless'>;

/** Rejects with `strangerCode` when the answer is not a Docker daemon's. */
async function describe(
  calls: VersionCalls,
  version: Partial<Dockerode.DockerVersion>,
  address: EngineAddress,
  abortSignal: AbortSignal,
): Promise<Answer> {
  if (typeof version.ApiVersion !== 'string')
    throw Object.assign(new Error('no API version in the answer'), { code: strangerCode });
  const info = await calls.info({ abortSignal });
  const engine = version.Components?.some(({ Name }) => Name === 'Podman Engine') ? 'podman' : 'docker';
  return {
    version: version.Version ?? '',
    apiVersion: version.ApiVersion,
    engine,
    operatingSystem: info.OperatingSystem ?? '',
    rootless: isRootless(info, engine, address),
  };
}

/**
 * Whether an ordinary user runs the daemon; then files that containers make belong to that user. Docker says it among
 * the security options, Podman 4 in a field of its own, and its socket is in the user's runtime folder (podman-system-
 * service(1)).
 */
export const isRootless = (info: Info, engine: 'docker' | 'podman', address: EngineAddress): boolean =>
  info.Rootless === true ||
  (info.SecurityOptions?.some((option) => option.split(',').includes('name=rootless')) ?? false) ||
  (engine === 'podman' && address.kind === 'unix' && address.path.startsWith('/run/user/'));
