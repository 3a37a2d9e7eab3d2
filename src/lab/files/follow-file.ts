/** Reads a log file and follows what is appended to it. */
import { once } from 'node:events';
import { createReadStream, statSync, watch } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/**
 * Yields the whole file in pieces, then what is appended, until `signal` aborts. A file that was truncated or replaced
 * is read again from its start; a file that was removed ends the iteration.
 */
export async function* followFile(file: string, signal: AbortSignal): AsyncIterable<string> {
  while (!signal.aborted) {
    const inode = statSync(file, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) return;
    yield* followInode(file, inode, signal); // a watcher follows the inode, not the name
  }
}

/** Ends when another file has this name, or when the file is shorter than what was read. */
async function* followInode(file: string, inode: number, signal: AbortSignal): AsyncIterable<string> {
  const watcher = watch(file);
  const decoder = new StringDecoder('utf8'); // a piece may end in the middle of a character
  let read = 0;
  try {
    while (!signal.aborted) {
      const changed = once(watcher, 'change', { signal }).catch(() => undefined); // the signal ends the wait
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
