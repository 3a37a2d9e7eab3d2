/** Compares our reading of connection strings with libpq in the server: its errors, and how it connects. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { parseConninfo } from '../../../src/postgres/conninfo.ts';
import { campaign, simplerText } from './agree.ts';
import { type Listener, listen, type Told } from './listener.ts';
import { mutate, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`connection strings, PostgreSQL ${build.major}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'listener-'));
    let listener: Listener;
    let server: TestServer;
    beforeAll(async () => {
      listener = await listen(folder);
      server = await startServer(build, { env: environment(listener) });
      await server.client.query(subscription);
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      await listener?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    test(`libpq of ${build.major} refuses the same connection strings, in the same words`, async () => {
      const random = newRandom('conninfo');
      await campaign({
        reader: `connection string | ${build.major}`,
        next: () => anyConninfo(random),
        ours: readAs(build.major),
        theirs: (texts) => tried(server, texts),
        simpler: simplerText,
      });
    });

    test(`libpq of ${build.major} takes the same address, user, database, password and settings`, async (context) => {
      const [dblink] = await server.rows("SELECT FROM pg_available_extensions WHERE name = 'dblink'");
      if (!dblink) return context.skip(`PostgreSQL ${build.major} has no dblink here`);
      await server.client.query(connecting);
      const random = newRandom('connect');
      await campaign({
        reader: `connection string, as libpq connects | ${build.major}`,
        next: () => anyConnection(random, listener),
        ours: (text) => expected(text, listener, build.major),
        theirs: (texts) => connected(server, texts),
        simpler: simplerText,
      });
    });
  });
}

/** ALTER SUBSCRIPTION lets libpq parse the string without connecting, so it tries thousands a second. */
const subscription = `
SET client_min_messages = error;
CREATE SUBSCRIPTION tried CONNECTION '' PUBLICATION none WITH (connect = false, slot_name = NONE);
CREATE FUNCTION pg_temp.try(conninfo text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SUBSCRIPTION tried CONNECTION %L', conninfo);
  RETURN NULL;
EXCEPTION WHEN syntax_error THEN
  RETURN SQLERRM;
END $$`;

async function tried(server: TestServer, texts: readonly string[]): Promise<string[]> {
  const rows = await server.rows<{ said: string | null }>(
    'SELECT pg_temp.try(text) AS said FROM unnest($1::text[]) WITH ORDINALITY AS tried(text, at) ORDER BY at',
    [texts],
  );
  return rows.map(({ said }) => told(said));
}

function told(said: string | null): string {
  const message = said?.replace(/^invalid connection string syntax: |\n$/g, '');
  return message?.replace(/^invalid (?:connection option|URI query parameter:) (".*")$/s, 'unknown $1') ?? 'read';
}

const readAs =
  (major: number) =>
  (text: string): string => {
    const read = parseConninfo(text, major);
    if ('message' in read) return read.message;
    return read.unknown.length > 0 ? `unknown "${read.unknown[0]}"` : 'read';
  };

// ---- How libpq connects with a string: the address, and what it sends ----

type Meaning = 'refused' | { readonly tried: string } | Told | { readonly via: 'nobody gave a password' };

const environment = ({ folder, port }: Listener): Record<string, string> => ({
  PGHOST: folder,
  PGPORT: String(port),
  PGUSER: 'somebody',
  PGPASSWORD: 'from the environment',
  PGPASSFILE: '/nonexistent',
});

const connecting = `
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE FUNCTION pg_temp.connect(conninfo text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
  PERFORM dblink_connect('tried', conninfo);
  RETURN 'connected';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS said = PG_EXCEPTION_DETAIL;
  RETURN said;
END $$`;

async function connected(server: TestServer, texts: readonly string[]): Promise<Meaning[]> {
  const rows = await server.rows<{ said: string }>(
    'SELECT pg_temp.connect(text) AS said FROM unnest($1::text[]) WITH ORDINALITY AS tried(text, at) ORDER BY at',
    [texts],
  );
  return rows.map(({ said }) => meaning(said));
}

