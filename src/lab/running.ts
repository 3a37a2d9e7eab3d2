/** Which servers of a lab run, and starting several of them. */
import type { Server } from './lab.ts';

/**
 * Starts the primaries, then the standbys: a standby that starts before its primary waits for
 * `wal_retrieve_retry_interval` (documentation, "Standby Servers"). Rejects with the first reason when a start was not
 * possible; the others are started all the same.
 */
export async function startAll(servers: readonly Server[]): Promise<void> {
  const standbys = await Promise.all(servers.map(isStandby));
  const outcomes: PromiseSettledResult<void>[] = [];
  for (const wanted of [false, true])
    outcomes.push(
      ...(await Promise.allSettled(servers.filter((_, at) => standbys[at] === wanted).map((server) => server.start()))),
    );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
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
