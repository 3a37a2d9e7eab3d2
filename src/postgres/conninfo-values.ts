/**
 * Values that libpq takes when it parses a connection string, and refuses when it connects with it. Source:
 * documentation, "Parameter Key Words" (libpq-paramkeywords); what it leaves open was tried on 13 to 18.
 */
import { parseAddress } from './hba/address.ts';

type Params = Readonly<Record<string, string>>;

/**
 * libpq's message, such as 'invalid sslmode value: "on"'; undefined: it would go on to connect. Only what needs no look
 * at the machine or the network: no files, no service, no host names. `params` are those that parseConninfo returns.
 */
export function valueProblem(params: Params, major: number): string | undefined {
  return [
    countProblem,
    methodsProblem,
    wordProblem(words),
    versionProblem,
    wordProblem(laterWords),
    protocolProblem,
    portProblem,
    numberProblem,
    addressProblem,
  ]
    .map((problem) => problem(params, major))
    .find((message) => message !== undefined);
}

const listOf = (value: string | undefined): readonly string[] => (value ? value.split(',') : []);

/** A list of hosts has as many addresses, and one port or as many. */
function countProblem({ host, hostaddr, port }: Params): string | undefined {
  const [hosts, addresses, ports] = [listOf(host).length, listOf(hostaddr).length, listOf(port).length];
  if (hosts > 0 && addresses > 0 && hosts !== addresses)
    return `could not match ${hosts} host names to ${addresses} hostaddr values`;
  const all = addresses || hosts || 1;
  return ports > 1 && ports !== all ? `could not match ${ports} port numbers to ${all} hosts` : undefined;
}

type Words = readonly (readonly [key: string, values: string])[];

/** In libpq's order; it compares the versions of SSL between these and the later ones. */
const words: Words = [
  ['channel_binding', 'disable prefer require'],
  ['sslmode', 'disable allow prefer require verify-ca verify-full'],
  ['sslnegotiation', 'postgres direct'],
];
const laterWords: Words = [
  ['sslcertmode', 'disable allow require'],
  ['gssencmode', 'disable prefer require'],
  ['target_session_attrs', 'any read-write read-only primary standby prefer-standby'],
  ['load_balance_hosts', 'disable random'],
  ['min_protocol_version', '3.0 3.2 latest'],
  ['max_protocol_version', '3.0 3.2 latest'],
];
const before14: Readonly<Record<string, string>> = { target_session_attrs: 'any read-write' };

const wordProblem =
  (list: Words) =>
  (params: Params, major: number): string | undefined => {
    for (const [key, values] of list) {
      const value = params[key];
      const known = ((major < 14 && before14[key]) || values).split(' ');
      if (value !== undefined && !known.includes(value)) return `invalid ${key} value: "${value}"`;
    }
    return undefined;
  };

const versions = ['', 'tlsv1', 'tlsv1.1', 'tlsv1.2', 'tlsv1.3'];

function versionProblem(params: Params, major: number): string | undefined {
  const keys = ['ssl_min_protocol_version', 'ssl_max_protocol_version'];
  const texts = [params.ssl_min_protocol_version ?? 'TLSv1.2', params.ssl_max_protocol_version ?? ''];
  const given = texts.map((text) => versions.indexOf(text.toLowerCase()));
  const bad = keys[given.indexOf(-1)];
  if (bad) return `invalid ${major >= 17 ? `"${bad}"` : bad} value: "${params[bad]}"`;
  const [least = 0, most = 0] = given;
  return most > 0 && least > most ? 'invalid SSL protocol version range' : undefined;
}

function protocolProblem({ min_protocol_version: least, max_protocol_version: most }: Params): string | undefined {
  const isWrong = (least === '3.2' || least === 'latest') && most === '3.0';
  return isWrong ? '"min_protocol_version" is greater than "max_protocol_version"' : undefined;
}

const methods = 'password md5 gss sspi scram-sha-256 none'.split(' ');

/** The list of require_auth (since 16): all with an exclamation mark, or none. */
function methodsProblem({ require_auth: list }: Params, major: number): string | undefined {
  const seen = new Set<string>();
  const all = listOf(list);
  for (const written of all) {
    const isNegative = written.startsWith('!');
    const method = written.replace(/^!/, '');
    if (isNegative && !all[0]?.startsWith('!'))
      return `negative require_auth method "${written}" cannot be mixed with non-negative methods`;
    if (!isNegative && all[0]?.startsWith('!'))
      return `require_auth method "${method}" cannot be mixed with negative methods`;
    if (!methods.includes(method) && !(method === 'oauth' && major >= 18))
      return `invalid require_auth value: "${method}"`;
    if (seen.has(method)) return `require_auth method "${written}" is specified more than once`;
    seen.add(method);
  }
  return undefined;
}

/** Where a port is out of range libpq tries the next host; it gives up where one is no number. */
function portProblem({ port }: Params): string | undefined {
  let first: string | undefined;
  for (const one of (port ?? '').split(',')) {
    const number = one === '' ? 5432 : integer(one);
    if (number === undefined) return first ?? badInteger(one, 'port');
    if (number >= 1 && number <= 65535) return undefined;
    first ??= `invalid port number: "${one}"`;
  }
  return first;
}

const numbers = ['keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'];

/** libpq reads these for TCP only, so not for a socket; those of keepalives only where they are wanted. */
function numberProblem(params: Params): string | undefined {
  const overTcp = params.hostaddr || (params.host && !params.host.startsWith('/'));
  if (!overTcp) return undefined;
  const keys = integer(params.keepalives ?? '1') === 0 ? [] : ['keepalives', ...numbers];
  const bad = keys.find((key) => params[key] !== undefined && integer(params[key] ?? '') === undefined);
  return bad && badInteger(params[bad] ?? '', bad);
}

function addressProblem({ hostaddr }: Params): string | undefined {
  const bad = listOf(hostaddr).find((one) => !parseAddress(one));
  return bad === undefined ? undefined : `could not parse network address "${bad}": Name or service not known`;
}

/** As strtol reads it, with blanks around it; 32 bits. */
function integer(text: string): number | undefined {
  const number = /^[ \t\n\v\f\r]*[+-]?\d+[ \t\n\v\f\r]*$/.test(text) ? Number(text) : Number.NaN;
  return number >= -(2 ** 31) && number < 2 ** 31 ? number : undefined;
}

const badInteger = (value: string, key: string): string =>
  `invalid integer value "${value}" for connection option "${key}"`;