function meaning(said: string): Meaning {
  const told = /FATAL: {2}(\{.*\})$/s.exec(said.trim())?.[1];
  if (told) return JSON.parse(told) as Told;
  if (said.includes('no password supplied')) return { via: 'nobody gave a password' };
  const [, folder, socketPort] = /socket "(.*)\/\.s\.PGSQL\.(\d+)"/.exec(said) ?? [];
  if (socketPort) return { tried: `${folder} ${socketPort}` };
  const [, host, port] = /(?:at|on host) "([^"]*)"[\s\S]* port (\d+)/.exec(said) ?? [];
  return port ? { tried: `${host} ${port}` } : 'refused';
}

/** The connection that our reading means, with the defaults of the environment. */
function expected(text: string, { folder, port }: Listener, major: number): Meaning {
  const read = parseConninfo(text, major);
  if ('message' in read || read.unknown.length > 0) return 'refused';
  const { host = folder, port: asked = String(port), user = 'somebody', dbname, password, ...rest } = read.params;
  const here = asked === String(port);
  if (!here || ![folder, '127.0.0.1'].includes(host)) return { tried: `${host} ${asked}` };
  if (password === '') return { via: 'nobody gave a password' };
  const startup = { user, database: dbname || user, ...rest };
  return {
    via: host === folder ? 'socket' : 'tcp',
    startup: Object.fromEntries(Object.entries(startup).filter(([, value]) => value !== '')),
    password: password ?? 'from the environment',
  };
}

const valueParts = [...'aZ7é😀=:@/?&#,.-_+*()[]{}~^$!;<>|"`\'\\ \t', '%41', "''", '\\\\', '%', '+'];

function anyConnection(random: Random, { folder, port }: Listener): string {
  const text = () => random.some(0, 6, () => random.pick(valueParts)).join('');
  const place = random.pick([
    {},
    { host: folder },
    { port: String(port) },
    { host: '127.0.0.1', port: String(port) },
    { host: '127.0.0.1', port: '1' },
    { host: '/nonexistent', port: '5433' },
    { host: '/none such' },
  ]);
  const settings = ['user', 'dbname', 'password', 'application_name', 'options', 'replication'];
  const chosen = settings.filter(() => random.chance(0.4)).map((key): [string, string] => [key, text()]);
  for (const pair of chosen) if (pair[0] === 'user') pair[1] ||= 'u'; // '' would mean the operating system's user
  const params: [string, string][] = [...Object.entries(place), ...chosen];
  return random.chance(0.5) ? asPairs(random, params) + random.pick(['', '', ' ', '\\']) : asUri(random, params);
}

