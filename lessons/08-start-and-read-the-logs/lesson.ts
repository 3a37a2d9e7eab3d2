import { type Action, defineLesson, runsAsStandby, streams } from '#lesson';

const right =
  'application_name={{application}} host={{master.host}} port={{master.inside}} user={{user}} password={{password}}';
const native = { engine: 'native' } as const;
const docker = { engine: 'docker' } as const;
const pointAt = (conninfo: string): readonly Action[] => [
  { do: 'set', on: 'slave', name: 'primary_conninfo', value: conninfo },
  { do: 'reload', on: 'slave' },
];
const again: readonly Action[] = [
  { do: 'stop', on: 'slave' },
  { do: 'start', on: 'slave' },
];
const onMaster = (text: string): Action => ({ do: 'sql', on: 'master', text });

const onSlave = (text: string): Action => ({ do: 'sql', on: 'slave', text });
/** The log goes on in a new file, and a checkpoint throws old ones away. */
const goesOn = ['CREATE TABLE filler (one int)', 'SELECT pg_switch_wal()', 'DROP TABLE filler', 'CHECKPOINT'].map(
  onMaster,
);
const ranAlone: readonly Action[] = [
  { do: 'stop', on: 'slave' },
  { do: 'remove', on: 'slave', file: 'standby.signal' },
  { do: 'start', on: 'slave' },
];
const standbyNow: readonly Action[] = [
  { do: 'stop', on: 'slave' },
  { do: 'touch', on: 'slave', file: 'standby.signal' },
  { do: 'start', on: 'slave' },
];

