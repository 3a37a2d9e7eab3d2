/**
 * The files of a server whose folder this user cannot read. From a running server they come through the look's own
 * SQL session. From a server that takes no session they come through one archive call, made only when `stampOf` shows
 * a change, and at most every two seconds.
 */
import { posix } from 'node:path';
import type Docker from 'dockerode';
import type { Client } from 'pg';
import filesSql from '../../../../assets/observe/files.sql';
import type { Files } from '../../look/data-place.ts';
import type { Info } from '../container.ts';
import { fetchFiles, stampOf } from './archive.ts';

const everyMs = 2000;

type Answer = {
  readonly names: readonly string[];
  readonly files: Readonly<Record<string, { key: string; savedAt: string; bytes: string | null }>>;
};

export function createFileCache(docker: Docker) {
  let stamp = '';
  let checkedAt = Number.NEGATIVE_INFINITY; // when `fetch` called the daemon last, by the monotonic clock
  let fetched: Files | undefined; // undefined: nothing was fetched, or there is no such folder
  const known = new Map<string, { key: string; bytes: Buffer; savedAt: Date }>();
  return {
    latest: (): Files | undefined => fetched,

    /**
     * Reads changed files in a session of a running server. SQL does not give mode and owner of files, so fixed
     * values are used: a server that runs has accepted the real ones.
     */
    async ask(client: Client, data: string): Promise<void> {
      const keys = Object.fromEntries([...known].map(([name, { key }]) => [name, key]));
      const { rows } = await client.query<{ found: Answer }>(filesSql, [JSON.stringify(keys)]);
      const found = rows[0]?.found;
      if (!found) return;
      for (const [name, { key, savedAt, bytes }] of Object.entries(found.files))
        if (bytes !== null) known.set(name, { key, savedAt: new Date(savedAt), bytes: Buffer.from(bytes, 'base64') });
      for (const name of known.keys()) if (!(name in found.files)) known.delete(name);
      fetched = fromServer(data, found.names, known);
      stamp = '';
    },

    /** Fetches the files of a container whose server is stopped or takes no session. */
    async fetch(info: Info, data: string): Promise<void> {
      if (stamp !== '' && performance.now() - checkedAt < everyMs) return;
      checkedAt = performance.now();
      const now = `${info.State.FinishedAt} ${await stampOf(docker, info.Id, data)}`;
      if (now === stamp) return;
      fetched = await fetchFiles(docker, info.Id, data);
      stamp = now;
    },
  };
}
export type FileCache = ReturnType<typeof createFileCache>;

function fromServer(
  data: string,
  names: readonly string[],
  known: ReadonlyMap<string, { key: string; bytes: Buffer; savedAt: Date }>,
): Files {
  const within = (path: string) => {
    if (path === data) return '';
    return path.startsWith(`${data}/`) ? path.slice(data.length + 1) : path;
  };
  return {
    names(folder) {
      if (folder === data) return names;
      const inside = [...known.keys()].filter((name) => posix.dirname(name) === within(folder));
      return inside.length > 0 ? inside.map((name) => posix.basename(name)) : undefined;
    },
    stat(path) {
      const name = within(path);
      const file = known.get(name);
      if (file) return { uid: 0, mode: 0o600, savedAt: file.savedAt, key: file.key };
      return name === '' || names.includes(name) ? { uid: 0, mode: 0o700, savedAt: new Date(0), key: '' } : undefined;
    },
    bytes(path) {
      const file = known.get(within(path));
      if (!file) throw new Error(`the server did not give ${within(path)}`);
      return file.bytes;
    },
  };
}
