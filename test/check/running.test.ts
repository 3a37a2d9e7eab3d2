import { expect, test } from 'vitest';
import { runs, separateClusters } from '../../src/check/server/running.ts';
import { runsAsStandby } from '../../src/check/streaming/streaming.ts';
import { container, ended, foreign, inNetworks, networkIs, noContainer } from './containers.ts';
import { downs, refusals } from './down.ts';
import {
  at,
  atDocker,
  cannotAsk,
  cloned,
  confOnly,
  disk,
  diskOf,
  failed,
  hba,
  running,
  sqlOf,
  state,
  stopped,
  superuserHas,
} from './lab.ts';
import { prove } from './prove.ts';

prove('runs', runs('master'), {
  right: {
    'with a password of the learner': at(3, superuserHas('of my own choice')),
    'both run': at(3),
    'the other one is stopped': at(3, stopped('slave')),
    'with a standby beside it': at(10),
    'the lab folder is reached by a link': at(
      3,
      (lab) => void Object.assign(sqlOf(lab, 'master'), { dataDirectory: '/private/tmp/lab/rep/master_data' }),
    ),
    'on Docker': atDocker(3),
    'on Docker, with a standby beside it': atDocker(10),
    'on Docker, in a named volume': atDocker(
      3,
      container('master', { mount: { kind: 'volume', source: 'rep_master_data', target: '/var/lib/postgresql' } }),
    ),
    "on Docker, made by the learner's own docker run": atDocker(3, container('master', { ours: false })),
    'on Docker, in a network of compose': atDocker(3, inNetworks('master', 'lab_default')),
    'on Docker, a foreign container has the name': atDocker(3, (lab) => {
      const other = { name: 'master', id: 'd97ba6dfd23a', image: 'redis', state: 'running', mayBeTheLabs: false };
      Object.assign(lab.now.servers.master, { foreign: other });
    }),
  },
  warned: {
    "with the tutorial's own password": at(3, superuserHas('master_pass')),
    'on Docker, no port is published': atDocker(3, container('master', { published: [] })),
    'on Docker, on another port of this machine': atDocker(
      3,
      container('master', { published: [{ host: '127.0.0.1', port: 15432 }] }),
    ),
    'on Docker, data in the container': atDocker(3, container('master', { mount: null })),
    'on Docker, data in a volume without a name': atDocker(
      3,
      container('master', { mount: { kind: 'volume', source: 'a1'.repeat(32), target: '/var/lib/postgresql' } }),
    ),
    'on Docker, in the default network': atDocker(3, inNetworks('master', 'bridge')),
    'on Docker, unhealthy': atDocker(3, container('master', { health: 'unhealthy' })),
  },
  wrong: [
    ...downs,
    [
      'runs-as-a-standby',
      'a signal in its folder',
      at(3, (lab) => void Object.assign(sqlOf(lab, 'master'), { inRecovery: true })),
    ],
  ],
  unknown: {
    'the folder cannot be read': at(
      3,
      (lab) => void Object.assign(lab.now.servers.master, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
    'turned away, and the files do not say why': at(3, cannotAsk('master')),
  },
});

test('runs names the line of the file that kept the server from starting', () => {
  const [, , seen] = downs.find(([cause]) => cause === 'config-error') ?? downs[0] ?? ['', '', at(2)];
  expect(runs('master')(seen)).toMatchObject({
    seen: 'master did not start, because of its configuration: unrecognized configuration parameter "sync_standby_names" in file "rep/master_data/postgresql.conf" line 892',
    at: { server: 'master', file: 'rep/master_data/postgresql.conf', line: 892 },
    next: [
      {
        do: 'edit',
        on: 'master',
        file: 'rep/master_data/postgresql.conf',
        line: 892,
        text: "#sync_standby_names = 'x'",
      },
      { do: 'start', on: 'master' },
    ],
  });
});

const bindFailed = (port: number) => [
  'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
  `HINT:  Is another postmaster already running on port ${port}? If not, wait a few seconds and retry.`,
  'FATAL:  could not create any TCP/IP sockets',
];

test('a port that a clone has from its master is to be changed, at its line', () => {
  const clone = at(6, confOnly('slave', 'port = 5432'), failed('slave', ...bindFailed(5432)));
  expect(runs('slave')(clone)).toMatchObject({
    cause: 'port-taken',
    seen: 'slave could not have port 5432: another program listens there',
    next: [{ do: 'edit', file: 'rep/slave_data/postgresql.conf', line: 1, text: 'port = 5433' }, { do: 'start' }],
  });
});

test('a taken port that was given at the start only asks for a start, not for an edit', () => {
  expect(runs('slave')(at(3, failed('slave', ...bindFailed(5432))))).toMatchObject({
    cause: 'port-taken',
    seen: 'slave could not have port 5432: another program listens there',
    next: [{ do: 'start', on: 'slave' }],
  });
});

test('a taken port that is the right one asks for no edit of the file', () => {
  const verdict = runs('master')(at(3, failed('master', ...bindFailed(5432))));
  expect(verdict).toMatchObject({ cause: 'port-taken', next: [{ do: 'say' }, { do: 'start' }, { do: 'say' }] });
});

test('the last client that was refused is not the reason why a server ended', () => {
  const killed = at(3, failed('master', 'FATAL:  password authentication failed for user "postgres"'));
  const verdict = runs('master')(killed);
  expect(verdict).toMatchObject({ kind: 'fail', cause: 'crashed' });
  expect(verdict).not.toHaveProperty('at');
});

test('runs says where programs of this machine reach a container', () => {
  expect(runs('slave')(atDocker(3))).toMatchObject({
    seen: 'slave runs, published on port 5433, and takes writes (PostgreSQL 18.4)',
  });
  expect(runs('slave')(atDocker(3, container('slave', { published: [] })))).toMatchObject({
    seen: 'slave runs in the container slave and takes writes (PostgreSQL 18.4)',
  });
});

test('runs gives all warnings of a container', () => {
  const seen = atDocker(
    3,
    container('slave', { published: [], mount: null, health: 'unhealthy' }),
    inNetworks('slave', 'bridge'),
  );
  const verdict = runs('slave')(seen);
  expect(verdict).toHaveProperty(
    'warning',
    expect.stringMatching(/\(-p\).*; .*gone with the container; .*own network.*; .*unhealthy/),
  );
});

test('a port that is open to the whole network passes with a warning', () => {
  const asTheTutorialTypesIt = atDocker(3, container('master', { published: [{ host: '0.0.0.0', port: 5432 }] }));
  expect(runs('master')(asTheTutorialTypesIt)).toMatchObject({
    kind: 'pass',
    warning: expect.stringMatching(/port 5432 is open to the whole network.*-p 127\.0\.0\.1:5432:5432/),
  });
  expect(runs('master')(atDocker(3))).not.toHaveProperty('warning');
});

test("a foreign container is named, and only commands of the learner's own change it", () => {
  const verdict = runs('master')(atDocker(3, foreign('master', { image: 'redis:7', id: 'd97ba6dfd23a' })));
  expect(verdict).toMatchObject({
    seen: 'there is a container "master" (redis:7, id d97ba6dfd23a, running), but it is not of this lab',
    next: [{ do: 'run', text: 'docker rename master master.mine' }, { do: 'create', on: 'master' }, { do: 'say' }],
  });
});

test('a port that Docker could not publish is named with the program that has it', () => {
  const taken = (port: number) =>
    atDocker(
      3,
      ended('slave', 'no', {
        state: 'created',
        exitCode: null,
        published: [{ host: '127.0.0.1', port }],
        error: `failed programming external connectivity: Bind for 127.0.0.1:${port} failed: port is already allocated`,
      }),
    );
  expect(runs('slave')(taken(5432))).toMatchObject({
    seen: 'the container slave could not have port 5432: master has it',
    next: [
      { do: 'run', text: 'docker rm --force slave' },
      { do: 'create', on: 'slave' },
    ],
  });
  expect(runs('slave')(taken(5433))).toMatchObject({
    seen: 'the container slave could not have port 5433: another program of this machine has it',
    next: [{ do: 'say' }, { do: 'start' }, { do: 'say' }],
  });
  expect(runs('slave')(taken(8080)), 'the lab has a port for it that was free').toMatchObject({
    seen: 'the container slave could not have port 8080: another program of this machine has it',
    next: [{ do: 'run' }, { do: 'create' }],
  });
});

test('runs names both the old mount and the new one', () => {
  const [, , seen] = downs.find(([, story]) => story === 'Docker: the mount of 17 and before') ??
    downs[0] ?? ['', '', at(2)];
  expect(runs('master')(seen)).toMatchObject({
    seen: 'the container master ended at once (exit code 1): its folder is mounted at /var/lib/postgresql/data, and this image keeps its data elsewhere',
    want: 'master runs, with the folder mounted at /var/lib/postgresql',
    at: { file: 'docker logs master' },
  });
});

test('paths inside a container are shown as paths of the lab folder', () => {
  const [, , seen] = downs.find(([, story]) => story.startsWith('Docker: a restart policy')) ??
    downs[0] ?? ['', '', at(2)];
  expect(runs('master')(seen)).toMatchObject({
    why: expect.stringContaining('"rep/master_data/18/docker/postgresql.conf" line 892'),
    at: { server: 'master', file: 'rep/master_data/18/docker/postgresql.conf', line: 892 },
    next: [{ do: 'stop' }, { do: 'edit', line: 892, text: '#foo = 1' }, { do: 'start' }],
  });
});

test('runs finds a container that was created on an empty folder and never started', () => {
  const made = atDocker(
    2,
    ended('master', ''),
    state('master', 'created'),
    container('master', { state: 'created', exitCode: null }),
  );
  expect(runs('master')(made)).toMatchObject({ cause: 'created-not-started', next: [{ do: 'start' }] });
});

test('a file mode that the image corrects itself is no reason why a server does not start', () => {
  expect(runs('master')(atDocker(3, stopped('master'), disk('master', { mode: '0755' })))).toMatchObject({
    cause: 'stopped',
  });
});

test('a reject line for hosts does not lock the workshop out of a container', () => {
  const seen = atDocker(3, cannotAsk('master'), hba('master', 'local all all trust\nhost all all all reject\n'));
  expect(runs('master')(seen)).toMatchObject({ kind: 'unknown' });
});

test('runs creates the network before the container', () => {
  expect(runs('master')(atDocker(2))).toMatchObject({
    next: [
      { do: 'run', text: 'docker network create rep' },
      { do: 'create', on: 'master' },
    ],
  });
  expect(runs('master')(atDocker(3, noContainer('master'), networkIs({ there: true })))).toMatchObject({
    seen: 'there is no container "master"; the data of master is in rep/master_data/18/docker',
    next: [{ do: 'create', on: 'master' }],
  });
});

test('an image that wants a password asks a primary for it, and a standby for its copy', () => {
  const gone = disk('slave', { state: 'empty', control: null });
  const seen = atDocker(6, ended('slave', refusals.password), gone);
  expect(runs('slave')(seen)).toMatchObject({ cause: 'password-missing', next: [{ do: 'run' }, { do: 'create' }] });
  expect(runsAsStandby('slave')(seen)).toMatchObject({ cause: 'password-missing', next: [{ do: 'say' }] });
});

test('runs throws when a lesson names a server that the lab does not have', () => {
  expect(() => runs('slave9')(at(3))).toThrow('slave9');
});

prove('separateClusters', separateClusters('master', 'slave'), {
  right: { 'two initdb': at(3), 'one is stopped': at(3, stopped('slave')) },
  wrong: [
    ['no-cluster', 'nothing yet', at(2)],
    ['no-cluster', 'only the master', at(2, running('master'))],
    ['copied-too-early', 'a copy already', at(3, cloned())],
    ['no-cluster', 'Docker: nothing yet', atDocker(2)],
    ['copied-too-early', 'Docker: a copy already', atDocker(3, cloned())],
  ],
  unknown: {
    'the folder cannot be read': at(
      3,
      (lab) => void Object.assign(lab.now.servers.master, { disk: { what: 'EACCES', fix: 'chmod' } }),
    ),
  },
});

test("separateClusters uses the server's own identifier when the control file is missing", () => {
  expect(
    separateClusters('master', 'slave')(at(3, (lab) => void Object.assign(diskOf(lab, 'slave'), { control: null }))),
  ).toMatchObject({ kind: 'pass' });
});

test('an existing container makes its new cluster at its next start', () => {
  expect(separateClusters('master', 'slave')(atDocker(3, cloned()))).toMatchObject({
    next: [
      { do: 'put-aside', on: 'slave', to: 'rep/slave_data.old2' },
      { do: 'start', on: 'slave' },
    ],
  });
  expect(separateClusters('master', 'slave')(at(3, cloned()))).toMatchObject({
    next: [{ do: 'put-aside' }, { do: 'create', on: 'slave' }, { do: 'start', on: 'slave' }],
  });
});
