/** libpq connection strings, key=value and URI. Source: documentation, "Connection Strings" (libpq-connstring). */
/** The message is libpq's: 'missing "=" after "port" in connection info string'. */
export type ConninfoError = { readonly message: string };
/** `unknown`: keys that libpq refuses; `params` contains them too. Several hosts or ports stay one list: 'h1,h2'. */
export type Conninfo = { readonly params: Readonly<Record<string, string>>; readonly unknown: readonly string[] };

/**
 * Parses as libpq of this major (13 to 18) does: a comma after a value belongs to the value, and the last of equal keys
 * wins. A key is unknown when that libpq does not have it, or when it has upper case. libpq stops at the first unknown
 * key, so later syntax errors are not reported. Since 18, spaces around a part of a URI are dropped, refused inside.
 */
export function parseConninfo(text: string, major = 18): Conninfo | ConninfoError {
  const pairs: Pair[] = [];
  const keywords = keysOf(major);
  try {
    if (uriPrefix.test(text)) readUri(text, pairs, major >= 18 ? 'refused' : 'kept');
    else readPairs(text, pairs);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (pairs.every(([key]) => keywords.has(key))) return { message: error.message };
  }
  const unknown = pairs.map(([key]) => key).filter((key) => !keywords.has(key));
  return { params: Object.fromEntries(pairs), unknown: [...new Set(unknown)] };
}

