/** What a mutation is: something that a learner, or the machine, may do to a lab at the start of a task. */
import type { Random } from '../../postgres/against/random.ts';
import { type Name, NotHere, type World } from '../world.ts';

export const families = [
  'files',
  'settings',
  'roles',
  'databases',
  'rules',
  'conninfo',
  'names',
  'signals',
  'directories',
  'processes',
  'locks',
  'logs',
  'versions',
] as const;
export type Family = (typeof families)[number];

export type Mutation = { readonly name: string; readonly apply: (world: World) => Promise<void> };

/** `lessons`: the numbers of the first and the last lesson at which it can be made. */
export type Kind = {
  readonly family: Family;
  readonly lessons: readonly [from: number, to: number];
  readonly majors?: readonly [from: number, to: number];
  readonly make: (random: Random) => Mutation;
};

export const both: readonly Name[] = ['master', 'slave'];

/** What is done after a file was changed. */
export type After = 'nothing' | 'reload' | 'restart';
export async function afterwards(world: World, on: Name, what: After): Promise<void> {
  const data = world.data(on);
  if (what === 'reload') await world.shell(`pg_ctl -D ${data} reload`);
  if (what === 'restart') await world.shell(`pg_ctl -D ${data} -m fast -t 6 restart`, 15_000);
}

export async function appended(world: World, path: string, line: string): Promise<void> {
  const before = world.read(path);
  if (before === undefined) throw new NotHere(`no ${path}`);
  world.write(path, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`);
}

/** A line at the end of a configuration file, and what is done then. */
export const confLine = (on: Name, line: string, after: After, file = 'postgresql.conf'): Mutation => ({
  name: `${on}/${file}: ${line}; ${after}`,
  async apply(world) {
    await appended(world, `${world.data(on)}/${file}`, filled(world, line));
    await afterwards(world, on, after);
  },
});

export const sqlOn = (on: Name, text: string, database?: string): Mutation => ({
  name: `${on}${database ? `/${database}` : ''}: ${text}`,
  apply: async (world) =>
    void (await world.sql(on, `SET synchronous_commit = local; ${filled(world, text)}`, database)),
});

/** A line for the lab's shell; {dir}, {master} and {slave} are folders. */
export const shellLine = (text: string): Mutation => ({
  name: text,
  async apply(world) {
    const { status, out } = await world.shell(filled(world, text));
    if (status !== 0) throw new NotHere(out);
  },
});

export const filled = (world: World, text: string): string =>
  text
    .replaceAll('{dir}', world.dir)
    .replaceAll('{sockets}', world.sockets)
    .replaceAll('{master}', world.data('master'))
    .replaceAll('{slave}', world.data('slave'))
    .replaceAll('{host}', world.host)
    .replaceAll('{master.port}', String(world.port('master')))
    .replaceAll('{slave.port}', String(world.port('slave')))
    .replaceAll('{user}', world.user)
    .replaceAll('{password}', world.password);

/** Several mutations as one. */
export const all = (name: string, ...parts: readonly Mutation[]): Mutation => ({
  name,
  async apply(world) {
    for (const part of parts) await part.apply(world);
  },
});
