import { expect, test } from 'vitest';
import { conninfo } from '../../src/check/setting/conninfo.ts';
import { ownPassword } from '../../src/check/verdict.ts';
import { secrets } from '../lesson/plan.ts';
import { container, inNetworks } from './containers.ts';
import type { Change, LabState } from './lab.ts';
import {
  at,
  atDocker,
  autoConf,
  conf,
  conninfoLine,
  disk,
  inEffect,
  noRole,
  role,
  sqlOf,
  stopped,
  verifier,
} from './lab.ts';
import { prove } from './prove.ts';

const check = conninfo('slave', { master: 'master', applicationName: 'slave1', user: 'slave' });
const written = (params: string, ...more: Change[]) => at(6, conf('slave', conninfoLine(params)), ...more);
const good = `application_name=slave1 host=127.0.0.1 port=5432 user=slave password=${secrets.replication}`;
const goodDocker = 'application_name=slave1 host=master port=5432 user=slave password=slave_pass';
const inDocker = (params: string, ...more: Change[]) => atDocker(6, conf('slave', conninfoLine(params)), ...more);
const aimed = (host: string, port = '5432', ...more: Change[]) =>
  inDocker(goodDocker.replace('host=master', `host=${host}`).replace('5432', port), ...more);
const everywhere = container('master', { published: [{ host: '0.0.0.0', port: 5432 }] });
const onMajor =
  (major: number): Change =>
  (lab) =>
    void Object.assign(lab.now, { major });
const without = (key: string) => good.replace(new RegExp(`${key}=\\S+ ?`), '');

