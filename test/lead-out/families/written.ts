/** Lines that lessons ask for, written differently: rules, connection strings, names of standbys, signal files. */
import type { Random } from '../../postgres/against/random.ts';
import { afterwards, all, both, confLine, filled, type Kind, type Mutation, shellLine, sqlOn } from './kind.ts';

const types = ['host', 'host', 'host', 'local', 'hostssl', 'hostnossl', 'hosts'];
const databases = ['replication', 'replication', '"replication"', 'all', 'slave', 'master', 'all,replication'];
const users = [
  'slave',
  'all',
  '"Slave"',
  'slaves',
  '+slave',
  '+standbys',
  'postgres',
  'slave,postgres',
  '/^sla',
  'SLAVE',
];
const addresses = [
  '127.0.0.1/32',
  '127.0.0.1/32',
  '127.0.0.1',
  'localhost',
  'samehost',
  'samenet',
  '0.0.0.0/0',
  '::1/128',
  '10.0.0.0/8',
  '127.0.0.1 255.255.255.255',
  '127.0.0.1/33',
  'all',
];
const methods = [
  'scram-sha-256',
  'scram-sha-256',
  'md5',
  'trust',
  'reject',
  'peer',
  'password',
  'ident',
  'scram-sha256',
];
const wholeLines = [
  '',
  'garbage',
  '@nothing',
  'include nothing',
  'include_dir nowhere',
  '#host replication all samenet md5',
];

const rule = (random: Random): string => {
  if (random.chance(0.12)) return random.pick(wholeLines);
  const type = random.pick(types);
  const words = [
    type,
    random.pick(databases),
    random.pick(users),
    ...(type === 'local' ? [] : [random.pick(addresses)]),
  ];
  return [...words, random.pick(methods)].join(' ');
};

const ruleLine = (random: Random): Mutation => {
  const line = rule(random);
  const where = random.pick(['top', 'end']);
  const on = random.chance(0.85) ? 'master' : 'slave';
  const then = random.pick(['nothing', 'reload', 'reload', 'reload', 'restart'] as const);
  return {
    name: `${on}/pg_hba.conf, at the ${where}: ${line}; ${then}`,
    async apply(world) {
      const path = `${world.data(on)}/pg_hba.conf`;
      const before = world.read(path) ?? '';
      world.write(path, where === 'top' ? `${line}\n${before}` : `${before}${line}\n`);
      await afterwards(world, on, then);
    },
  };
};

const hosts = [
  'host={host}',
  'host={host}',
  'host=localhost',
  'host=127.1',
  'host=2130706433',
  'host=::ffff:127.0.0.1',
  'host=::1',
  'host=127.0.0.2',
  'host=nohost.invalid',
  'host={sockets}',
  'hostaddr={host}',
  'hostaddr=localhost',
  'host=master',
  '',
];
const ports = ['port={master.port}', 'port={master.port}', 'port={slave.port}', 'port=99999', 'port=', ''];
const whom = ['user=slave', 'user=slave', 'user=postgres', 'user=Slave', 'user={user},', ''];
const secrets = [
  'password={password}',
  'password={password}',
  'password=other',
  "password=''{password}''",
  'passfile=/nowhere',
  'password={password} passfile=/nowhere',
  'passfile={slave}/pass',
  '',
];
const called = [
  'application_name=slave1',
  'application_name=slave1',
  'application_name=slave',
  'application_name="slave1"',
  '',
];
const extras = [
  '',
  '',
  'sslmode=on',
  'sslmode=require',
  'sslmode=disable',
  'channel_binding=require',
  'target_session_attrs=standby',
  'target_session_attrs=master',
  'connect_timeout=soon',
  'keepalives=maybe',
  'client_encoding=klingon',
  "options=''-c nothing=1''",
  'sslrootcert=/nowhere sslmode=verify-full',
  'gssencmode=require',
  'dbname=nothing',
  'replication=true',
  'fallback_application_name=slave1',
  'sender=master',
];
const newerExtras = [
  'require_auth=scram-sha-256',
  'require_auth=md5',
  'sslcertmode=disable',
  'load_balance_hosts=random',
  'sslnegotiation=direct',
  'gssdelegation=0',
  'min_protocol_version=3.2',
  'scram_client_key=x',
  'oauth_issuer=x',
];

/** One to three parts of the right string are other ones. */
const conninfoOf = (random: Random, extra: readonly string[]): string => {
  const right = ['application_name=slave1', 'host={host}', 'port={master.port}', 'user=slave', 'password={password}'];
  const parts = [called, hosts, ports, whom, secrets];
  for (let changes = random.int(3); changes >= 0; changes--) {
    const at = random.int(parts.length + 1);
    if (at === parts.length) right.push(random.pick(extra));
    else right[at] = random.pick(parts[at] ?? []);
  }
  return right.filter(Boolean).join(random.chance(0.95) ? ' ' : ', ');
};
const uri = 'postgres://slave:{password}@{host}:{master.port}/?application_name=slave1';

