/** Which WAL segments a cluster that was shut down cleanly does not need: without them its copy is small. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatLsn, walFileName } from '../../postgres/lsn.ts';
import { parseCheckpoint, parseControlFile } from '../look/control-file.ts';
import { controlFile, segmentName } from './identity.ts';

/**
 * Needed are the segments from the redo location of the last checkpoint on; of a primary, none after that checkpoint:
 * PostgreSQL has made them in advance. `bytes` is the control file.
 */
export function needlessWal(bytes: Buffer): (name: string) => boolean {
  const [control, checkpoint] = [parseControlFile(bytes), parseCheckpoint(bytes)];
  if (!control || !checkpoint) return () => false;
  const fileOf = (lsn: bigint) => walFileName(control.timeline, formatLsn(lsn));
  const first = fileOf(checkpoint.redo);
  const last = control.state === 'shut down' ? fileOf(checkpoint.record) : undefined;
  return (name) => {
    if (!segmentName.test(name)) return false;
    // Of another timeline, or in between: stays.
    const isOlder = name.slice(0, 8) === first.slice(0, 8) && name < first;
    return isOlder || (last !== undefined && name > last);
  };
}

/** Removes such segments from a data directory. A slot may hold older ones, so then all stay. */
export function trimWal(data: string): void {
  const hasSlots = readdirSync(join(data, 'pg_replslot')).length > 0;
  const isBackup = existsSync(join(data, 'backup_label')); // recovery begins where that file says
  if (hasSlots || isBackup) return;
  const isNeedless = needlessWal(readFileSync(join(data, controlFile)));
  for (const name of readdirSync(join(data, 'pg_wal'))) if (isNeedless(name)) rmSync(join(data, 'pg_wal', name));
}
