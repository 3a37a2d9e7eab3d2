/**
 * Guards a server whose data directory may be behind a link or unreadable. Looks are always allowed. Operations throw a
 * ProblemError when the directory is unreadable, or when the learner has not agreed to the target of the link.
 */
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyFiles } from '../files/copy-files.ts';
import { freeName } from '../folders/free-name.ts';
import { type Elsewhere, refuseOutside } from '../trust/outside.ts';
import { emptyFolder } from './data/elsewhere.ts';
import { refuseShut } from './data/shut.ts';
import type { NativeServer } from './server/server.ts';

const guardedNames = [
  'connection',
  'create',
  'start',
  'launch',
  'stop',
  'kill',
  'reload',
  'promote',
  'remove',
  'putAside',
  'copyFrom',
  'sql',
  'begin',
  'writeFile',
  'deleteFile',
] as const satisfies readonly (keyof NativeServer)[];

/** Each operation checks the folder again, because the learner may make or remove a link at any time. */
export function ownOnly(dir: string, server: NativeServer, elsewhere: () => Elsewhere): NativeServer {
  const { data, log } = server.plan;
  const throughLink: NativeServer = {
    ...server,
    async remove() {
      const real = elsewhere()[data];
      if (real === undefined || (await server.isRunning())) return server.remove();
      await emptyFolder(real);
    },
    async putAside() {
      const real = elsewhere()[data];
      if (real === undefined || (await server.isRunning())) return server.putAside();
      const aside = freeName(dir, `${data}.old`);
      await copyFiles(real, join(dir, `${aside}.new`));
      renameSync(join(dir, `${aside}.new`), join(dir, aside));
      await emptyFolder(real);
      return aside;
    },
  };
  const guarded = guardedNames.map((name) => {
    const operation = throughLink[name] as (...args: readonly unknown[]) => Promise<unknown>;
    return [
      name,
      async (...args: readonly unknown[]) => {
        refuseOutside(dir, [data, dirname(log)], elsewhere());
        refuseShut(join(dir, data), data);
        return operation(...args);
      },
    ] as const;
  });
  return { ...throughLink, ...(Object.fromEntries(guarded) as Partial<NativeServer>) };
}
