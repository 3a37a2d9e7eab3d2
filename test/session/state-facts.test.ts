import { describe, expect, it } from 'vitest';
import { differenceOf, type ServerDifference } from '../../src/lab/state/difference.ts';
import { stateFactsOf, subjects } from '../../src/lab/state/facts.ts';
import { scramSecret } from '../../src/postgres/scram.ts';
import {
  at,
  atDocker,
  autoConf,
  but,
  type Change,
  conf,
  conninfoLine,
  disk,
  diskOf,
  hba,
  hbaLines,
  inEffect,
  signals,
  sqlOf,
  stopped,
} from '../check/lab.ts';
import { plan, secrets } from '../lesson/plan.ts';
import { carriers, marks, secrets as nasty } from '../postgres/secret-carriers.ts';

const facts = ({ now }: ReturnType<typeof at>) => stateFactsOf(now, plan);
const between = (before: ReturnType<typeof at>, ...changes: readonly Change[]) =>
  differenceOf(facts(before), facts(but(before, ...changes)));

/** As `diff -u` shows it, one text for each part. */
const shown = (servers: readonly ServerDifference[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    servers.flatMap(({ server, parts }) =>
      parts.map(({ name, hunks }) => [
        `${server}: ${name}`,
        hunks.flatMap(({ lines }) =>
          lines
            .filter(({ kind }) => kind !== 'same')
            .map(
              ({ kind, text, otherSecret }) =>
                `${kind === 'added' ? '+' : '-'}${text}${otherSecret ? ' (another secret)' : ''}`,
            ),
        ),
      ]),
    ),
  );

const anyRole =
  (name: string, password: string | null, own?: boolean): Change =>
  (lab) =>
    void Object.assign(sqlOf(lab, 'master'), {
      roles: [
        ...sqlOf(lab, 'master').roles.filter((one) => one.name !== name),
        {
          name,
          login: true,
          replication: true,
          superuser: false,
          validUntil: null,
          expired: false,
          password,
          ...(own === undefined ? {} : { own }),
        },
      ],
    });

describe('what has changed', () => {
  it('is nothing between two equal looks', () => {
    expect(between(at(9))).toEqual([]);
    expect(between(at(2))).toEqual([]);
  });

  it('is a line of pg_hba.conf, with its number', () => {
    const [master] = between(at(4), hbaLines('host replication slave 127.0.0.1/32 scram-sha-256'));
    expect(master?.parts).toMatchObject([
      {
        name: 'rep/master_data/pg_hba.conf',
        isFile: true,
        hunks: [{ before: { from: 2, lines: 3 }, after: { from: 2, lines: 4 } }],
      },
    ]);
    expect(master?.parts[0]?.hunks[0]?.lines.at(-1)).toEqual({
      kind: 'added',
      text: 'host replication slave 127.0.0.1/32 scram-sha-256',
    });
  });

  it('is a setting in a file and in effect, a signal file, a role and a slot', () => {
    const slot: Change = (lab) =>
      void Object.assign(sqlOf(lab, 'master'), {
        slots: [
          {
            name: 's1',
            kind: 'physical',
            temporary: false,
            active: false,
            activePid: null,
            restart: null,
            walStatus: null,
            kept: null,
          },
        ],
      });
    const found = shown(
      between(
        at(9),
        autoConf('master', "synchronous_standby_names = 'slave1'"),
        inEffect('master', 'synchronous_standby_names', 'slave1'),
        signals(),
        anyRole('ann', null),
        slot,
      ),
    );
    expect(found).toEqual({
      'master: rep/master_data/postgresql.auto.conf': ["+synchronous_standby_names = 'slave1'"],
      'master: roles': ['+role ann: LOGIN REPLICATION'],
      'master: slots': ['+slot s1: physical'],
      'master: settings in effect': expect.arrayContaining(['+synchronous_standby_names = slave1']),
      'slave: signal files': ['-standby.signal'],
    });
  });

  it('is told on Docker in the same way', () => {
    const found = shown(between(atDocker(6), conf('slave', conninfoLine('host=master user=slave'))));
    expect(found).toEqual({
      'slave: rep/slave_data/18/docker/postgresql.conf': ["+primary_conninfo = 'host=master user=slave'"],
    });
  });

  it('shows other line ends', () => {
    const [line = ''] =
      shown(between(at(4), hba('master', 'local all all trust\r\n')))['master: rep/master_data/pg_hba.conf']?.slice(
        -1,
      ) ?? [];
    expect(line).toBe('+local all all trust\\u000d');
  });

  it('is nothing where only the last line end is missing', () => {
    const before = at(4, hba('master', 'local all all trust\n'));
    expect(between(before, hba('master', 'local all all trust'))).toEqual([]);
  });

  it('is an included file, by its own path', () => {
    const included: Change = (lab) =>
      void Object.assign(diskOf(lab, 'master'), {
        conf: [
          ...diskOf(lab, 'master').conf,
          {
            path: 'rep/master_data/more.conf',
            content: 'work_mem = 8MB\n',
            savedAt: '',
            settings: [],
            commented: [],
            errors: [],
          },
        ],
      });
    expect(shown(between(at(4), included))).toEqual({ 'master: rep/master_data/more.conf': ['+work_mem = 8MB'] });
  });
});

describe('what is not known', () => {
  it('is not shown as removed where a server does not run', () => {
    const [slave] = between(at(9), stopped('slave'));
    expect(shown(slave ? [slave] : [])).toEqual({ 'slave: server': ['-slave runs', '+slave does not run'] });
    const { recovery, roles, slots, settings } = subjects;
    expect(slave?.notCompared).toEqual([
      { parts: [recovery, roles, slots, settings], of: 'after', why: 'slave does not run' },
    ]);
  });

  it('is not shown as added where a server did not run', () => {
    const before = at(9, stopped('slave'));
    const [slave] = differenceOf(facts(before), facts(at(9)));
    expect(slave?.notCompared).toMatchObject([{ of: 'before', why: 'slave does not run' }]);
    expect(slave?.parts.map(({ name }) => name)).toEqual(['server']);
  });

  it('is a file that cannot be read', () => {
    const path = 'rep/master_data/pg_hba.conf';
    const [master] = between(at(4), disk('master', { hba: { path, unreadable: 'permission denied' } }));
    expect(master).toEqual({
      server: 'master',
      parts: [],
      notCompared: [{ parts: [path], of: 'after', why: 'it cannot be read: permission denied' }],
    });
  });

  it('is every file where the data directory could not be looked at', () => {
    const unseen: Change = ({ now }) =>
      void Object.assign(now.servers.master, { disk: { what: 'Docker is gone.', fix: 'Start it.' } });
    const [master] = between(at(4), unseen);
    expect(master?.parts).toEqual([]);
    expect(master?.notCompared).toMatchObject([{ of: 'after', why: 'Docker is gone.' }]);
    expect(master?.notCompared[0]?.parts).toContain('rep/master_data/pg_hba.conf');
  });
});

describe('secrets', () => {
  const inFile = (text: string) => {
    const changed = but(at(9), conf('slave', text), hba('slave', `${text}\n`), autoConf('slave', text));
    return JSON.stringify(facts(changed));
  };

  it.each(carriers)('are not in the facts: %s', (_, of, kinds) => {
    for (const kind of kinds) for (const mark of marks) expect(inFile(of(nasty[kind])), kind).not.toContain(mark);
  });

  it('are not in the facts on a line that goes on', () => {
    const text = 'host all all all ldap ldapserver=a ldapbindpasswd=\\\nZx9secretqV7\n';
    expect(JSON.stringify(facts(at(4, hba('master', text))))).not.toMatch(/Zx9|qV7/);
  });

  it('are not in the facts where they are the lab’s own, whatever is around them', () => {
    const own = Object.values({ ...secrets.servers, replication: secrets.replication });
    const changed = at(9, hba('master', `# ${own.join(' ')}\n`), inEffect('master', 'search_path', own.join()));
    for (const one of own) expect(JSON.stringify(facts(changed))).not.toContain(one);
  });

  it('leave the other lines as they are, and their number', () => {
    const text = "a = 1\nALTER ROLE slave\n  PASSWORD\n  'Zx9qV7'\nb = 2\n";
    const [master] = between(at(4), hba('master', text));
    const added = master?.parts[0]?.hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'added'));
    expect(added).toHaveLength(5);
    expect(added?.at(-1)?.text).toBe('b = 2');
  });

  it('that are other ones are told, and not shown', () => {
    const before = at(9, conf('slave', conninfoLine('user=slave password=first')));
    const after = at(9, conf('slave', conninfoLine('user=slave password=second')));
    expect(shown(differenceOf(facts(before), facts(after)))).toEqual({
      'slave: rep/slave_data/postgresql.conf': [
        "-primary_conninfo = 'user=slave password=********'",
        "+primary_conninfo = 'user=slave password=********' (another secret)",
      ],
    });
  });

  it('of a role that are other ones are told', () => {
    const before = at(9, anyRole('ann', 'SCRAM-SHA-256$4096:a$b:c'));
    expect(shown(between(before, anyRole('ann', 'SCRAM-SHA-256$4096:d$e:f')))).toEqual({
      'master: roles': [
        '-role ann: LOGIN REPLICATION PASSWORD ********',
        '+role ann: LOGIN REPLICATION PASSWORD ******** (another secret)',
      ],
    });
  });

  it('of a role that are the lab’s own and set again are no change', () => {
    const stored = (salt: string) => scramSecret(secrets.replication, Buffer.alloc(16, salt));
    expect(between(at(9, anyRole('slave', stored('a'), true)), anyRole('slave', stored('b'), true))).toEqual([]);
  });
});

it('a server that never was has nothing to compare', () => {
  expect(differenceOf(facts(at(2)), facts(at(2)))).toEqual([]);
  const [master] = differenceOf(facts(at(2)), facts(at(3)));
  expect(master?.notCompared).toEqual([]);
  expect(master?.parts.map(({ name }) => name)).toContain(subjects.directory);
});

it('a setting that an earlier version did not ask for is no difference', () => {
  const now = facts(at(9));
  const { master = {}, ...others } = now.servers;
  const settings = String(master[subjects.settings]).split('\n');
  const before = {
    ...now,
    servers: { ...others, master: { ...master, [subjects.settings]: settings.slice(1).join('\n') } },
  };
  expect(settings.length).toBeGreaterThan(2);
  expect(differenceOf(before, now)).toEqual([]);
  expect(differenceOf(now, before)).toEqual([]);
});
