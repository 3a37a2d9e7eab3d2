/** Folders of a lab that its servers come into: for the learner and the servers' user alone, whatever the umask says. */
import { chmodSync, chownSync, statSync } from 'node:fs';
import { makeFolder } from '../make-folder.ts';
import { isServersUid } from './free-uid.ts';
import { giveFolder } from './give.ts';
import type { Owner } from './user.ts';

/** Made for nobody else; one that is there stays as it is, but for its owner. */
export function makeServerFolder(folder: string, owner: Owner | null): void {
  makeFolder(folder);
  giveFolder(folder, owner);
  // initdb runs as another user of that group.
  if (owner && isServersUid(owner.uid)) chmodSync(folder, statSync(folder).mode | 0o010);
}

/** Root's own folder, which the servers' user may pass through and not look into. */
export function makePassage(folder: string, owner: Owner | null): void {
  makeFolder(folder);
  if (owner && isServersUid(owner.uid)) letPass(folder, owner);
  else giveFolder(folder, owner);
}

/** Nobody else gets in by this: the group is the servers' own. */
export function letPass(folder: string, { uid, gid }: Owner): void {
  const stat = statSync(folder);
  const open = stat.uid === uid || stat.mode & 0o001 || (stat.gid === gid && stat.mode & 0o010);
  if (open) return;
  chownSync(folder, stat.uid, gid);
  chmodSync(folder, (stat.mode & 0o700) | 0o010);
}
