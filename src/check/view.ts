/** What checks read from one server of an observation, and the locations that they report. */
import type { Disk, Observation, ServerView, Sql } from '../lab/observation.ts';
import type { LogRecord } from '../postgres/log/log.ts';
import type { Location, Step } from './verdict.ts';

/** What the two servers of a replication answer. Both have one type, so they are passed by name. */
export type Replication = { readonly standby: Sql; readonly primary: Sql };

/** Throws an Error when the plan has no such server: that is a fault of the lesson, not of the learner. */
export function viewOf(now: Observation, name: string): ServerView {
  const view = now.servers[name];
  if (!view) throw new Error(`a check asks for server "${name}", which this lab does not have`);
  return view;
}

export const othersOf = (now: Observation, name: string): readonly ServerView[] =>
  Object.values(now.servers).filter((view) => view.name !== name);

/** The time of day of an ISO time. Never an age, which would change the screen each second. */
export const clock = (iso: string): string => new Date(iso).toTimeString().slice(0, 8);

export const inFile = (server: string, file: string, line?: number): Location => ({
  server,
  file,
  ...(line === undefined ? {} : { line }),
});

export const atLogLine = (server: string, log: LogRecord): Location => ({ server, log });

/**
 * Log records of this start after the last SIGHUP, by the order of lines: time stamps may be in different time zones.
 */
export function sinceReload(view: ServerView): readonly LogRecord[] {
  const { records } = view.log;
  return records.slice(records.findLastIndex(({ message }) => message.startsWith('received SIGHUP')) + 1);
}

export const lastRecord = (records: readonly LogRecord[], pattern: RegExp): LogRecord | undefined =>
  records.findLast(({ message }) => pattern.test(message));

/** The system identifier from pg_control, which a stopped server has too, else from the running server. */
export function identifierOf(view: ServerView): string | undefined {
  if ('state' in view.disk && view.disk.control) return view.disk.control.systemIdentifier;
  return 'systemIdentifier' in view.sql ? (view.sql.systemIdentifier ?? undefined) : undefined;
}

/** Whether the clusters are of different families; false where an identifier is not known. */
export function isOtherFamily(now: Observation, one: string, other: string): boolean {
  const [own, others] = [one, other].map((name) => identifierOf(viewOf(now, name)));
  return own !== undefined && others !== undefined && own !== others;
}

/** The folder that is mounted or moved as a whole. Since 18 the data directory of an image is two folders below it. */
export const folderOf = ({ path }: Pick<Disk, 'path'>): string => path.replace(/\/\d+\/docker$/, '');

/** A free path beside that folder: `mv` to a folder that exists would move into it. */
export const asideName = (disk: Disk): string => {
  // What is beside a volume are volumes, which have names of their own.
  const taken = disk.leftBeside.map((one) => endingOf(folderOf({ path: one })));
  const endings = ['', ...taken].map((_, at) => `.old${at === 0 ? '' : at + 1}`);
  return `${folderOf(disk)}${endings.find((ending) => !taken.includes(ending)) ?? '.old'}`;
};

const endingOf = (path: string): string => /\.\w+$/.exec(path)?.[0] ?? '';

/** The port of this server in the plan, as other servers reach it. */
export const plannedPort = (view: ServerView): number | undefined =>
  (view.addresses.find(({ from }) => from === 'servers') ?? view.addresses[0])?.port;

/** The location that shows whether the server runs. */
export const processPlace = ({ name, process, container }: ServerView): Location =>
  container
    ? {
        server: name,
        view: `docker inspect ${container.name}`,
        row: { state: container.state, 'exit code': container.exitCode },
      }
    : { server: name, view: 'postmaster.pid', row: { pid: process.pid ?? null, state: process.state } };

/**
 * `pg_ctl restart` would give the server the options of its last start again. Source: pg_ctl.c, `read_post_opts`.
 */
export const startWithoutOptions = (on: string): readonly Step[] => [
  { do: 'stop', on },
  { do: 'start', on },
];

/** Where files are lost that nobody can make again. The command shows its plan and asks; undo brings the state back. */
export const backToTheStart: Step = { do: 'run', text: 'repl-workshop reset' };
