/**
 * Reasons to look: a saved file, a started or ended process, a longer log. A crash leaves no trace in the data
 * directory, so the processes are polled ten times a second.
 */
import { basename, dirname, join } from 'node:path';
import { createWatchers, eventQueue, halfSaved } from '../../files/watch-folders.ts';
import type { LabEvent } from '../../lab.ts';
import { isRunning, livePostmaster } from './postmaster.ts';
import type { NativeServer } from './server.ts';

const processEveryMs = 100;
const roundsBetweenFolders = 5; // a new folder is watched within half a second

export async function* watchServers(
  dir: string,
  servers: readonly NativeServer[],
  signal: AbortSignal,
): AsyncIterable<LabEvent> {
  const { tell: emit, events } = eventQueue(signal);
  using watchers = createWatchers();
  const watchFolders = () => {
    watchers.keep(dirname(join(dir, 'rep/x')), (name) => {
      const server = servers.find((one) => basename(one.data) === name);
      if (server) emit({ kind: 'files', server: server.name });
    });
    watchers.keep(join(dir, 'logs'), (name) => {
      const server = servers.find((one) => basename(one.plan.log) === name);
      if (server) emit({ kind: 'log', server: server.name });
    });
    for (const server of servers) {
      watchers.keep(server.data, (name) => {
        if (!halfSaved.test(name)) emit({ kind: name === 'postmaster.pid' ? 'process' : 'files', server: server.name });
      });
    }
  };
  const pids = new Map<string, number>();
  let rounds = 0;
  const timer = setInterval(() => {
    if (rounds++ % roundsBetweenFolders === 0) watchFolders();
    for (const server of servers) if (processChanged(server, pids)) emit({ kind: 'process', server: server.name });
  }, processEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  watchFolders();
  yield* events();
}

/** While the known process lives, the check is cheap (signal 0 and its cwd); else postmaster.pid is read. */
function processChanged(server: NativeServer, pids: Map<string, number>): boolean {
  const known = pids.get(server.name);
  if (known !== undefined && isRunning(known)) return false;
  const pid = livePostmaster(server.data)?.pid;
  if (pid === undefined) pids.delete(server.name);
  else pids.set(server.name, pid);
  return pid !== known;
}
