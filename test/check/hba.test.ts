import { expect, test } from 'vitest';
import { hbaAllowsReplication } from '../../src/check/hba/hba.ts';
import { hbaLoaded } from '../../src/check/hba/loaded.ts';
import type { Sql } from '../../src/lab/observation.ts';
import { container, inNetworks, noContainer } from './containers.ts';
import type { Change } from './lab.ts';
import { at, atDocker, disk, hba, hbaLine, hbaLines, log, network, savedLater, sqlOf, stopped } from './lab.ts';
import { prove } from './prove.ts';

const guest = { user: 'slave', server: 'slave' };
const line = (...lines: string[]) => at(4, hbaLines(...lines));
const right = hbaLine;
const inDocker = (text: string, ...changes: Change[]) => atDocker(4, hbaLines(text), ...changes);
const down = [stopped('master'), stopped('slave')];

prove('hbaAllowsReplication', hbaAllowsReplication('master', guest), {
  right: {
    "the lesson's line": at(5),
    'with the master stopped': at(5, stopped('master')),
    samehost: line('host replication slave samehost scram-sha-256'),
    samenet: line('host replication slave samenet scram-sha-256'),
    localhost: line('host replication slave localhost scram-sha-256'),
    'a mask column': line('host replication slave 127.0.0.1 255.255.255.255 scram-sha-256'),
    md5: line('host replication slave 127.0.0.1/32 md5'),
    'together with all': line('host all,replication slave 127.0.0.1/32 scram-sha-256'),
    'a reject below': line(right, 'host replication all all reject'),
    'a group that the role is in': line('host replication +slave 127.0.0.1/32 scram-sha-256'),
    "on Docker, the lesson's line": atDocker(5),
    'on Docker, with the slave stopped': atDocker(5, stopped('slave')),
    'on Docker, with the master stopped': atDocker(5, stopped('master')),
    'on Docker, with both stopped': atDocker(5, ...down),
    'on Docker, before there is a slave': atDocker(5, noContainer('slave')),
    'on Docker, the network': inDocker('host replication slave 172.18.0.0/16 scram-sha-256'),
    'on Docker, the network, with the slave stopped': inDocker(
      'host replication slave 172.18.0.0/16 md5',
      stopped('slave'),
    ),
    'on Docker, the network, with the master stopped': inDocker(
      'host replication slave 172.18.0.0/16 md5',
      stopped('master'),
    ),
    'on Docker, the address': inDocker('host replication slave 172.18.0.3/32 scram-sha-256'),
    'on Docker, the address, with the slave stopped': inDocker(
      'host replication slave 172.18.0.3/32 scram-sha-256',
      stopped('slave'),
    ),
    'on Docker, both in the default network': inDocker(
      'host replication slave samenet scram-sha-256',
      inNetworks('master', 'bridge'),
      inNetworks('slave', 'bridge'),
    ),
    "on Docker, through the gateway of the master's network": inDocker(
      'host replication slave 172.19.0.1/32 scram-sha-256',
      container('master', { networks: [network('yours', '172.19.0.2')] }),
      inNetworks('slave', 'mine'),
    ),
    'on Docker, beside a line of its own for all': inDocker('host all all all md5\nhost replication slave samenet md5'),
  },
  warned: {
    "initdb's line, its comment sign taken away": line(
      'host    replication     all             127.0.0.1/32            scram-sha-256',
    ),
    'every role': line('host replication all samehost scram-sha-256'),
    "the tutorial's line, every address": line('host replication slave all md5'),
    'clear text': line('host replication slave 127.0.0.1/32 password'),
    "on Docker, the tutorial's line": inDocker('host replication slave all md5'),
    "on Docker, the tutorial's line, both stopped": inDocker('host replication slave all md5', ...down),
  },
  wrong: [
    ['line-missing', 'nothing done', at(4)],
    ['line-missing', 'on Docker, nothing done', atDocker(4)],
    ['all-does-not-cover-replication', 'on Docker, a second line for all', inDocker('host all all all md5')],
    ['address-differs', 'on Docker, 127.0.0.1', inDocker(right)],
    ['address-differs', 'on Docker, samehost', inDocker('host replication slave samehost scram-sha-256')],
    ['address-differs', 'on Docker, localhost', inDocker('host replication slave localhost scram-sha-256')],
    ['address-differs', 'on Docker, 127.0.0.1, both stopped', inDocker(right, ...down)],
    ['address-differs', 'on Docker, another network', inDocker('host replication slave 10.0.0.0/8 scram-sha-256')],
    [
      'address-differs',
      'on Docker, an address that it had before',
      inDocker(
        'host replication slave 172.18.0.3/32 scram-sha-256',
        container('slave', { networks: [network('rep', '172.18.0.9')] }),
      ),
    ],
    ['rejected-above', 'on Docker', inDocker('host replication all all reject\nhost replication slave samenet md5')],
    ['line-commented', 'with a # before it', line(`#${right}`)],
    ['all-does-not-cover-replication', 'all for slave', line('host all slave 127.0.0.1/32 scram-sha-256')],
    ['all-does-not-cover-replication', 'all for all', line('host all all all md5')],
    ['replication-quoted', 'in double quotes', line('host "replication" slave 127.0.0.1/32 scram-sha-256')],
    ['columns-swapped', 'user before database', line('host slave replication 127.0.0.1/32 scram-sha-256')],
    ['database-differs', 'a database name', line('host master slave 127.0.0.1/32 scram-sha-256')],
    ['user-differs', 'a letter too many', line('host replication slaves 127.0.0.1/32 scram-sha-256')],
    ['address-differs', 'another network', line('host replication slave 10.0.0.0/8 scram-sha-256')],
    ['ipv6-only', '::1', line('host replication slave ::1/128 scram-sha-256')],
    ['local-only', 'the socket', line('local replication slave scram-sha-256')],
    ['ssl-only', 'hostssl', line('hostssl replication slave 127.0.0.1/32 scram-sha-256')],
    ['rejected-above', 'a reject first', line('host replication all all reject', right)],
    ['trusted-above', 'a trust first', line('host replication slave all trust', right)],
    ['trusted-above', 'trust alone', line('host replication slave 127.0.0.1/32 trust')],
    [
      'initdb-line-first',
      "initdb's own, trust",
      line('host    replication     all             127.0.0.1/32            trust'),
    ],
    [
      'initdb-line-first',
      "initdb's own, scram, above the learner's",
      line('host    replication     all             127.0.0.1/32            scram-sha-256', right),
    ],
    ['method-not-supported-by-password', 'ident', line('host replication slave 127.0.0.1/32 ident')],
    ['hba-syntax-error', 'no mask', line('host replication slave 127.0.0.1 scram-sha-256')],
    ['hba-syntax-error', '/33', line('host replication slave 127.0.0.1/33 scram-sha-256')],
    ['hba-syntax-error', 'scram', line('host replication slave 127.0.0.1/32 scram')],
    ['hba-syntax-error', 'hosts, beside a right line', line(right, 'hosts all all all md5')],
    ['written-on-the-slave', 'the right line in the other file', at(4, hba('slave', `${right}\n`))],
    ['hba-missing', 'no file', at(4, disk('master', { hba: null }))],
    [
      'hba-unreadable',
      "root's",
      at(4, disk('master', { hba: { path: 'rep/master_data/pg_hba.conf', unreadable: 'permission denied' } })),
    ],
  ],
  unknown: {
    'on Docker, an address, while no container runs to show the network': inDocker(
      'host replication slave 172.18.0.0/16 scram-sha-256',
      ...down,
    ),
    'the folder cannot be read': at(
      4,
      (lab) => void Object.assign(lab.now.servers.master, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
  },
});

test("the check of pg_hba.conf names the wrong line, PostgreSQL's message and the line to write", () => {
  expect(hbaAllowsReplication('master', guest)(line('host replication slave 127.0.0.1/32 scram'))).toMatchObject({
    seen: 'line 5 is not understood: invalid authentication method "scram"',
    at: { server: 'master', file: 'rep/master_data/pg_hba.conf', line: 5 },
    next: [{ do: 'edit', line: 5, text: 'host replication slave 127.0.0.1/32 scram-sha-256' }],
  });
});

test("the check of pg_hba.conf requires the line on the master even if the clone's copy has it", () => {
  expect(hbaAllowsReplication('master', guest)(at(9, hbaLines()))).toMatchObject({ cause: 'line-missing' });
});

test('the check of pg_hba.conf does not decide about a regular expression that only PostgreSQL reads', () => {
  const judge = (...lines: string[]) => hbaAllowsReplication('master', guest)(line(...lines));
  const onlyPostgres = 'host replication /(.)\\1 127.0.0.1/32 scram-sha-256';
  expect(judge(onlyPostgres, right)).toMatchObject({
    kind: 'unknown',
    problem: { what: expect.stringMatching(/^whether line 5 of rep\/master_data\/pg_hba.conf fits cannot be told/) },
  });
  expect(judge(right, onlyPostgres)).toMatchObject({ kind: 'pass' });
  expect(judge(onlyPostgres.replace('replication', 'all'), right)).toMatchObject({ kind: 'pass' });
});

const refused = [
  'LOG:  received SIGHUP, reloading configuration files',
  'LOG:  /lab/rep/master_data/pg_hba.conf was not reloaded',
];

test('on Docker, the check of pg_hba.conf offers a line for the common network, and says whose address 127.0.0.1 is', () => {
  expect(hbaAllowsReplication('master', guest)(inDocker(right))).toMatchObject({
    want: 'a line that lets slave ask for replication from 172.18.0.3, the address of its container, with a password',
    why: 'the address is 127.0.0.1/32; the standby comes from 172.18.0.3, the address of its container. Inside the container of master, 127.0.0.1/32 is master itself',
    next: [{ do: 'edit', text: 'host replication slave samenet scram-sha-256' }],
  });
  expect(hbaAllowsReplication('master', guest)(atDocker(4))).toMatchObject({
    why: expect.stringContaining('line 7, which the image wrote'),
  });
});

const hbaErrors =
  (errors: Sql['hbaErrors']): Change =>
  (lab) =>
    void Object.assign(sqlOf(lab, 'master'), { hbaErrors: errors });

prove('hbaLoaded', hbaLoaded('master', guest), {
  right: {
    'on Docker': atDocker(5),
    'after the reload': at(5),
    'refused once, then corrected and reloaded': at(
      5,
      log('master', ...refused, 'LOG:  received SIGHUP, reloading configuration files'),
    ),
  },
  wrong: [
    ['no-line-yet', 'loaded, but without the line', at(4)],
    ['no-answer', 'the master is stopped', at(5, stopped('master'))],
    ['saved-not-loaded', 'no reload', at(5, savedLater)],
    ['saved-not-loaded', 'refused, corrected, not reloaded again', at(5, log('master', ...refused), savedLater)],
    ['refused-at-reload', 'a wrong line', line(right, 'hosts all all all md5')],
    ['refused-at-reload', 'could not be read then', at(5, log('master', ...refused))],
    ['refused-at-reload', 'only the server finds the error', at(5, hbaErrors([{ line: 5, error: 'no such map' }]))],
    [
      'refused-at-reload',
      "root's, and the workshop is root",
      at(5, hbaErrors({ what: 'denied', fix: 'give it back' })),
    ],
  ],
});

test('hbaLoaded says when the file was saved and when it was last read', () => {
  const verdict = hbaLoaded('master', guest)(at(5, savedLater));
  expect(verdict).toMatchObject({
    kind: 'fail',
    seen: expect.stringMatching(
      /^saved \d\d:02:23, but master last read its rules at \d\d:02:12: it still uses the old ones$/,
    ),
    next: [{ do: 'reload', on: 'master' }],
  });
  expect(verdict).toHaveProperty('layers', [
    expect.objectContaining({ layer: 'written', ok: true }),
    expect.objectContaining({ layer: 'loaded', ok: false }),
    expect.objectContaining({ layer: 'in effect', ok: 'unknown', seen: 'the rules that were read before' }),
  ]);
});

test('hbaLoaded finds a refused reload although the load time advanced', () => {
  const seen = at(
    5,
    log('master', ...refused),
    (lab) => void Object.assign(sqlOf(lab, 'master'), { loadedAt: '2026-11-23T15:00:00.000Z' }),
  );
  expect(hbaLoaded('master', guest)(seen)).toMatchObject({
    cause: 'refused-at-reload',
    at: { log: { message: expect.stringContaining('was not reloaded') } },
  });
});
