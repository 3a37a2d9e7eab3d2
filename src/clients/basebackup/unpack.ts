/**
 * Writes a server's tar stream into a directory, with the server's file modes. Paths that lead out of the directory are
 * refused.
 */
import { chmod, open, readdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { extract } from 'tar-stream';
import { makeFolders } from '../../lab/folders/make-folder.ts';

export type Unpacking = {
  write(chunk: Buffer): boolean; // false: wait for `drained`, the disk is slower than the server
  end(): void;
  readonly done: Promise<void>; // rejects with an error of the disk or of the stream
  stop(why: Error): void;
};

/** Starts to unpack into an existing directory. `drained` is called when more can be written. */
export function unpackInto(dir: string, drained: () => void): Unpacking {
  const tar = extract();
  tar.on('drain', drained);
  const done = writeEntries(tar, dir);
  return {
    write: (chunk) => tar.write(chunk),
    // The server omits the two empty blocks that end a tar file (documentation, "Streaming Replication Protocol",
    // BASE_BACKUP).
    end: () => void tar.end(Buffer.alloc(1024)),
    done,
    stop: (why) => void tar.destroy(why),
  };
}

async function writeEntries(tar: ReturnType<typeof extract>, dir: string): Promise<void> {
  for await (const entry of tar) {
    const { name, mode = 0o600, type } = entry.header;
    const path = join(dir, name);
    if (normalize(`/${name}`) !== join('/', name) || name.split('/').includes('..'))
      throw new Error(`the server sent a file outside of the directory: "${name}"`);
    if (type === 'directory') {
      makeFolders(path);
      await chmod(path, mode);
      entry.resume();
    } else if (type === 'file') {
      await using file = await open(path, 'w', mode);
      for await (const chunk of entry) await file.write(chunk as Buffer);
      await file.chmod(mode);
    } else throw new Error(`the server sent a ${type} where a file was expected: "${name}"`);
  }
}

/** Calls fsync for the directory and everything below it, for eight files at a time. */
export async function syncTree(dir: string): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  const queue = [...paths, dir].values();
  const worker = async () => {
    for (const path of queue) {
      await using file = await open(path, 'r');
      await file.sync();
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