export default defineLesson({
  id: 'start-and-read-the-logs',
  minutes: 11,
  supersedes: ['clone-the-master/stopped'],
  disturbs: ['two-servers/master-runs'],
  tasks: [
    { id: 'runs-as-standby', kind: 'state', check: runsAsStandby('slave'), solution: [{ do: 'start', on: 'slave' }] },
    { id: 'streams', kind: 'state', check: streams('slave', 'master', 'slave1'), solution: [] },
    { id: 'read-the-lines', kind: 'answer', questions: ['position', 'timeline', 'harmless', 'who-says', 'ready'] },
  ],
  mistakes: [
    {
      id: 'password-failed',
      story: 'The password in primary_conninfo is wrong.',
      actions: pointAt(right.replace('{{password}}', 'wrong')),
      caught: { task: 'streams', cause: 'password-failed' },
    },
    {
      id: 'without-signal',
      story: 'The signal file got lost before the start.',
      actions: [
        { do: 'remove', on: 'slave', file: 'standby.signal' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'runs-as-standby', cause: 'not-in-recovery' },
    },
    {
      id: 'role-gone',
      story: 'The role was dropped on the master.',
      actions: [{ do: 'stop', on: 'slave' }, onMaster('DROP ROLE {{user}}'), { do: 'start', on: 'slave' }],
      caught: { task: 'streams', cause: 'role-missing' },
    },
    {
      id: 'may-not-replicate',
      story: 'The role lost REPLICATION.',
      actions: [onMaster('ALTER ROLE {{user}} NOREPLICATION'), ...again],
      caught: { task: 'streams', cause: 'role-may-not-replicate' },
    },
    {
      id: 'rejected',
      story: 'A reject line came to stand above mine.',
      actions: [
        { do: 'prepend', on: 'master', file: 'pg_hba.conf', line: 'host replication all {{near}} reject' },
        { do: 'reload', on: 'master' },
        ...again,
      ],
      caught: { task: 'streams', cause: 'hba-rejects' },
    },
    {
      id: 'as-postgres',
      story: 'I wrote postgres for the user.',
      actions: [
        ...pointAt(right.replace('user={{user}} password={{password}}', 'user=postgres password={{master.password}}')),
      ],
      caught: { task: 'streams', cause: 'no-hba-entry' },
    },
    {
      id: 'no-password-on-the-master',
      story: 'The role lost its password.',
      actions: [onMaster('ALTER ROLE {{user}} PASSWORD NULL'), ...again],
      caught: { task: 'streams', cause: 'role-has-no-password' },
    },
    {
      id: 'expired',
      story: "The role's password was valid until yesterday.",
      actions: [onMaster("ALTER ROLE {{user}} VALID UNTIL '2020-01-01'"), ...again],
      caught: { task: 'streams', cause: 'password-expired' },
    },
    {
      id: 'may-not-log-in',
      story: 'The role lost LOGIN.',
      actions: [onMaster('ALTER ROLE {{user}} NOLOGIN'), ...again],
      caught: { task: 'streams', cause: 'role-may-not-log-in' },
    },
    {
      id: 'no-password',
      story: 'I left the password out of primary_conninfo.',
      actions: [...pointAt(right.replace(' password={{password}}', ''))],
      caught: { task: 'streams', cause: 'no-password-supplied' },
    },
    {
      id: 'no-equals-sign',
      story: 'I forgot an equals sign in primary_conninfo.',
      actions: [...pointAt(right.replace('port=', 'port '))],
      caught: { task: 'streams', cause: 'conninfo-not-understood' },
    },
    {
      id: 'no-conninfo',
      story: 'I emptied primary_conninfo, and restarted.',
      actions: [{ do: 'set', on: 'slave', name: 'primary_conninfo', value: '' }, ...again],
      caught: { task: 'streams', cause: 'no-conninfo' },
    },
    {
      id: 'no-place',
      story: 'I set max_wal_senders = 0 on the master, and restarted it.',
      actions: [
        { do: 'stop', on: 'slave' },
        { do: 'set', on: 'master', name: 'max_wal_senders', value: '0' },
        { do: 'stop', on: 'master' },
        { do: 'start', on: 'master' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'streams', cause: 'too-many-standbys' },
    },
    {
      id: 'away-too-long',
      story: 'The slave was down, and the master went on and threw the old log away.',
      actions: [{ do: 'stop', on: 'slave' }, ...goesOn, ...goesOn, ...goesOn, { do: 'start', on: 'slave' }],
      caught: { task: 'streams', cause: 'wal-removed' },
    },
    {
      id: 'signal-afterwards',
      story: 'The slave ran without standby.signal and took writes; then I made the file.',
      actions: [...ranAlone, onSlave('CREATE TABLE mine AS SELECT generate_series(1, 200) AS id'), ...standbyNow],
      caught: { task: 'streams', cause: 'diverged' },
    },
    {
      id: 'signal-long-afterwards',
      story: 'The same, after it had written much.',
      actions: [
        ...ranAlone,
        onSlave('CREATE TABLE mine AS SELECT 1 AS id'),
        ...['a', 'b', 'c'].flatMap((name) => [
          onSlave('SELECT pg_switch_wal()'),
          onSlave(`CREATE TABLE ${name} (id int)`),
        ]),
        ...standbyNow,
      ],
      caught: { task: 'streams', cause: 'ahead-of-the-master' },
    },
    {
      id: 'reads-forbidden',
      story: 'I set hot_standby = off on the slave.',
      actions: [
        { do: 'set', on: 'slave', name: 'hot_standby', value: 'off' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'runs-as-standby', cause: 'hot-standby-off' },
    },
    {
      id: 'fewer-connections',
      story: 'I gave the slave fewer connections than the master has.',
      actions: [
        { do: 'set', on: 'slave', name: 'max_connections', value: '20' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'runs-as-standby', cause: 'settings-too-small' },
    },
    {
      id: 'copied-with-its-pid-file',
      story: 'The slave is a cp of the running master, postmaster.pid and all.',
      actions: [
        { do: 'put-aside', on: 'slave' },
        { do: 'copy-data', from: 'master', to: 'slave' },
        { do: 'set', on: 'slave', name: 'port', value: '{{slave.port}}' },
        { do: 'touch', on: 'slave', file: 'standby.signal' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'runs-as-standby', cause: 'lock-file' },
      only: native,
    },
    {
      id: 'no-such-host',
      story: 'I mistyped the name of the host.',
      actions: pointAt(right.replace('{{master.host}}', 'masterr.invalid')),
      caught: { task: 'streams', cause: 'name-does-not-resolve' },
    },
    {
      id: 'wrong-port',
      story: 'I mistyped the port.',
      actions: pointAt(right.replace('{{master.inside}}', '{{relay}}')),
      caught: { task: 'streams', cause: 'connection-refused' },
    },
    {
      id: 'itself',
      story: 'The slave is pointed at itself, and says that it streams.',
      actions: pointAt(
        right.replace('{{master.host}}', '{{slave.host}}').replace('{{master.inside}}', '{{slave.inside}}'),
      ),
      caught: { task: 'streams', cause: 'points-to-itself' },
    },
    {
      id: 'another-name',
      story: 'I left application_name out.',
      actions: pointAt(right.replace('application_name={{application}} ', '')),
      caught: { task: 'streams', cause: 'connected-under-another-name' },
    },
    {
      id: 'master-down',
      story: 'The slave runs, the master does not.',
      actions: [{ do: 'stop', on: 'master' }],
      caught: { task: 'streams', cause: 'master-down' },
    },
    {
      id: 'second-initdb',
      story: 'I made the slave with initdb after all.',
      actions: [
        { do: 'stop', on: 'slave' },
        { do: 'put-aside', on: 'slave' },
        { do: 'create', on: 'slave' },
        { do: 'set', on: 'slave', name: 'primary_conninfo', value: right },
        { do: 'touch', on: 'slave', file: 'standby.signal' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'streams', cause: 'identifier-differs' },
      only: native,
    },
    {
      id: 'third-cluster',
      story: 'The folder was empty when I started the container, so its image made a cluster of its own.',
      actions: [
        { do: 'stop', on: 'slave' },
        { do: 'put-aside', on: 'slave' },
        { do: 'start', on: 'slave' },
        { do: 'set', on: 'slave', name: 'primary_conninfo', value: right },
        { do: 'touch', on: 'slave', file: 'standby.signal' },
        ...again,
      ],
      caught: { task: 'streams', cause: 'identifier-differs' },
      only: docker,
    },
    {
      id: 'default-network',
      story: "The slave's container is in Docker's own network, where nobody has a name.",
      actions: [
        {
          do: 'run',
          text: 'docker network disconnect {{network}} {{slave.container}} && docker network connect bridge {{slave.container}}',
        },
        ...again,
      ],
      caught: { task: 'streams', cause: 'name-does-not-resolve' },
      undo: [
        {
          do: 'run',
          text: 'docker network disconnect bridge {{slave.container}} && docker network connect {{network}} {{slave.container}}',
        },
      ],
      only: docker,
    },
    {
      id: 'replayed-an-hour-later',
      story: 'I had set recovery_min_apply_delay, and forgot it.',
      actions: [
        { do: 'set', on: 'slave', name: 'recovery_min_apply_delay', value: '1h' },
        { do: 'reload', on: 'slave' },
      ],
      caught: { task: 'streams', cause: 'replay-delayed' },
    },
    {
      id: 'replay-paused',
      story: 'I paused the replay and forgot it.',
      actions: [
        { do: 'sql', on: 'slave', text: 'SELECT pg_wal_replay_pause()' },
        onMaster('CREATE TABLE filler AS SELECT 1 AS one'),
      ],
      caught: { task: 'streams', cause: 'replay-paused' },
    },
  ],
  excused: {
    stopping: 'it lasts as long as a session stays, which no action leaves open',
    'catalogue-locked': 'it lasts as long as a transaction stays open, and no action leaves one',
    'process-held': 'where containers run, no action reaches their single processes',
  },
  alternatives: [
    {
      id: 'master-last',
      task: 'runs-as-standby',
      actions: [
        { do: 'stop', on: 'master' },
        { do: 'start', on: 'slave' },
        { do: 'start', on: 'master' },
      ],
    },
  ],
});
