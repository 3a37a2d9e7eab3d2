/**
 * Reasons to look: a saved file, a process that came or went, a log that grew. Directories are watched, not files: after vim's rename a watch on the
 * file is dead. A crash leaves no trace in the directory, so the processes are asked ten times a second.
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LabEvent } from '../lab.ts';
import { isRunning, livePostmaster } from './postmaster.ts';
import type { NativeServer } from './server.ts';

const processEveryMs = 100;
const roundsBetweenFolders = 5; // a folder that came anew is watched after half a second
const ours = /\.repl-workshop$|^\.|~$|\.swp$/; // files half-way through being saved

export async function* watchServers(
  dir: string,
  servers: readonly NativeServer[],
  signal: AbortSignal,
): AsyncIterable<LabEvent> {
  const queue: LabEvent[] = [];
  let wake: () => void = () => undefined;
  const tell = (event: LabEvent) => {
    if (!queue.some((waiting) => waiting.kind === event.kind && waiting.server === event.server)) queue.push(event);
    wake();
  };
  using watchers = createWatchers();
  const lookAround = () => {
    watchers.keep(dirname(join(dir, 'rep/x')), (name) => {
      const server = servers.find((one) => basename(one.data) === name);
      if (server) tell({ kind: 'files', server: server.name });
    });
    watchers.keep(join(dir, 'logs'), (name) => {
      const server = servers.find((one) => basename(one.plan.log) === name);
      if (server) tell({ kind: 'log', server: server.name });
    });
    for (const server of servers) {
      watchers.keep(server.data, (name) => {
        if (!ours.test(name)) tell({ kind: name === 'postmaster.pid' ? 'process' : 'files', server: server.name });
      });
    }
  };
  const pids = new Map<string, number>();
  let rounds = 0;
  const timer = setInterval(() => {
    if (rounds++ % roundsBetweenFolders === 0) lookAround();
    for (const server of servers) if (processChanged(server, pids)) tell({ kind: 'process', server: server.name });
  }, processEveryMs);
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    lookAround();
    while (!signal.aborted) {
      const event = queue.shift();
      if (event) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearInterval(timer);
  }
}

/** While the process lives, asking costs one signal 0; its directory is read only when there is none. */
function processChanged(server: NativeServer, pids: Map<string, number>): boolean {
  const known = pids.get(server.name);
  if (known !== undefined && isRunning(known)) return false;
  const pid = livePostmaster(server.data)?.pid;
  if (pid === undefined) pids.delete(server.name);
  else pids.set(server.name, pid);
  return pid !== known;
}

/** One watch a directory; renewed when the directory was replaced. */
function createWatchers() {
  const watching = new Map<string, FSWatcher>();
  return {
    keep(folder: string, changed: (name: string) => void): void {
      if (watching.has(folder)) return;
      try {
        const watcher = watch(folder, (_, name) => {
          changed(name ?? '');
          if (name === basename(folder)) drop(folder); // the directory itself was renamed or removed
        });
        watcher.on('error', () => drop(folder));
        watcher.unref();
        watching.set(folder, watcher);
      } catch {
        // Not there yet; the next round tries again, and the look every second sees it anyway.
      }
    },
    [Symbol.dispose](): void {
      for (const watcher of watching.values()) watcher.close();
    },
  };
  function drop(folder: string): void {
    watching.get(folder)?.close();
    watching.delete(folder);
  }
}
