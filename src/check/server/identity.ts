/** A running server: whether it accepts our session, and whether it is the server of the plan. */

import { hasLostFiles } from '../../lab/look/ask.ts';
import type { Disk, Observation, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem, type Problem } from '../../lab/problem.ts';
import type { HbaRule } from '../../postgres/hba/hba.ts';
import { letSuperuserIn, superuserRules } from '../hba/superuser.ts';
import { addressOf } from '../network/address.ts';
import { isOff, mainConf, written } from '../setting/settings.ts';
import type { Step } from '../verdict.ts';
import { type Failure, fail, type Unknown, unknown } from '../verdicts.ts';
import { backToTheStart, inFile, othersOf, plannedPort, startWithoutOptions } from '../view.ts';
import { recreateContainerSteps } from './container/recreate.ts';
import { moveBack } from './swapped.ts';

/** Why the workshop gets no session on a running server, as far as the server's files and its log show it. */
export function whyNoSession(
  now: Observation,
  view: ServerView,
  disk: Disk,
  want: string,
): Failure<'hot-standby-off' | 'locked-out' | 'other-port' | 'bad-permissions' | 'lost-files'> | Unknown {
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
  const files = now.engine === 'native' ? filesInTheWay(view, disk, problem, want) : undefined;
  if (files) return files;
  if (!disk.hba || 'unreadable' in disk.hba || disk.hba.errors.length > 0) return unknown(problem);
  const entries = superuserRules(now, disk.hba.rules);
  const refused = entries.find((rule) => rule && turnsUsAway(now, rule));
  if (!refused && entries.every((rule) => rule !== undefined)) return unknown(problem);
  return fail('locked-out', {
    seen: refused
      ? `${name} runs, but line ${refused.line} of its pg_hba.conf turns everybody away: ${refused.text.trim()}`
      : `${name} runs, but no line of its pg_hba.conf lets the user postgres in`,
    want,
    why: `the first line that fits decides; if none fits, the answer is no${now.engine === 'docker' ? '. Inside its container one comes in through the socket, and that is type local' : ''}`,
    at: inFile(name, disk.hba.path, refused?.line),
    next: [...letSuperuserIn(now, name, disk.hba, (rule) => turnsUsAway(now, rule)), { do: 'reload', on: name }],
  });
}

/** The server answers each session with an error about its own files. */
function filesInTheWay(
  { name }: ServerView,
  disk: Disk,
  problem: Problem,
  want: string,
): Failure<'bad-permissions' | 'lost-files'> | undefined {
  const [, path = '', why] =
    /could not (?:open|access|read) (?:file|directory) "([^"\s]+)".*: (.+)$/.exec(problem.what) ?? [];
  if (!hasLostFiles(problem) && why !== 'Permission denied') return undefined;
  const file = path.slice(Math.max(0, path.indexOf(disk.path)));
  const found = { seen: problem.what, want, at: inFile(name, file || disk.path) };
  return why === 'Permission denied'
    ? fail('bad-permissions', { ...found, next: [{ do: 'chmod', on: name, file }] })
    : fail('lost-files', {
        ...found,
        why: 'a server that runs on opens its files by their names; what was moved or deleted under it is not found again',
        next: [backToTheStart],
      });
}

/** Inside a container a look runs as root, which peer and ident do not accept as postgres. */
const turnsUsAway = (now: Observation, { method }: HbaRule): boolean =>
  method === 'reject' || (now.engine === 'docker' && (method === 'peer' || method === 'ident'));

/** The socket and the published port of a container are for port 5432: a server on another port answers at neither. */
function listensElsewhere(view: ServerView, disk: Disk): Failure<'other-port'> | undefined {
  const pattern = /^listening on IPv[46] address .*, port (\d+)/;
  const listening = view.log.records.findLast(({ message }) => pattern.test(message));
  const line = written(disk, 'port').at(-1);
  const port = Number(pattern.exec(listening?.message ?? '')?.[1] ?? line?.value ?? plannedPort(view));
  return port === plannedPort(view) ? undefined : otherPort(view, disk, port, line === undefined);
}

