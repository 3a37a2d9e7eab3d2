import { type Action, defineLesson, hbaLoaded, knocked, letIn } from '#lesson';

const slave = { user: 'slave', server: 'slave' };
const line = (text: string): Action => ({ do: 'append', on: 'master', file: 'pg_hba.conf', line: text });
const above = (text: string): Action => ({ do: 'prepend', on: 'master', file: 'pg_hba.conf', line: text });
const good = line('host replication {{user}} {{near}} scram-sha-256');
const reload: Action = { do: 'reload', on: 'master' };
const native = { engine: 'native' } as const;
const docker = { engine: 'docker' } as const;
const knock = (conninfo: string, outcome?: 'refused'): Action => ({
  do: 'run',
  command: `psql "host={{host}} port={{master.port}} user={{user}} ${conninfo}" -c IDENTIFY_SYSTEM`,
  docker: `docker exec {{slave.container}} psql "host={{master.host}} user={{user}} ${conninfo}" -c IDENTIFY_SYSTEM`,
  ...(outcome ? { outcome } : {}),
});

export default defineLesson({
  id: 'let-the-standby-in',
  minutes: 9,
  tasks: [
    { id: 'line', kind: 'state', check: letIn('master', slave), solution: [good] },
    { id: 'loaded', kind: 'state', check: hbaLoaded('master', slave), solution: [reload] },
    {
      id: 'knock',
      kind: 'event',
      check: knocked('master', 'slave'),
      solution: [knock('password={{password}} replication=true dbname=postgres')],
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
      actions: [knock('password=wrong replication=true dbname=postgres', 'refused')],
      caught: { task: 'knock', cause: 'knock-password-wrong' },
    },
    {
      id: 'knock-without-replication',
      story: 'I forgot replication=true.',
      actions: [knock('password={{password}} dbname=postgres', 'refused')],
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
      actions: [
        { do: 'set', on: 'master', name: 'log_replication_commands', value: 'off' },
        reload,
        knock('password={{password}} replication=true dbname=postgres'),
      ],
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
          command:
            'docker rm {{master.container}} && docker run -d --name {{master.container}} --network {{network}} -p {{host}}:{{master.port}}:5432 {{as-me}}-v {{master.mount}} {{image}}',
        },
        { do: 'start', on: 'master' },
        knock('password={{password}} replication=true dbname=postgres'),
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
