import { type Action, conninfo, defineLesson } from '#lesson';

const set = (value: string): Action => ({ do: 'set', on: 'slave', name: 'primary_conninfo', value });
const raw = (line: string, file = 'postgresql.conf'): Action => ({ do: 'append', on: 'slave', file, line });
const right =
  'application_name={{application}} host={{master.host}} port={{master.inside}} user={{user}} password={{password}}';
const native = { engine: 'native' } as const;
const docker = { engine: 'docker' } as const;

export default defineLesson({
  id: 'point-the-slave-at-the-master',
  minutes: 7,
  tasks: [
    { id: 'what-name', kind: 'answer', questions: ['name'] },
    {
      id: 'conninfo',
      kind: 'state',
      check: conninfo('slave', { master: 'master', applicationName: 'slave1', user: 'slave' }),
      solution: [set(right)],
    },
  ],
  mistakes: [
    {
      id: 'itself',
      story: 'I pointed the slave at itself.',
      actions: [
        set(right.replace('{{master.host}}', '{{slave.host}}').replace('{{master.inside}}', '{{slave.inside}}')),
      ],
      caught: { task: 'conninfo', cause: 'points-to-itself' },
    },
    {
      id: 'no-name',
      story: 'I left application_name out.',
      actions: [set(right.replace('application_name={{application}} ', ''))],
      caught: { task: 'conninfo', cause: 'no-application-name' },
    },
    {
      id: 'placeholder',
      story: "I left the tutorial's <master_database_host> in.",
      actions: [set(right.replace('{{master.host}}', '<master_database_host>'))],
      caught: { task: 'conninfo', cause: 'placeholder-left' },
    },
    {
      id: 'wrong-port',
      story: 'I mistyped the port.',
      actions: [set(right.replace('{{master.inside}}', '{{relay}}'))],
      caught: { task: 'conninfo', cause: 'wrong-port' },
    },
    {
      id: 'tls-demanded',
      story: 'A page about safety said sslmode=require, so I added it.',
      actions: [set(`${right} sslmode=require`)],
      caught: { task: 'conninfo', cause: 'unmet-demand' },
    },
    {
      id: 'wrong-host',
      story: 'I mistyped the host.',
      actions: [set(right.replace('{{master.host}}', '10.0.0.9'))],
      caught: { task: 'conninfo', cause: 'wrong-host' },
    },
    {
      id: 'this-machine',
      story: 'I wrote 127.0.0.1; inside a container that is the container itself.',
      actions: [set(right.replace('{{master.host}}', '127.0.0.1'))],
      caught: { task: 'conninfo', cause: 'points-to-itself' },
      only: docker,
    },
    {
      id: 'published-port',
      story: "I wrote the slave's published port.",
      actions: [set(right.replace('{{master.inside}}', '{{slave.port}}'))],
      caught: { task: 'conninfo', cause: 'wrong-port' },
      only: docker,
    },
    {
      id: 'commas',
      story: 'I put commas between the words.',
      actions: [set(right.replaceAll(' ', ', '))],
      caught: { task: 'conninfo', cause: 'commas' },
    },
    {
      id: 'unknown-key',
      story: 'I wrote app_name.',
      actions: [set(right.replace('application_name', 'app_name'))],
      caught: { task: 'conninfo', cause: 'unknown-key' },
    },
    {
      id: 'wrong-password',
      story: 'I mistyped the password.',
      actions: [set(right.replace('{{password}}', 'slavepass'))],
      caught: { task: 'conninfo', cause: 'wrong-password' },
    },
    {
      id: 'wrong-user',
      story: 'I wrote postgres for the user.',
      actions: [set(right.replace('user={{user}}', 'user=postgres'))],
      caught: { task: 'conninfo', cause: 'wrong-user' },
    },
    {
      id: 'commented',
      story: 'I wrote it behind the #.',
      actions: [raw(`#primary_conninfo = '${right}'`)],
      caught: { task: 'conninfo', cause: 'conninfo-commented' },
    },
    {
      id: 'inner-quotes',
      story: 'I put quotes round the values.',
      actions: [raw(`primary_conninfo = 'host='{{master.host}}' port={{master.inside}}'`)],
      caught: { task: 'conninfo', cause: 'syntax-error' },
    },
    {
      id: 'in-the-masters-file',
      story: "I wrote it into the master's file.",
      actions: [{ do: 'set', on: 'master', name: 'primary_conninfo', value: right }],
      caught: { task: 'conninfo', cause: 'in-the-masters-file' },
    },
    {
      id: 'shadowed',
      story: 'An older line in postgresql.auto.conf wins.',
      actions: [raw("primary_conninfo = 'host=127.0.0.9 user=postgres'", 'postgresql.auto.conf'), set(right)],
      caught: { task: 'conninfo', cause: 'shadowed-by-auto-conf' },
    },
    {
      id: 'another-name',
      story: 'I called it slave, not slave1.',
      actions: [set(right.replace('{{application}}', 'slave'))],
      caught: { task: 'conninfo', cause: 'wrong-application-name' },
    },
    {
      id: 'no-password',
      story: 'I left the password out.',
      actions: [set(right.replace(' password={{password}}', ''))],
      caught: { task: 'conninfo', cause: 'no-password' },
    },
    {
      id: 'no-equals-sign',
      story: 'I forgot an equals sign.',
      actions: [set(right.replace('port=', 'port '))],
      caught: { task: 'conninfo', cause: 'syntax-error' },
    },
    {
      id: 'no-quotes',
      story: 'I wrote it without quotes.',
      actions: [raw(`primary_conninfo = ${right}`)],
      caught: { task: 'conninfo', cause: 'syntax-error' },
    },
    {
      id: 'twice',
      story: 'I wrote it right, and an old line stands below.',
      actions: [raw(`primary_conninfo = '${right}'`), raw("primary_conninfo = 'host=127.0.0.9 user=postgres'")],
      caught: { task: 'conninfo', cause: 'shadowed-by-a-later-line' },
    },
    {
      id: 'included-later',
      story: 'A file that is included below my line has an old one.',
      actions: [
        { do: 'write', on: 'slave', file: 'old.conf', text: "primary_conninfo = 'host=127.0.0.9 user=postgres'\n" },
        raw(`primary_conninfo = '${right}'`),
        raw("include 'old.conf'"),
      ],
      caught: { task: 'conninfo', cause: 'shadowed-by-a-later-line' },
    },
    {
      id: 'include-missing',
      story: 'I included a file that is not there.',
      actions: [raw(`primary_conninfo = '${right}'`), raw("include 'standby.conf'")],
      caught: { task: 'conninfo', cause: 'conf-error' },
      only: native,
    },
  ],
  alternatives: [
    {
      id: 'the-tutorials-password',
      task: 'conninfo',
      actions: [
        { do: 'sql', on: 'master', text: "ALTER ROLE {{user}} PASSWORD 'slave_pass'" },
        set(right.replace('{{password}}', 'slave_pass')),
      ],
      only: native,
    },
    {
      id: 'uri',
      task: 'conninfo',
      actions: [
        set('postgresql://{{user}}:{{password}}@{{master.host}}:{{master.inside}}/?application_name={{application}}'),
      ],
    },
    {
      id: 'localhost',
      task: 'conninfo',
      actions: [set(right.replace('{{master.host}}', 'localhost'))],
      only: native,
    },
    {
      id: 'included',
      task: 'conninfo',
      actions: [
        { do: 'write', on: 'slave', file: 'standby.conf', text: `primary_conninfo = '${right}'\n` },
        raw("include 'standby.conf'"),
      ],
    },
    {
      id: 'include-above',
      task: 'conninfo',
      actions: [
        { do: 'write', on: 'slave', file: 'old.conf', text: "primary_conninfo = 'host=127.0.0.9 user=postgres'\n" },
        raw("include 'old.conf'"),
        raw(`primary_conninfo = '${right}'`),
      ],
    },
    {
      id: 'passfile',
      task: 'conninfo',
      actions: [set(right.replace('password={{password}}', 'passfile=/var/lib/postgresql/.pgpass'))],
    },
    {
      id: 'cluster-name',
      task: 'conninfo',
      actions: [set(right.replace('application_name={{application}} ', '')), raw("cluster_name = '{{application}}'")],
    },
    { id: 'quoted-values', task: 'conninfo', actions: [set(right.replace('{{user}}', "'{{user}}'"))] },
    { id: 'alter-system', task: 'conninfo', actions: [raw(`primary_conninfo = '${right}'`, 'postgresql.auto.conf')] },
  ],
});
