/** Compares the values that we say libpq refuses with a receiver that connects, as a standby's does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { formatConninfo, parseConninfo } from '../../../src/postgres/conninfo.ts';
import { valueProblem } from '../../../src/postgres/conninfo-values.ts';
import { campaign, simplerText } from './agree.ts';
import { type Listener, listen } from './listener.ts';
import { newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`values in connection strings, PostgreSQL ${build.major}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'listener-'));
    let listener: Listener;
    let server: TestServer;
    beforeAll(async () => {
      listener = await listen(folder);
      server = await startServer(build);
      await server.client.query(connecting);
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      await listener?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    test(`libpq of ${build.major} refuses the same values when it connects`, async () => {
      const random = newRandom('values');
      await campaign({
        reader: `connection string, values | ${build.major}`,
        next: () => anyParams(random, listener),
        ours: (params) => ours(params, build.major),
        theirs: (some) => tried(server, some),
        simpler: simplerParams,
      });
    });
  });
}

type Params = Readonly<Record<string, string>>;

/** A subscription's receiver connects with the code of a standby's. */
const connecting = `
SET client_min_messages = error;
CREATE FUNCTION pg_temp.try(conninfo text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE SUBSCRIPTION tried CONNECTION %L PUBLICATION none WITH (slot_name = none, create_slot = false, enabled = false, copy_data = false, connect = true)', conninfo);
  RETURN 'connected';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END $$`;

async function tried(server: TestServer, some: readonly Params[]): Promise<string[]> {
  const rows = await server.rows<{ said: string }>(
    'SELECT pg_temp.try(text) AS said FROM unnest($1::text[]) WITH ORDINALITY AS tried(text, at) ORDER BY at',
    [some.map(formatConninfo)],
  );
  return rows.map(({ said }) => told(said));
}

/** libpq's own checks, of each host; whatever else it says comes from an attempt to connect. */
const refusal =
  /^(?:invalid |could not (?:match|parse network address) |keepalives parameter |require_auth |negative |"min_prot)/;

function told(said: string): string {
  const message = said.replace(
    /^.*?(?:invalid connection string syntax|could not connect to the publisher): |\n$/gs,
    '',
  );
  const lines = message.split('\n').map((line) => line.replace(/^connection to server .*? failed: /, ''));
  return lines.every((line) => refusal.test(line)) ? 'refused' : 'goes on';
}

function ours(params: Params, major: number): string {
  const read = parseConninfo(formatConninfo(params), major);
  const isTaken = 'params' in read && read.unknown.length === 0 && valueProblem(read.params, major) === undefined;
  return isTaken ? 'goes on' : 'refused';
}

const simplerParams = (params: Params): Params[] =>
  Object.keys(params).flatMap((key) => {
    const { [key]: value = '', ...rest } = params;
    if (['user', 'host', 'port'].includes(key)) return [];
    return [rest, ...simplerText(value).map((text) => ({ ...rest, [key]: text }))];
  });

/** Without numbers that only the kernel refuses. */
const values: Readonly<Record<string, readonly string[]>> = {
  sslmode: ['disable', 'allow', 'prefer', 'on', 'Prefer', '', ' prefer'],
  channel_binding: ['disable', 'prefer', 'on', ''],
  sslnegotiation: ['postgres', 'Direct', ''],
  ssl_min_protocol_version: ['TLSv1', 'tlsv1.2', 'TLSv1.3', 'TLSv1.4', '', '3.0'],
  ssl_max_protocol_version: ['TLSv1.3', 'tlsv1.1', '', 'SSLv3'],
  sslcertmode: ['allow', 'disable', 'never', ''],
  gssencmode: ['disable', 'prefer', 'no', ''],
  target_session_attrs: ['any', 'read-write', 'primary', 'standby', 'master', 'read-only', 'prefer-standby', ''],
  load_balance_hosts: ['disable', 'random', 'on', ''],
  min_protocol_version: ['3.0', '3.2', 'latest', '3', '3.1', ''],
  max_protocol_version: ['3.0', '3.2', 'latest', '4', ''],
  keepalives: ['0', '1', 'maybe', '', ' 1', '1 '],
  keepalives_idle: ['10', 'x', '', ' 7 ', '99999999999'],
  keepalives_interval: ['5', '1s', ''],
  keepalives_count: ['5', '2147483648'],
  tcp_user_timeout: ['0', '1000', '1s'],
  connect_timeout: ['0', '5', 'soon', ''],
  sslcompression: ['0', 'x'],
  sslsni: ['1', 'x'],
  require_auth: [
    'md5',
    'md5,password',
    '!md5',
    'md5,!password',
    'mD5',
    '',
    'md5,md5',
    'none',
    'scram-sha-256,',
    '!none,!md5',
  ],
  hostaddr: ['127.0.0.1', '127.1', 'localhost', '127.0.0.1,127.0.0.1', '::ffff:127.0.0.1', '1.2.3', ''],
};

function anyParams(random: Random, { folder, port }: Listener): Params {
  const host = random.pick([folder, '127.0.0.1', '127.0.0.1', '127.0.0.1,127.0.0.1', folder]);
  const ports = [
    String(port),
    String(port),
    String(port),
    ` ${port} `,
    `+${port}`,
    'x',
    '0',
    '65536',
    '-1',
    `${port},${port}`,
    `x,${port}`,
    `${port},x`,
    `0,${port}`,
    `${port},0`,
    '0,0',
    ',',
  ];
  const keys = random.some(0, 3, () => random.pick(Object.keys(values)));
  const chosen = keys.map((key): [string, string] => [key, random.pick(values[key] ?? [])]);
  const place = { host, port: random.pick(ports), user: 'u', password: 'p' };
  // With several hosts it is chance which of them is the first one then.
  const isMeant = ([key, value]: [string, string]) =>
    key !== 'load_balance_hosts' || value !== 'random' || !host.includes(',');
  return { ...place, ...Object.fromEntries(chosen.filter(isMeant)) };
}
