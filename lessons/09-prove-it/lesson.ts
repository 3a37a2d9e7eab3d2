import { type Action, defineLesson, rowOnBoth, writeRefused } from '#lesson';

const table =
  'CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, at timestamptz DEFAULT now())';
const sql = (text: string, on = 'master', database = '{{master.database}}'): Action => ({
  do: 'sql',
  on,
  database,
  text,
});
const row = "INSERT INTO visits (who) VALUES ('me')";

export default defineLesson({
  id: 'prove-it',
  minutes: 6,
  tasks: [
    { id: 'row-on-both', kind: 'state', check: rowOnBoth('master', 'slave'), solution: [sql(table), sql(row)] },
    {
      id: 'write-refused',
      kind: 'event',
      check: writeRefused('slave', 'master'),
      solution: [{ do: 'sql', on: 'slave', database: '{{master.database}}', text: row, outcome: 'refused' }],
    },
    { id: 'which-password', kind: 'answer', questions: ['whose-password'] },
  ],
  excused: { 'table-locked': 'it lasts as long as a session stays, which no action leaves open' },
  mistakes: [
    {
      id: 'wrong-database',
      story: 'I made the table in the database postgres.',
      actions: [sql(table, 'master', 'postgres'), sql(row, 'master', 'postgres')],
      caught: { task: 'row-on-both', cause: 'table-in-the-wrong-database' },
    },
    {
      id: 'database-closed',
      story: 'I closed the database, so that no other client disturbs me.',
      actions: [{ do: 'sql', on: 'master', text: 'ALTER DATABASE {{master.database}} WITH ALLOW_CONNECTIONS false' }],
      caught: { task: 'row-on-both', cause: 'database-closed' },
    },
    {
      id: 'no-row',
      story: 'I made the table, and wrote no row.',
      actions: [sql(table)],
      caught: { task: 'row-on-both', cause: 'no-row' },
    },
    {
      id: 'replay-paused',
      story: 'The replay of the slave was paused.',
      actions: [{ do: 'sql', on: 'slave', text: 'SELECT pg_wal_replay_pause()' }, sql(table), sql(row)],
      caught: { task: 'row-on-both', cause: 'replay-paused' },
    },
    {
      id: 'slave-stopped',
      story: 'The slave did not run when I looked for the row.',
      actions: [sql(table), { do: 'stop', on: 'slave' }, sql(row)],
      caught: { task: 'row-on-both', cause: 'slave-not-streaming' },
    },
    {
      id: 'wrong-port',
      story: "I took the master's port for the slave's, and the write was not refused.",
      actions: [sql(row)],
      caught: { task: 'write-refused', cause: 'wrote-on-the-master' },
    },
    {
      id: 'delayed',
      story: 'I had set recovery_min_apply_delay on the slave, and forgotten it.',
      actions: [
        { do: 'set', on: 'slave', name: 'recovery_min_apply_delay', value: '1h' },
        { do: 'reload', on: 'slave' },
        sql(table),
        sql(row),
      ],
      caught: { task: 'row-on-both', cause: 'not-on-slave-yet' },
    },
    {
      id: 'only-read',
      story: 'I only read on the slave.',
      actions: [],
      caught: { task: 'write-refused', cause: 'not-tried' },
    },
    {
      id: 'no-standby',
      story: 'The signal file got lost, and I restarted the slave.',
      actions: [
        { do: 'stop', on: 'slave' },
        { do: 'remove', on: 'slave', file: 'standby.signal' },
        { do: 'start', on: 'slave' },
      ],
      caught: { task: 'write-refused', cause: 'slave-takes-writes' },
    },
  ],
  alternatives: [
    {
      id: 'another-table',
      task: 'row-on-both',
      actions: [sql('CREATE TABLE guests (name text)'), sql("INSERT INTO guests VALUES ('Ada')")],
    },
    {
      id: 'update',
      task: 'write-refused',
      actions: [
        {
          do: 'sql',
          on: 'slave',
          database: '{{master.database}}',
          text: "UPDATE visits SET who = 'you'",
          outcome: 'refused',
        },
      ],
    },
  ],
});
