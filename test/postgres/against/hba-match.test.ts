/**
 * Compares our choice of the deciding line of pg_hba.conf with real connections. Every line asks for a password, which
 * is always wrong, so the log names the line.
 */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../src/lab/machine/until.ts';
import { firstMatch, firstUnknown, type HbaConnection, parseHba } from '../../../src/postgres/hba/hba.ts';
import { agree, notKnown, oneByOne } from './agree.ts';
import { casesOr, newRandom, type Random } from './random.ts';
import { builds, startServer, type TestServer } from './server.ts';

for (const build of await builds()) {
  describe(`who is let in by which line, PostgreSQL ${build.major}`, () => {
    let server: TestServer;
    let doors: readonly Door[];
    beforeAll(async () => {
      server = await startServer(build, { conf: "listen_addresses = '127.0.0.1, ::1'\n" });
      await server.client.query(roles);
      doors = await doorsOf(server);
    });
    afterAll(() => server?.[Symbol.asyncDispose]());

    test(`the first matching line of pg_hba.conf decides in PostgreSQL ${build.major} as foreseen`, async () => {
      const random = newRandom('match');
      const cases = Math.ceil(casesOr(240) / 6);
      const inputs = random.some(cases, cases, () => anyCase(random, doors, build.major >= 16));
      const theirs = (some: readonly Case[]) => oneByOne(some, (one) => decided(server, one));
      expect(await agree({ inputs, ours: (one) => foreseen(one, build.major), theirs, simpler: simplerCase })).toBe(
        cases,
      );
    });
  });
}

/** u1 is a member of crew, crew of boss; the role ghost does not exist. */
const roles = `
CREATE ROLE boss; CREATE ROLE crew IN ROLE boss; CREATE ROLE u1 LOGIN REPLICATION IN ROLE crew; CREATE ROLE u2 LOGIN SUPERUSER;`;
const memberships: Readonly<Record<string, readonly string[]>> = { u1: ['crew', 'boss'], crew: ['boss'] };

type Door = { readonly kind: 'local' } | { readonly kind: 'host'; readonly address: string; readonly to: string };
type Knock = {
  readonly door: Door;
  readonly user: string;
  readonly database: string;
  readonly replication?: 'true' | 'database';
};
type Case = { readonly lines: readonly string[]; readonly knocks: readonly Knock[] };

/** The ways to connect that work on this machine; without IPv6 there is one less. */
async function doorsOf(server: TestServer): Promise<readonly Door[]> {
  const all: Door[] = [
    { kind: 'local' },
    { kind: 'host', address: '127.0.0.1', to: '127.0.0.1' },
    { kind: 'host', address: '127.0.0.2', to: '127.0.0.1' },
    { kind: 'host', address: '::1', to: '::1' },
  ];
  const open: Door[] = [];
  for (const door of all) {
    const answer = await knock(server, { door, user: 'u1', database: 'd' }).catch((error: Error) => error);
    if (answer instanceof Error) console.log(`left out: ${JSON.stringify(door)}: ${answer.message}`);
    else open.push(door);
  }
  return open;
}

// ---- Our reading ----

const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);

/** For each connection the number of its line, or null. */
function foreseen({ lines, knocks }: Case, major: number): readonly (number | null)[] | typeof notKnown {
  const { rules } = parseHba(fileOf(lines), { major });
  if (knocks.some((one) => firstUnknown(rules, connectionOf(one)))) return notKnown;
  return knocks.map((one) => firstMatch(rules, connectionOf(one))?.line ?? null);
}

const connectionOf = ({ door, user, database, replication }: Knock): HbaConnection => ({
  kind: door.kind,
  ...(door.kind === 'host' ? { address: door.address } : {}),
  user,
  database,
  replication: replication === 'true', // replication=database is a connection to a database
  memberOf: memberships[user] ?? [],
  roleExists: user !== 'ghost',
  interfaces,
});

// ---- The server's decision ----

const fileOf = (lines: readonly string[]): string => lines.map((line) => `${line} password\n`).join('');

async function decided(server: TestServer, { lines, knocks }: Case): Promise<readonly (number | null)[]> {
  writeFileSync(join(server.data, 'pg_hba.conf'), fileOf(lines));
  const before = server.log().length;
  await server.client.query('SELECT pg_reload_conf()');
  // The postmaster logs the signal, reads the file, and only then accepts the next connection.
  const hasReloaded = () => server.log().slice(before).includes('received SIGHUP');
  if (!(await until(hasReloaded, { deadlineMs: 10_000, everyMs: 2 }))) throw new Error('the server did not reload');
  for (const one of knocks) await knock(server, one);
  const [reload = '', ...refusals] = server
    .log()
    .slice(before)
    .split(/ FATAL: {2}/);
  if (/not reloaded/.test(reload) || refusals.length !== knocks.length) throw new Error(server.log().slice(before));
  return refusals.map((text) => {
    const line = /Connection matched (?:file "[^"]*"|pg_hba\.conf) line (\d+)/.exec(text)?.[1];
    if (!line && !text.startsWith('no pg_hba.conf entry')) throw new Error(text);
    return line ? Number(line) : null;
  });
}

