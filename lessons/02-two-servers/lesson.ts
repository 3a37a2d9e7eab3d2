import { type Action, defineLesson, network, runs, separateClusters } from '#lesson';

const native = { engine: 'native' } as const;
const docker = { engine: 'docker' } as const;
const made = (on: string): readonly Action[] => [
  { do: 'create', on },
  { do: 'start', on },
];
const again = (on: string): readonly Action[] => [
  { do: 'stop', on },
  { do: 'start', on },
];
const shutOut = ['local all all reject', 'host all all all reject'].map(
  (line): Action => ({ do: 'prepend', on: 'master', file: 'pg_hba.conf', line }),
);
const run = (text: string, outcome?: 'refused'): Action => ({ do: 'run', text, ...(outcome ? { outcome } : {}) });
const networkMade = run('docker network create {{network}}');

/** The lesson's docker run, with what a learner wrote differently. */
const dockerRun = (on: string, ...changes: readonly (readonly [right: string, wrong: string])[]): string =>
  changes.reduce(
    (command, [right, wrong]) => command.replace(right, wrong),
    `mkdir -p {{${on}.data}} && docker run -d --name {{${on}.container}} --network {{network}} -p {{host}}:{{${on}.port}}:5432 {{as-me}}-e POSTGRES_PASSWORD={{${on}.password}} -e POSTGRES_DB={{${on}.database}} -v {{${on}.mount}} {{image}}`,
  );
const copied: readonly Action[] = [
  { do: 'stop', on: 'slave' },
  { do: 'put-aside', on: 'slave' },
  { do: 'stop', on: 'master' },
  { do: 'copy-data', from: 'master', to: 'slave' },
];
const foreignGone = run('docker rm --force --volumes {{master.container}}');

