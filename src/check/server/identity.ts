/** A server that is up: does it let us in, and is it the one that the plan means? */
import type { Disk, Observation, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { firstMatch, type HbaRule } from '../../postgres/hba/hba.ts';
import { isOff, written } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail, type Unknown, unknown } from '../verdicts.ts';
import { inFile, plannedPort } from '../view.ts';
import { remake } from './recreate.ts';

/** The process runs, but the workshop gets no session: the files often say why. */
export function lockedOut(
  now: Observation,
  view: ServerView,
  disk: Disk,
  want: string,
): Failure<'hot-standby-off' | 'locked-out' | 'other-port'> | Unknown {
  const { name } = view;
  const setting = written(disk, 'hot_standby').at(-1);
  const turnedAway = view.log.records.findLast(({ detail }) => /Hot standby mode is disabled/.test(detail ?? ''));
  if (isOff(setting?.value) || turnedAway) {
    return fail('hot-standby-off', {
      seen: `${name} runs, but lets nobody in: hot_standby is off`,
      want,
      why: 'a standby with hot_standby = off follows its primary and answers no question, not even a read',
      ...(setting ? { at: inFile(name, setting.path, setting.line) } : {}),
      next: [
        {
          do: 'edit',
          on: name,
          file: setting?.path ?? `${disk.path}/postgresql.conf`,
          ...(setting ? { line: setting.line } : {}),
          text: 'hot_standby = on',
        },
        { do: 'restart', on: name },
      ],
    });
  }
  const elsewhere = view.container && listensElsewhere(view, disk);
  if (elsewhere) return elsewhere;
  const problem = isProblem(view.sql) ? view.sql : { what: `${name} does not answer`, fix: 'look into its log' };
  if (!disk.hba || 'unreadable' in disk.hba || disk.hba.errors.length > 0) return unknown(problem);
  const entries = now.engine === 'docker' ? ourEntryInside(disk.hba.rules) : ourEntries(disk.hba.rules);
  const refused = entries.find((rule) => rule && turnsUsAway(now, rule));
  if (!refused && entries.every((rule) => rule !== undefined)) return unknown(problem);
  return fail('locked-out', {
    seen: refused
      ? `${name} runs, but line ${refused.line} of its pg_hba.conf turns everybody away: ${refused.text.trim()}`
      : `${name} runs, but no line of its pg_hba.conf lets the user postgres in`,
    want,
    why: `the first line that fits decides; if none fits, the answer is no${now.engine === 'docker' ? '. Inside its container one comes in through the socket, and that is type local' : ''}`,
    at: inFile(name, disk.hba.path, refused?.line),
    next: [
      { do: 'edit', on: name, file: disk.hba.path, ...(refused ? { line: refused.line } : {}) },
      { do: 'reload', on: name },
    ],
  });
}

const us = { database: 'postgres', replication: false, user: 'postgres' } as const;
const ourEntries = (rules: readonly HbaRule[]) => [
  firstMatch(rules, { ...us, kind: 'local' }),
  firstMatch(rules, { ...us, kind: 'host', address: '127.0.0.1' }),
];
/** In a container the socket is tried first, and its refusal is the last word; what the lines for hosts say locks nobody out. */
const ourEntryInside = (rules: readonly HbaRule[]) => [firstMatch(rules, { ...us, kind: 'local' })];

/** Inside a container we come as root, whom peer and ident do not take for postgres. */
const turnsUsAway = (now: Observation, { method }: HbaRule): boolean =>
  method === 'reject' || (now.engine === 'docker' && (method === 'peer' || method === 'ident'));

/** Both doors of a container, its socket and what -p publishes, are those of port 5432: a server on another port answers at neither. */
function listensElsewhere(view: ServerView, disk: Disk): Failure<'other-port'> | undefined {
  const said = /^listening on IPv[46] address .*, port (\d+)/;
  const listening = view.log.records.findLast(({ message }) => said.test(message));
  const line = written(disk, 'port').at(-1);
  const port = Number(said.exec(listening?.message ?? '')?.[1] ?? line?.value ?? plannedPort(view));
  return port === plannedPort(view) ? undefined : otherPort(view, disk, port, line === undefined);
}

/** After a port conflict another server answers: nothing that it says is about ours. */
export function notThePlans(
  now: Observation,
  view: ServerView,
  disk: Disk,
  sql: Sql,
): Failure<'another-server-answers' | 'other-port'> | undefined {
  const { name } = view;
  const otherFolder =
    now.engine === 'native' && sql.dataDirectory !== disk.path && !sql.dataDirectory.endsWith(`/${disk.path}`);
  const otherCluster = disk.control && disk.control.systemIdentifier !== sql.systemIdentifier;
  const planned = plannedPort(view);
  if (otherCluster && view.container) return exchangedUnderIt(view, disk);
  if (otherFolder || otherCluster) {
    return fail('another-server-answers', {
      seen: `on port ${planned ?? sql.port} another server answers: its data directory is ${sql.dataDirectory}`,
      want: `the server of ${disk.path} answers there`,
      why: 'two servers cannot share a port; the one that came first has it, and clients talk to it without a warning',
      at: { server: name, view: 'SHOW data_directory', row: { data_directory: sql.dataDirectory, port: sql.port } },
      next: [
        { do: 'say', text: `stop the server of ${sql.dataDirectory}, or give ${name} another port` },
        { do: 'start', on: name },
      ],
    });
  }
  const right = view.container ? planned === sql.port : view.addresses.some(({ port }) => port === sql.port);
  if (view.addresses.length === 0 || right) return undefined;
  return otherPort(view, disk, sql.port, sql.settings.port?.source === 'command line');
}

/** A container goes on in the folder that was there when it was started. */
const exchangedUnderIt = ({ name }: ServerView, { path }: Disk): Failure<'another-server-answers'> =>
  fail('another-server-answers', {
    seen: `the server that answers for ${name} works on another cluster than the one in ${path}`,
    want: `the server of ${path} answers`,
    why: 'the folder was exchanged while the container ran; it goes on with the files that it had',
    at: inFile(name, path),
    next: [{ do: 'stop', on: name }],
  });

/** `asked`: the start itself asked for it, not the files. */
function otherPort(view: ServerView, disk: Disk, port: number, asked: boolean): Failure<'other-port'> {
  const { name, container } = view;
  const planned = plannedPort(view);
  const line = written(disk, 'port').at(-1);
  const edit: Step = {
    do: 'edit',
    on: name,
    file: line?.path ?? `${disk.path}/postgresql.conf`,
    ...(line ? { line: line.line } : {}),
    text: `port = ${planned}`,
  };
  return fail('other-port', {
    seen: `${name} listens on port ${port}${container ? ' of its container' : ''}; in this lab it has port ${planned}`,
    want: `${name} on port ${planned}, where the other servers look for it`,
    ...(container
      ? { why: 'inside its container every server has port 5432; what differs is where -p publishes it' }
      : {}),
    ...(line ? { at: inFile(name, line.path, line.line) } : {}),
    next: container && asked ? remake(view) : [edit, { do: 'restart', on: name }],
  });
}
