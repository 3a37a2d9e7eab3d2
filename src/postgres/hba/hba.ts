/** Parses pg_hba.conf and finds the first match. Source: documentation, "The pg_hba.conf File" (auth-pg-hba-conf). */
import { cidrMask, inNetwork, parseAddress } from './address.ts';
import { type HbaField, type HbaPlace, type HbaWord, readHbaLines } from './lines.ts';
import { regexProblem, toRegExp } from './regex.ts';

export type HbaRule = {
  readonly line: number;
  readonly text: string;
  readonly file?: string; // an included file; absent for the text itself
  readonly type: (typeof types)[number];
  readonly databases: readonly HbaWord[];
  readonly users: readonly HbaWord[];
  readonly address: string | null; // null for local; as written, so '"all"' is a host of that name
  readonly mask: string | null; // the separate mask column
  readonly method: string; // ident on a local line becomes peer
  readonly options: readonly string[];
};
/** A line that PostgreSQL refuses; it then does not load the file. `message` is PostgreSQL's. */
export type HbaError = {
  readonly line: number;
  readonly text: string;
  readonly file?: string;
  readonly message: string;
};
export type HbaText = {
  readonly rules: readonly HbaRule[];
  readonly commented: readonly HbaRule[];
  readonly errors: readonly HbaError[];
};

/**
 * Never fails: `errors` contains what a server of this major (default 18) would refuse. A continued line has the number
 * of its first line. `place` tells how to read other files; without it, include lines (since 16) are skipped, and the
 * words of an @file are unknown.
 */
export function parseHba(
  text: string,
  { major = 18, place }: { readonly major?: number; readonly place?: HbaPlace } = {},
): HbaText {
  const rules: HbaRule[] = [];
  const commented: HbaRule[] = [];
  const errors: HbaError[] = [];
  for (const { fields, problem, ...line } of readHbaLines(text, major, place)) {
    if (fields.length === 0 && problem === undefined) {
      const [uncommented] = readHbaLines(line.text.replace(commentMark, ''), major);
      const rule = parseRule(uncommented?.fields ?? [], major);
      if (typeof rule !== 'string') commented.push({ ...line, ...rule });
      continue;
    }
    const parsed = problem ?? parseRule(fields, major);
    if (typeof parsed === 'string') errors.push({ ...line, message: parsed });
    else rules.push({ ...line, ...parsed });
  }
  return { rules, commented, errors };
}

const commentMark = /^[ \t\r]*#[# \t\r]*/;

export type HbaConnection = {
  readonly kind: 'local' | 'host';
  readonly database: string; // ignored when replication is true
  /** Physical replication: only the unquoted word `replication` matches, `all` does not. */
  readonly replication: boolean;
  readonly user: string;
  readonly memberOf?: readonly string[]; // also indirectly; being a superuser does not count
  readonly roleExists?: boolean; // default true; a role that does not exist is no member, not even of itself
  readonly address?: string; // '127.0.0.1'; of a host connection
  readonly ssl?: boolean; // default false
  /** For samehost and samenet; default: loopback. */
  readonly interfaces?: readonly { readonly address: string; readonly netmask: string }[];
};
/** Why a rule does not match, in the order in which PostgreSQL compares: type, address, database, user. */
export type HbaMiss = 'type' | 'address' | 'database' | 'user';

/** Host names other than localhost never match: they would need DNS, and a look asks only the servers. */
export function matchRule(rule: HbaRule, connection: HbaConnection): 'match' | HbaMiss {
  if (!typeFits[rule.type](connection)) return 'type';
  if (rule.address !== null && !addressFits(rule.address, rule.mask, connection)) return 'address';
  if (!rule.databases.some((database) => databaseFits(database, connection))) return 'database';
  if (!rule.users.some((user) => userFits(user, connection))) return 'user';
  return 'match';
}

export function firstMatch(rules: readonly HbaRule[], connection: HbaConnection): HbaRule | undefined {
  return rules.find((rule) => matchRule(rule, connection) === 'match');
}

// ---- From fields to a rule, or to PostgreSQL's message ----

const types = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const;
// The methods of all builds: the server's pg_hba_file_rules reports those its build does not have.
const methods = 'trust reject scram-sha-256 md5 password gss sspi ident peer ldap radius cert pam bsd'.split(' ');

