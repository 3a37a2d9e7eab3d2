import { type Action, cancelled, commitsReleased, commitWaited, defineLesson } from '#lesson';

const row = "INSERT INTO visits (who) VALUES ('while the slave is down')";
const begin = (text = row): Action => ({ do: 'begin', on: 'master', database: '{{master.database}}', text });
const stopSlave: Action = { do: 'stop', on: 'slave' };
const emptyTheList: readonly Action[] = [
  { do: 'set', on: 'master', name: 'synchronous_standby_names', value: '' },
  { do: 'reload', on: 'master' },
];

export default defineLesson({
  id: 'when-the-standby-dies',
  minutes: 8,
  disturbs: [
    'start-and-read-the-logs/runs-as-standby',
    'start-and-read-the-logs/streams',
    'prove-it/row-on-both',
    'synchronous/names',
    'synchronous/sync',
  ],
  tasks: [
    { id: 'commit-waits', kind: 'event', check: commitWaited('master', 'slave'), solution: [stopSlave, begin()] },
    { id: 'row-is-there', kind: 'answer', questions: ['rolled-back'] },
    { id: 'cancelled', kind: 'event', check: cancelled('master', 'slave'), solution: [{ do: 'cancel', on: 'master' }] },
    {
      id: 'let-go',
      kind: 'state',
      check: commitsReleased('master', 'slave', 'slave1', 'when-the-standby-dies/commit-waits'),
      solution: [{ do: 'start', on: 'slave' }],
    },
  ],
  mistakes: [
    {
      id: 'terminated',
      story: 'I terminated the session.',
      actions: [{ do: 'terminate', on: 'master' }],
      caught: { task: 'cancelled', cause: 'terminated-instead' },
    },
    {
      id: 'nothing-written',
      story: 'I stopped the slave, and wrote nothing.',
      actions: [stopSlave],
      caught: { task: 'commit-waits', cause: 'no-commit-waits' },
    },
    {
      id: 'slave-still-up',
      story: 'I wrote while the slave was still there.',
      actions: [{ do: 'sql', on: 'master', database: '{{master.database}}', text: row }],
      caught: { task: 'commit-waits', cause: 'standby-still-up' },
    },
    {
      id: 'names-empty',
      story: 'The list was empty, so no commit waited.',
      actions: [...emptyTheList, stopSlave, begin()],
      caught: { task: 'commit-waits', cause: 'names-empty' },
    },
    {
      id: 'still-waiting',
      story: 'I waited for the commit to return by itself.',
      actions: [],
      caught: { task: 'cancelled', cause: 'still-waiting' },
    },
    {
      id: 'forgot-to-undo',
      story: 'I emptied the list to release the commit, and left it empty.',
      actions: [...emptyTheList, { do: 'start', on: 'slave' }],
      caught: { task: 'let-go', cause: 'forgot-to-undo' },
    },
    {
      id: 'slave-left-down',
      story: 'I left the slave down.',
      actions: [],
      caught: { task: 'let-go', cause: 'standby-still-down' },
    },
    {
      id: 'name-that-nobody-has',
      story: 'I changed the name instead of stopping the slave.',
      actions: [
        { do: 'set', on: 'master', name: 'synchronous_standby_names', value: 'first 1 (slave9)' },
        { do: 'reload', on: 'master' },
        begin(),
      ],
      caught: { task: 'commit-waits', cause: 'waits-with-the-standby-up' },
    },
    {
      id: 'commit-off',
      story: 'I had set synchronous_commit = off.',
      actions: [
        { do: 'set', on: 'master', name: 'synchronous_commit', value: 'off' },
        { do: 'reload', on: 'master' },
        stopSlave,
        begin(),
      ],
      caught: { task: 'commit-waits', cause: 'level-asks-nobody' },
    },
    {
      id: 'statement-timeout',
      story: 'I gave the statement a timeout, and expected it to end.',
      actions: [begin(`SET statement_timeout = '1s'; ${row}`)],
      caught: { task: 'cancelled', cause: 'statement-timeout-does-not-end-it' },
    },
    {
      id: 'back-under-another-name',
      story: 'The slave is back, but the list names another standby.',
      actions: [
        { do: 'set', on: 'master', name: 'synchronous_standby_names', value: 'first 1 (slave9)' },
        { do: 'reload', on: 'master' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'let-go', cause: 'not-sync-again' },
    },
  ],
  alternatives: [
    {
      id: 'by-reload',
      task: 'let-go',
      actions: [
        ...emptyTheList,
        { do: 'start', on: 'slave' },
        { do: 'set', on: 'master', name: 'synchronous_standby_names', value: 'first 1 ({{application}})' },
        { do: 'reload', on: 'master' },
      ],
    },
  ],
});
