import { type Action, defineLesson, replicationRole } from '#lesson';

const onMaster = (text: string): Action => ({ do: 'sql', on: 'master', text });

export default defineLesson({
  id: 'a-role-for-the-standby',
  minutes: 6,
  tasks: [
    {
      id: 'role',
      kind: 'state',
      check: replicationRole('master', 'slave'),
      solution: [onMaster("CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD '{{password}}'")],
    },
    { id: 'why-a-role', kind: 'answer', questions: ['where'] },
  ],
  mistakes: [
    {
      id: 'made-on-the-slave',
      story: 'I made the role on the slave.',
      actions: [
        { do: 'sql', on: 'slave', text: "CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD '{{password}}'" },
      ],
      caught: { task: 'role', cause: 'role-on-the-wrong-server' },
    },
    {
      id: 'without-replication',
      story: 'I made a role that may log in, and no more.',
      actions: [onMaster("CREATE ROLE {{user}} WITH LOGIN PASSWORD '{{password}}'")],
      caught: { task: 'role', cause: 'no-replication' },
    },
    {
      id: 'without-login',
      story: 'I wrote CREATE ROLE without LOGIN.',
      actions: [onMaster("CREATE ROLE {{user}} WITH REPLICATION PASSWORD '{{password}}'")],
      caught: { task: 'role', cause: 'no-login' },
    },
    {
      id: 'without-password',
      story: 'I forgot the password.',
      actions: [onMaster('CREATE ROLE {{user}} WITH LOGIN REPLICATION')],
      caught: { task: 'role', cause: 'no-password' },
    },
    {
      id: 'expired',
      story: 'The password was valid until yesterday.',
      actions: [
        onMaster("CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD '{{password}}' VALID UNTIL '2020-01-01'"),
      ],
      caught: { task: 'role', cause: 'password-expired' },
    },
    {
      id: 'no-connections',
      story: 'I wrote CONNECTION LIMIT 0, and thought that means no limit.',
      actions: [onMaster("CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD '{{password}}' CONNECTION LIMIT 0")],
      caught: { task: 'role', cause: 'no-connections' },
    },
    {
      id: 'name-in-capitals',
      story: 'I put the name in double quotes, with a capital.',
      actions: [onMaster(`CREATE ROLE "Slave" WITH LOGIN REPLICATION PASSWORD '{{password}}'`)],
      caught: { task: 'role', cause: 'role-name-differs' },
    },
    {
      id: 'a-database',
      story: 'I made a database called slave on the master.',
      actions: [onMaster('CREATE DATABASE {{user}}')],
      caught: { task: 'role', cause: 'database-instead-of-role' },
    },
    {
      id: 'md5',
      story: 'I stored the password as md5.',
      actions: [
        onMaster(
          "SET password_encryption = 'md5'; CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD '{{password}}'",
        ),
      ],
      caught: { task: 'role', cause: 'md5-against-scram' },
    },
    {
      id: 'names-too-early',
      story: 'I had set synchronous_standby_names already, so CREATE ROLE hangs.',
      actions: [
        { do: 'set', on: 'master', name: 'synchronous_standby_names', value: 'first 1 ({{application}})' },
        { do: 'reload', on: 'master' },
        { do: 'begin', on: 'master', text: "CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD '{{password}}'" },
      ],
      caught: { task: 'role', cause: 'role-waits-for-a-standby' },
    },
  ],
  alternatives: [
    {
      id: 'the-tutorials-password',
      task: 'role',
      actions: [onMaster("CREATE ROLE {{user}} WITH LOGIN REPLICATION PASSWORD 'slave_pass'")],
      only: { engine: 'native' },
    },
    {
      id: 'create-user',
      task: 'role',
      actions: [onMaster("CREATE USER {{user}} WITH REPLICATION PASSWORD 'another'")],
    },
    {
      id: 'alter-role',
      task: 'role',
      actions: [
        onMaster('CREATE ROLE {{user}}'),
        onMaster("ALTER ROLE {{user}} LOGIN REPLICATION PASSWORD '{{password}}'"),
      ],
    },
    {
      id: 'superuser',
      task: 'role',
      actions: [onMaster("CREATE ROLE {{user}} WITH LOGIN SUPERUSER PASSWORD '{{password}}'")],
    },
  ],
});
