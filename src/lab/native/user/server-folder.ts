/**
 * Folders of a lab that its servers pass through. They belong to root and are open to the group of the servers' user,
 * of which no other user is a member. So that user cannot replace a data directory, and servers that an earlier
 * version of the workshop started as root keep working.
 */
import { chmodSync, chownSync, statSync } from 'node:fs';
import { makeFolder } from '../../folders/make-folder.ts';
import { isServersUid } from './free-uid.ts';
import type { FileOwner } from './user.ts';

/** Makes a private folder that the servers' group may pass through (x) but not list. */
export function makePassage(folder: string, owner: FileOwner | null): void {
  makeFolder(folder);
  grantGroup(folder, owner, 0o010);
}

/** Changes group and group rights of a folder, when `owner` is a user of root's servers. `how`: rights as in chmod. */
export function grantGroup(folder: string, owner: FileOwner | null, how: 0o010 | 0o070): void {
  if (owner === null || !isServersUid(owner.uid)) return;
  const { mode } = statSync(folder);
  chownSync(folder, 0, owner.gid);
  chmodSync(folder, (mode & 0o707) | how);
}
