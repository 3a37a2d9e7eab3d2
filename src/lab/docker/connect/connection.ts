/** A dockerode for an address. It is loaded here, when somebody wants Docker: native labs do not pay for it. */
import { readFileSync, statSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import type Dockerode from 'dockerode';
import { type EngineAddress, type Tls, tlsFiles } from './engine-address.ts';
import { sshAgent } from './ssh.ts';

export type Connection = Disposable & { readonly docker: Dockerode };

/** Nothing is sent yet. Throws when TLS files cannot be read, or no socket is there: then dockerode (0.2 s) need not be loaded. */
export async function connectEngine(address: EngineAddress, env: NodeJS.ProcessEnv): Promise<Connection> {
  if (address.kind === 'unix') statSync(address.path);
  const agent = shortInText(agentFor(address, env));
  const { default: Docker } = await import('dockerode');
  // What is left out here would be taken from the process's DOCKER_* variables. That `agent` is an option, the types do not know.
  const nothing = { ca: undefined, cert: undefined, key: undefined, timeout: undefined, username: undefined };
  const options = { ...nothing, ...placeOf(address), agent };
  return { docker: new Docker(options), [Symbol.dispose]: () => agent.destroy() };
}

function placeOf(address: EngineAddress) {
  if (address.kind === 'unix')
    return { socketPath: address.path, host: undefined, port: undefined, protocol: 'http' as const };
  const host = address.kind === 'ssh' ? 'docker' : address.host; // over ssh it is only a name for the Host header
  if (address.kind === 'ssh') return { host, port: undefined, protocol: 'http' as const };
  return { host, port: address.port, protocol: address.tls ? ('https' as const) : ('http' as const) };
}

/** An agent of our own, so that closing it ends every connection. */
function agentFor(address: EngineAddress, env: NodeJS.ProcessEnv): HttpAgent {
  if (address.kind === 'ssh') return sshAgent(address, env);
  if (address.kind === 'unix' || !address.tls) return new HttpAgent({ keepAlive: true });
  return new HttpsAgent({ keepAlive: true, rejectUnauthorized: address.tls.verify, ...readTls(address.tls) });
}

/** dockerode makes a text of all that a call is made with, connections included, and throws it away: a fifth of a look's CPU. */
const shortInText = (agent: HttpAgent): HttpAgent => Object.assign(agent, { [inspect.custom]: () => 'agent' });

/** A file that need not be there and is not is left out; our certificate and its key go together. */
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