export default defineLesson({
  id: 'two-servers',
  minutes: 9,
  tasks: [
    { id: 'network', kind: 'state', only: docker, check: network('master', 'slave'), solution: [networkMade] },
    { id: 'master-runs', kind: 'state', check: runs('master'), solution: made('master') },
    { id: 'slave-runs', kind: 'state', check: runs('slave'), solution: made('slave') },
    { id: 'two-clusters', kind: 'state', check: separateClusters('master', 'slave'), solution: [] },
    { id: 'are-they-related', kind: 'answer', questions: ['unrelated'] },
  ],
  mistakes: [
    {
      id: 'same-port',
      story: 'I gave the slave the port of the master.',
      actions: [
        { do: 'create', on: 'slave' },
        { do: 'set', on: 'slave', name: 'port', value: '{{master.port}}' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'port-taken' },
      only: native,
    },
    {
      id: 'old-volume-path',
      story:
        "I mounted the folder where the tutorial does, at /var/lib/postgresql/data: that is the old image's place.",
      actions: [run(dockerRun('master', ['{{master.mount}}', '"$PWD/{{master.data}}":/var/lib/postgresql/data']))],
      caught: { task: 'master-runs', cause: 'old-volume-path' },
      only: { engine: 'docker', storage: 'folder', pg: [18, null] },
    },
    {
      id: 'no-version',
      story: 'I took the image without a version, as the tutorial does.',
      actions: [run(dockerRun('master', ['{{image}}', 'postgres']))],
      caught: { task: 'master-runs', cause: 'wrong-image' },
      image: 'postgres:latest',
      only: { engine: 'docker', pg: [null, 17] },
    },
    {
      id: 'no-network',
      story: 'I went on without a network.',
      actions: [],
      caught: { task: 'network', cause: 'network-missing' },
      only: docker,
    },
    {
      id: 'outside-the-network',
      story: 'I made the network, and forgot --network.',
      actions: [networkMade, run(dockerRun('master', ['--network {{network}} ', '']))],
      caught: { task: 'network', cause: 'not-in-the-network' },
      only: docker,
    },
    {
      id: 'no-password',
      story: 'I left POSTGRES_PASSWORD out.',
      actions: [run(dockerRun('master', ['-e POSTGRES_PASSWORD={{master.password}} ', '']))],
      caught: { task: 'master-runs', cause: 'password-missing' },
      only: docker,
    },
    {
      id: 'not-mounted',
      story: 'I left -v out, so the data would be gone with the container.',
      actions: [run(dockerRun('master', ['-v {{master.mount}} ', '']))],
      caught: { task: 'master-runs', cause: 'foreign-container' },
      undo: [foreignGone],
      only: docker,
    },
    {
      id: 'name-taken',
      story: 'I had a container of that name already, of something else.',
      actions: [run('docker create --name {{master.container}} {{image}}'), run(dockerRun('master'), 'refused')],
      caught: { task: 'master-runs', cause: 'foreign-container' },
      undo: [foreignGone],
      only: docker,
    },
    {
      id: 'same-published-port',
      story: 'I gave the slave the port of the master.',
      actions: [run(dockerRun('slave', ['{{slave.port}}', '{{master.port}}']), 'refused')],
      caught: { task: 'slave-runs', cause: 'port-taken' },
      only: docker,
    },
    {
      id: 'same-folder',
      story: "I mounted the master's data for the slave.",
      actions: [run(dockerRun('slave', ['{{slave.mount}}', '{{master.mount}}']))],
      caught: { task: 'slave-runs', cause: 'wrong-folder' },
      only: docker,
    },
    {
      id: 'no-such-user',
      story: 'I gave --user a name that the image does not know.',
      actions: [run(dockerRun('master', ['{{as-me}}', '--user me ']), 'refused')],
      caught: { task: 'master-runs', cause: 'cannot-start' },
      only: docker,
    },
    {
      id: 'paused',
      story: 'I paused the container and forgot it.',
      actions: [...made('master'), run('docker pause {{master.container}}')],
      caught: { task: 'master-runs', cause: 'paused' },
      only: docker,
    },
    {
      id: 'restarts-for-ever',
      story: 'I added --restart always, and misspelt a setting.',
      actions: [run(`${dockerRun('master', ['-d ', '-d --restart always '])} -c shared_bufers=32MB`)],
      caught: { task: 'master-runs', cause: 'restarting' },
      only: docker,
    },
    {
      id: 'misspelt-option',
      story: 'I misspelt a setting behind the image.',
      actions: [run(`${dockerRun('master')} -c shared_bufers=32MB`)],
      caught: { task: 'master-runs', cause: 'crashed' },
      only: docker,
    },
    {
      id: 'too-little-memory',
      story: 'I gave the container 12 MB of memory.',
      actions: [run(dockerRun('master', ['-d ', '-d --memory 12m ']))],
      caught: { task: 'master-runs', cause: 'out-of-memory' },
      only: docker,
    },
    {
      id: 'master-forgotten',
      story: 'I made the slave, and forgot the master.',
      actions: made('slave'),
      caught: { task: 'master-runs', cause: 'absent' },
    },
    {
      id: 'not-started',
      story: 'I made it (initdb, or docker create), and thought that was it.',
      actions: [{ do: 'create', on: 'master' }],
      caught: { task: 'master-runs', cause: 'created-not-started' },
    },
    {
      id: 'killed',
      story: 'The master ran, and then the process was killed.',
      actions: [...made('master'), { do: 'kill', on: 'master' }],
      caught: { task: 'master-runs', cause: 'crashed' },
    },
    {
      id: 'stopped',
      story: 'I stopped the master again.',
      actions: [...made('master'), { do: 'stop', on: 'master' }],
      caught: { task: 'master-runs', cause: 'stopped' },
    },
    {
      id: 'another-port',
      story: 'I gave the slave a port of my own choice.',
      actions: [
        { do: 'create', on: 'slave' },
        { do: 'set', on: 'slave', name: 'port', value: '{{relay}}' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'other-port' },
      only: native,
    },
    {
      id: 'open-folder',
      story: 'I gave everybody the right to look into the data directory.',
      actions: [
        { do: 'create', on: 'slave' },
        { do: 'run', text: 'chmod 755 {{slave.data}}' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'bad-permissions' },
      only: native,
    },
    {
      id: 'misspelt-setting',
      story: 'I misspelt a setting.',
      actions: [
        { do: 'create', on: 'slave' },
        { do: 'append', on: 'slave', file: 'postgresql.conf', line: 'shared_bufers = 32MB' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'config-error' },
      only: native,
    },
    {
      id: 'misspelt-in-the-file',
      story: 'I misspelt a setting in the file, and restarted.',
      actions: [
        ...made('slave'),
        { do: 'append', on: 'slave', file: 'postgresql.conf', line: 'shared_bufers = 32MB' },
        { do: 'stop', on: 'slave' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'config-error' },
      only: docker,
    },
    {
      id: 'copied-too-early',
      story: 'I copied the folder of the master instead of a second initdb.',
      actions: [
        ...copied,
        { do: 'set', on: 'slave', name: 'port', value: '{{slave.port}}' },
        { do: 'start', on: 'master' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'two-clusters', cause: 'copied-too-early' },
      only: native,
    },
    {
      id: 'folder-copied-too-early',
      story: "I copied the master's folder for the slave's container.",
      actions: [...copied, { do: 'start', on: 'master' }, { do: 'start', on: 'slave' }],
      caught: { task: 'two-clusters', cause: 'copied-too-early' },
      only: docker,
    },
    {
      id: 'shut-out',
      story: 'I put lines above all others that let nobody in, and reloaded.',
      actions: [...made('master'), ...shutOut, { do: 'reload', on: 'master' }],
      caught: { task: 'master-runs', cause: 'locked-out' },
    },
    {
      id: 'as-a-standby',
      story: "I made a standby.signal in the master's folder and restarted.",
      actions: [...made('master'), { do: 'touch', on: 'master', file: 'standby.signal' }, ...again('master')],
      caught: { task: 'master-runs', cause: 'runs-as-a-standby' },
    },
    {
      id: 'rules-misspelt',
      story: 'I misspelt a line of pg_hba.conf, and restarted.',
      actions: [
        ...made('master'),
        { do: 'append', on: 'master', file: 'pg_hba.conf', line: 'hosts all all all md5' },
        ...again('master'),
      ],
      caught: { task: 'master-runs', cause: 'hba-error' },
    },
    {
      id: 'minimal-log',
      story: 'I set wal_level = minimal.',
      actions: [
        ...made('master'),
        { do: 'set', on: 'master', name: 'wal_level', value: 'minimal' },
        ...again('master'),
      ],
      caught: { task: 'master-runs', cause: 'config-error' },
    },
    {
      id: 'another-major',
      story: 'I took the folder of an older PostgreSQL.',
      actions: [
        { do: 'create', on: 'slave' },
        { do: 'write', on: 'slave', file: 'PG_VERSION', text: '12\n' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'slave-runs', cause: 'other-major' },
      only: native,
    },
    {
      id: 'moved-under-it',
      story: 'I moved a folder of the data directory while the master ran.',
      actions: [...made('master'), run('mv {{master.data}}/global {{master.data}}/global.away')],
      caught: { task: 'master-runs', cause: 'lost-files' },
      only: native,
    },
    {
      id: 'listens-nowhere',
      story: 'I emptied listen_addresses, so that nobody gets in from outside.',
      actions: [
        { do: 'create', on: 'master' },
        { do: 'set', on: 'master', name: 'listen_addresses', value: '' },
        { do: 'start', on: 'master' },
      ],
      caught: { task: 'master-runs', cause: 'not-listening' },
      only: native,
    },
    {
      id: 'no-cluster',
      story: 'I had files of my own in the folder.',
      actions: [run('mkdir -p {{slave.data}} && echo mine > {{slave.data}}/notes.txt')],
      caught: { task: 'slave-runs', cause: 'not-a-cluster' },
      only: native,
    },
  ],
  excused: {
    stopping: 'it lasts as long as a session stays, which no action leaves open',
    'catalogue-locked': 'it lasts as long as a transaction stays open, and no action leaves one',
  },
  alternatives: [
    {
      id: 'published-elsewhere',
      task: 'slave-runs',
      actions: [run(dockerRun('slave', ['{{slave.port}}', '{{relay}}']))],
      only: docker,
    },
    {
      id: 'the-tutorials-own-words',
      task: 'master-runs',
      actions: [run(dockerRun('master', ['{{host}}:', '']))],
      only: docker,
    },
  ],
});
