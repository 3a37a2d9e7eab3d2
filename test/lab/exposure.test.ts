/** The exposure of a lab to other users: from facts to findings and changes. */
import { expect, test } from 'vitest';
import { changeWords, closing } from '../../src/lab/exposure/closing.ts';
import { type Entry, type ExposureFacts, exposures, type Trusting } from '../../src/lab/exposure/exposure.ts';
import { withOwnPasswords } from '../../src/lab/exposure/passwords.ts';
import { newSecrets, tutorialSecrets } from '../../src/lab/secrets/secrets.ts';
import { plan, secrets } from '../lesson/plan.ts';

const entry = (kind: Entry['kind'], path: string, mode: number): Entry => ({ kind, path, mode });
const lab = (mode: number) => entry('lab', '/home/me/lab', mode);
const sockets = (mode: number, path = '/home/me/lab/run') => entry('sockets', path, mode);
const closed: ExposureFacts = {
  engine: 'native',
  entries: [lab(0o700), sockets(0o700), entry('log', '/home/me/lab/logs', 0o700)],
  knownSuperusers: [],
  knownReplication: null,
  knownPlan: false,
  asRoot: [],
  published: [],
  withoutPassword: [],
  silent: [],
  askable: [],
  writable: false,
};
const slave = { role: 'slave', on: ['master'], written: [{ server: 'slave', file: 'postgresql.conf', line: 9 }] };
const trust = (through: string | null): Trusting => ({
  server: 'master',
  as: 'superuser',
  through,
  file: 'rep/master_data/pg_hba.conf',
  line: 9,
});
const toAll = { server: 'master', host: '0.0.0.0', port: 5432 };

const cases: readonly (readonly [what: string, facts: Partial<ExposureFacts>, ids: readonly string[]])[] = [
  ['a lab of today', {}, []],
  ["root's lab, whose servers pass by their group", { entries: [lab(0o710), sockets(0o710)] }, []],
  ['a folder that everybody passes through', { entries: [lab(0o711), sockets(0o711)] }, ['sockets', 'files']],
  ['a folder whose group may look into it', { entries: [lab(0o750), sockets(0o700)] }, ['files']],
  ['open sockets below a closed folder', { entries: [lab(0o700), sockets(0o755)] }, []],
  ['open sockets in /tmp', { entries: [lab(0o700), sockets(0o755, '/tmp/repl-workshop-0')] }, ['sockets']],
  ['open logs below a closed folder', { entries: [lab(0o700), entry('log', '/home/me/lab/logs', 0o755)] }, []],
  [
    'a folder that a group may write to',
    { entries: [lab(0o770), sockets(0o700)], writable: true },
    ['changes', 'files'],
  ],
  ["the tutorial's superusers", { knownSuperusers: ['master', 'slave'] }, ['superuser']],
  ["the tutorial's replication", { knownReplication: slave }, ['replication']],
  [
    'on Docker the passwords are those of the lesson',
    { engine: 'docker', knownSuperusers: ['master'], knownReplication: slave },
    [],
  ],
  ["servers with root's rights", { asRoot: ['master'] }, ['root']],
  ['a line that asks no password', { withoutPassword: [trust(null)] }, ['trust']],
  ['a socket in /tmp that asks no password', { withoutPassword: [trust('/tmp')] }, ['trust']],
  ['a port for the whole network', { engine: 'docker', published: [toAll] }, ['published']],
];
test.each(cases)('the exposures are found of %s', (_, facts, ids) => {
  expect(exposures({ ...closed, ...facts }).map(({ id }) => id)).toEqual(ids);
});

test('a closed lab needs no change, and each exposure except a published port has a change', () => {
  expect(closing(closed)).toEqual([]);
  const all: ExposureFacts = {
    ...closed,
    entries: [lab(0o755), sockets(0o755), entry('log', '/home/me/lab/logs/master.log', 0o644)],
    knownSuperusers: ['master'],
    knownReplication: slave,
    askable: ['slave'],
  };
  const words = closing(all).map((change) => changeWords(change, '/home/me/lab'));
  expect(words).toEqual([
    'close /home/me/lab: mode 0755 becomes 0700 ("chmod 0755" opens it again)',
    'close run: mode 0755 becomes 0700 ("chmod 0755" opens it again)',
    'close logs/master.log: mode 0644 becomes 0600 ("chmod 0644" opens it again)',
    'start slave to look at the passwords, and stop it again',
    'give the superuser "postgres" of master a password of your own (ALTER ROLE); it is kept in lab.json, and the lab\'s psql gives it by itself',
    'give the role "slave" a password of your own (ALTER ROLE on master), and write the same into primary_conninfo: slave\'s postgresql.conf, line 9',
  ]);
  expect(closing({ ...all, engine: 'docker' })).toHaveLength(3); // only those of the folders
  // The plan may be the last change that a killed program did not write.
  expect(closing({ ...closed, knownPlan: true })).toEqual([{ do: 'plan' }]);
});

test("only the tutorial's passwords are replaced by the user's own", () => {
  const [master, ...others] = plan.servers;
  const old = { ...plan, servers: [{ ...master, password: tutorialSecrets.servers.master }, ...others] } as typeof plan;
  expect(withOwnPasswords(old, secrets)).toEqual(plan);
  expect(withOwnPasswords(plan, newSecrets())).toEqual(plan);
});
