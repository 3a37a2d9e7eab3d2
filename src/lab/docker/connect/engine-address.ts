/** The address of a Docker daemon, as DOCKER_HOST and contexts write it. */
import { join } from 'node:path';

export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Tls | null }
  | SshAddress;

export type SshAddress = {
  readonly kind: 'ssh';
  readonly user: string | null;
  readonly host: string; // a name, or an alias of the learner's ssh config
  readonly port: number | null;
  readonly socket: string | null; // the daemon's socket on that host; null: the docker program there finds it
};

/** `folder` contains ca.pem, cert.pem and key.pem, or some of them. */
export type Tls = {
  readonly folder: string;
  readonly verify: boolean; // false: the daemon's certificate is not verified
  readonly needsCa: boolean; // true: a missing ca.pem is an error; false: the system's authorities are used
};

/** Why a value is not a usable address, and what to write instead. */
export type NoAddress = { readonly why: string; readonly instead: string };

const plainPort = 2375;
const tlsPort = 2376;
const examples = 'unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host';

/**
 * Parses `unix:///path`, `tcp://host[:port]` (also without the scheme, as the docker program does) and
 * `ssh://[user@]host[:port][/socket]`.
 */
export function parseEngineAddress(value: string, tls: Tls | null): EngineAddress | NoAddress {
  const text = value.trim();
  const [scheme = ''] = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(text) ?? [''];
  if (scheme === 'unix') return unixAddress(text.slice('unix://'.length));
  if (scheme === 'npipe') return { why: 'it is a named pipe of Windows', instead: 'Run the workshop inside WSL 2.' };
  if (scheme !== '' && scheme !== 'tcp' && scheme !== 'ssh')
    return { why: `"${scheme}://" is not an address the workshop knows`, instead: `Write it as ${examples}.` };
  const url = readUrl(scheme === '' ? `tcp://${text}` : text);
  if (!url) return { why: 'it is not an address', instead: `Write it as ${examples}.` };
  if (url.password !== '')
    return { why: 'it has a password in it', instead: 'Use an ssh key, and take the password out.' };
  return scheme === 'ssh' ? sshAddress(url) : tcpAddress(url, tls);
}

function unixAddress(path: string): EngineAddress | NoAddress {
  if (path === '') return { kind: 'unix', path: '/var/run/docker.sock' };
  if (path.startsWith('/')) return { kind: 'unix', path };
  return {
    why: 'the path of its socket does not begin with "/"',
    instead: `Write unix:///${path}, with three slashes.`,
  };
}

function tcpAddress(url: URL, tls: Tls | null): EngineAddress | NoAddress {
  if (url.pathname !== '' && url.pathname !== '/')
    return { why: 'it has a path after the port', instead: 'Write tcp://host:port.' };
  const host = withoutBrackets(url.hostname) || 'localhost';
  return { kind: 'tcp', host, port: Number(url.port) || (tls ? tlsPort : plainPort), tls };
}

/** Host, user and socket become arguments of shell commands, here and on the remote host, so characters are limited. */
function sshAddress(url: URL): EngineAddress | NoAddress {
  const user = decodeURIComponent(url.username) || null;
  const host = withoutBrackets(url.hostname);
  const socket = url.pathname === '' || url.pathname === '/' ? null : decodeURIComponent(url.pathname);
  if (
    host === '' ||
    !/^[\w.:%-]+$/.test(host) ||
    host.startsWith('-') ||
    (user !== null && !/^[\w.][\w.@+-]*$/.test(user))
  )
    return { why: 'it names no host for ssh', instead: 'Write ssh://user@host.' };
  if (socket !== null && !/^[\w./@+-]+$/.test(socket))
    return { why: 'the path of its socket has signs that a shell would read', instead: 'Write ssh://user@host.' };
  return { kind: 'ssh', user, host, port: Number(url.port) || null, socket };
}

function readUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** The address in the form of DOCKER_HOST. */
export function hostValue(address: EngineAddress): string {
  if (address.kind === 'unix') return `unix://${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  if (address.kind === 'tcp') return `tcp://${host}:${address.port}`;
  const user = address.user === null ? '' : `${encodeURIComponent(address.user)}@`;
  return `ssh://${user}${host}${address.port === null ? '' : `:${address.port}`}${address.socket ?? ''}`;
}

export const withoutPassword = (value: string): string => value.replace(/(\/\/[^/@:]*):[^/@]*@/, '$1:********@');

/** The address for messages: a Unix socket is shown as its path. */
export const shownAddress = (address: EngineAddress): string =>
  address.kind === 'unix' ? address.path : hostValue(address);

export const tlsFiles = ({ folder }: Tls) => ({
  ca: join(folder, 'ca.pem'),
  cert: join(folder, 'cert.pem'),
  key: join(folder, 'key.pem'),
});
