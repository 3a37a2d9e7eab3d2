/** pg_hba.conf as text, and which line is matched first. Source: documentation, "The pg_hba.conf File" (auth-pg-hba-conf). */
import { cidrMask, inNetwork, parseAddress } from './address.ts';

/** A word of a list; quoted words lose their special meaning ("replication" in double quotes is a database of that name). */
export type HbaWord = { readonly word: string; readonly quoted: boolean };
export type HbaRule = {
  readonly line: number;
  readonly text: string;
  readonly type: (typeof types)[number];
  readonly databases: readonly HbaWord[];
  readonly users: readonly HbaWord[];
  readonly address: string | null; // null for local; as written, so '"all"' is a host of that name
  readonly mask: string | null; // the separate mask column
  readonly method: string;
  readonly options: readonly string[];
};
/** A line that PostgreSQL refuses; then the whole file is not loaded. `message` is PostgreSQL's own. */
export type HbaError = { readonly line: number; readonly text: string; readonly message: string };
export type HbaText = {
  readonly rules: readonly HbaRule[];
  readonly commented: readonly HbaRule[];
  readonly errors: readonly HbaError[];
};

/**
 * Never fails: what PostgreSQL would refuse is in `errors`. A backslash at the end of a line continues it (PostgreSQL 14),
 * `line` is then the first. Include lines (PostgreSQL 16) are passed over, words of an @file are not known.
 */
export function parseHba(text: string): HbaText {
  const rules: HbaRule[] = [];
  const commented: HbaRule[] = [];
  const errors: HbaError[] = [];
  for (const line of logicalLines(text)) {
    const fields = toFields(line.text);
    if (fields.length === 0) {
      const off = parseRule(toFields(line.text.replace(commentMark, '')));
      if (typeof off !== 'string') commented.push({ ...line, ...off });
      continue;
    }
    if (fields.length === 2 && includes.includes(fields[0]?.[0]?.word ?? '')) continue;
    const parsed = parseRule(fields);
    if (typeof parsed === 'string') errors.push({ ...line, message: parsed });
    else rules.push({ ...line, ...parsed });
  }
  return { rules, commented, errors };
}

export type HbaConnection = {
  readonly kind: 'local' | 'host';
  readonly database: string; // ignored when replication
  readonly replication: boolean; // physical replication: only the unquoted word `replication` matches, `all` does not
  readonly user: string;
  readonly memberOf?: readonly string[];
  readonly address?: string; // '127.0.0.1'; of a host connection
  readonly ssl?: boolean; // default false
  readonly interfaces?: readonly { readonly address: string; readonly netmask: string }[]; // for samehost, samenet; default: loopback
};
/** Why a rule is passed over, in the order PostgreSQL asks: type, address, database, user. */
export type HbaMiss = 'type' | 'address' | 'database' | 'user';

/** Host names other than localhost never match: that takes DNS, and a look asks nobody but the servers. */
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

// ---- Text to fields. Only space, tab and carriage return are blanks; a no-break space is a letter to PostgreSQL. ----

type Field = readonly HbaWord[];

const commentMark = /^[ \t\r]*#[# \t\r]*/;

function logicalLines(text: string): { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const part = raw.replace(/\r+$/, '');
    open ??= { line: index + 1, text: '' };
    open.text += part.replace(/\\$/, '');
    if (part.endsWith('\\')) continue;
    found.push(open);
    open = undefined;
  }
  return open ? [...found, open] : found;
}

/** A field is a list: it goes on after a word that a comma follows at once. */
function toFields(text: string): Field[] {
  const fields: HbaWord[][] = [];
  let goesOn = false;
  // A quote that is not closed runs to the end of the line, as in PostgreSQL.
  for (const [, word, comma] of text.matchAll(/#.*|((?:"(?:[^"]|"")*(?:"|$)|[^ \t\r,#"])+)(,?)/gs)) {
    if (word === undefined) break; // a comment
    const entry = { word: unquote(word), quoted: word.startsWith('"') };
    if (goesOn) fields.at(-1)?.push(entry);
    else fields.push([entry]);
    goesOn = comma === ',';
  }
  return fields;
}

function unquote(word: string): string {
  return word.replace(/"((?:[^"]|"")*)(?:"|$)/g, (_, inner: string) => inner.replaceAll('""', '"'));
}

// ---- Fields to a rule, or PostgreSQL's message ----

const types = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const;
const includes = ['include', 'include_if_exists', 'include_dir'];
// Of all builds: that a server was built without one of them is for its own pg_hba_file_rules to say.
const methods = 'trust reject scram-sha-256 md5 password gss sspi ident peer ldap radius cert pam bsd oauth'.split(' ');
// Which methods take an option, and how PostgreSQL 18 lists them.
const options: readonly (readonly [names: string, methods: string, listed?: string])[] = [
  ['map', 'ident peer gss sspi cert oauth', 'ident, peer, gssapi, sspi, cert, and oauth'],
  ['pamservice pam_use_hostname', 'pam'],
  ['ldapurl ldaptls ldapscheme ldapserver ldapport ldapbinddn ldapbindpasswd ldapsearchattribute', 'ldap'],
  ['ldapsearchfilter ldapbasedn ldapprefix ldapsuffix', 'ldap'],
  ['krb_realm include_realm', 'gss sspi', 'gssapi and sspi'],
  ['compat_realm upn_username', 'sspi'],
  ['radiusservers radiusports radiussecrets radiusidentifiers', 'radius'],
  ['issuer scope validator delegate_ident_mapping', 'oauth'],
];

