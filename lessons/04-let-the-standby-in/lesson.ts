import { type Action, defineLesson, hbaAllowsReplication, hbaLoaded, replicationLoginWorked } from '#lesson';

const slave = { user: 'slave', server: 'slave' };
const line = (text: string): Action => ({ do: 'append', on: 'master', file: 'pg_hba.conf', line: text });
const above = (text: string): Action => ({ do: 'prepend', on: 'master', file: 'pg_hba.conf', line: text });
const good = line('host replication {{user}} {{near}} scram-sha-256');
const reload: Action = { do: 'reload', on: 'master' };
const onMaster = (text: string): Action => ({ do: 'sql', on: 'master', text });
const native = { engine: 'native' } as const;
const docker = { engine: 'docker' } as const;
const login: Action = { do: 'replication-login', from: 'slave', on: 'master' };
const refusedLogin: Action = { ...login, outcome: 'refused' };
const refusedPsql = (conninfo: string, password = '{{password}}'): Action => ({
  do: 'run',
  text: `PGPASSWORD=${password} psql "host={{host}} port={{master.port}} user={{user}} ${conninfo}" -c IDENTIFY_SYSTEM`,
  docker: `docker exec {{slave.container}} psql "host={{master.host}} user={{user}} password=${password} ${conninfo}" -c IDENTIFY_SYSTEM`,
  outcome: 'refused',
});

