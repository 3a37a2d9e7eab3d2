/**
 * Building blocks for watching a lab on every engine: watchers of folders that exist, and a queue of reasons to look.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename } from 'node:path';
import type { LabEvent } from '../lab.ts';

/** Names of temporary files, of editors and of this program. */
export const halfSaved = /\.\d+-[0-9a-f]{12}\.new$|^\.|~$|\.swp$/;

/** A queue that contains each reason at most once. */
export function eventQueue(signal: AbortSignal) {
  const queue: LabEvent[] = [];
  let wake: () => void = () => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    tell(event: LabEvent): void {
      if (!queue.some((waiting) => waiting.kind === event.kind && waiting.server === event.server)) queue.push(event);
      wake();
    },
    async *events(): AsyncIterable<LabEvent> {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/**
 * One watcher per directory, renewed when the directory was replaced. It watches directories, not files: after an
 * editor's rename (vim), a watch on the file is dead.
 */
export function createWatchers() {
  const watching = new Map<string, { readonly watcher: FSWatcher; readonly ino: number }>();
  return {
    keep(folder: string, changed: (name: string) => void): void {
      try {
        const { ino } = statSync(folder);
        if (ino === watching.get(folder)?.ino) return;
        drop(folder); // another directory has this path now: it, or one above it, was renamed
        const watcher = watch(folder, (_, name) => {
          changed(name ?? '');
          if (name === basename(folder)) drop(folder); // the directory itself was renamed or removed
        });
        watcher.on('error', () => drop(folder));
        watcher.unref();
        watching.set(folder, { watcher, ino });
      } catch {
        // The folder does not exist yet: the next round tries again, and the look each second sees it anyway.
      }
    },
    [Symbol.dispose](): void {
      for (const { watcher } of watching.values()) watcher.close();
    },
  };
  function drop(folder: string): void {
    watching.get(folder)?.watcher.close();
    watching.delete(folder);
  }
}
