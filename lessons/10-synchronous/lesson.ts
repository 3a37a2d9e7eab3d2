import { type Action, commitReturns, defineLesson, isSync, syncNames } from '#lesson';

const reload: Action = { do: 'reload', on: 'master' };
const set = (value: string, name = 'synchronous_standby_names', on = 'master'): Action => ({
  do: 'set',
  on,
  name,
  value,
});
const row = "INSERT INTO visits (who) VALUES ('synchronous')";
const insert: Action = { do: 'sql', on: 'master', database: '{{master.database}}', text: row };

export default defineLesson({
  id: 'synchronous',
  minutes: 9,
  tasks: [
    {
      id: 'names',
      kind: 'state',
      check: syncNames('master', 'slave1'),
      solution: [set('first 1 ({{application}})'), reload],
    },
    { id: 'sync', kind: 'state', check: isSync('master', 'slave1'), solution: [] },
    { id: 'commit', kind: 'event', check: commitReturns('master', 'slave'), solution: [insert] },
    { id: 'who-is-waited-for', kind: 'answer', questions: ['first-2'] },
  ],
  mistakes: [
    {
      id: 'the-tutorials-name',
      story: 'I wrote sync_standby_names, as the tutorial says.',
      actions: [set('first 1 ({{application}})', 'sync_standby_names'), reload],
      caught: { task: 'names', cause: 'unknown-parameter' },
    },
    {
      id: 'the-tutorials-name-at-start',
      story: 'I wrote sync_standby_names and restarted, as the tutorial says.',
      actions: [
        set('first 1 ({{application}})', 'sync_standby_names'),
        { do: 'stop', on: 'master' },
        { do: 'start', on: 'master' },
      ],
      caught: { task: 'names', cause: 'unknown-parameter' },
    },
    {
      id: 'not-reloaded',
      story: 'I saved it, and did not reload.',
      actions: [set('first 1 ({{application}})')],
      caught: { task: 'names', cause: 'not-loaded' },
    },
    {
      id: 'on-the-slave',
      story: "I wrote it into the slave's file.",
      actions: [set('first 1 ({{application}})', 'synchronous_standby_names', 'slave'), { do: 'reload', on: 'slave' }],
      caught: { task: 'names', cause: 'set-on-the-slave' },
    },
    {
      id: 'another-name',
      story: 'The name is not the one that the slave connects with.',
      actions: [set('first 1 (slave)'), reload],
      caught: { task: 'names', cause: 'name-differs' },
    },
    {
      id: 'no-brackets',
      story: 'I left the parentheses out.',
      actions: [set('first 1 {{application}}'), reload],
      caught: { task: 'names', cause: 'names-syntax-error' },
    },
    {
      id: 'only-a-number',
      story: "I wrote '1'.",
      actions: [set('1'), reload],
      caught: { task: 'names', cause: 'number-as-name' },
    },
    {
      id: 'hyphen',
      story: 'I wrote a name with a hyphen.',
      actions: [set('first 1 (slave-1)'), reload],
      caught: { task: 'names', cause: 'hyphen' },
    },
    {
      id: 'too-many',
      story: 'I asked for two, and there is one.',
      actions: [set('first 2 ({{application}}, slave2)'), reload],
      caught: { task: 'names', cause: 'more-than-there-are' },
    },
    {
      id: 'shadowed',
      story: 'An older line in postgresql.auto.conf wins.',
      actions: [
        { do: 'append', on: 'master', file: 'postgresql.auto.conf', line: "synchronous_standby_names = ''" },
        set('first 1 ({{application}})'),
        reload,
      ],
      caught: { task: 'names', cause: 'shadowed-by-auto-conf' },
    },
    {
      id: 'commented',
      story: 'I wrote it after the #.',
      actions: [
        {
          do: 'append',
          on: 'master',
          file: 'postgresql.conf',
          line: "#synchronous_standby_names = 'first 1 ({{application}})'",
        },
        reload,
      ],
      caught: { task: 'names', cause: 'names-commented' },
    },
    {
      id: 'no-quotes',
      story: 'I wrote the value without quotes.',
      actions: [
        {
          do: 'append',
          on: 'master',
          file: 'postgresql.conf',
          line: 'synchronous_standby_names = first 1 ({{application}})',
        },
        reload,
      ],
      caught: { task: 'names', cause: 'conf-error' },
    },
    {
      id: 'twice',
      story: 'An old line comes after mine.',
      actions: [
        set('first 1 ({{application}})'),
        { do: 'append', on: 'master', file: 'postgresql.conf', line: "synchronous_standby_names = ''" },
        reload,
      ],
      caught: { task: 'names', cause: 'shadowed-by-a-later-line' },
    },
    {
      id: 'another-line-is-wrong',
      story: 'My line is right, but another line in the file is misspelt.',
      actions: [
        set('first 1 ({{application}})'),
        { do: 'append', on: 'master', file: 'postgresql.conf', line: 'shared_bufers = 32MB' },
        reload,
      ],
      caught: { task: 'names', cause: 'reload-refused' },
    },
    {
      id: 'on-the-command-line',
      story: 'The master was started with an option that wins over every file.',
      actions: [
        set('first 1 ({{application}})'),
        { do: 'stop', on: 'master' },
        { do: 'run', text: 'pg_ctl -D {{master.data}} -w -o "-c synchronous_standby_names=" start' },
      ],
      caught: { task: 'names', cause: 'command-line-wins' },
      only: { engine: 'native' },
    },
    {
      id: 'emptied-again',
      story: 'I emptied the names again.',
      actions: [set(''), reload],
      caught: { task: 'sync', cause: 'async' },
    },
    {
      id: 'nobody-there',
      story: 'I emptied the names, and stopped the slave.',
      actions: [set(''), reload, { do: 'stop', on: 'slave' }],
      caught: { task: 'sync', cause: 'sender-missing' },
    },
    {
      id: 'second-in-line',
      story: 'Another name is first on the list.',
      actions: [set('first 1 (slave0, {{application}})'), reload],
      caught: { task: 'sync', cause: 'priority' },
    },
    {
      id: 'emptied-before-the-commit',
      story: 'I emptied the names again, and then committed.',
      actions: [set(''), reload, insert],
      caught: { task: 'commit', cause: 'names-not-in-effect' },
    },
    {
      id: 'commit-off',
      story: 'I had set synchronous_commit = off, so no commit waits for a standby.',
      actions: [set('off', 'synchronous_commit'), reload, insert],
      caught: { task: 'commit', cause: 'level-asks-nobody' },
    },
    {
      id: 'two-afterwards',
      story: 'I asked for two afterwards; the view still says sync.',
      actions: [set('first 2 ({{application}}, slave2)'), reload],
      caught: { task: 'commit', cause: 'too-few-standbys' },
    },
    {
      id: 'slave-gone',
      story: 'The slave was gone when I wanted to commit.',
      actions: [{ do: 'stop', on: 'slave' }],
      caught: { task: 'commit', cause: 'no-sync-standby' },
    },
    {
      id: 'name-that-nobody-has',
      story: 'I changed the name to one that no standby has, and committed.',
      actions: [
        set('first 1 (slave9)'),
        reload,
        { do: 'begin', on: 'master', database: '{{master.database}}', text: row },
      ],
      caught: { task: 'commit', cause: 'commit-waits' },
    },
    {
      id: 'replay-paused',
      story: 'The slave had confirmed the row, but its replay was paused.',
      actions: [{ do: 'sql', on: 'slave', text: 'SELECT pg_wal_replay_pause()' }, insert],
      caught: { task: 'commit', cause: 'not-on-the-slave' },
    },
    {
      id: 'times-not-kept',
      story: 'The master does not keep the times of commits, so the workshop cannot see when my row came.',
      actions: [
        { do: 'set', on: 'master', name: 'track_commit_timestamp', value: 'off' },
        { do: 'stop', on: 'master' },
        { do: 'start', on: 'master' },
        insert,
      ],
      caught: { task: 'commit', cause: 'times-not-kept' },
      only: { engine: 'native' },
    },
    {
      id: 'made-without-options',
      story: "I made the master with the tutorial's docker run, without -c track_commit_timestamp=on.",
      actions: [
        { do: 'stop', on: 'master' },
        {
          do: 'run',
          text: 'docker rm {{master.container}} && docker run -d --name {{master.container}} --network {{network}} -p {{host}}:{{master.port}}:5432 {{as-me}}-v {{master.mount}} {{image}}',
        },
        { do: 'start', on: 'master' },
        insert,
      ],
      caught: { task: 'commit', cause: 'times-not-kept' },
      only: { engine: 'docker' },
    },
    {
      id: 'too-early',
      story: 'I set the names while the slave was down: every commit hangs, as in the tutorial.',
      actions: [
        { do: 'stop', on: 'slave' },
        { do: 'begin', on: 'master', database: '{{master.database}}', text: row },
      ],
      caught: { task: 'sync', cause: 'deadlock' },
    },
  ],
  alternatives: [
    { id: 'capitals', task: 'names', actions: [set('FIRST 1 (SLAVE1)'), reload] },
    { id: 'a-plain-list', task: 'names', actions: [set('{{application}}'), reload] },
    { id: 'old-form', task: 'names', actions: [set('1 ({{application}})'), reload] },
    { id: 'quoted-name', task: 'names', actions: [set('FIRST 1 ("{{application}}")'), reload] },
    {
      id: 'included',
      task: 'names',
      actions: [
        {
          do: 'write',
          on: 'master',
          file: 'names.conf',
          text: "synchronous_standby_names = 'first 1 ({{application}})'\n",
        },
        { do: 'append', on: 'master', file: 'postgresql.conf', line: "include 'names.conf'" },
        reload,
      ],
    },
    {
      id: 'restart',
      task: 'names',
      actions: [set('first 1 ({{application}})'), { do: 'stop', on: 'master' }, { do: 'start', on: 'master' }],
    },
    { id: 'anybody', task: 'names', actions: [set('*'), reload] },
    {
      id: 'alter-system',
      task: 'names',
      actions: [
        { do: 'sql', on: 'master', text: "ALTER SYSTEM SET synchronous_standby_names = 'first 1 ({{application}})'" },
        reload,
      ],
    },
    { id: 'quorum', task: 'names', actions: [set('any 1 ({{application}})'), reload] },
  ],
});
