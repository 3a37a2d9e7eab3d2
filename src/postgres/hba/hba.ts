/** Parses pg_hba.conf and finds the first match. Source: documentation, "The pg_hba.conf File" (auth-pg-hba-conf). */
import { cidrMask, inNetwork, parseAddress } from './address.ts';
import { type HbaField, type HbaPlace, type HbaWord, readHbaLines } from './lines.ts';
import { type HbaType, methodProblem, optionsProblem } from './options.ts';
import { regexFits, regexProblem } from './regex.ts';

export type HbaRule = {
  readonly line: number;
  readonly text: string;
  readonly file?: string; // an included file; absent for the text itself
  readonly type: HbaType;
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

/**
 * 'unknown': a regular expression decides that cannot be read here. Host names other than localhost never match: they
 * would need DNS, and a look asks only the servers.
 */
export function matchRule(rule: HbaRule, connection: HbaConnection): 'match' | HbaMiss | 'unknown' {
  if (!typeFits[rule.type](connection)) return 'type';
  if (rule.address !== null && !addressFits(rule.address, rule.mask, connection)) return 'address';
  const database = anyOf(rule.databases.map((entry) => databaseFits(entry, connection)));
  if (database === false) return 'database';
  const user = anyOf(rule.users.map((entry) => userFits(entry, connection)));
  if (user === false) return 'user';
  return database === true && user === true ? 'match' : 'unknown';
}

export function firstMatch(rules: readonly HbaRule[], connection: HbaConnection): HbaRule | undefined {
  return rules.find((rule) => matchRule(rule, connection) === 'match');
}

/** The first rule that may match, above the first one that does: then nobody can tell here which of them decides. */
export function firstUnknown(rules: readonly HbaRule[], connection: HbaConnection): HbaRule | undefined {
  const first = rules.find((rule) => ['match', 'unknown'].includes(matchRule(rule, connection)));
  return first && matchRule(first, connection) === 'unknown' ? first : undefined;
}

// ---- From fields to a rule, or to PostgreSQL's message ----

const types: readonly HbaType[] = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];
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
  const wrong = methodProblem(type, method, major) ?? optionsProblem({ type, method, major }, given);
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

// ---- Matching a rule with a connection ----

const typeFits: Readonly<Record<HbaType, (connection: HbaConnection) => boolean>> = {
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

type Fits = boolean | 'unknown';

const anyOf = (words: readonly Fits[]): Fits => words.includes(true) || (words.includes('unknown') ? 'unknown' : false);

function databaseFits(entry: HbaWord, connection: HbaConnection): Fits {
  const keyword = entry.quoted ? undefined : entry.word;
  if (connection.replication) return keyword === 'replication';
  if (keyword === 'all') return true;
  const { database, user } = connection;
  if (keyword === 'sameuser') return database === user;
  if (keyword === 'samerole' || keyword === 'samegroup') return isMember(connection, database);
  return keyword === 'replication' ? false : nameFits(entry, database);
}

function userFits(entry: HbaWord, connection: HbaConnection): Fits {
  const { word, quoted } = entry;
  if (!quoted && word.startsWith('+')) return isMember(connection, word.slice(1));
  return (!quoted && word === 'all') || nameFits(entry, connection.user);
}

const isMember = ({ user, memberOf = [], roleExists = true }: HbaConnection, role: string): boolean =>
  roleExists && [user, ...memberOf].includes(role);

/** `/…` is a regular expression since PostgreSQL 16, quoted or not. */
const nameFits = ({ word, regex }: HbaWord, name: string): Fits =>
  regex ? regexFits(word.slice(1), name) : word === name;
