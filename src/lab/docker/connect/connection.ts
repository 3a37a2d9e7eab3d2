/** Makes a dockerode for an address. dockerode is imported only here, on use, so that native labs do not pay for it. */
import { readFileSync, statSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import type Dockerode from 'dockerode';
import { type EngineAddress, type Tls, tlsFiles } from './engine-address.ts';
import { sshAgent } from './ssh.ts';

export type Connection = Disposable & { readonly docker: Dockerode };

/** Sends nothing. Rejects when TLS files are unreadable, or, before dockerode is loaded (0.2 s), without a socket. */
export async function connectEngine(address: EngineAddress, env: NodeJS.ProcessEnv): Promise<Connection> {
  if (address.kind === 'unix') statSync(address.path);
  const agent = shortInText(agentFor(address, env));
  const { default: Docker } = await import('dockerode');
  // dockerode takes missing options from DOCKER_* variables, hence the explicit undefined. Its types lack `agent`.
  const unset = { ca: undefined, cert: undefined, key: undefined, timeout: undefined, username: undefined };
  const options = { ...unset, ...placeOf(address), agent };
  return { docker: new Docker(options), [Symbol.dispose]: () => agent.destroy() };
}

function placeOf(address: EngineAddress) {
  if (address.kind === 'unix')
    return { socketPath: address.path, host: undefined, port: undefined, protocol: 'http' as const };
  const host = address.kind === 'ssh' ? 'docker' : address.host; // over ssh only the Host header uses it
  if (address.kind === 'ssh') return { host, port: undefined, protocol: 'http' as const };
  return { host, port: address.port, protocol: address.tls ? ('https' as const) : ('http' as const) };
}

/** An agent for this daemon alone, so that destroying it ends every connection. */
function agentFor(address: EngineAddress, env: NodeJS.ProcessEnv): HttpAgent {
  if (address.kind === 'ssh') return sshAgent(address, env);
  if (address.kind === 'unix' || !address.tls) return new HttpAgent({ keepAlive: true });
  return new HttpsAgent({ keepAlive: true, rejectUnauthorized: address.tls.verify, ...readTls(address.tls) });
}

/**
 * Makes the agent short for util.inspect: dockerode formats all options of each call, connections included, for a
 * debug message that is dropped. That was a fifth of a look's CPU time.
 */
const shortInText = (agent: HttpAgent): HttpAgent => Object.assign(agent, { [inspect.custom]: () => 'agent' });

/** Leaves out optional files that do not exist; certificate and key must exist together. Throws for a required file. */
function readTls(tls: Tls) {
  const { ca, cert, key } = tlsFiles(tls);
  const own = (readIfThere(cert) ?? readIfThere(key)) ? { cert: readFileSync(cert), key: readFileSync(key) } : {};
  const authority = tls.needsCa ? readFileSync(ca) : readIfThere(ca);
  return { ...own, ...(authority === undefined ? {} : { ca: authority }) };
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
