/**
 * Labs in one file: a tar archive, compressed by brotli with a window over the whole archive, because labs share most
 * of their bytes.
 */
import { createReadStream, createWriteStream, lchownSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createBrotliDecompress } from 'node:zlib';
import { extract, pack } from 'tar-stream';

const { BROTLI_PARAM_LARGE_WINDOW, BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY, BROTLI_DECODER_PARAM_LARGE_WINDOW } =
  constants;
const lgwin = 27; // 128 MB of memory, and the distance at which equal bytes of two clusters are found

/** Packs all files below `root` except sockets. */
export async function packFolder(root: string, file: string): Promise<void> {
  const tar = pack();
  const packed = pipeline(
    tar,
    createBrotliCompress({
      params: { [BROTLI_PARAM_LARGE_WINDOW]: 1, [BROTLI_PARAM_LGWIN]: lgwin, [BROTLI_PARAM_QUALITY]: 9 },
    }),
    createWriteStream(file),
  );
  for await (const path of below(root)) {
    const stat = await lstat(path);
    const { mtime, uid, gid } = stat;
    const about = { name: relative(root, path), mode: stat.mode & 0o7777, mtime, uid, gid };
    const entry = (more: object, content?: Buffer) =>
      new Promise<void>((done, failed) => {
        tar.entry({ ...about, ...more }, content ?? '', (error) => (error ? failed(error) : done()));
      });
    if (stat.isDirectory()) await entry({ type: 'directory' });
    else if (stat.isSymbolicLink()) await entry({ type: 'symlink', linkname: await readlink(path) });
    else if (stat.isFile()) await entry({ type: 'file', size: stat.size }, await readFile(path));
  }
  tar.finalize();
  await packed;
}

async function* below(folder: string): AsyncGenerator<string> {
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    yield path;
    if ((await lstat(path)).isDirectory()) yield* below(path);
  }
}

/** With `owners`, root restores the owners of the archive; otherwise all files belong to the caller. */
export async function unpackInto(
  file: string,
  folder: string,
  { owners = false }: { readonly owners?: boolean } = {},
): Promise<void> {
  const tar = extract();
  const modes: (readonly [path: string, mode: number])[] = []; // of folders, set at the end: some forbid writing
  const read = pipeline(
    createReadStream(file),
    createBrotliDecompress({ params: { [BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 } }),
    tar,
  );
  for await (const entry of tar) {
    const { name, type, mode = 0o600, linkname = '', uid = 0, gid = 0 } = entry.header;
    const path = join(folder, name);
    if (type === 'directory') {
      await mkdir(path, { recursive: true });
      modes.push([path, mode]);
    } else if (type === 'symlink') await symlink(linkname, path);
    else await pipeline(entry, createWriteStream(path, { mode }));
    if (type !== 'symlink') await chmod(path, type === 'directory' ? mode | 0o700 : mode);
    if (owners && process.getuid?.() === 0) lchownSync(path, uid, gid);
    entry.resume();
  }
  await read;
  for (const [path, mode] of modes) await chmod(path, mode);
}
