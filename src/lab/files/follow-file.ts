/** A log file, and what is added to it. */
import { once } from 'node:events';
import { createReadStream, statSync, watch } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** The whole file piece by piece, then what comes, until the signal; one that was cut off or made anew is read from its start again, one that is gone ends it. */
export async function* followFile(file: string, signal: AbortSignal): AsyncIterable<string> {
  while (!signal.aborted) {
    const inode = statSync(file, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) return;
    yield* followInode(file, inode, signal); // a watcher follows the file, not its name
  }
}

/** Until another file has its name, or it has become shorter than what was read. */
async function* followInode(file: string, inode: number, signal: AbortSignal): AsyncIterable<string> {
  const watcher = watch(file);
  const decoder = new StringDecoder('utf8'); // a sign may be half written when it is read
  let read = 0;
  try {
    while (!signal.aborted) {
      const changed = once(watcher, 'change', { signal }).catch(() => undefined); // the signal ends the waiting
      for await (const bytes of createReadStream(file, { start: read })) {
        read += bytes.length;
        yield decoder.write(bytes);
      }
      const now = statSync(file, { throwIfNoEntry: false });
      if (!now || now.ino !== inode || now.size < read) return;
      if (now.size === read) await changed;
    }
  } finally {
    watcher.close();
  }
}
