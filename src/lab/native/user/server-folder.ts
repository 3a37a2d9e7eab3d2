/**
 * Folders of a lab that its servers come into. They stay root's, and are open to the group of the servers' user, in which nobody else is: so that user can
 * put nothing in the place of a data directory, and servers that an earlier version of the workshop has started as root go on.
 */
import { chmodSync, chownSync, statSync } from 'node:fs';
import { makeFolder } from '../../folders/make-folder.ts';
import { isServersUid } from './free-uid.ts';
import type { FileOwner } from './user.ts';

/** Made for nobody else; the servers' user may pass through it, and not look into it. */
export function makePassage(folder: string, owner: FileOwner | null): void {
  makeFolder(folder);
  grantGroup(folder, owner, 0o010);
}

/** One that is there stays as it is, but for the servers' group. `how`: the group's rights, as in chmod. */
export function grantGroup(folder: string, owner: FileOwner | null, how: 0o010 | 0o070): void {
  if (owner === null || !isServersUid(owner.uid)) return;
  const { mode } = statSync(folder);
  chownSync(folder, 0, owner.gid);
  chmodSync(folder, (mode & 0o707) | how);
}