prove('conninfo', check, {
  right: {
    "the lesson's line": at(7),
    'a URI': written(`postgresql://slave:${secrets.replication}@127.0.0.1:5432/?application_name=slave1`),
    'localhost, blanks, a dbname': written(
      good.replace('127.0.0.1', 'localhost').replace('port=', 'port = ').concat(' dbname=replication'),
    ),
    'the default port': written(without('port')),
    hostaddr: written(good.replace('host=', 'hostaddr=')),
    'ALTER SYSTEM': at(6, autoConf('slave', conninfoLine())),
    'a passfile': written(good.replace(`password=${secrets.replication}`, 'passfile=/home/me/.pgpass')),
    cluster_name: at(6, conf('slave', conninfoLine(without('application_name')), "cluster_name = 'slave1'")),
    'another case of the name': written(good.replace('slave1', 'SLAVE1')),
    'the same in both files': at(7, autoConf('slave', conninfoLine())),
    'a wrong line that does not count': at(6, conf('slave', conninfoLine(without('port=5432 ')), conninfoLine())),
    'loaded by a running standby': at(9),
    'on Docker, the name': atDocker(7),
    'on Docker, the name, in capitals': aimed('MASTER'),
    'on Docker, the name with its network': aimed('master.rep'),
    'on Docker, the id': aimed('4fb3de54c363'),
    'on Docker, without a port': inDocker(goodDocker.replace('port=5432 ', '')),
    'on Docker, host.docker.internal': aimed('host.docker.internal'),
    'on Docker, the gateway, published for all': aimed('172.18.0.1', '5432', everywhere),
    'on Docker, in the default network, where the name will not resolve': atDocker(
      7,
      inNetworks('master', 'bridge'),
      inNetworks('slave', 'bridge'),
    ),
    'on Docker, loaded by a running standby': atDocker(9),
    'the master cannot be asked': at(7, stopped('master')),
    'without a password, yet it streams': at(
      9,
      conf('slave', conninfoLine(without('password'))),
      inEffect('slave', 'primary_conninfo', without('password')),
    ),
  },
  warned: {
    "the tutorial's own password, as the role has it": at(
      6,
      role({ password: verifier('slave_pass') }),
      conf('slave', conninfoLine(good.replace(secrets.replication, 'slave_pass'))),
    ),
    "on Docker, the master's address of today": aimed('172.18.0.2'),
    'on Docker, an address of a master that is stopped': aimed('172.18.0.2', '5432', stopped('master')),
  },
  wrong: [
    ['points-to-itself', 'on Docker, localhost', aimed('localhost')],
    ['points-to-itself', 'on Docker, 127.0.0.1', aimed('127.0.0.1')],
    ['points-to-itself', 'on Docker, the socket', aimed('/var/run/postgresql')],
    ['points-to-itself', 'on Docker, no host', inDocker(goodDocker.replace('host=master ', ''))],
    ['points-to-itself', 'on Docker, its own name', aimed('slave')],
    ['points-to-itself', 'on Docker, its own published port', aimed('host.docker.internal', '5433')],
    ['wrong-host', 'on Docker, the published port at 127.0.0.1', aimed('127.0.0.1', '5433')],
    ['wrong-host', 'on Docker, a letter too many', aimed('masterr')],
    ['wrong-host', 'on Docker, the gateway, published for this machine alone', aimed('172.18.0.1')],
    ['wrong-port', "on Docker, the slave's published port at the master's name", aimed('master', '5433')],
    [
      'wrong-port',
      "on Docker, the master's published port at its name",
      aimed('master', '15432', container('master', { published: [{ host: '127.0.0.1', port: 15432 }] })),
    ],
    ['placeholder-left', "on Docker, the tutorial's", aimed('<master_database_host>')],
    ['no-copy-yet', 'an empty folder', at(6, disk('slave', { state: 'empty' }))],
    ['conninfo-missing', 'nothing done', at(6)],
    ['conninfo-missing', 'an empty value', written('')],
    ['conninfo-commented', 'with a # before it', at(6, conf('slave', `#${conninfoLine()}`))],
    ['in-the-masters-file', 'the other server', at(6, conf('master', conninfoLine()))],
    ['conf-error', 'another line of the file', at(6, conf('slave', conninfoLine(), "work_mem = '4MB"))],
    [
      'conf-error',
      'unreadable',
      at(6, disk('slave', { conf: [{ path: 'rep/slave_data/postgresql.conf', unreadable: 'permission denied' }] })),
    ],
    ['syntax-error', 'quotes inside', at(6, conf('slave', `primary_conninfo = 'host='127.0.0.1' port=5432'`))],
    ['syntax-error', 'an equals sign missing', written(good.replace('port=', 'port '))],
    ['syntax-error', 'a value that libpq refuses', written(`${good} sslmode=on`)],
    ['syntax-error', 'a port that is no number', written(good.replace('5432', 'x'))],
    [
      'syntax-error',
      'a value of a newer major',
      at(6, conf('slave', conninfoLine(`${good} target_session_attrs=primary`)), onMajor(13)),
    ],
    ['commas', 'after each pair', written(good.replaceAll(' ', ', '))],
    ['commas', 'without blanks', written(good.replaceAll(' ', ','))],
    ['unknown-key', 'app_name', written(good.replace('application_name', 'app_name'))],
    [
      'unknown-key',
      'one that came with 16',
      at(6, conf('slave', conninfoLine(`${good} require_auth=md5`)), onMajor(15)),
    ],
    ['placeholder-left', "the tutorial's", written(good.replace('127.0.0.1', '<master_database_host>'))],
    ['points-to-itself', "the slave's own port", written(good.replace('5432', '5433'))],
    ['points-to-itself', 'by another name', written(good.replace('5432', '5433').replace('127.0.0.1', 'localhost'))],
    ['wrong-host', 'a letter too many', written(good.replace('127.0.0.1', 'masterr'))],
    ['wrong-port', 'an unused port', written(good.replace('5432', '5439'))],
    ['wrong-user', 'a letter too many', written(good.replace('user=slave', 'user=slaves'))],
    ['wrong-user', 'none', written(good.replace('user=slave ', ''))],
    ['no-application-name', 'none', written(without('application_name'))],
    [
      'no-application-name',
      'pg_basebackup -R wrote none',
      at(6, autoConf('slave', conninfoLine(without('application_name')))),
    ],
    ['wrong-application-name', 'another', written(good.replace('slave1', 'slave2'))],
    [
      'wrong-application-name',
      'by cluster_name',
      at(6, conf('slave', conninfoLine(without('application_name')), "cluster_name = 'replica'")),
    ],
    ['no-password', 'none', written(without('password'))],
    ['wrong-password', "the superuser's", written(good.replace(secrets.replication, secrets.servers.master))],
    ['wrong-password', "the tutorial's own", written(good.replace(secrets.replication, 'slave_pass'))],
    ['wrong-password', 'changed on the master since', at(7, role({ password: 'md5d41d8cd98f00b204e9800998ecf8427e' }))],
    ['wrong-host', 'the socket, where no line lets the role in', written(good.replace('127.0.0.1', '/tmp'))],
    ['unmet-demand', 'TLS', written(`${good} sslmode=require`)],
    ['unmet-demand', 'a channel that is bound to TLS', written(`${good} channel_binding=require`)],
    ['unmet-demand', 'a standby', written(`${good} target_session_attrs=standby`)],
    ['unmet-demand', 'Kerberos', written(`${good} gssencmode=require`)],
    ['unmet-demand', 'another method', written(`${good} require_auth=md5`)],
    [
      'shadowed-by-auto-conf',
      'edited, but -R wrote the other',
      at(7, autoConf('slave', conninfoLine(without('application_name')))),
    ],
    ['shadowed-by-a-later-line', 'twice in the file', at(7, conf('slave', conninfoLine(good.replace('5432', '5439'))))],
    [
      'not-loaded',
      'changed while it runs',
      at(
        9,
        inEffect('slave', 'primary_conninfo', `host=127.0.0.1 port=5439 user=slave password=${secrets.replication}`),
      ),
    ],
    [
      'reload-refused',
      'an unknown name elsewhere in the file',
      at(
        9,
        inEffect('slave', 'primary_conninfo', ''),
        (lab: LabState) =>
          void sqlOf(lab, 'slave').confErrors.push({
            file: 'rep/slave_data/postgresql.conf',
            line: 3,
            name: 'foo',
            error: 'unrecognized configuration parameter',
          }),
      ),
    ],
    ['command-line-wins', '-c at the start', at(9, inEffect('slave', 'primary_conninfo', 'host=x', 'command line'))],
  ],
  unknown: {
    'the folder cannot be read': at(
      6,
      (lab) => void Object.assign(lab.now.servers.slave, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
  },
});

test('conninfo offers the whole line, at the place of the line in effect', () => {
  expect(check(written(good.replace('5432', '5433')))).toMatchObject({
    at: { server: 'slave', file: 'rep/slave_data/postgresql.conf', line: 3 },
    next: [{ do: 'edit', on: 'slave', line: 3, text: conninfoLine(good.replace(secrets.replication, ownPassword)) }],
  });
});

test("conninfo changes the role when it has another password than the lab's own", () => {
  const tutorials = role({ password: verifier('slave_pass') });
  for (const seen of [at(7, tutorials), written(good.replace(secrets.replication, 'mistyped'), tutorials)])
    expect(check(seen)).toMatchObject({
      cause: 'wrong-password',
      next: [{ do: 'sql', on: 'master', text: `ALTER ROLE slave PASSWORD '${ownPassword}'` }],
    });
});

test('conninfo does not judge the password while the master has no such role', () => {
  expect(check(at(7, noRole))).toMatchObject({ kind: 'pass' });
});

test('on Docker, conninfo says which port is for which clients, and what 127.0.0.1 is in a container', () => {
  const published = container('master', { published: [{ host: '127.0.0.1', port: 15432 }] });
  expect(check(aimed('master', '15432', published))).toMatchObject({
    seen: 'the port is 15432; master is at master, port 5432',
    why: '15432 is for programs of your machine; in their network the containers reach each other on 5432',
    next: [{ do: 'edit', text: conninfoLine(goodDocker.replace('slave_pass', ownPassword)) }],
  });
  expect(check(aimed('127.0.0.1', '5433'))).toMatchObject({
    why: 'inside the container of slave, 127.0.0.1 is that container itself, not your machine',
  });
});

test('conninfo shows a line and the later line that hides it in the layers, with their places', () => {
  const hidden = at(6, conf('slave', conninfoLine()), autoConf('slave', "primary_conninfo = 'host=127.0.0.9'"));
  expect(check(hidden)).toMatchObject({
    cause: 'shadowed-by-auto-conf',
    layers: [
      { layer: 'written', ok: true, at: { file: 'rep/slave_data/postgresql.conf', line: 3 } },
      { layer: 'in effect', ok: false, at: { file: 'rep/slave_data/postgresql.auto.conf', line: 1 } },
    ],
  });
});

test('a conninfo that takes effect only at a start is shown as loaded, and not in effect', () => {
  const pending = at(
    9,
    conf('slave', conninfoLine(good.replace('port=5432', 'port=5432 connect_timeout=5'))),
    (lab: LabState) => {
      const { settings } = sqlOf(lab, 'slave');
      settings.primary_conninfo = { ...settings.primary_conninfo, value: good, pendingRestart: true } as never;
    },
  );
  expect(check(pending)).toMatchObject({
    cause: 'not-loaded',
    layers: [
      { layer: 'written', ok: true },
      { layer: 'loaded', ok: true },
      { layer: 'in effect', ok: false },
    ],
    next: [{ do: 'restart' }],
  });
});