/** Formats key=value pairs in the given order, with quotes where needed. parseConninfo returns the same params. */
export function formatConninfo(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map(([key, value]) => `${key}=${/^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`}`)
    .join(' ');
}

type Pair = readonly [key: string, value: string];

/** libpq refuses the string; the message is libpq's. */
class Refused extends Error {}

// PQconndefaults() of libpq 13 to 18, and requiressl, which libpq takes for a spelling of sslmode.
const keysOfAll =
  'service user password passfile channel_binding connect_timeout dbname host hostaddr port client_encoding options ' +
  'application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout ' +
  'sslmode sslcompression sslcert sslkey sslpassword sslrootcert sslcrl requirepeer ssl_min_protocol_version requiressl ' +
  'ssl_max_protocol_version gssencmode krbsrvname gsslib replication target_session_attrs';
const keysUntil13 = 'authtype tty';
const keysSince: Readonly<Record<number, string>> = {
  14: 'sslcrldir sslsni',
  16: 'require_auth sslcertmode load_balance_hosts gssdelegation',
  17: 'sslnegotiation',
  18:
    'min_protocol_version max_protocol_version scram_client_key scram_server_key sslkeylogfile ' +
    'oauth_issuer oauth_client_id oauth_client_secret oauth_scope',
};

function keysOf(major: number): ReadonlySet<string> {
  const newer = Object.entries(keysSince).filter(([since]) => Number(since) <= major);
  const lists = [keysOfAll, ...(major < 14 ? [keysUntil13] : []), ...newer.map(([, keys]) => keys)];
  return new Set(lists.flatMap((list) => list.split(' ')));
}
const allKeys = new Set([...keysOf(13), ...keysOf(18)]);

/** True for keys that a libpq of 13 to 18 knows; a key with upper case is not one. */
export const isConninfoKey = (key: string): boolean => allKeys.has(key);

/** The pair that libpq makes of an older spelling. */
const stored = (key: string, value: string): Pair =>
  key === 'requiressl' ? ['sslmode', value.startsWith('1') ? 'require' : 'prefer'] : [key, value];

// ---- key=value. Blanks are those of C's isspace(), which has no no-break space. ----

function readPairs(text: string, pairs: Pair[]): void {
  const pair = /[ \t\n\v\f\r]*([^= \t\n\v\f\r]*)[ \t\n\v\f\r]*(=?)[ \t\n\v\f\r]*/y;
  const bare = /(?:\\[\s\S]|[^\\ \t\n\v\f\r])*\\?/y;
  const quoted = /'((?:\\[\s\S]|[^\\'])*)('?)/y;
  const end = text.replace(/[ \t\n\v\f\r]+$/, '').length;
  for (let at = 0; at < end; ) {
    const [all, key, equals] = match(pair, text, at);
    if (!equals) throw new Refused(`missing "=" after "${key}" in connection info string`);
    at += all.length;
    const isQuoted = text[at] === "'";
    const [raw, inner, close] = match(isQuoted ? quoted : bare, text, at);
    if (isQuoted && !close) throw new Refused('unterminated quoted string in connection info string');
    pairs.push(stored(key, (isQuoted ? inner : raw).replace(/\\([\s\S]?)/g, '$1')));
    at += raw.length;
  }
}

function match(pattern: RegExp, text: string, at: number): [all: string, first: string, second: string] {
  pattern.lastIndex = at;
  const [all = '', first = '', second = ''] = pattern.exec(text) ?? [];
  return [all, first, second];
}

// ---- URI ----

const uriPrefix = /^postgres(?:ql)?:\/\//;

type Spaces = 'refused' | 'kept';

function readUri(uri: string, pairs: Pair[], spaces: Spaces): void {
  const [prefix = ''] = uriPrefix.exec(uri) ?? [];
  const [userinfo = '', user = '', password = ''] = /^([^:@/]*)(?::([^@/]*))?@/.exec(uri.slice(prefix.length)) ?? [];
  pushDecoded({ user, password }, pairs, spaces);
  const { hosts, ports, end } = parseHosts(uri, prefix.length + userinfo.length);
  const [, path = '', query = ''] = /^(?:\/([^?]*))?(?:\?([\s\S]*))?$/.exec(uri.slice(end)) ?? [];
  pushDecoded({ host: hosts, port: ports, dbname: path }, pairs, spaces);
  readQuery(query, pairs, spaces);
}

function pushDecoded(parts: Readonly<Record<string, string>>, pairs: Pair[], spaces: Spaces): void {
  for (const [key, part] of Object.entries(parts)) if (part !== '') pairs.push([key, decode(part, spaces)]);
}

type Hosts = { readonly hosts: string; readonly ports: string; readonly end: number };

function parseHosts(uri: string, start: number): Hosts {
  const entry = /(?:\[([^\]]*)\]|([^:/?,]*))(?::([^/?,]*))?/y;
  const hosts: string[] = [];
  const ports: string[] = [];
  let end = start;
  do {
    if (hosts.length > 0) end += 1; // the comma
    if (uri[end] === '[') refuseBadBrackets(uri, end);
    entry.lastIndex = end;
    const [all = '', inBrackets, plain, port] = entry.exec(uri) ?? [];
    hosts.push(inBrackets ?? plain ?? '');
    ports.push(port ?? '');
    end += all.length;
  } while (uri[end] === ',');
  return { hosts: hosts.join(','), ports: ports.join(','), end };
}

function refuseBadBrackets(uri: string, open: number): void {
  const close = uri.indexOf(']', open);
  if (close < 0) {
    throw new Refused(`end of string reached when looking for matching "]" in IPv6 host address in URI: "${uri}"`);
  }
  if (close === open + 1) throw new Refused(`IPv6 host address may not be empty in URI: "${uri}"`);
  const after = Buffer.from(uri.slice(close + 1))
    .subarray(0, 1)
    .toString(); // libpq counts bytes, and shows one
  if (after === '' || ':/?,'.includes(after)) return;
  const position = Buffer.byteLength(uri.slice(0, close + 1)) + 1;
  throw new Refused(`unexpected character "${after}" at position ${position} in URI (expected ":" or "/"): "${uri}"`);
}

function readQuery(query: string, pairs: Pair[], spaces: Spaces): void {
  if (query === '') return;
  for (const param of query.replace(/&$/, '').split('&')) {
    const [key = '', value, extra] = param.split('=');
    if (extra !== undefined) throw new Refused(`extra key/value separator "=" in URI query parameter: "${key}"`);
    if (value === undefined) throw new Refused(`missing key/value separator "=" in URI query parameter: "${key}"`);
    const pair = stored(decode(key, spaces), decode(value, spaces));
    pairs.push(pair[0] === 'ssl' && pair[1] === 'true' ? ['sslmode', 'require'] : pair); // JDBC's spelling
  }
}

/** Decodes percent-encoding. Throws Refused. */
function decode(part: string, spaces: Spaces): string {
  const text = spaces === 'refused' ? part.replace(/^ +| +$/g, '') : part;
  for (const [found] of text.matchAll(/%.{0,2}| /gs)) {
    if (found === ' ' && spaces === 'kept') continue;
    if (found === ' ')
      throw new Refused(`unexpected spaces found in "${part}", use percent-encoded spaces (%20) instead`);
    if (!/^%[\da-f]{2}$/i.test(found)) throw new Refused(`invalid percent-encoded token: "${part}"`);
    if (found === '%00') throw new Refused(`forbidden value %00 in percent-encoded value: "${part}"`);
  }
  return text.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}
