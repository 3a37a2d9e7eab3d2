/** A server that is up: does it let us in, and is it the one that the plan means? */
import type { Disk, Observation, ServerView, Sql } from '../lab/observation.ts';
import { isProblem } from '../lab/problem.ts';
import { firstMatch } from '../postgres/hba.ts';
import { type Failure, fail, inFile, plannedPort, type Unknown, unknown } from './look.ts';
import { isOff, written } from './settings.ts';

/** The process runs, but the workshop gets no session: the files often say why. */
export function lockedOut(
  view: ServerView,
  disk: Disk,
  want: string,
): Failure<'hot-standby-off' | 'locked-out'> | Unknown {
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
  const problem = isProblem(view.sql) ? view.sql : { what: `${name} does not answer`, fix: 'look into its log' };
  if (!disk.hba || 'unreadable' in disk.hba || disk.hba.errors.length > 0) return unknown(problem);
  const rules = disk.hba.rules;
  const us = { database: 'postgres', replication: false, user: 'postgres' } as const;
  const local = firstMatch(rules, { ...us, kind: 'local' });
  const host = firstMatch(rules, { ...us, kind: 'host', address: '127.0.0.1' });
  const refused = [local, host].find((rule) => rule?.method === 'reject');
  if (!refused && local && host) return unknown(problem);
  return fail('locked-out', {
    seen: refused
      ? `${name} runs, but line ${refused.line} of its pg_hba.conf turns everybody away: ${refused.text.trim()}`
      : `${name} runs, but no line of its pg_hba.conf lets the user postgres in`,
    want,
    why: 'the first line that fits decides; if none fits, the answer is no',
    at: inFile(name, disk.hba.path, refused?.line),
    next: [
      { do: 'edit', on: name, file: disk.hba.path, ...(refused ? { line: refused.line } : {}) },
      { do: 'reload', on: name },
    ],
  });
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
  if (view.addresses.length === 0 || view.addresses.some(({ port }) => port === sql.port)) return undefined;
  const port = written(disk, 'port').at(-1);
  return fail('other-port', {
    seen: `${name} listens on port ${sql.port}; in this lab it has port ${planned}`,
    want: `${name} on port ${planned}, where the other servers look for it`,
    ...(port ? { at: inFile(name, port.path, port.line) } : {}),
    next: [
      {
        do: 'edit',
        on: name,
        file: port?.path ?? `${disk.path}/postgresql.conf`,
        ...(port ? { line: port.line } : {}),
        text: `port = ${planned}`,
      },
      { do: 'restart', on: name },
    ],
  });
}