function parseRule(fields: readonly HbaField[], major: number): Omit<HbaRule, 'line' | 'text'> | string {
  const [typeField, databases, users, ...rest] = fields;
  const [typeWord, second] = typeField ?? [];
  if (second) return 'multiple values specified for connection type';
  const type = types.find((known) => known === typeWord?.word);
  if (!type) return `invalid connection type "${typeWord?.word}"`;
  if (!databases) return 'end-of-line before database specification';
  const badDatabase = patternProblem(databases);
  if (badDatabase) return badDatabase;
  if (!users) return 'end-of-line before role specification';
  const badUser = patternProblem(users);
  if (badUser) return badUser;
  const where = type === 'local' ? { address: null, mask: null, rest } : takeAddress(rest);
  if (typeof where === 'string') return where;
  const [methodField, ...optionFields] = where.rest;
  if (!methodField) return 'end-of-line before authentication method';
  if (methodField.length > 1) return 'multiple values specified for authentication type';
  const written = methodField[0]?.word ?? '';
  const method = type === 'local' && written === 'ident' ? 'peer' : written;
  const given = optionFields.flat().map(({ word }) => word);
  const wrong =
    methodProblem(type, method, major) ??
    given.map((option) => optionProblem({ type, method, major }, option)).find((problem) => problem !== undefined) ??
    missingOption(method, given);
  return wrong ?? { type, databases, users, address: where.address, mask: where.mask, method, options: given };
}

function patternProblem(words: HbaField): string | undefined {
  for (const { word, regex } of words) {
    const problem = regex && regexProblem(word.slice(1));
    if (problem) return `invalid regular expression "${word.slice(1)}": ${problem}`;
  }
  return undefined;
}

type Where = { readonly address: string; readonly mask: string | null; readonly rest: readonly HbaField[] };

function takeAddress([field, maskField, ...rest]: readonly HbaField[]): Where | string {
  if (!field) return 'end-of-line before IP address specification';
  if (field.length > 1) return 'multiple values specified for host address';
  const { word, quoted } = field[0] ?? { word: '', quoted: false };
  const keyword = ['all', 'samehost', 'samenet'].includes(word);
  // A quoted keyword is a host name: the quotes are kept to mark it.
  const address = keyword && quoted ? `"${word}"` : word;
  const unmasked = { address, mask: null, rest: maskField ? [maskField, ...rest] : [] };
  if (keyword) return unmasked;
  const [host = '', ...cidr] = word.split('/');
  const network = parseAddress(host);
  if (cidr.length > 0) {
    if (!network) return `specifying both host name and CIDR mask is invalid: "${word}"`;
    return cidrMask(cidr.join('/'), network.family) ? unmasked : `invalid CIDR mask in address "${word}"`;
  }
  if (!network) return unmasked;
  if (!maskField) return 'end-of-line before netmask specification';
  if (maskField.length > 1) return 'multiple values specified for netmask';
  const maskWord = maskField[0]?.word ?? '';
  const mask = parseAddress(maskWord);
  if (!mask) return `invalid IP mask "${maskWord}": Name or service not known`;
  if (mask.family !== network.family) return 'IP address and mask do not match';
  return { address, mask: maskWord, rest };
}

function methodProblem(type: HbaRule['type'], method: string, major: number): string | undefined {
  const known = methods.includes(method) || (method === 'oauth' && major >= 18);
  if (!known) return `invalid authentication method "${method}"`;
  if (type === 'local' && method === 'gss') return 'gssapi authentication is not supported on local sockets';
  if (type !== 'local' && method === 'peer') return 'peer authentication is only supported on local sockets';
  if (type !== 'hostssl' && method === 'cert') return 'cert authentication is only supported on hostssl connections';
  return undefined;
}

type Row = { readonly type: HbaRule['type']; readonly method: string; readonly major: number };

// The methods that accept an option, and how PostgreSQL lists them.
const options: readonly (readonly [names: string, methods: string, listed?: string])[] = [
  ['pamservice pam_use_hostname', 'pam'],
  ['ldapurl ldaptls ldapscheme ldapserver ldapport ldapbinddn ldapbindpasswd ldapsearchattribute', 'ldap'],
  ['ldapsearchfilter ldapbasedn ldapprefix ldapsuffix', 'ldap'],
  ['krb_realm include_realm', 'gss sspi', 'gssapi and sspi'],
  ['compat_realm upn_username', 'sspi'],
  ['radiusservers radiusports radiussecrets radiusidentifiers', 'radius'],
];
const newerOptions: typeof options = [
  ['map', 'ident peer gss sspi cert oauth', 'ident, peer, gssapi, sspi, cert, and oauth'],
  ['issuer scope validator delegate_ident_mapping', 'oauth'],
  ...options,
];
const olderOptions: typeof options = [
  ['map', 'ident peer gss sspi cert', 'ident, peer, gssapi, sspi, and cert'],
  ...options,
];

