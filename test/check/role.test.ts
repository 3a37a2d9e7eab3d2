import { expect, test } from 'vitest';
import { replicationRole } from '../../src/check/role.ts';
import { at, atDocker, hbaLines, inEffect, noRole, role, sqlOf, stopped, verifier, waits } from './lab.ts';
import { prove } from './prove.ts';

const check = replicationRole('master', 'slave');
const md5 = 'md5d41d8cd98f00b204e9800998ecf8427e';

prove('replicationRole', check, {
  right: {
    'as the lesson makes it': at(4),
    'later, with its line': at(5),
    'on both, after the clone': at(9),
    'on Docker': atDocker(4),
    'valid until next year': at(4, role({ validUntil: '2027-01-01 00:00:00+00' })),
  },
  warned: {
    "the tutorial's own password": at(4, role({ password: verifier('slave_pass') })),
    'a superuser': at(4, role({ superuser: true })),
    'a superuser without REPLICATION': at(4, role({ superuser: true, replication: false })),
    'md5, where the line asks for md5': at(4, role({ password: md5 }), hbaLines('host replication slave all md5')),
    'on Docker, md5, where the line asks for md5': atDocker(
      4,
      role({ password: md5 }),
      hbaLines('host replication slave samenet md5'),
    ),
    'md5 on an old server, before there is a line': at(
      4,
      role({ password: md5 }),
      inEffect('master', 'password_encryption', 'md5'),
    ),
  },
  wrong: [
    ['no-answer', 'the master is stopped', at(4, stopped('master'))],
    ['role-missing', 'nothing done', at(3)],
    ['role-name-differs', 'capitals in quotes', at(3, role({ name: 'Slave' }))],
    ['role-name-differs', 'all capitals', at(3, role({ name: 'SLAVE' }))],
    ['role-name-differs', 'a blank in the quotes', at(3, role({ name: 'slave ' }))],
    [
      'role-waits-for-a-standby',
      'made with names set',
      at(3, waits("CREATE ROLE slave LOGIN REPLICATION PASSWORD 'x'")),
    ],
    ['role-on-the-wrong-server', 'made on the slave', at(3, role({}, 'slave'))],
    ['database-instead-of-role', 'CREATE DATABASE', at(3, (lab) => void sqlOf(lab, 'master').databases.push('slave'))],
    ['no-login', 'CREATE ROLE without LOGIN', at(4, role({ login: false }))],
    ['no-replication', 'CREATE USER without REPLICATION', at(4, role({ replication: false }))],
    ['no-connections', 'CONNECTION LIMIT 0', at(4, role({ limit: 0 }))],
    ['no-password', 'none given', at(4, role({ password: null }))],
    [
      'password-expired',
      'VALID UNTIL has passed',
      at(4, role({ validUntil: '2020-01-01 00:00:00+00', expired: true })),
    ],
    ['md5-against-scram', 'before there is a line', at(4, role({ password: md5 }))],
    [
      'md5-against-scram',
      'the line asks for scram',
      at(5, role({ password: md5 }), inEffect('master', 'password_encryption', 'md5')),
    ],
  ],
});

test('a role that is missing after the clone is “missing”, not “on the wrong server”', () => {
  expect(check(at(6, noRole))).toMatchObject({ cause: 'role-missing', next: [{ do: 'sql', on: 'master' }] });
});

test("a role with the tutorial's own password gets a warning that everybody knows it", () => {
  expect(check(at(4, role({ password: verifier('slave_pass') })))).toMatchObject({
    warning:
      'slave_pass, the password of slave, stands in the tutorial: anybody on this machine can read it there and come in as slave',
  });
});
