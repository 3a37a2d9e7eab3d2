/** Real files of a lab, and all single faults of one of them. */

const at = '2026-11-23T14:02:00.000Z';
const level = { level: 'on', commits: 100, medianMs: 0.51, p95Ms: 0.69, staleReads: 9, reads: 100 };

/** The files by name; they belong to one lab. */
export const labFiles = (bindir: string): Readonly<Record<string, object>> => ({
  'lab.json': {
    schema: 1,
    plan: {
      id: 'a304bb32a541',
      engine: 'native',
      major: 18,
      host: '127.0.0.1',
      servers: ['master', 'slave'].map((name, index) => ({
        name,
        port: 5532 + index,
        data: `rep/${name}_data`,
        log: `logs/${name}.log`,
        database: name,
        password: `${name}_pass`,
      })),
      replication: { user: 'slave', password: 'slave_pass', applicationName: 'slave1' },
      relayPort: 5542,
    },
    bindir,
    undo: { settings: [{ on: 'master', name: 'synchronous_standby_names', value: null }] },
    moving: null,
    adopted: { '0123456789ab': true },
  },
  'progress.json': {
    schema: 1,
    lesson: 'synchronous',
    done: {
      'two-servers/master-runs': { at, seen: 'master answers' },
      'synchronous/commit': { at, seen: 'set up by the workshop', assisted: true },
      'not-known-here/task': { at, seen: 'x' },
    },
    hints: { 'synchronous/names': 2, 'synchronous/names/empty': 1 },
    opened: { 'two-servers': at, synchronous: at },
  },
  'journal.json': {
    schema: 1,
    answers: { 'synchronous/first-2': { choice: 'd', at, before: ['a'] } },
    events: { 'prove-it/write-refused': { at, seen: 'slave refused it' } },
    measurements: [
      {
        at,
        on: 'master',
        distance: 0,
        names: 'first 1 (slave1)',
        syncStandby: 'slave1',
        levels: [level, { ...level, level: 'off' }],
      },
      {
        at,
        on: 'slave',
        distance: 5,
        names: '',
        syncStandby: null,
        refused: 'no',
        because: 'wrong server',
        levels: [],
      },
    ],
  },
  'settings.json': {
    schema: 1,
    theme: 'dark',
    glyphs: 'ascii',
    mouse: false,
    motion: true,
    left: 55,
    welcomed: at,
    reading: { synchronous: 120 },
  },
  'starts.json': {
    schema: 1,
    starts: {
      'two-servers': { at, servers: { master: { server: 'master runs', roles: { unknown: 'it does not run' } } } },
      synchronous: { at, servers: { slave: { 'rep/slave_data/pg_hba.conf': 'local all all trust\n' } } },
    },
  },
  'backups/2026-11-23T14-02-00-000-goto-10/snapshot.json': {
    schema: 1,
    about: 'goto 10',
    at,
    running: ['master', 'slave'],
    parts: ['rep', 'logs', 'progress.json', 'journal.json'],
    beyond: { containers: [], network: true, volumes: [] },
    copied: true,
  },
});

export type Mutation = { readonly about: string; readonly text: string };

const huge = '@huge@'; // a number that JSON can hold and JavaScript cannot
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  65536,
  1e21,
  huge,
  '',
  'x',
  '../../etc',
  '/etc',
  'a\0b',
  '\u001b]0;P\u0007\u202e\ud800',
  '%s $(x) {{x}}',
  'x'.repeat(100_000),
  [],
  {},
  [null],
  [[[[]]]],
  { x: { x: 1 } },
];

/**
 * Each node of the value in turn is replaced by every other kind of value, left out, and put beside names of
 * Object.prototype.
 */
export function* mutations(value: object): Generator<Mutation> {
  for (const path of pathsIn(value)) {
    const name = path.join('.') || 'all';
    for (const other of values)
      yield { about: `${name} = ${JSON.stringify(other).slice(0, 40)}`, text: textOf(replaced(value, path, other)) };
    if (path.length > 0) yield { about: `without ${name}`, text: textOf(replaced(value, path, undefined)) };
    const node = path.reduce<unknown>((here, key) => (here as Record<string, unknown>)[key], value);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) continue;
    for (const key of ['__proto__', 'constructor', 'toString', 'unknown']) {
      const text = textOf(replaced(value, [...path, '@key@'], { polluted: true })).replace('"@key@"', `"${key}"`);
      yield { about: `${name} and ${key}`, text };
    }
  }
}

const textOf = (value: unknown): string => JSON.stringify(value).replaceAll(`"${huge}"`, '1e999');

function* pathsIn(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) yield* pathsIn(child, [...path, key]);
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      if (String(index) !== key) return [item];
      const next = replaced(item, rest, by);
      return next === undefined ? [] : [next];
    });
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [key]: replaced(fields[key], rest, by) };
}
