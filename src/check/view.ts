/** How checks look at a server, and name the place where they found something. */
import type { Disk, Observation, ServerView, Sql } from '../lab/observation.ts';
import type { LogRecord } from '../postgres/log/log.ts';
import type { Location } from './verdict.ts';

/** What the two servers of a replication say; by name, since both have one type. */
export type Replication = { readonly standby: Sql; readonly primary: Sql };

/** Throws if the lab's plan has no such server: the lesson is wrong then, not the learner. */
export function viewOf(now: Observation, name: string): ServerView {
  const view = now.servers[name];
  if (!view) throw new Error(`a check asks for server "${name}", which this lab does not have`);
  return view;
}

export const othersOf = (now: Observation, name: string): readonly ServerView[] =>
  Object.values(now.servers).filter((view) => view.name !== name);

/** The time of day of an ISO time, for people; never an age, so that an unchanged screen stays unchanged. */
export const clock = (iso: string): string => new Date(iso).toTimeString().slice(0, 8);

export const inFile = (server: string, file: string, line?: number): Location => ({
  server,
  file,
  ...(line === undefined ? {} : { line }),
});

export const atLogLine = (server: string, log: LogRecord): Location => ({ server, log });

/** What this start wrote after its files were last read; by the order of the lines, not by their times (zones differ). */
export function sinceReload(view: ServerView): readonly LogRecord[] {
  const { records } = view.log;
  return records.slice(records.findLastIndex(({ message }) => message.startsWith('received SIGHUP')) + 1);
}

export const lastRecord = (records: readonly LogRecord[], pattern: RegExp): LogRecord | undefined =>
  records.findLast(({ message }) => pattern.test(message));

/** The identifier of a cluster, by its control file (also of a stopped server), else by the server. */
export function identifierOf(view: ServerView): string | undefined {
  if ('state' in view.disk && view.disk.control) return view.disk.control.systemIdentifier;
  return 'systemIdentifier' in view.sql ? view.sql.systemIdentifier : undefined;
}

/** What is moved as a whole: a container mounts it, and since 18 the data directory of an image lies two folders deeper. */
export const folderOf = ({ path }: Pick<Disk, 'path'>): string => path.replace(/\/\d+\/docker$/, '');

/** A free name beside that folder: mv onto one that exists would move into it. */
export const asideName = (disk: Disk): string => {
  const path = folderOf(disk);
  const taken = disk.leftBeside.map((one) => folderOf({ path: one }));
  const names = [path, ...taken].map((_, at) => `${path}.old${at === 0 ? '' : at + 1}`);
  return names.find((name) => !taken.includes(name)) ?? `${path}.old`;
};

/** The port at which the plan has this server, as other servers reach it. */
export const plannedPort = (view: ServerView): number | undefined =>
  (view.addresses.find(({ from }) => from === 'servers') ?? view.addresses[0])?.port;

/** Where one sees whether it runs. */
export const processPlace = ({ name, process, container }: ServerView): Location =>
  container
    ? {
        server: name,
        view: `docker inspect ${container.name}`,
        row: { state: container.state, 'exit code': container.exitCode },
      }
    : { server: name, view: 'postmaster.pid', row: { pid: process.pid ?? null, state: process.state } };