/** After a port conflict another server answers, and its answers say nothing about the server of the plan. */
export function wrongServer(
  now: Observation,
  view: ServerView,
  disk: Disk,
  sql: Sql,
): Failure<'another-server-answers' | 'other-port' | 'not-listening'> | undefined {
  const { name } = view;
  const otherFolder =
    now.engine === 'native' && sql.dataDirectory !== disk.path && !sql.dataDirectory.endsWith(`/${disk.path}`);
  const otherCluster =
    disk.control && sql.systemIdentifier !== null && disk.control.systemIdentifier !== sql.systemIdentifier;
  const planned = plannedPort(view);
  if (otherCluster && view.container) return exchangedUnderIt(view, disk);
  const moved = otherFolder && movedUnderIt(now, view, disk, sql);
  if (moved) return moved;
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
  if (right && sql.listens === false) return notListening(view, disk, sql);
  if (view.addresses.length === 0 || right) return undefined;
  return otherPort(view, disk, sql.port, sql.settings.port?.source === 'command line');
}

/** The server that works in this folder was started in the folder of another one, and the folders were moved. */
function movedUnderIt(
  now: Observation,
  { name, process }: ServerView,
  disk: Disk,
  sql: Sql,
): Failure<'another-server-answers'> | undefined {
  const other = othersOf(now, name).find(({ disk: one }) => !isProblem(one) && one.path === sql.dataDirectory);
  if (!other || process.pid === undefined) return undefined;
  const [here, there] = [disk.path, sql.dataDirectory];
  const isFree = !isProblem(other.disk) && other.disk.state === 'absent';
  return fail('another-server-answers', {
    seen: `in ${here} runs the server that was started in ${there}: the folder was moved under it`,
    want: `the server of ${name} runs in ${here}`,
    why: `a server opens its files by the path of its start; ${there} is the folder of ${other.name}`,
    at: { server: name, view: 'SHOW data_directory', row: { data_directory: there, port: sql.port } },
    next: [
      { do: 'stop', on: name },
      moveBack(here, there, isFree),
      { do: 'start', on: name },
      { do: 'start', on: other.name },
    ],
  });
}

/** The workshop comes in through the socket; the other servers and psql -h do not. */
function notListening(view: ServerView, disk: Disk, sql: Sql): Failure<'not-listening'> {
  const { name } = view;
  const { host, port } = addressOf(view);
  const line = written(disk, 'listen_addresses').at(-1);
  const { value = '', source } = sql.settings.listen_addresses ?? {};
  const edit: Step = {
    do: 'edit',
    on: name,
    file: line?.path ?? mainConf(disk),
    ...(line ? { line: line.line } : {}),
    text: `listen_addresses = '${host}'`,
  };
  return fail('not-listening', {
    seen: `${name} runs, but nobody listens at ${host}, port ${port}: its listen_addresses are '${value}'`,
    want: `${name} listens at ${host}, where psql -h and the other server look for it`,
    why: `only programs of this machine get in, through its socket; the setting is read at a start only${source === 'command line' ? '. The start itself gave another value than the files' : ''}`,
    ...(line ? { at: inFile(name, line.path, line.line) } : {}),
    next: source === 'command line' ? startWithoutOptions(name) : [edit, { do: 'restart', on: name }],
  });
}

/** A container continues to use the folder that was mounted at its start, even when another one has taken its path. */
const exchangedUnderIt = ({ name }: ServerView, { path }: Disk): Failure<'another-server-answers'> =>
  fail('another-server-answers', {
    seen: `the server that answers for ${name} works on another cluster than the one in ${path}`,
    want: `the server of ${path} answers`,
    why: 'the folder was exchanged while the container ran; it goes on with the files that it had',
    at: inFile(name, path),
    next: [{ do: 'stop', on: name }],
  });

/** `onCommandLine`: the port comes from the command line of the start, not from a file. */
function otherPort(view: ServerView, disk: Disk, port: number, onCommandLine: boolean): Failure<'other-port'> {
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
    next:
      container && onCommandLine
        ? recreateContainerSteps(view)
        : [edit, ...(onCommandLine ? startWithoutOptions(name) : ([{ do: 'restart', on: name }] as const))],
  });
}
