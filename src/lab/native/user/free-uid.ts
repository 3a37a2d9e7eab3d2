/** A user id that nobody has: root's servers run as it, so that whoever gets into one of them is nobody else on this machine. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../../machine/run.ts';

/**
 * Handed out by no distribution: Debian keeps 65000 to 65533 reserved (policy manual, 9.2.2), systemd gives out users up to 65519 by itself ("Users,
 * Groups, UIDs and GIDs on systemd Systems"), and some container images run as 65532. The numbers exist inside containers too, where ids often
 * end at 65535.
 */
const candidates = Array.from({ length: 11 }, (_, at) => 65_520 + at);

/**
 * The one that may already pass through the lab's folders, else the first that has no entry, and no process but those of labs. undefined: none is
 * free. All labs of root share it: root is the learner of all of them.
 */
export async function freeUid(dir: string): Promise<number | undefined> {
  const groups = [dir, join(dir, 'rep')].map((folder) => statSync(folder, { throwIfNoEntry: false })?.gid); // which have the same numbers
  const known = groups.find((gid) => gid !== undefined && isServersUid(gid)); // `rep` is away while a deed moves it
  const order = candidates.filter((uid) => uid === known).concat(candidates);
  for (const uid of order) if (!(await hasEntry(uid)) && (uid === known || !isUsed(uid))) return uid;
  return undefined;
}

export const isServersUid = (uid: number): boolean => candidates.includes(uid);

/** As a user or as a group, wherever this machine keeps them (files, LDAP); without getent only the files can be asked. */
async function hasEntry(id: number): Promise<boolean> {
  const asked = (database: string) => run({ command: 'getent', args: [database, String(id)] }).catch(() => null);
  const [user, group] = await Promise.all([asked('passwd'), asked('group')]);
  if (user && group) return user.status === 0 || group.status === 0;
  return ['/etc/passwd', '/etc/group'].some((file) => entries(file).some(([, , number]) => number === String(id)));
}

const entries = (file: string): readonly (readonly string[])[] => {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return []; // a system without this file keeps no users there
  }
};

/** A user with an entry and no rights of its own: initdb wants to know its user's name. */
export function nobody(): number {
  const users = entries('/etc/passwd').map(([name, , uid]) => ({ name, uid: Number(uid) }));
  return users.find(({ name, uid }) => name === 'nobody' && uid > 0)?.uid ?? 65_534;
}

function isUsed(uid: number): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => statSync(join('/proc', pid), { throwIfNoEntry: false })?.uid === uid && !isOfLab(pid));
}

/** A server and all that it starts work in its data directory: two folders below lab.json. */
function isOfLab(pid: string): boolean {
  try {
    const place = readlinkSync(`/proc/${pid}/cwd`);
    return statSync(join(dirname(dirname(place)), 'lab.json'), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // just gone
  }
}
