/** Methods and options of a line in pg_hba.conf. Source: documentation, "Authentication Methods" (auth-methods). */
export type HbaType = 'local' | 'host' | 'hostssl' | 'hostnossl' | 'hostgssenc' | 'hostnogssenc';

// The methods of all builds: the server's pg_hba_file_rules reports those its build does not have.
const methods = 'trust reject scram-sha-256 md5 password gss sspi ident peer ldap radius cert pam bsd'.split(' ');

/** PostgreSQL's message when it refuses this method for such a connection. */
export function methodProblem(type: HbaType, method: string, major: number): string | undefined {
  const known = methods.includes(method) || (method === 'oauth' && major >= 18);
  if (!known) return `invalid authentication method "${method}"`;
  if (type === 'local' && method === 'gss') return 'gssapi authentication is not supported on local sockets';
  if (type !== 'local' && method === 'peer') return 'peer authentication is only supported on local sockets';
  if (type !== 'hostssl' && method === 'cert') return 'cert authentication is only supported on hostssl connections';
  return undefined;
}

/**
 * PostgreSQL's message for the first of these options (`name=value`) that it refuses, or for what they lack together.
 * '' where its view has none. The names of RADIUS servers are taken for good: the server asks DNS for them.
 */
export function optionsProblem(row: Row, given: readonly string[]): string | undefined {
  const wrong = given.map((option) => optionProblem(row, option)).find((problem) => problem !== undefined);
  if (wrong !== undefined) return wrong;
  const last = new Map(given.map((option) => [option.replace(/=.*/s, ''), option.replace(/^[^=]*=/s, '')]));
  return together[row.method]?.(last, row.major);
}

type Row = { readonly type: HbaType; readonly method: string; readonly major: number };

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
  if (takers.split(' ').includes(method)) return valueProblem(name, value);
  return `authentication option "${name}" is only valid for authentication methods ${listed ?? takers}`;
}

/** 13 still accepts the numbers of older majors, and "no-verify". */
function clientCertProblem(method: string, value: string, major: number): string | undefined {
  const off = major < 14 && ['0', 'no-verify'].includes(value);
  if (off && method === 'cert') return 'clientcert cannot be set to "no-verify" when using "cert" authentication';
  if (value === 'verify-ca' && method === 'cert' && major >= 14)
    return 'clientcert can only be set to "verify-full" when using "cert" authentication';
  const known = off || ['verify-ca', 'verify-full'].includes(value) || (major < 14 && value === '1');
  return known ? undefined : `invalid value for clientcert: "${value}"`;
}

const clientNameProblem = (value: string): string | undefined =>
  ['CN', 'DN'].includes(value) ? undefined : `invalid value for clientname: "${value}"`;

function valueProblem(name: string, value: string): string | undefined {
  if (name === 'ldapport') return atoi(value) === 0 ? `invalid LDAP port number: "${value}"` : undefined;
  if (!name.startsWith('radius')) return undefined;
  const list = listOf(value);
  const isWrong = !list || (name === 'radiusports' && list.some((port) => atoi(port) === 0));
  return isWrong ? '' : undefined;
}

/** As C's atoi, for what is a port. */
const atoi = (text: string): number => Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0);

/** Names with commas between them; undefined: one is missing, or has a blank in it. */
function listOf(value: string): readonly string[] | undefined {
  if (/^[ \t\n\r\f]*$/.test(value)) return [];
  const names = value.split(',');
  const isName = /^[ \t\n\r\f]*(?:"(?:[^"]|"")*"|[^" \t\n\r\f][^ \t\n\r\f]*)[ \t\n\r\f]*$/;
  return names.every((name) => isName.test(name)) ? names : undefined;
}

type Given = ReadonlyMap<string, string>;

/** What the options of a method must have together. */
const together: Readonly<Record<string, (given: Given, major: number) => string | undefined>> = {
  radius: radiusProblem,
  oauth: (given) => missing('oauth', ['scope', 'issuer'], (name) => given.has(name)),
  ldap: ldapProblem,
};

function missing(method: string, names: readonly string[], has: (name: string) => boolean): string | undefined {
  const name = names.find((needed) => !has(needed));
  return name && `authentication method "${method}" requires argument "${name}" to be set`;
}

function radiusProblem(given: Given, major: number): string | undefined {
  const count = (name: string) => listOf(given.get(name) ?? '')?.length ?? 0;
  const lacks = missing('radius', ['radiusservers', 'radiussecrets'], (name) => count(name) > 0);
  if (lacks) return lacks;
  const servers = count('radiusservers');
  for (const what of ['secrets', 'ports', 'identifiers']) {
    const some = count(`radius${what}`);
    if (some > 1 && some !== servers)
      return major < 14
        ? ''
        : `the number of RADIUS ${what} (${some}) must be 1 or the same as the number of RADIUS servers (${servers})`;
  }
  return undefined;
}

const ofSearch = ['ldapbasedn', 'ldapbinddn', 'ldapbindpasswd', 'ldapsearchattribute', 'ldapsearchfilter', 'ldapurl'];

/** A simple bind has prefix and suffix, a search has the others. */
function ldapProblem(given: Given, major: number): string | undefined {
  const has = (name: string) => given.has(name);
  const isSimple = has('ldapprefix') || has('ldapsuffix');
  if (isSimple && ofSearch.some(has)) {
    const mixed = `cannot use ${ofSearch.slice(0, -1).join(', ')}, or ldapurl together with ldapprefix`;
    return major >= 17 ? 'cannot mix options for simple bind and search+bind modes' : mixed;
  }
  if (!isSimple && !has('ldapbasedn') && !has('ldapurl'))
    return 'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set';
  const both = has('ldapsearchattribute') && has('ldapsearchfilter');
  return both ? 'cannot use ldapsearchattribute together with ldapsearchfilter' : undefined;
}