const cleartext = 3; // AuthenticationCleartextPassword

/** Connects, sends a wrong password if asked, and resolves when the server closes the connection. */
function knock({ dir, port }: TestServer, { door, user, database, replication }: Knock): Promise<void> {
  return new Promise((shut, failed) => {
    const socket =
      door.kind === 'local'
        ? connect(join(dir, `.s.PGSQL.${port}`))
        : connect({ host: door.to, port, localAddress: door.address });
    const params = ['user', user, 'database', database, ...(replication ? ['replication', replication] : [])];
    const words = Buffer.from(`${params.join('\0')}\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(words.length + 8, 0);
    head.writeInt32BE(196608, 4); // protocol 3.0
    socket.once('connect', () => socket.write(Buffer.concat([head, words])));
    socket.on('data', (data) => {
      const isQuestion = data.toString('latin1', 0, 1) === 'R';
      if (isQuestion && data.readInt32BE(5) === cleartext) socket.write(Buffer.from('p\0\0\0\x06x\0'));
      else if (isQuestion) socket.end(); // accepted: before the first case the file trusts everybody
    });
    socket.once('error', failed);
    socket.once('close', () => shut());
  });
}

// ---- Random lines and connections ----

const databases = [
  'all',
  'all',
  'replication',
  'replication',
  '"replication"',
  '"all"',
  'sameuser',
  'samerole',
  'samegroup',
  'd1',
  'u1',
  'd1,replication',
  '"crew"',
];
const users = [
  'all',
  'all',
  'u1',
  'u2',
  '+crew',
  '"+crew"',
  '+boss',
  '+u1',
  '"all"',
  'ghost',
  '+ghost',
  'u2,+crew',
  'U1',
];
const patterns = [
  '/^d',
  '/1$',
  '/^u[0-9]$',
  '"/^u"',
  '/^(d|cr).*',
  '/boss',
  '/(?i)^U',
  '/^(?!u1)',
  '/***=u1',
  '/(.)\\1',
];
const addresses = [
  '127.0.0.1/32',
  '127.0.0.0/8',
  '127.0.0.2/32',
  '::1/128',
  'all',
  'samehost',
  'samenet',
  '10.0.0.0/8',
  '0.0.0.0/0',
  '::/0',
  '127.0.0.1 255.255.255.254',
  '127.0.0.3/31',
  '::/127',
  '"all"',
  '127.1/32',
  '::ffff:127.0.0.1/128',
];
const types = ['local', 'host', 'host', 'host', 'hostnossl', 'hostssl', 'hostnogssenc', 'hostgssenc'];

function anyCase(random: Random, doors: readonly Door[], withPatterns: boolean): Case {
  // A server 13 that was built without GSSAPI accepts hostgssenc, which never matches.
  const word = (words: readonly string[]) => random.pick(withPatterns && random.chance(0.2) ? patterns : words);
  // Other addresses may have the name localhost too: that depends on this machine's files.
  const named = random.chance(0.2)
    ? doors.filter((door) => door.kind === 'local' || door.address === '127.0.0.1')
    : undefined;
  const line = () => {
    const type = random.pick(types);
    const address = type === 'local' ? '' : random.pick(named ? [...addresses, 'localhost', 'LocalHost'] : addresses);
    return `${type} ${word(databases)} ${word(users)} ${address}`.trim();
  };
  const ask = (): Knock => {
    const replication = random.pick([undefined, undefined, 'true', 'true', 'database'] as const);
    const who = {
      user: random.pick(['u1', 'u2', 'crew', 'ghost']),
      database: random.pick(['d1', 'u1', 'crew', 'boss', 'ghost', 'replication', 'all']),
    };
    return { door: random.pick(named ?? doors), ...who, ...(replication ? { replication } : {}) };
  };
  return { lines: random.some(1, 6, line), knocks: random.some(6, 6, ask) };
}

/** The case without one line, or without one connection. */
const simplerCase = ({ lines, knocks }: Case): Case[] => [
  ...(knocks.length > 1 ? knocks.map((one) => ({ lines, knocks: [one] })) : []),
  ...(lines.length > 1 ? lines.map((_, at) => ({ lines: lines.toSpliced(at, 1), knocks })) : []),
];
