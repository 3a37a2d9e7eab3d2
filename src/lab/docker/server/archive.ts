/** A container's files through Docker's archive calls, which need no running container and ignore file owners. */
import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { extract, pack } from 'tar-stream';
import type { FileStat, Files } from '../../look/data-place.ts';
import { ProblemError } from '../../problem.ts';
import { isNotFound } from '../container.ts';

/** The files that a look needs: 100 kB of a data directory of 40 MB. */
const wanted = /(^|\/)(PG_VERSION|pg_control|backup_label|postmaster\.(opts|pid)|[^/]+\.(conf|signal|txt|done))$/;
const neverWanted = /^(pg_wal|base\/(?!1\/PG_VERSION$)|pg_xact|pg_stat|pg_notify|pg_multixact|pg_subtrans)/;
const mostBytes = 1024 * 1024; // larger files are not read

type Entry = { readonly stat: FileStat; readonly bytes: Buffer | null };

/** Resolves with the files below `data`, or with undefined when there is no such path in the container. */
export async function fetchFiles(docker: Docker, id: string, data: string): Promise<Files | undefined> {
  const stream = await archive(docker, id, data);
  if (!stream) return undefined;
  const entries = new Map<string, Entry>();
  const names = new Map<string, string[]>();
  const parent = posix.dirname(data); // the names in the archive begin with the last part of the path
  for await (const entry of unpacked(stream)) {
    const { name, uid = 0, mode = 0, mtime, size = 0, type } = entry.header;
    const path = posix.join(parent, name.replace(/\/$/, ''));
    const within = posix.relative(data, path);
    if (type === 'directory') names.set(path, []);
    names.get(posix.dirname(path))?.push(posix.basename(path));
    const isWanted = type === 'file' && wanted.test(within) && !neverWanted.test(within) && size <= mostBytes;
    const savedAt = mtime ?? new Date(0);
    const key = `${size} ${savedAt.getTime()}`;
    entries.set(path, {
      stat: { uid, mode: mode & 0o777, savedAt, key },
      bytes: isWanted ? await collected(entry) : null,
    });
    if (!isWanted) entry.resume();
  }
  return {
    names: (folder) => names.get(folder),
    stat: (path) => entries.get(path)?.stat,
    bytes(path) {
      const bytes = entries.get(path)?.bytes;
      if (!bytes) throw new Error(`${path} was not fetched from the container`);
      return bytes;
    },
  };
}

/**
 * Destroys the stream after the last entry. The tar ends before the HTTP answer does, so without this the connection
 * would stay open and keep the program from exiting.
 */
export async function* unpacked(stream: Readable) {
  const tar = extract();
  stream.on('error', (error) => tar.destroy(error)).pipe(tar);
  try {
    yield* tar;
  } finally {
    stream.destroy();
  }
}

export async function collected(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of entry) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export async function archive(docker: Docker, id: string, path: string): Promise<Readable | undefined> {
  try {
    return (await docker.getContainer(id).getArchive({ path })) as Readable;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Resolves with a text that changes with the folder or a main file: five cheap calls, not a whole archive. */
export async function stampOf(docker: Docker, id: string, data: string): Promise<string> {
  const paths = ['', 'postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'global/pg_control'];
  const stamps = await Promise.all(
    paths.map(async (path) => {
      try {
        const answer = await docker.getContainer(id).infoArchive({ path: posix.join(data, path) });
        // An unread body would keep the connection open.
        const { headers } = (answer as unknown as IncomingMessage).resume();
        return String(headers['x-docker-container-path-stat']);
      } catch (error) {
        if (isNotFound(error)) return 'absent';
        throw error;
      }
    }),
  );
  return stamps.join(' ');
}

/** Resolves with one file, or with undefined when it does not exist. */
export async function readInside(
  docker: Docker,
  id: string,
  path: string,
): Promise<{ text: string; stat: FileStat; gid: number } | undefined> {
  const stream = await archive(docker, id, path);
  if (!stream) return undefined;
  let found: { text: string; stat: FileStat; gid: number } | undefined;
  for await (const entry of unpacked(stream)) {
    const { uid = 0, gid = 0, mode = 0, mtime, size = 0 } = entry.header;
    const bytes = await collected(entry);
    const savedAt = mtime ?? new Date(0);
    found ??= {
      text: bytes.toString(),
      stat: { uid, mode: mode & 0o777, savedAt, key: `${size} ${savedAt.getTime()}` },
      gid,
    };
  }
  return found;
}

/**
 * Writes a file into a data directory with owner and mode of `replaces`; a new file gets mode 0600 and the owner of
 * PG_VERSION. Throws a ProblemError when there is no data directory. `name` and `replaces` are relative to `data`.
 */
export async function writeInside(
  docker: Docker,
  id: string,
  { data, name, replaces = name }: { readonly data: string; readonly name: string; readonly replaces?: string },
  text: string,
): Promise<void> {
  const before = await readInside(docker, id, posix.join(data, replaces));
  const model = before ?? (await readInside(docker, id, posix.join(data, 'PG_VERSION')));
  if (!model)
    throw new ProblemError({
      what: `There is no data directory ${data} in the container.`,
      fix: 'Make the server first.',
    });
  const path = posix.join(data, name);
  const tar = pack();
  const mode = before ? before.stat.mode : 0o600;
  tar.entry({ name: posix.basename(path), uid: model.stat.uid, gid: model.gid, mode, mtime: new Date() }, text);
  tar.finalize();
  const whole = await collected(tar as AsyncIterable<unknown>); // a few kB; as a Buffer it has a Content-Length
  await docker.getContainer(id).putArchive(whole, { path: posix.dirname(path) });
}
