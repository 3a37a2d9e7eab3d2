/** A server of the plan whose data directory lies behind a link, or is shut: what is not the lab's is looked at, and every deed is refused. */
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyFiles } from '../files/copy-files.ts';
import { freeName } from '../folders/free-name.ts';
import { type Elsewhere, refuseOutside } from '../trust/outside.ts';
import { emptyFolder } from './data/elsewhere.ts';
import { refuseShut } from './data/shut.ts';
import type { NativeServer } from './server/server.ts';

const deeds = [
  'connection',
  'create',
  'start',
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

/** A link comes and goes, so it is asked before each deed where the folder lies. */
export function ownOnly(dir: string, server: NativeServer, elsewhere: () => Elsewhere): NativeServer {
  const { data, log } = server.plan;
  const behind: NativeServer = {
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
  const guarded = deeds.map((name) => {
    const deed = behind[name] as (...args: readonly unknown[]) => Promise<unknown>;
    return [
      name,
      async (...args: readonly unknown[]) => {
        refuseOutside(dir, [data, dirname(log)], elsewhere());
        refuseShut(join(dir, data), data);
        return deed(...args);
      },
    ] as const;
  });
  return { ...behind, ...(Object.fromEntries(guarded) as Partial<NativeServer>) };
}
