/** Which servers of a lab run, and starting and stopping several of them in the order of their roles. */
import { setTimeout as after } from 'node:timers/promises';
import type { Server } from './lab.ts';

/**
 * Starts the primaries, then the standbys: a standby that starts before its primary waits for
 * `wal_retrieve_retry_interval` (documentation, "Standby Servers"). Rejects with the first reason when a start was not
 * possible; the others are started all the same.
 */
export async function startAll(servers: readonly Server[]): Promise<void> {
  const outcomes: PromiseSettledResult<void>[] = [];
  for (const group of await byRole(servers))
    outcomes.push(...(await Promise.allSettled(group.map((server) => server.start()))));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Stops the primaries, then the standbys, one after another: a primary sends all its WAL to its standbys before it ends
 * (src/backend/replication/walsender.c, WalSndDone), so they have all of it.
 */
export async function stopAll(servers: readonly Server[]): Promise<void> {
  for (const server of (await byRole(servers)).flat()) await server.stop('fast');
}

const cleanEndMs = 500;

/**
 * Ends the servers at once, each cleanly if it can in a moment: after an immediate stop the next start syncs the whole
 * data directory (src/backend/access/transam/xlog.c, StartupXLOG; measured: 73 ms for a server).
 */
export async function endAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(endServer));
}

async function endServer(server: Server): Promise<void> {
  const ended = server.stop('fast');
  const isLate = after(cleanEndMs, true, { ref: false });
  if (await Promise.race([ended.then(() => false), isLate])) await server.stop('immediate');
  await ended;
}

/** The primaries and the standbys. */
async function byRole(servers: readonly Server[]): Promise<readonly (readonly Server[])[]> {
  const standbys = await Promise.all(servers.map(isStandby));
  return [false, true].map((wanted) => servers.filter((_, at) => standbys[at] === wanted));
}

/** A data directory that cannot be read decides no order: the start of its server says why. */
const isStandby = (server: Server): Promise<boolean> =>
  server.readFile('standby.signal').then(
    (text) => text !== undefined,
    () => false,
  );

/** The names of those that run, also when they hang or are paused. */
export async function runningOf(servers: readonly Server[]): Promise<readonly string[]> {
  const running = await Promise.all(servers.map((server) => server.isRunning()));
  return servers.flatMap(({ name }, at) => (running[at] ? [name] : []));
}
