/** A log file, and what is added to it. */
import { once } from 'node:events';
import { createReadStream, statSync, watch } from 'node:fs';

/** The whole file piece by piece, then what comes, until the signal; one that was cut off or made anew is read from its start again, one that is gone ends it. */
export async function* followFile(file: string, signal: AbortSignal): AsyncIterable<string> {
  let read = 0;
  let inode = statSync(file).ino;
  const watcher = watch(file);
  try {
    while (!signal.aborted) {
      for await (const piece of createReadStream(file, { encoding: 'utf8', start: read })) {
        read += Buffer.byteLength(piece);
        yield piece;
      }
      const now = statSync(file, { throwIfNoEntry: false });
      if (!now) return;
      if (now.size < read || now.ino !== inode) {
        read = 0;
        inode = now.ino;
      } else if (now.size === read) {
        await once(watcher, 'change', { signal }).catch(() => undefined); // the signal ends the waiting
      }
    }
  } finally {
    watcher.close();
  }
}
