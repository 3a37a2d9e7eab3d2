/** Removes WAL segments that a cluster which was shut down cleanly does not need, so that its copy is small. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatLsn, walFileName } from '../../../postgres/lsn.ts';
import { parseCheckpoint, parseControlFile } from '../../look/control-file.ts';

/**
 * Keeps the segments from the redo location of the last checkpoint on; of a primary, also none after that checkpoint:
 * PostgreSQL has made them in advance. A slot may hold older ones, so then all stay.
 */
export function trimWal(data: string): void {
  const bytes = readFileSync(join(data, 'global/pg_control'));
  const [control, checkpoint] = [parseControlFile(bytes), parseCheckpoint(bytes)];
  const hasSlots = readdirSync(join(data, 'pg_replslot')).length > 0;
  const isBackup = existsSync(join(data, 'backup_label')); // recovery begins where that file says
  if (!control || !checkpoint || hasSlots || isBackup) return;
  const fileOf = (lsn: bigint) => walFileName(control.timeline, formatLsn(lsn));
  const first = fileOf(checkpoint.redo);
  const last = control.state === 'shut down' ? fileOf(checkpoint.record) : undefined;
  for (const name of readdirSync(join(data, 'pg_wal'))) {
    if (!/^[0-9A-F]{24}$/.test(name)) continue;
    // Of another timeline, or in between: stays.
    const isOlder = name.slice(0, 8) === first.slice(0, 8) && name < first;
    if (isOlder || (last !== undefined && name > last)) rmSync(join(data, 'pg_wal', name));
  }
}