const conninfoLine = (random: Random, extra: readonly string[]): Mutation => {
  const value = random.chance(0.9)
    ? conninfoOf(random, extra)
    : `${uri}${random.pick(['', '&ssl=true', '&sslmode=on', '&requiressl=1', '&x=y'])}`;
  const file = random.chance(0.2) ? 'postgresql.auto.conf' : 'postgresql.conf';
  const quote = random.pick(["'", "'", "'", "'", "'", '"', '‘']);
  return confLine(
    'slave',
    `primary_conninfo = ${quote}${value}${quote}`,
    random.pick(['nothing', 'reload', 'restart']),
    file,
  );
};

const lists = [
  'slave1',
  '"slave1"',
  'SLAVE1',
  'slave9',
  'slave',
  '*',
  'slave1, slave2',
  'slave9, slave1',
  'slave-1',
  '',
];
const counts = ['first 1', 'FIRST 1', 'first 2', 'any 1', 'any 2', '1', '', 'frist 1', 'first', 'first 0', '2'];

const namesLine = (random: Random): Mutation => {
  const list = random.pick(lists);
  const count = random.pick(counts);
  const value = count === '' ? list : `${count} ${random.chance(0.9) ? `(${list})` : list}`;
  const name = random.pick(['synchronous_standby_names', 'synchronous_standby_names', 'sync_standby_names']);
  const quote = random.pick(["'", "'", "'", "'", '', '"']);
  const on = random.chance(0.9) ? 'master' : 'slave';
  const file = random.chance(0.2) ? 'postgresql.auto.conf' : 'postgresql.conf';
  return confLine(
    on,
    `${name} = ${quote}${value}${quote}`,
    random.pick(['nothing', 'reload', 'reload', 'restart']),
    file,
  );
};

const signalFiles = [
  'touch {slave}/standby.signal',
  'rm {slave}/standby.signal',
  "touch '{slave}/standby.signal '",
  'touch {slave}/standby.signal.txt',
  'touch {slave}/Standby.signal',
  'mv {slave}/standby.signal {slave}/standby.signals',
  'touch {slave}/recovery.signal',
  'mv {slave}/standby.signal {slave}/recovery.signal',
  'touch {slave}/recovery.conf',
  'touch {master}/standby.signal',
  'touch {master}/recovery.signal',
  'touch {master}/recovery.conf',
  'rm -f {slave}/standby.signal; ln -s ../nowhere {slave}/standby.signal',
  'rm -f {slave}/standby.signal; mkdir {slave}/standby.signal',
  'rm -f {slave}/standby.signal; echo on > {slave}/standby.signal; chmod 000 {slave}/standby.signal',
  'touch {dir}/rep/standby.signal',
];

export const writtenKinds: readonly Kind[] = [
  { family: 'rules', lessons: [3, 12], make: ruleLine },
  { family: 'rules', lessons: [3, 12], make: ruleLine },
  {
    family: 'rules',
    lessons: [4, 12],
    make: (random) => {
      const method = random.pick(methods);
      return all(
        `slave is in the group standbys; a rule for +standbys, ${method}`,
        sqlOn('master', 'CREATE ROLE standbys; GRANT standbys TO slave'),
        {
          name: '',
          async apply(world) {
            const path = `${world.data('master')}/pg_hba.conf`;
            world.write(path, `host replication +standbys ${world.host}/32 ${method}\n${world.read(path)}`);
            await afterwards(world, 'master', 'reload');
          },
        },
      );
    },
  },
  {
    family: 'rules',
    lessons: [3, 12],
    make: (random) => {
      const bad = random.pick(['work_mem = 4MB x', 'shared_bufers = 1', "include 'nothing.conf'"]);
      return all(
        `a bad line in postgresql.conf (${bad}), then a right rule, reload`,
        confLine('master', bad, 'nothing'),
        {
          name: '',
          async apply(world) {
            const path = `${world.data('master')}/pg_hba.conf`;
            world.write(
              path,
              `${filled(world, 'host replication slave {host}/32 scram-sha-256')}\n${world.read(path)}`,
            );
            await afterwards(world, 'master', 'reload');
          },
        },
      );
    },
  },
  { family: 'conninfo', lessons: [6, 12], make: (random) => conninfoLine(random, extras) },
  { family: 'conninfo', lessons: [6, 12], make: (random) => conninfoLine(random, [...extras, ...newerExtras]) },
  { family: 'names', lessons: [9, 12], make: namesLine },
  { family: 'signals', lessons: [6, 12], make: (random) => shellLine(random.pick(signalFiles)) },
  {
    family: 'signals',
    lessons: [8, 12],
    make: (random) => {
      const line = random.pick(signalFiles);
      const on = random.pick(both);
      return {
        name: `${line}; restart ${on}`,
        async apply(world) {
          await shellLine(line).apply(world);
          await afterwards(world, on, 'restart');
        },
      };
    },
  },
  { family: 'versions', lessons: [6, 12], make: (random) => conninfoLine(random, newerExtras) },
];
