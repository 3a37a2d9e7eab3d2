import { defineLesson, runs, separateClusters } from '#lesson';

export default defineLesson({
  id: 'two-servers',
  minutes: 9,
  tasks: [
    {
      id: 'master-runs',
      kind: 'state',
      check: runs('master'),
      solution: [
        { do: 'initdb', on: 'master' },
        { do: 'start', on: 'master' },
      ],
    },
    {
      id: 'slave-runs',
      kind: 'state',
      check: runs('slave'),
      solution: [
        { do: 'initdb', on: 'slave' },
        { do: 'start', on: 'slave' },
      ],
    },
    { id: 'two-clusters', kind: 'state', check: separateClusters('master', 'slave'), solution: [] },
    { id: 'are-they-related', kind: 'answer', questions: ['unrelated'] },
  ],
  mistakes: [
    {
      id: 'same-port',
      story: 'I gave the slave the port of the master.',
      actions: [
        { do: 'initdb', on: 'slave' },
        { do: 'set', on: 'slave', name: 'port', value: '{{master.port}}' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'port-taken' },
    },
    {
      id: 'master-forgotten',
      story: 'I made the slave, and forgot the master.',
      actions: [
        { do: 'initdb', on: 'slave' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'master-runs', cause: 'absent' },
    },
    {
      id: 'not-started',
      story: 'I ran initdb and thought that was it.',
      actions: [{ do: 'initdb', on: 'master' }],
      caught: { task: 'master-runs', cause: 'created-not-started' },
    },
    {
      id: 'killed',
      story: 'The master ran, and then the process was killed.',
      actions: [
        { do: 'initdb', on: 'master' },
        { do: 'start', on: 'master' },
        { do: 'kill', on: 'master' },
      ],
      caught: { task: 'master-runs', cause: 'crashed' },
    },
    {
      id: 'stopped',
      story: 'I stopped the master again.',
      actions: [
        { do: 'initdb', on: 'master' },
        { do: 'start', on: 'master' },
        { do: 'stop', on: 'master' },
      ],
      caught: { task: 'master-runs', cause: 'stopped' },
    },
    {
      id: 'another-port',
      story: 'I gave the slave a port of my own choice.',
      actions: [
        { do: 'initdb', on: 'slave' },
        { do: 'set', on: 'slave', name: 'port', value: '{{relay}}' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'other-port' },
    },
    {
      id: 'open-folder',
      story: 'I gave everybody the right to look into the data directory.',
      actions: [
        { do: 'initdb', on: 'slave' },
        { do: 'run', command: 'chmod 755 {{slave.data}}' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'bad-permissions' },
    },
    {
      id: 'misspelt-setting',
      story: 'I misspelt a setting.',
      actions: [
        { do: 'initdb', on: 'slave' },
        { do: 'append', on: 'slave', file: 'postgresql.conf', line: 'shared_bufers = 32MB' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'config-error' },
    },
    {
      id: 'copied-too-early',
      story: 'I copied the folder of the master instead of a second initdb.',
      actions: [
        { do: 'stop', on: 'slave' },
        { do: 'put-aside', on: 'slave' },
        { do: 'stop', on: 'master' },
        { do: 'copy-data', from: 'master', to: 'slave' },
        { do: 'set', on: 'slave', name: 'port', value: '{{slave.port}}' },
        { do: 'start', on: 'master' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'two-clusters', cause: 'copied-too-early' },
    },
  ],
});