function optionProblem({ type, method, major }: Row, option: string): string | undefined {
  const [, name = '', value] = /^([^=]*)=(.*)$/s.exec(option) ?? [];
  if (value === undefined) return `authentication option not in name=value format: ${option}`;
  if (name === 'clientcert' || (name === 'clientname' && major >= 14)) {
    if (type !== 'hostssl') return `${name} can only be configured for "hostssl" rows`;
    return name === 'clientcert' ? clientCertProblem(method, value, major) : clientNameProblem(value);
  }
  const table = major >= 18 ? newerOptions : olderOptions;
  const [, takers, listed] = table.find(([names]) => names.split(' ').includes(name)) ?? [];
  if (takers === undefined) return `unrecognized authentication option name: "${name}"`;
  if (takers.split(' ').includes(method)) return undefined;
  return `authentication option "${name}" is only valid for authentication methods ${listed ?? takers}`;
}

/** 13 still accepts the numbers of older majors, and "no-verify". */
function clientCertProblem(method: string, value: string, major: number): string | undefined {
  const off = major < 14 && ['0', 'no-verify'].includes(value);
  if (off && method === 'cert') return 'clientcert can not be set to "no-verify" when using "cert" authentication';
  if (value === 'verify-ca' && method === 'cert' && major >= 14)
    return 'clientcert can only be set to "verify-full" when using "cert" authentication';
  const known = off || ['verify-ca', 'verify-full'].includes(value) || (major < 14 && value === '1');
  return known ? undefined : `invalid value for clientcert: "${value}"`;
}

const clientNameProblem = (value: string): string | undefined =>
  ['CN', 'DN'].includes(value) ? undefined : `invalid value for clientname: "${value}"`;

const needed: Readonly<Record<string, readonly string[]>> = {
  radius: ['radiusservers', 'radiussecrets'],
  oauth: ['scope', 'issuer'],
};

function missingOption(method: string, given: readonly string[]): string | undefined {
  const has = (name: string) => given.some((option) => option.startsWith(`${name}=`));
  const missing = needed[method]?.find((name) => !has(name));
  if (missing) return `authentication method "${method}" requires argument "${missing}" to be set`;
  if (method !== 'ldap' || ['ldapbasedn', 'ldapprefix', 'ldapsuffix', 'ldapurl'].some(has)) return undefined;
  return 'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set';
}

// ---- Matching a rule with a connection ----

const typeFits: Readonly<Record<HbaRule['type'], (connection: HbaConnection) => boolean>> = {
  local: ({ kind }) => kind === 'local',
  host: ({ kind }) => kind === 'host',
  hostssl: ({ kind, ssl }) => kind === 'host' && ssl === true,
  hostnossl: ({ kind, ssl }) => kind === 'host' && ssl !== true,
  hostgssenc: () => false, // no connection here uses GSSAPI encryption
  hostnogssenc: ({ kind }) => kind === 'host',
};

const loopback = [
  { address: '127.0.0.1', netmask: '255.0.0.0' },
  { address: '::1', netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
];

function addressFits(word: string, mask: string | null, connection: HbaConnection): boolean {
  if (word === 'all') return true;
  const fits = (network: string, netmask: string | null) => inNamedNetwork(connection.address ?? '', network, netmask);
  const interfaces = connection.interfaces ?? loopback;
  if (word === 'samehost') return interfaces.some(({ address }) => fits(address, null));
  if (word === 'samenet') return interfaces.some(({ address, netmask }) => fits(address, netmask));
  if (word.toLowerCase() === 'localhost') return fits('127.0.0.1', null) || fits('::1', null);
  return fits(word, mask);
}

/** Without mask and CIDR length, only the address itself matches. */
function inNamedNetwork(client: string, word: string, maskWord: string | null): boolean {
  const [host = '', length] = word.split('/');
  const address = parseAddress(client);
  const network = parseAddress(host);
  if (!address || !network) return false;
  const mask =
    maskWord === null
      ? cidrMask(length ?? (network.family === 4 ? '32' : '128'), network.family)
      : parseAddress(maskWord);
  return mask !== undefined && inNetwork(address, network, mask);
}

function databaseFits(entry: HbaWord, connection: HbaConnection): boolean {
  const keyword = entry.quoted ? undefined : entry.word;
  if (connection.replication) return keyword === 'replication';
  if (keyword === 'all') return true;
  const { database, user } = connection;
  if (keyword === 'sameuser') return database === user;
  if (keyword === 'samerole' || keyword === 'samegroup') return isMember(connection, database);
  return keyword !== 'replication' && nameFits(entry, database);
}

function userFits(entry: HbaWord, connection: HbaConnection): boolean {
  const { word, quoted } = entry;
  if (!quoted && word.startsWith('+')) return isMember(connection, word.slice(1));
  return (!quoted && word === 'all') || nameFits(entry, connection.user);
}

const isMember = ({ user, memberOf = [], roleExists = true }: HbaConnection, role: string): boolean =>
  roleExists && [user, ...memberOf].includes(role);

/** `/…` is a regular expression since PostgreSQL 16, quoted or not. */
const nameFits = ({ word, regex }: HbaWord, name: string): boolean =>
  regex ? toRegExp(word.slice(1)).test(name) : word === name;
