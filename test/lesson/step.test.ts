/** The next steps of verdicts, worded for each engine. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ownPassword, type Step } from '../../src/check/verdict.ts';
import { planSeen } from '../../src/lab/plan/plan-seen.ts';
import { stepCode, stepWords } from '../../src/lesson/step.ts';
import { container, inNetworks, networkIs } from '../check/containers.ts';
import { atDocker } from '../check/lab.ts';
import { onDocker } from './docker-plan.ts';
import { plan } from './plan.ts';

const both: readonly (readonly [step: Step, native: string, docker: string])[] = [
  [
    {
      do: 'edit',
      on: 'master',
      file: 'rep/master_data/pg_hba.conf',
      line: 101,
      text: 'host replication slave all md5',
    },
    'edit rep/master_data/pg_hba.conf, line 101: host replication slave all md5',
    'repl-workshop edit master rep/master_data/pg_hba.conf  # line 101: host replication slave all md5',
  ],
  [
    { do: 'edit', on: 'slave', file: 'postgresql.conf', line: 'new', text: 'hot_standby = on' },
    'edit rep/slave_data/postgresql.conf, new line: hot_standby = on',
    'repl-workshop edit slave postgresql.conf  # new line: hot_standby = on',
  ],
  [{ do: 'start', on: 'slave' }, 'pg_ctl -D rep/slave_data start', 'docker start slave'],
  [{ do: 'stop', on: 'slave', how: 'fast' }, 'pg_ctl -D rep/slave_data stop', 'docker stop slave'],
  [
    { do: 'stop', on: 'slave', how: 'immediate' },
    'pg_ctl -D rep/slave_data stop -m immediate',
    'docker kill --signal QUIT slave',
  ],
  [{ do: 'stop', on: 'slave', folder: 'rep/slave_data.old' }, 'pg_ctl -D rep/slave_data.old stop', 'docker stop slave'],
  [{ do: 'unfreeze', on: 'slave', pid: 201 }, 'kill -CONT 201', 'docker unpause slave'],
  [
    { do: 'touch', on: 'slave', file: 'standby.signal' },
    'touch rep/slave_data/standby.signal',
    'docker run --rm --volumes-from slave postgres:18 sh -c \'touch "$PGDATA"/standby.signal\'',
  ],
  [
    { do: 'remove', on: 'slave', file: 'recovery.conf' },
    'rm rep/slave_data/recovery.conf',
    'docker run --rm --volumes-from slave postgres:18 sh -c \'rm "$PGDATA"/recovery.conf\'',
  ],
  [
    { do: 'rename', on: 'slave', file: 'recovery.signal', to: 'standby.signal' },
    'mv rep/slave_data/recovery.signal rep/slave_data/standby.signal',
    'docker run --rm --volumes-from slave postgres:18 sh -c \'mv "$PGDATA"/recovery.signal "$PGDATA"/standby.signal\'',
  ],
  [
    { do: 'chmod', on: 'slave' },
    'chmod 700 rep/slave_data',
    'docker run --rm --volumes-from slave postgres:18 sh -c \'chmod 700 "$PGDATA"\'',
  ],
  [
    { do: 'chown', on: 'slave' },
    'sudo chown -R "$(id -u):$(id -g)" rep/slave_data',
    'docker run --rm --user root --volumes-from slave postgres:18 chown -R postgres: /var/lib/postgresql',
  ],
  [
    { do: 'put-aside', on: 'slave', to: 'rep/slave_data.old2' },
    'mv rep/slave_data rep/slave_data.old2',
    'mv rep/slave_data rep/slave_data.old2 && mkdir rep/slave_data',
  ],
  [
    { do: 'replication-login', from: 'slave', on: 'master' },
    'PGPASSWORD=slave_x4hq9tbn psql "host=127.0.0.1 port=5432 user=slave replication=true dbname=postgres" -c IDENTIFY_SYSTEM',
    'docker exec slave psql "host=master user=slave password=slave_pass replication=true dbname=postgres" -c IDENTIFY_SYSTEM',
  ],
  [{ do: 'run', text: 'repl-workshop measure' }, 'repl-workshop measure', 'repl-workshop measure'],
];

it.each<[Step, string | null]>([
  [{ do: 'reload', on: 'master' }, 'shell'],
  [{ do: 'sql', on: 'master', text: 'SELECT 1' }, 'shell'], // shown as a shell command: psql -c "…"
  [{ do: 'run', text: 'repl-workshop measure' }, 'shell'],
  [{ do: 'edit', on: 'slave', file: 'postgresql.conf', text: 'port = 5433' }, 'file'],
  [{ do: 'answer', question: 'writes' }, 'question'],
  [{ do: 'say', text: 'Press Ctrl-C in the session that hangs' }, null],
  [{ do: 'chown', on: 'slave' }, 'shell'],
])('the step %j is used in: %s', (step, to) => {
  expect(stepCode(step, plan)?.place.to ?? null).toBe(to);
});

it('the step to answer a question is a command outside the screen', () => {
  expect(stepWords({ do: 'answer', question: 'writes' }, plan)).toBe('repl-workshop answer writes <choice>');
});

it.each(both)('the step %j is worded for each engine', (step, native, docker) => {
  expect(stepWords(step, plan)).toBe(native);
  expect(stepWords(step, onDocker())).toBe(docker);
});

it.each([
  ['rep/master_data/18/docker/pg_hba.conf', 18],
  ['master:/var/lib/postgresql/18/docker/pg_hba.conf', 18],
  ['rep/master_data/pg_hba.conf', 15],
  ['master:/var/lib/postgresql/data/pg_hba.conf', 15],
  ['pg_hba.conf', 18],
] as const)('on Docker, the step to edit %s of %i names the file relative to the data directory', (file, major) => {
  expect(stepWords({ do: 'edit', on: 'master', file, line: 3, text: '#' }, onDocker({}, major))).toBe(
    'repl-workshop edit master pg_hba.conf  # line 3: #',
  );
});

it("a step has the lab's own password, and leaves the learner's own braces", () => {
  const text = `note = '{{master.port}}' password=${ownPassword}`;
  expect(stepWords({ do: 'edit', on: 'slave', file: 'postgresql.conf', text }, plan)).toBe(
    "edit rep/slave_data/postgresql.conf, new line: note = '{{master.port}}' password=slave_x4hq9tbn",
  );
  const role = { do: 'sql', on: 'master', text: `ALTER ROLE slave PASSWORD '${ownPassword}'` } as const;
  expect(stepWords(role, plan)).toContain("PASSWORD 'slave_x4hq9tbn'");
  expect(stepWords(role, onDocker())).toContain("PASSWORD 'slave_pass'");
});

it('on Docker, a step creates files as the learner where the servers run as the learner', () => {
  const mine = onDocker({ user: '1000:1000' });
  expect(stepWords({ do: 'touch', on: 'slave', file: 'standby.signal' }, mine)).toMatch(
    /^docker run --rm --user "\$\(id -u\):\$\(id -g\)" --volumes-from slave /,
  );
  expect(stepWords({ do: 'chown', on: 'slave' }, mine)).toBe(
    'docker run --rm --user root --volumes-from slave postgres:18 chown -R "$(id -u):$(id -g)" /var/lib/postgresql',
  );
});

it('on Docker, the step of a clone as root creates folders that the server can enter', () => {
  const clone: Step = { do: 'clone', from: 'master', to: 'slave' };
  expect(stepWords(clone, onDocker())).toContain(`sh -c 'mkdir -p "$PGDATA" && pg_basebackup -h master `);
});

it('on Docker, steps use the container and network names of docker compose', () => {
  const { now } = atDocker(
    3,
    container('master', { name: 'lab-master-1' }),
    inNetworks('master', 'bridge', 'lab_default'),
    networkIs({ there: false }),
  );
  const plan = planSeen(onDocker(), now);
  expect(stepWords({ do: 'start', on: 'master' }, plan)).toBe('docker start lab-master-1');
  expect(stepWords({ do: 'clone', from: 'master', to: 'slave' }, plan)).toMatch(
    /--network lab_default .* pg_basebackup -h lab-master-1 /,
  );
});

/** What a shell makes of a command line: its words. */
const wordsInShell = (command: string): readonly string[] =>
  execFileSync('sh', ['-c', `set -f; for word in ${command}; do printf '%s\\0' "$word"; done`])
    .toString()
    .split('\0')
    .slice(0, -1);

