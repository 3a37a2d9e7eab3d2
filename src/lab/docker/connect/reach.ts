/** Finds the Docker engine: ways are tried in order, each gives an engine or says why not. */

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

/** An engine that has answered. Disposing ends our connections to it; over ssh, also the programs that carried them. */
export type Reached = Disposable & {
  readonly docker: Dockerode;
  readonly from: string; // 'DOCKER_HOST', 'context colima', 'socket /var/run/docker.sock'
  readonly where: string; // '/var/run/docker.sock', 'tcp://10.0.0.7:2376', 'ssh://me@box'
  readonly host: string; // the same as DOCKER_HOST has it
  readonly env: Readonly<Record<string, string>>; // what a docker program needs besides the environment it inherits; empty when it finds this engine by itself
  readonly remote: boolean; // files and published ports of the daemon are not this machine's
  readonly daemonHost: string; // where published ports answer: '127.0.0.1', or the host
  readonly version: string; // '28.2.2'
  readonly apiVersion: string; // '1.50'
  readonly engine: 'docker' | 'podman';
  readonly operatingSystem: string; // 'Docker Desktop', 'Debian GNU/Linux 12 (bookworm)'
  readonly rootless: boolean;
  readonly tried: readonly Tried[]; // before it
};

export type NotReached = { readonly problem: Problem; readonly tried: readonly Tried[] };

export const isReached = (result: Reached | NotReached): result is Reached => 'docker' in result;

export type ReachOptions = Partial<ThisMachine> & {
  readonly deadlineMs?: number; // for the first answer of one try
  readonly sshDeadlineMs?: number;
  readonly sockets?: readonly UsualSocket[]; // in place of the usual ones
  readonly signal?: AbortSignal;
};

/** Never rejects for what an engine does or does not do; an aborted signal rejects with its reason. */
export async function reachDocker(env: NodeJS.ProcessEnv, options: ReachOptions = {}): Promise<Reached | NotReached> {
  const { home = knownHome(env) ?? '/', uid = process.getuid?.() ?? 0, platform = process.platform, signal } = options;
  const here = { home, uid, platform };
  const usual = options.sockets ?? usualSockets(env, here);
  const ways = waysFrom(env, here, usual);
  if ('problem' in ways) return ways;
  const failed: Failed[] = [];
  for (const way of ways) {
    signal?.throwIfAborted();
    const deadlineMs = way.address.kind === 'ssh' ? (options.sshDeadlineMs ?? 10_000) : (options.deadlineMs ?? 2_000);
    const result = await tryWay(way, { env, deadlineMs, signal });
    if ('docker' in result) return { ...result, tried: failed.map(shown) };
    failed.push(result);
  }
  return { problem: problemOf(failed, usual, env, platform), tried: failed.map(shown) };
}

const shown = ({ from, where, why }: Failed): Tried => ({ from, where, why });

/** DOCKER_HOST goes before contexts, as in the docker program. Neither is replaced by another engine when it fails. */
function waysFrom(
  env: NodeJS.ProcessEnv,
  here: ThisMachine,
  sockets: readonly UsualSocket[],
): readonly EngineCandidate[] | NotReached {
  if (env.DOCKER_HOST) return hostWay(env.DOCKER_HOST, env, here);
  const context = chosenContext(env, here.home);
  if (context) return contextWay(context, env);
  return sockets.map((usual) => {
    const address: EngineAddress = { kind: 'unix', path: usual.path };
    const foundAnyway = usual.path === '/var/run/docker.sock'; // where the docker program looks by itself
    return {
      from: `socket ${usual.path}`,
      address,
      env: foundAnyway ? {} : { DOCKER_HOST: hostValue(address) },
      usual,
    };
  });
}

function hostWay(
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

/** The docker program's own rule: DOCKER_CERT_PATH alone does not switch TLS on. */
function tlsOf(env: NodeJS.ProcessEnv, home: string): Tls | null {
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return null;
  const verify = Boolean(env.DOCKER_TLS_VERIFY);
  return { folder: env.DOCKER_CERT_PATH || configFolder(env, home), verify, needsCa: verify };
}

function contextWay(context: Context | BrokenContext, env: NodeJS.ProcessEnv): readonly EngineCandidate[] | NotReached {
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

type Asking = {
  readonly env: NodeJS.ProcessEnv;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
};
const restDeadlineMs = 10_000; // an engine that has answered once is there; the rest may take a busy machine longer

async function tryWay(
  way: EngineCandidate,
  { env, deadlineMs, signal }: Asking,
): Promise<Omit<Reached, 'tried'> | Failed> {
  const { from, address } = way;
  const where = shownAddress(address);
  let connection: Connection | undefined;
  try {
    connection = await connectEngine(address, env);
    const { docker } = connection;
    const asks = docker as unknown as Asks;
    const version = await within(deadlineMs, signal, (abortSignal) => asks.version({ abortSignal }));
    const answer = await within(restDeadlineMs, signal, (abortSignal) => askMore(asks, version, abortSignal));
    const site = await within(restDeadlineMs, signal, (ending) => siteOf(address, docker, { env, signal: ending }));
    return { from, where, host: hostValue(address), env: way.env, ...connection, ...answer, ...site };
  } catch (error) {
    connection?.[Symbol.dispose]();
    signal?.throwIfAborted();
    const reason = whyOf(error, address, deadlineMs);
    return { from, where, why: reason.what, way, reason };
  }
}

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

/** Both take a signal, which dockerode's types leave out; and a stranger may answer anything. */
type Asks = {
  version(options: { abortSignal: AbortSignal }): Promise<Partial<Dockerode.DockerVersion>>;
  info(options: { abortSignal: AbortSignal }): Promise<{
    readonly OperatingSystem?: string;
    readonly SecurityOptions?: readonly string[];
  }>;
};
type Answer = Pick<Reached, 'version' | 'apiVersion' | 'engine' | 'operatingSystem' | 'rootless'>;

async function askMore(
  asks: Asks,
  version: Partial<Dockerode.DockerVersion>,
  abortSignal: AbortSignal,
): Promise<Answer> {
  if (typeof version.ApiVersion !== 'string')
    throw Object.assign(new Error('no API version in the answer'), { code: strangerCode });
  const info = await asks.info({ abortSignal });
  return {
    version: version.Version ?? '',
    apiVersion: version.ApiVersion,
    engine: version.Components?.some(({ Name }) => Name === 'Podman Engine') ? 'podman' : 'docker',
    operatingSystem: info.OperatingSystem ?? '',
    rootless: info.SecurityOptions?.some((option) => option.split(',').includes('name=rootless')) ?? false,
  };
}
