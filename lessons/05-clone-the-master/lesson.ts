import { type Action, defineLesson, ownPort, putAside, safeCopy, stoppedBeforeClone } from '#lesson';

type Options = { readonly password?: string; readonly options?: string; readonly outcome?: 'refused' };
const backup = ({ password = '{{password}}', options = '-X stream -c fast', outcome }: Options = {}): Action => ({
  do: 'run',
  text: `PGPASSWORD=${password} pg_basebackup -h {{host}} -p {{master.port}} -U {{user}} -D {{slave.data}} ${options}`,
  docker: inContainer(
    password,
    `mkdir -p "$PGDATA" && pg_basebackup -h {{master.host}} -U {{user}} -D "$PGDATA" ${options}`,
  ),
  ...(outcome ? { outcome } : {}),
});
const inContainer = (password: string, script: string, mount = '-v {{slave.mount}} '): string =>
  `docker run --rm --network {{network}} {{as-me}}-e PGPASSWORD=${password} ${mount}{{image}} sh -c '${script}'`;
const clone = backup();
const ownPortSet: Action = { do: 'set', on: 'slave', name: 'port', value: '{{slave.port}}' };
const native = { engine: 'native' } as const;
const docker = { engine: 'docker' } as const;

export default defineLesson({
  id: 'clone-the-master',
  minutes: 10,
  supersedes: ['two-servers/slave-runs', 'two-servers/two-clusters'],
  tasks: [
    {
      id: 'stopped',
      kind: 'state',
      check: stoppedBeforeClone('slave', 'master'),
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
      actions: [{ do: 'create', on: 'slave' }],
      caught: { task: 'safe-copy', cause: 'second-initdb' },
      only: native,
    },
    {
      id: 'started-on-an-empty-folder',
      story: 'I started the container before I had copied anything.',
      actions: [{ do: 'start', on: 'slave' }],
      caught: { task: 'safe-copy', cause: 'container-started-too-soon' },
      only: docker,
    },
    {
      id: 'not-into-the-mount',
      story: 'I forgot -v, so the copy went away with its container.',
      actions: [
        {
          do: 'run',
          text: inContainer(
            '{{password}}',
            'pg_basebackup -h {{master.host}} -U {{user}} -D /tmp/copy -X stream -c fast',
            '',
          ),
        },
      ],
      caught: { task: 'safe-copy', cause: 'no-copy-yet' },
      only: docker,
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
      actions: [backup({ outcome: 'refused' })],
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
      actions: [clone, { do: 'remove', on: 'slave', file: 'backup_label' }],
      caught: { task: 'safe-copy', cause: 'backup-label-lost' },
    },
    {
      id: 'wrong-password',
      story: 'I gave pg_basebackup the wrong password.',
      actions: [backup({ password: 'wrong', outcome: 'refused' })],
      caught: { task: 'safe-copy', cause: 'refused-password' },
    },
    {
      id: 'half-emptied',
      story: 'I deleted some files, and others stayed.',
      actions: [{ do: 'remove', on: 'slave', file: 'PG_VERSION' }],
      caught: { task: 'old-cluster-aside', cause: 'folder-not-emptied' },
    },
    {
      id: 'something-in-the-folder',
      story: 'I had put a note into the new folder.',
      actions: [{ do: 'run', text: 'mkdir -p {{slave.data}} && echo mine > {{slave.data}}/notes.txt' }],
      caught: { task: 'safe-copy', cause: 'not-a-cluster' },
      only: native,
    },
    {
      id: 'half-a-copy',
      story: 'The copy broke off before its end.',
      actions: [clone, { do: 'remove', on: 'slave', file: 'global/pg_control' }],
      caught: { task: 'safe-copy', cause: 'incomplete-copy' },
    },
    {
      id: 'turned-away',
      story: 'A reject line came to stand above mine, and pg_basebackup was turned away.',
      actions: [
        { do: 'prepend', on: 'master', file: 'pg_hba.conf', line: 'host replication all all reject' },
        { do: 'reload', on: 'master' },
        backup({ outcome: 'refused' }),
      ],
      caught: { task: 'safe-copy', cause: 'refused-hba' },
    },
    {
      id: 'role-may-not',
      story: 'The role had lost REPLICATION when I ran pg_basebackup.',
      actions: [{ do: 'sql', on: 'master', text: 'ALTER ROLE {{user}} NOREPLICATION' }, backup({ outcome: 'refused' })],
      caught: { task: 'safe-copy', cause: 'refused-role' },
    },
    {
      id: 'the-wrong-way-round',
      story: 'I copied the slave over the master.',
      actions: [
        { do: 'run', text: 'mv {{slave.data}}.old {{slave.data}}' },
        { do: 'stop', on: 'master' },
        { do: 'put-aside', on: 'master' },
        { do: 'copy-data', from: 'slave', to: 'master' },
      ],
      caught: { task: 'safe-copy', cause: 'cloned-the-wrong-way-round' },
      only: native,
    },
    {
      id: 'open-folder',
      story: 'I gave everybody the right to look into the copy.',
      actions: [clone, { do: 'run', text: 'chmod 755 {{slave.data}}' }],
      caught: { task: 'safe-copy', cause: 'bad-mode' },
      only: native,
    },
    {
      id: 'started-too-early',
      story: 'I started the copy at once.',
      actions: [clone, ownPortSet, { do: 'start', on: 'slave' }],
      caught: { task: 'safe-copy', cause: 'started-too-early' },
      only: native,
    },
    {
      id: 'container-started-too-early',
      story: 'I started the container on the copy at once.',
      actions: [clone, { do: 'start', on: 'slave' }],
      caught: { task: 'safe-copy', cause: 'started-too-early' },
      only: docker,
    },
    {
      id: 'port-not-changed',
      story: 'I left the port as the master has it.',
      actions: [],
      caught: { task: 'own-port', cause: 'port-not-changed' },
      only: native,
    },
    {
      id: 'another-port',
      story: 'I gave the slave a port of my own choice.',
      actions: [{ do: 'set', on: 'slave', name: 'port', value: '{{relay}}' }],
      caught: { task: 'own-port', cause: 'port-other' },
      only: native,
    },
    {
      id: 'port-in-the-masters-file',
      story: "I changed the port in the master's file.",
      actions: [{ do: 'set', on: 'master', name: 'port', value: '{{slave.port}}' }],
      caught: { task: 'own-port', cause: 'port-in-the-wrong-file' },
      only: native,
    },
  ],
  alternatives: [
    { id: 'fetch', task: 'safe-copy', actions: [backup({ options: '-X fetch -c fast' })] },
    { id: 'write-recovery-conf', task: 'safe-copy', actions: [backup({ options: '-X stream -c fast -R' })] },
    {
      id: 'cold-copy',
      task: 'safe-copy',
      actions: [
        { do: 'stop', on: 'master' },
        { do: 'copy-data', from: 'master', to: 'slave' },
        { do: 'start', on: 'master' },
      ],
    },
    {
      id: 'deleted',
      task: 'old-cluster-aside',
      actions: [
        {
          do: 'run',
          text: 'rm -r {{slave.data}}',
          docker: `docker run --rm {{as-me}}--volumes-from {{slave.container}} {{image}} sh -c 'find "$PGDATA" -mindepth 1 -delete'`,
        },
      ],
    },
  ],
});