export default defineLesson({
  id: 'let-the-standby-in',
  minutes: 9,
  tasks: [
    { id: 'line', kind: 'state', check: hbaAllowsReplication('master', slave), solution: [good] },
    { id: 'loaded', kind: 'state', check: hbaLoaded('master', slave), solution: [reload] },
    {
      id: 'knock',
      kind: 'event',
      check: replicationLoginWorked('master', 'slave'),
      solution: [login],
    },
    { id: 'read-the-rule', kind: 'answer', questions: ['does-all-include'] },
  ],
  mistakes: [
    {
      id: 'all',
      story: 'I let the slave into all databases.',
      actions: [line('host all {{user}} {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'all-does-not-cover-replication' },
    },
    {
      id: 'commented',
      story: 'The line is there, with a # before it.',
      actions: [line('#host replication {{user}} {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'line-commented' },
    },
    {
      id: 'quoted',
      story: 'I put the word replication in double quotes.',
      actions: [line('host "replication" {{user}} {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'replication-quoted' },
    },
    {
      id: 'another-user',
      story: 'I misspelt the name of the role.',
      actions: [line('host replication slaves {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'user-differs' },
    },
    {
      id: 'a-database',
      story: 'I wrote the name of a database.',
      actions: [line('host {{slave.database}} {{user}} {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'database-differs' },
    },
    {
      id: 'another-network',
      story: 'I wrote the address of another network.',
      actions: [line('host replication {{user}} 10.0.0.0/8 scram-sha-256')],
      caught: { task: 'line', cause: 'address-differs' },
    },
    {
      id: 'ipv6-only',
      story: 'I copied the line with ::1.',
      actions: [line('host replication {{user}} ::1/128 scram-sha-256')],
      caught: { task: 'line', cause: 'ipv6-only' },
    },
    {
      id: 'rejected-above',
      story: 'A reject line stands above mine.',
      actions: [above('host replication all {{near}} reject'), good],
      caught: { task: 'line', cause: 'rejected-above' },
    },
    {
      id: 'trusted-above',
      story: 'A trust line stands above mine.',
      actions: [above('host replication {{user}} {{near}} trust'), good],
      caught: { task: 'line', cause: 'trusted-above' },
    },
    {
      id: 'bad-method',
      story: 'I wrote scram for the method.',
      actions: [line('host replication {{user}} {{near}} scram')],
      caught: { task: 'line', cause: 'hba-syntax-error' },
    },
    {
      id: 'bad-mask',
      story: 'I wrote /33.',
      actions: [line('host replication {{user}} 127.0.0.1/33 scram-sha-256')],
      caught: { task: 'line', cause: 'hba-syntax-error' },
    },
    {
      id: 'no-mask',
      story: 'I left the mask out.',
      actions: [line('host replication {{user}} 127.0.0.1 scram-sha-256')],
      caught: { task: 'line', cause: 'hba-syntax-error' },
    },
    {
      id: 'bad-type',
      story: 'I wrote hosts for host.',
      actions: [line('hosts replication {{user}} {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'hba-syntax-error' },
    },
    {
      id: 'no-method',
      story: 'I left the method out.',
      actions: [line('host replication {{user}} {{near}}')],
      caught: { task: 'line', cause: 'hba-syntax-error' },
    },
    {
      id: 'columns-swapped',
      story: 'I wrote the role before the database.',
      actions: [line('host {{user}} replication {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'columns-swapped' },
    },
    {
      id: 'local-only',
      story: 'I wrote a line for the socket.',
      actions: [line('local replication {{user}} scram-sha-256')],
      caught: { task: 'line', cause: 'local-only' },
    },
    {
      id: 'ssl-only',
      story: 'I wrote hostssl, and SSL is off.',
      actions: [line('hostssl replication {{user}} {{near}} scram-sha-256')],
      caught: { task: 'line', cause: 'ssl-only' },
    },
    {
      id: 'ident',
      story: 'I wrote ident for the method.',
      actions: [line('host replication {{user}} {{near}} ident')],
      caught: { task: 'line', cause: 'method-not-supported-by-password' },
    },
    {
      id: 'initdb-line-first',
      story: 'The line that initdb writes was still there, above mine.',
      actions: [above('host    replication     all             127.0.0.1/32            scram-sha-256'), good],
      caught: { task: 'line', cause: 'initdb-line-first' },
      only: native,
    },
    {
      id: 'file-gone',
      story: 'I deleted pg_hba.conf to begin afresh.',
      actions: [{ do: 'remove', on: 'master', file: 'pg_hba.conf' }],
      caught: { task: 'line', cause: 'hba-missing' },
    },
    {
      id: 'on-the-slave',
      story: "I wrote it into the slave's file.",
      actions: [
        {
          do: 'append',
          on: 'slave',
          file: 'pg_hba.conf',
          line: 'host replication {{user}} {{near}} scram-sha-256',
        },
      ],
      caught: { task: 'line', cause: 'written-on-the-slave' },
    },
    {
      id: 'not-reloaded',
      story: 'I saved the line, and did not reload.',
      actions: [],
      caught: { task: 'loaded', cause: 'saved-not-loaded' },
    },
    {
      id: 'refused-at-reload',
      story: 'I reloaded, but another line of the file is wrong.',
      actions: [line('host all all 127.0.0.1/33 scram-sha-256'), reload],
      caught: { task: 'loaded', cause: 'refused-at-reload' },
    },
    {
      id: 'knock-wrong-password',
      story: 'I knocked with another password.',
      actions: [refusedPsql('replication=true dbname=postgres', 'wrong')],
      caught: { task: 'knock', cause: 'knock-password-wrong' },
    },
    {
      id: 'knock-refused',
      story: 'I knocked, but a reject line had come to stand above mine.',
      actions: [above('host replication all all reject'), reload, refusedLogin],
      caught: { task: 'knock', cause: 'knock-refused-by-hba' },
    },
    {
      id: 'knock-no-login',
      story: 'I knocked as a role that may not log in.',
      actions: [onMaster('ALTER ROLE {{user}} NOLOGIN'), refusedLogin],
      caught: { task: 'knock', cause: 'knock-role-may-not-log-in' },
    },
    {
      id: 'knock-no-replication-right',
      story: 'I knocked as a role without REPLICATION.',
      actions: [onMaster('ALTER ROLE {{user}} NOREPLICATION'), refusedLogin],
      caught: { task: 'knock', cause: 'knock-role-may-not-replicate' },
    },
    {
      id: 'knock-without-replication',
      story: 'I forgot replication=true.',
      actions: [refusedPsql('dbname=postgres')],
      caught: { task: 'knock', cause: 'knock-without-replication' },
    },
    {
      id: 'this-machine',
      story: 'I wrote 127.0.0.1/32; inside a container that is the container itself.',
      actions: [line('host replication {{user}} 127.0.0.1/32 scram-sha-256')],
      caught: { task: 'line', cause: 'address-differs' },
      only: docker,
    },
    {
      id: 'knocks-not-logged',
      story: 'The master does not log who asks for its log, so nobody sees my knock.',
      actions: [{ do: 'set', on: 'master', name: 'log_replication_commands', value: 'off' }, reload, login],
      caught: { task: 'knock', cause: 'knocks-not-logged' },
      only: native,
    },
    {
      id: 'made-without-options',
      story: "I made the master with the tutorial's docker run, without -c log_replication_commands=on.",
      actions: [
        { do: 'stop', on: 'master' },
        {
          do: 'run',
          text: 'docker rm {{master.container}} && docker run -d --name {{master.container}} --network {{network}} -p {{host}}:{{master.port}}:5432 {{as-me}}-v {{master.mount}} {{image}}',
        },
        { do: 'start', on: 'master' },
        login,
      ],
      caught: { task: 'knock', cause: 'knocks-not-logged' },
      only: docker,
    },
  ],
  alternatives: [
    { id: 'all-users', task: 'line', actions: [line('host replication all {{near}} scram-sha-256')] },
    {
      id: 'samehost',
      task: 'line',
      actions: [line('host replication {{user}} samehost scram-sha-256')],
      only: native,
    },
    {
      id: 'localhost',
      task: 'line',
      actions: [line('host replication {{user}} localhost scram-sha-256')],
      only: native,
    },
    {
      id: 'mask-column',
      task: 'line',
      actions: [line('host replication {{user}} 127.0.0.1 255.255.255.255 md5')],
      only: native,
    },
    { id: 'quoted-role', task: 'line', actions: [line('host replication "{{user}}" {{near}} scram-sha-256')] },
    { id: 'with-all', task: 'line', actions: [line('host all,replication {{user}} {{near}} md5')] },
    { id: 'network', task: 'line', actions: [line('host replication {{user}} samenet scram-sha-256')] },
    { id: 'group', task: 'line', actions: [line('host replication +{{user}} {{near}} scram-sha-256')] },
    {
      id: 'included',
      task: 'line',
      actions: [
        {
          do: 'write',
          on: 'master',
          file: 'standbys.conf',
          text: 'host replication {{user}} {{near}} scram-sha-256\n',
        },
        line('include standbys.conf'),
      ],
      only: { pg: [16, null] },
    },
    { id: 'the-tutorials-line', task: 'line', actions: [line('host replication {{user}} all md5')] },
    {
      id: 'restart',
      task: 'loaded',
      actions: [
        { do: 'stop', on: 'master' },
        { do: 'start', on: 'master' },
      ],
    },
  ],
});
