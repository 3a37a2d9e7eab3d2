/** Why a connection failed, and what to do, by the code of the system, of TLS, of HTTP, or the exit status of ssh. */
import type { EngineAddress } from './engine-address.ts';
import { tlsFiles } from './engine-address.ts';
import { isSshError, type SshError } from './ssh.ts';

/**
 * `what` is a predicate: it follows "the engine at …". `fix` is undefined where the advice depends on the socket
 * (well-known-sockets.ts). Kinds: `nothing`: the socket does not exist; `forbidden`: this user may not use it;
 * `down`: no daemon answers; `other`: the rest.
 */
export type Why = {
  readonly kind: 'nothing' | 'forbidden' | 'down' | 'other';
  readonly what: string;
  readonly fix?: string;
};

/** Code of an error: a server answered, but not as Docker does. */
export const strangerCode = 'NOT_DOCKER';
/** Code of an error: no answer within the deadline. */
export const silentCode = 'NO_ANSWER';

export function whyOf(error: unknown, address: EngineAddress, deadlineMs: number): Why {
  if (isSshError(error)) return sshWhy(error);
  const { code = '', path, statusCode, message } = error as NodeJS.ErrnoException & { statusCode?: number };
  if (code === silentCode) return silent(deadlineMs);
  if (statusCode !== undefined || code === strangerCode || code.startsWith('HPE_'))
    return stranger(address, statusCode);
  if (address.kind === 'ssh')
    return { kind: 'other', what: `could not be called: ${programWhy(code, message)}`, fix: install };
  if (
    address.kind === 'tcp' &&
    address.tls &&
    path !== undefined &&
    Object.values(tlsFiles(address.tls)).includes(path)
  )
    return { kind: 'other', what: `needs TLS files, and ${path} cannot be read (${code})`, fix: tlsFix };
  const known = (address.kind === 'unix' ? socketCodes : networkCodes)[code];
  if (known) return known;
  if (address.kind === 'tcp' && address.tls) return tlsWhy(code, message);
  if (address.kind === 'tcp' && hungUp.has(code))
    return { kind: 'other', what: 'closed the connection without an answer', fix: perhapsTls };
  return { kind: hungUp.has(code) ? 'down' : 'other', what: `could not be asked: ${message}` };
}

const hungUp: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
const install = 'Install the OpenSSH client, so that "ssh" works in this terminal.';
const tlsFix = 'Put ca.pem, cert.pem and key.pem there, or name their folder with DOCKER_CERT_PATH.';
const perhapsTls = 'It may want TLS: set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of the certificates.';

const programWhy = (code: string, message: string): string =>
  code === 'ENOENT' ? 'there is no ssh program on PATH' : message;

const silent = (deadlineMs: number): Why => ({
  kind: 'down',
  what: `did not answer within ${deadlineMs / 1000} s`,
});

const socketCodes: Readonly<Record<string, Why>> = {
  ENOENT: { kind: 'nothing', what: 'is not there' },
  ENOTDIR: { kind: 'nothing', what: 'is not there' },
  EACCES: { kind: 'forbidden', what: 'may not be used by this user' },
  EPERM: { kind: 'forbidden', what: 'may not be used by this user' },
  ECONNREFUSED: { kind: 'down', what: 'is there, and no engine listens on it' },
};

const checkNetwork = 'Check the name and the port, and whether the network lets you through.';
const networkCodes: Readonly<Record<string, Why>> = {
  ECONNREFUSED: {
    kind: 'down',
    what: 'is not listening: the connection was refused',
    fix: 'Start the engine on that host, or check the port.',
  },
  ENOTFOUND: { kind: 'other', what: 'has a host name that cannot be found', fix: checkNetwork },
  EAI_AGAIN: { kind: 'other', what: 'has a host name that could not be looked up', fix: checkNetwork },
  EHOSTUNREACH: { kind: 'other', what: 'cannot be reached', fix: checkNetwork },
  ENETUNREACH: { kind: 'other', what: 'cannot be reached', fix: checkNetwork },
  ETIMEDOUT: { kind: 'other', what: 'cannot be reached', fix: checkNetwork },
};

/** By code: names of OpenSSL's X509 errors, and Node's own codes. */
const tlsCodes: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate that ca.pem has not signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'shows a certificate that ca.pem has not signed',
  UNABLE_TO_GET_ISSUER_CERT: 'shows a certificate that ca.pem has not signed',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'shows a certificate that ca.pem has not signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate that ca.pem has not signed',
  CERT_SIGNATURE_FAILURE: 'shows a certificate that ca.pem has not signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate that was made for another name',
  EPROTO: 'does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS',
  ECONNRESET: 'does not accept our certificate, or got none',
  EPIPE: 'does not accept our certificate, or got none',
};
/** Alerts that the daemon sends: ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED, ERR_SSL_TLSV1_ALERT_UNKNOWN_CA … */
const certificateAlert = /^ERR_SSL_.*ALERT_.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;

const tlsWhy = (code: string, message: string): Why => ({
  kind: 'other',
  what: tlsCodes[certificateAlert.test(code) ? 'ECONNRESET' : code] ?? `refused TLS (${code || message})`,
  fix:
    tlsCodes[code] === tlsCodes.EPROTO
      ? 'Unset DOCKER_TLS_VERIFY if that engine has no TLS, or check the port.'
      : 'Check the certificates: ca.pem must have signed the one of the engine, and the engine must accept cert.pem.',
});

function stranger(address: EngineAddress, statusCode: number | undefined): Why {
  const how = statusCode === undefined ? 'answers, but not as Docker does' : `answers with HTTP status ${statusCode}`;
  return {
    kind: 'other',
    what: how,
    fix:
      address.kind === 'tcp' && !address.tls && statusCode === 400
        ? perhapsTls
        : 'Another program may listen there: check the address.',
  };
}

/** `output` comes from ssh itself (status 255) or from the docker program on the remote host. */
function sshWhy({ status, output }: SshError): Why {
  const message = output === '' ? '' : `: ${output.replace(/^ssh: /, '').replace(/\.$/, '')}`;
  if (status === 255)
    return {
      kind: 'other',
      what: `cannot be reached by ssh${message}`,
      fix: 'Make ssh to that host work in this terminal first, without a question: host key, then key or agent.',
    };
  if (status === 127 || status === 126)
    return {
      kind: 'other',
      what: 'is a host without a docker program',
      fix: 'Install Docker on that host, so that "ssh HOST docker version" works.',
    };
  return {
    kind: 'down',
    what: `did not let ssh through to its engine${message}`,
    fix: 'Start Docker on that host, and see that "ssh HOST docker version" works for this user.',
  };
}