it.each(['standby.signal ', "it's.signal", 'two  words', '$HOME', '`id`', 'a"b', '*', 'a\\b', '!!'])(
  'a shell takes a name, a database and SQL of a step as they are: %s',
  (odd) => {
    const moved: Step = { do: 'rename', on: 'slave', file: odd, to: 'standby.signal' };
    expect(wordsInShell(stepWords(moved, plan))).toEqual([
      'mv',
      `rep/slave_data/${odd}`,
      'rep/slave_data/standby.signal',
    ]);
    const inside = wordsInShell(stepWords(moved, onDocker())).at(-1) ?? '';
    expect(wordsInShell(inside.replaceAll('"$PGDATA"', 'data'))).toEqual(['mv', `data/${odd}`, 'data/standby.signal']);
    expect(wordsInShell(stepWords({ do: 'sql', on: 'master', database: odd, text: odd }, plan)).slice(-4)).toEqual([
      '-d',
      odd,
      '-c',
      odd,
    ]);
    expect(wordsInShell(stepWords({ do: 'put-aside', on: 'slave', to: odd }, plan)).at(-1)).toBe(odd);
  },
);

it('SQL of a step with a "!" stands in single quotes, where no shell history recalls it', () => {
  const rename: Step = { do: 'sql', on: 'master', text: 'ALTER ROLE "sl!ave" RENAME TO slave' };
  expect(stepWords(rename, plan)).toContain(`-c 'ALTER ROLE "sl!ave" RENAME TO slave'`);
});