function parseRule(fields: readonly Field[]): Omit<HbaRule, 'line' | 'text'> | string {
  const [typeField, databases, users, ...rest] = fields;
  const [typeWord, second] = typeField ?? [];
  if (second) return 'multiple values specified for connection type';
  const type = types.find((known) => known === typeWord?.word);
  if (!type) return `invalid connection type "${typeWord?.word}"`;
  if (!databases) return 'end-of-line before database specification';
  if (!users) return 'end-of-line before role specification';
  const where = type === 'local' ? { address: null, mask: null, rest } : takeAddress(rest);
  if (typeof where === 'string') return where;
  const [methodField, ...optionFields] = where.rest;
  if (!methodField) return 'end-of-line before authentication method';
  if (methodField.length > 1) return 'multiple values specified for authentication type';
  const method = methodField[0]?.word ?? '';
  const given = optionFields.flat().map(({ word }) => word);
  const problems = [methodProblem(type, method), ...given.map((option) => optionProblem(type, method, option))];
  const rule = { type, databases, users, address: where.address, mask: where.mask, method, options: given };
  return problems.find((problem) => problem !== undefined) ?? rule;
}

type Where = { readonly address: string; readonly mask: string | null; readonly rest: readonly Field[] };

function takeAddress([field, maskField, ...rest]: readonly Field[]): Where | string {
  if (!field) return 'end-of-line before IP address specification';
  if (field.length > 1) return 'multiple values specified for host address';
  const { word, quoted } = field[0] ?? { word: '', quoted: false };
  const keyword = ['all', 'samehost', 'samenet'].includes(word);
  // In quotes a keyword is a host name; the quotes are kept to tell.
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

function methodProblem(type: HbaRule['type'], method: string): string | undefined {
  if (!methods.includes(method)) return `invalid authentication method "${method}"`;
  if (type === 'local' && method === 'gss') return 'gssapi authentication is not supported on local sockets';
  if (type !== 'local' && method === 'peer') return 'peer authentication is only supported on local sockets';
  if (type !== 'hostssl' && method === 'cert') return 'cert authentication is only supported on hostssl connections';
  return undefined;
}

function optionProblem(type: HbaRule['type'], method: string, option: string): string | undefined {
  const [name = '', value] = option.split('=');
  if (value === undefined) return `authentication option not in name=value format: ${option}`;
  if (name === 'clientcert' || name === 'clientname') {
    return type === 'hostssl' ? undefined : `${name} can only be configured for "hostssl" rows`;
  }
  const [, takers, listed] = options.find(([names]) => names.split(' ').includes(name)) ?? [];
  if (takers === undefined) return `unrecognized authentication option name: "${name}"`;
  if (takers.split(' ').includes(method)) return undefined;
  return `authentication option "${name}" is only valid for authentication methods ${listed ?? takers}`;
}

// ---- A rule against a connection ----

const typeFits: Readonly<Record<HbaRule['type'], (connection: HbaConnection) => boolean>> = {
  local: ({ kind }) => kind === 'local',
  host: ({ kind }) => kind === 'host',
  hostssl: ({ kind, ssl }) => kind === 'host' && ssl === true,
  hostnossl: ({ kind, ssl }) => kind === 'host' && ssl !== true,
  hostgssenc: () => false, // nothing here encrypts with GSSAPI
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

/** Without a mask and a CIDR length: this very address. */
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

function databaseFits(
  { word, quoted }: HbaWord,
  { replication, database, user, memberOf = [] }: HbaConnection,
): boolean {
  const keyword = quoted ? undefined : word;
  if (replication) return keyword === 'replication';
  if (keyword === 'all') return true;
  if (keyword === 'sameuser') return database === user;
  if (keyword === 'samerole' || keyword === 'samegroup') return [user, ...memberOf].includes(database);
  return keyword !== 'replication' && nameFits(word, database);
}

function userFits({ word, quoted }: HbaWord, { user, memberOf = [] }: HbaConnection): boolean {
  if (!quoted && word.startsWith('+')) return [user, ...memberOf].includes(word.slice(1));
  return (!quoted && word === 'all') || nameFits(word, user);
}

/** `/…` is a regular expression (PostgreSQL 16), quoted or not; one that only PostgreSQL's dialect knows fits nothing here. */
function nameFits(word: string, name: string): boolean {
  if (!word.startsWith('/')) return word === name;
  try {
    return new RegExp(word.slice(1)).test(name);
  } catch {
    return false;
  }
}
