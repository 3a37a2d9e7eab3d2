/**
 * What PostgreSQL itself says about the configuration files: the lines that would stop the next start. `postgres -C`
 * reads the files as a start does, and ends before it opens anything else (documentation, "postgres", option -C).
 */

import { statIfThere } from '../../look/files.ts';
import { type RefusedConf, refusedIn } from '../../look/refused-conf.ts';
import { withoutPgSettings } from '../../machine/own-environment.ts';
import { run } from '../../machine/run.ts';
import type { Disk } from '../../observation.ts';
import { refusedBy } from '../../refused.ts';
import type { ClusterTools } from './cluster.ts';

export type RefusedReader = (
  data: string,
  disk: Disk,
  shown: (path: string) => string,
) => Promise<readonly RefusedConf[]>;

const limitMs = 2000; // it takes 20 ms

/** The answer is kept until one of the files changes: a look at an unchanged lab starts no program. */
export function createRefusedReader(tools: Pick<ClusterTools, 'binaries' | 'user'>): RefusedReader {
  const known = new Map<string, { readonly key: string; readonly refused: readonly RefusedConf[] }>();
  return async (data, disk, shown) => {
    if (disk.state !== 'cluster' || disk.ownedByServer === false) return [];
    const key = JSON.stringify([disk.mode, disk.conf]);
    const before = known.get(data);
    if (before?.key === key) return before.refused;
    const refused = await readAsServer(tools, data, shown);
    if (refused) known.set(data, { key, refused });
    return refused ?? [];
  };
}

/** undefined: a file may not be read now; no answer to keep, because who owns it is no part of what is compared. */

async function readAsServer(
  { binaries, user }: Pick<ClusterTools, 'binaries' | 'user'>,
  data: string,
  shown: (path: string) => string,
): Promise<readonly RefusedConf[] | undefined> {
  const { owner, as } = await user();
  // A copy that root made is given to the servers' user at its first start. Until then root reads it: PostgreSQL allows
  // that where -C comes first (src/backend/main/main.c).
  const isRoots = owner !== undefined && statIfThere(data)?.uid === 0;
  const program = `${binaries.bindir}/postgres`;
  const argv = ['-C', 'port', '-D', data];
  const { command, args } = isRoots ? { command: program, args: argv } : as(program, argv);
  const env = { ...withoutPgSettings(process.env), LC_ALL: 'C' };
  const signal = AbortSignal.timeout(limitMs);
  // Postgres blocks SIGTERM until it has read its files (src/backend/postmaster/postmaster.c).
  const ran = await run({ command, args, cwd: '/', env }, { signal, killSignal: 'SIGKILL' }).catch((error: unknown) => {
    // The program is gone, or waits at a file that is a pipe: a look does without its answer.
    if (signal.aborted || refusedBy(error)) return undefined;
    throw error;
  });
  if (!ran || ran.status === 0) return [];
  const { stderr } = ran;
  // Root's own files are given to the servers' user at each start, so they say nothing yet.
  if (owner && /Permission denied/.test(stderr)) return undefined;
  return refusedIn(stderr, shown);
}