const asPairs = (random: Random, params: readonly (readonly [string, string])[]): string =>
  params
    .map(([key, value]) => {
      const escaped = value.replace(/['\\]/g, '\\$&');
      const bare = escaped !== '' && !/[\s']/.test(escaped) && random.chance(0.5);
      return `${key}${random.pick(['=', ' = '])}${bare ? escaped : `'${escaped}'`}`;
    })
    .join(random.pick([' ', '\t', '  ']));

function asUri(random: Random, params: readonly (readonly [string, string])[]): string {
  const code = (text: string) =>
    [...text].map((char) => (/\w/.test(char) && random.chance(0.8) ? char : encode(char))).join('');
  const encode = (char: string) =>
    [...Buffer.from(char)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const { user, password, host, port, dbname, ...rest } = Object.fromEntries(params);
  const login = user !== undefined && random.chance(0.7);
  const behind = [...Object.entries(rest), ...(login ? [] : Object.entries({ user, password }))];
  const query = behind.flatMap(([key, value]) => (value === undefined ? [] : [`${code(key)}=${code(value)}`]));
  return [
    'postgresql://',
    login ? `${code(user)}${password === undefined ? '' : `:${code(password)}`}@` : '',
    host === undefined ? '' : code(host),
    port === undefined ? '' : `:${port}`,
    dbname === undefined ? '' : `/${code(dbname)}`,
    query.length > 0 ? `?${query.join('&')}` : '',
  ].join('');
}

// ---- Random strings ----

const keys = 'host port user password dbname application_name options sslmode hostaddr connect_timeout'.split(' ');
/** Of one major or another. */
const rareKeys = [
  ...['service', 'passfile', 'channel_binding', 'client_encoding', 'fallback_application_name', 'keepalives'],
  ...['keepalives_idle', 'tcp_user_timeout', 'sslcompression', 'sslcert', 'sslkey', 'sslpassword', 'sslrootcert'],
  ...['sslcrl', 'requirepeer', 'ssl_min_protocol_version', 'gssencmode', 'krbsrvname', 'gsslib', 'replication'],
  ...['target_session_attrs', 'requiressl', 'authtype', 'tty', 'sslcrldir', 'sslsni', 'require_auth', 'sslcertmode'],
  ...['load_balance_hosts', 'gssdelegation', 'sslnegotiation', 'min_protocol_version', 'max_protocol_version'],
  ...['scram_client_key', 'scram_server_key', 'sslkeylogfile', 'oauth_issuer', 'oauth_client_id', 'oauth_scope'],
  ...['oauth_client_secret', 'servicefile', 'ssl_max_protocol_version', 'keepalives_count', 'keepalives_interval'],
];
const wrongKeys = ['Host', 'app_name', 'prot', '', 'pass word', 'ssl', 'é'];
const values = [
  "''",
  'h',
  '127.0.0.1',
  '::1',
  '/tmp',
  'a,b',
  "'it\\'s'",
  "'open",
  'a\\ b',
  'x\\',
  "it's",
  '5432',
  "'a'b",
  "' a b '",
  '-c x=1',
  'a=b',
  '',
  'pass wörd',
  "'\\\\'",
  '%20',
];
const parts = [
  'u',
  'u:p',
  ':p',
  'u:',
  'u:p:q',
  'u%40v:p%3a',
  'u@v',
  '',
  ' u ',
  'u v',
  'é',
  '%zz',
  '%00',
  '%4',
  'caf%C3%A9',
  '%2Ftmp',
  '%',
];
const hosts = [
  'h',
  '127.0.0.1',
  '[::1]',
  '[::1',
  '[]',
  '[::1]x',
  '[::1]:5433',
  'h:5432',
  'h:',
  ':5432',
  'h1:1,h2:2',
  'h1,h2',
  ',',
  '',
  '%2Fvar%2Frun',
  'h:a:b',
  ' h',
  'fe80::1',
  '[fe80::1%25lo]',
  '[a,b]',
];
const params = [
  'application_name=s1',
  'ssl=true',
  'ssl=false',
  'sslmode=require',
  'user=u',
  'a',
  'a=1=2',
  '=1',
  'host=',
  'foo=1',
  'options=-c%20x%3D1',
  'application_name=a b',
  ' user = u ',
  '',
  'port=%31',
  'user=%',
  'us%65r=u',
];
const strange = [
  ...`=:/@?&,[]%' "\\\t\n#éa1\u0001\u007f\r\u0085`,
  '%20',
  '%00',
  '://',
  "''",
  '\u00a0',
  '\f',
  '\v',
  '😀',
  'postgres://',
];

const rareParams = rareKeys.map((key) => `${key}=1`);

function anyConninfo(random: Random): string {
  const text = random.chance(0.5) ? pairs(random) : uri(random);
  return random.chance(0.5) ? mutate(random, text, strange) : text;
}

const pairs = (random: Random): string =>
  random
    .some(
      0,
      random.chance(0.9) ? 4 : 20,
      () =>
        `${random.pick(random.chance(0.08) ? wrongKeys : random.chance(0.2) ? rareKeys : keys)}${random.pick(['=', '=', '=', ' = ', '', '=\t'])}${random.pick(values)}`,
    )
    .join(random.pick([' ', ' ', '  ', '\n', ',', ' , ']));

function uri(random: Random): string {
  const sometimes = (text: () => string) => (random.chance(0.6) ? text() : '');
  return [
    random.pick(['postgres://', 'postgresql://', 'postgresql://', 'Postgres://', 'postgres:/']),
    sometimes(() => `${random.pick(parts)}@`),
    sometimes(() => random.pick(hosts)),
    sometimes(() => `/${random.pick(parts)}`),
    sometimes(
      () =>
        `?${random.some(0, 3, () => random.pick(random.chance(0.8) ? params : rareParams)).join('&')}${random.pick(['', '', '&', '&&'])}`,
    ),
  ].join('');
}
