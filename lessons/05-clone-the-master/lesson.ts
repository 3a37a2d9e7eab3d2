import { type Action, defineLesson, ownPort, putAside, safeCopy, stoppedForClone } from '#lesson';

const backup = (password: string, options = '-X stream -c fast'): string =>
  `PGPASSWORD=${password} pg_basebackup -h {{host}} -p {{master.port}} -U {{user}} -D {{slave.data}} ${options}`;
const clone: Action = { do: 'run', command: backup('{{password}}') };
const ownPortSet: Action = { do: 'set', on: 'slave', name: 'port', value: '{{slave.port}}' };

export default defineLesson({
  id: 'clone-the-master',
  minutes: 10,
  supersedes: ['two-servers/slave-runs', 'two-servers/two-clusters'],
  tasks: [
    {
      id: 'stopped',
      kind: 'state',
      check: stoppedForClone('slave', 'master'),
      solution: [{ do: 'stop', on: 'slave' }],
    },
    {
      id: 'old-cluster-aside',
      kind: 'event',
      check: putAside('slave', 'master'),
      solution: [{ do: 'put-aside', on: 'slave' }],
    },
    { id: 'safe-copy', kind: 'event', check: safeCopy('slave', 'master'), solution: [clone] },
    {
      id: 'own-port',
      kind: 'state',
      only: { engine: 'native' },
      check: ownPort('slave', 'master'),
      solution: [ownPortSet],
    },
  ],
  mistakes: [
    {
      id: 'second-initdb',
      story: 'I made the slave with initdb, as the tutorial does.',
      actions: [{ do: 'initdb', on: 'slave' }],
      caught: { task: 'safe-copy', cause: 'second-initdb' },
    },
    {
      id: 'still-running',
      story: 'I began to clone while the slave was running.',
      actions: [],
      caught: { task: 'stopped', cause: 'still-running' },
    },
    {
      id: 'not-put-aside',
      story: 'I ran pg_basebackup into the old folder.',
      actions: [{ do: 'run', command: backup('{{password}}'), outcome: 'refused' }],
      caught: { task: 'old-cluster-aside', cause: 'old-cluster-still-there' },
    },
    {
      id: 'plain-copy',
      story: 'I copied the folder of the running master with cp.',
      actions: [{ do: 'copy-data', from: 'master', to: 'slave', without: ['postmaster.pid'] }],
      caught: { task: 'safe-copy', cause: 'unsafe-copy' },
    },
    {
      id: 'label-deleted',
      story: 'I deleted backup_label from the copy.',
      actions: [clone, { do: 'delete', on: 'slave', file: 'backup_label' }],
      caught: { task: 'safe-copy', cause: 'backup-label-lost' },
    },
    {
      id: 'wrong-password',
      story: 'I gave pg_basebackup the wrong password.',
      actions: [{ do: 'run', command: backup('wrong'), outcome: 'refused' }],
      caught: { task: 'safe-copy', cause: 'refused-password' },
    },
    {
      id: 'open-folder',
      story: 'I gave everybody the right to look into the copy.',
      actions: [clone, { do: 'run', command: 'chmod 755 {{slave.data}}' }],
      caught: { task: 'safe-copy', cause: 'bad-mode' },
    },
    {
      id: 'started-too-early',
      story: 'I started the copy at once.',
      actions: [clone, ownPortSet, { do: 'start', on: 'slave' }],
      caught: { task: 'safe-copy', cause: 'started-too-early' },
    },
    {
      id: 'port-not-changed',
      story: 'I left the port as the master has it.',
      actions: [],
      caught: { task: 'own-port', cause: 'port-not-changed' },
    },
    {
      id: 'port-in-the-masters-file',
      story: "I changed the port in the master's file.",
      actions: [{ do: 'set', on: 'master', name: 'port', value: '{{slave.port}}' }],
      caught: { task: 'own-port', cause: 'port-in-the-wrong-file' },
    },
  ],
  alternatives: [
    { id: 'fetch', task: 'safe-copy', actions: [{ do: 'run', command: backup('{{password}}', '-X fetch -c fast') }] },
    {
      id: 'write-recovery-conf',
      task: 'safe-copy',
      actions: [{ do: 'run', command: backup('{{password}}', '-X stream -c fast -R') }],
    },
    {
      id: 'cold-copy',
      task: 'safe-copy',
      actions: [
        { do: 'stop', on: 'master' },
        { do: 'copy-data', from: 'master', to: 'slave' },
        { do: 'start', on: 'master' },
      ],
    },
    { id: 'deleted', task: 'old-cluster-aside', actions: [{ do: 'run', command: 'rm -r {{slave.data}}' }] },
  ],
});
