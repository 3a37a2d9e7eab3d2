/** The state of a server, from its data directory, its postmaster and the end of its log. */

import { millisecondsOf } from '../../../postgres/log/lines/time.ts';
import type { LogRecord } from '../../../postgres/log/log.ts';
import { failureOf } from '../../look/start-end.ts';
import type { Disk, ProcessView } from '../../observation.ts';
import { heldChildren } from './family.ts';
import { isPaused, type Postmaster } from './postmaster.ts';

/**
 * `postmaster`: only its pid where a server runs that postmaster.pid does not name. `copiedAt`: when a base backup was
 * copied there; earlier log records are about the previous cluster.
 */
export function processView(
  disk: Disk,
  postmaster: Postmaster | number | undefined,
  run: readonly LogRecord[],
  copiedAt: Date | undefined,
): ProcessView {
  if (typeof postmaster === 'object') return runningView(postmaster);
  const unlisted = postmaster === undefined ? {} : { unlisted: postmaster };
  if (disk.state !== 'cluster') return { state: 'absent', ...unlisted };
  if (postmaster !== undefined) return { state: 'up', pid: postmaster, ...unlisted };
  if (disk.neverStarted) {
    const failure = failureOf(copiedAt ? run.filter(isAfter(copiedAt)) : run);
    return failure ? { state: 'failed', reason: failure } : { state: 'created' };
  }
  const asked = run.findLastIndex(({ message }) => /^received (smart|fast|immediate) shutdown request/.test(message));
  const failure = failureOf(run.slice(asked + 1));
  if (failure) return { state: 'failed', reason: failure };
  if (asked >= 0) return { state: 'stopped' };
  const died = disk.control?.state === 'in production' || disk.control?.state === 'in archive recovery';
  return died
    ? { state: 'failed', reason: 'the process ended without a word: it was killed, or the machine went down' }
    : { state: 'stopped' };
}

const isAfter =
  (moment: Date) =>
  ({ time }: LogRecord): boolean =>
    (millisecondsOf(time ?? '') ?? 0) > moment.getTime();

function runningView({ pid, port, startedAt, status }: Postmaster): ProcessView {
  const about = { pid, startedAt, ...(port === null ? {} : { port }) };
  if (isPaused(pid)) return { state: 'paused', ...about };
  const held = heldChildren(pid);
  return {
    ...(held.length > 0 ? { held } : {}),
    state: status === 'ready' || status === 'standby' ? 'up' : 'starting',
    ...about,
  };
}
