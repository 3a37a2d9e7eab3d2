/**
 * What PostgreSQL itself says about the configuration files: the lines that would stop the next start. `postgres -C`
 * reads the files as a start does, and ends before it opens anything else (documentation, "postgres", option -C).
 */

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

/** The answer is kept until one of the files changes: a look at an unchanged lab starts no program. */
export function createRefusedReader(tools: Pick<ClusterTools, 'binaries' | 'user'>): RefusedReader {
  const known = new Map<string, { readonly key: string; readonly refused: readonly RefusedConf[] }>();
  return async (data, disk, shown) => {
    if (disk.state !== 'cluster' || disk.ownedByServer === false) return [];
    const key = JSON.stringify([disk.mode, disk.conf]);
    const before = known.get(data);
    if (before?.key === key) return before.refused;
    const refused = await readAsServer(tools, data, shown);
    known.set(data, { key, refused });
    return refused;
  };
}

async function readAsServer(
  { binaries, user }: Pick<ClusterTools, 'binaries' | 'user'>,
  data: string,
  shown: (path: string) => string,
): Promise<readonly RefusedConf[]> {
  const { owner, as } = await user();
  const { command, args } = as(`${binaries.bindir}/postgres`, ['-D', data, '-C', 'port']);
  const env = { ...withoutPgSettings(process.env), LC_ALL: 'C' };
  const ran = await run({ command, args, cwd: '/', env }).catch((error: unknown) => {
    if (refusedBy(error)) return undefined; // the program is gone, for one; a look does without its answer
    throw error;
  });
  if (!ran || ran.status === 0) return [];
  const { stderr } = ran;
  // Root's own files are given to the servers' user at each start, so they say nothing yet.
  if (owner && /Permission denied/.test(stderr)) return [];
  return refusedIn(stderr, shown);
}
