/** Finds an unused user id for root's servers, so that an intruder in one of them gets no other user's rights. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allPids, cwdOf, ownerOfProcess } from '../../machine/processes.ts';
import { run } from '../../machine/run.ts';

/**
 * No distribution assigns these ids: Debian reserves 65000 to 65533 (policy manual, 9.2.2), systemd assigns ids up to
 * 65519 ("Users, Groups, UIDs and GIDs on systemd Systems"), and some container images run as 65532. They are valid
 * in containers, where ids often end at 65535.
 */
const candidates = Array.from({ length: 11 }, (_, at) => 65_520 + at);

/**
 * Resolves with the id whose group already has access to the lab's folders, else with the first id that has no entry
 * and no process but those of labs; with undefined when none is free. All labs of root share it, because root is the
 * learner of all of them.
 */
export async function freeUid(dir: string): Promise<number | undefined> {
  // Group ids equal the user ids. `rep` is missing while an operation moves it.
  const groups = [dir, join(dir, 'rep')].map((folder) => statSync(folder, { throwIfNoEntry: false })?.gid);
  const known = groups.find((gid) => gid !== undefined && isServersUid(gid));
  const order = candidates.filter((uid) => uid === known).concat(candidates);
  for (const uid of order) if (!(await hasEntry(uid)) && (uid === known || !isUsed(uid))) return uid;
  return undefined;
}

export const isServersUid = (uid: number): boolean => candidates.includes(uid);

/** Whether a user or group has the id, in files or LDAP (getent); without getent, in /etc/passwd and /etc/group. */
async function hasEntry(id: number): Promise<boolean> {
  const lookUp = (database: string) => run({ command: 'getent', args: [database, String(id)] }).catch(() => null);
  const [user, group] = await Promise.all([lookUp('passwd'), lookUp('group')]);
  if (user && group) return user.status === 0 || group.status === 0;
  return ['/etc/passwd', '/etc/group'].some((file) => entries(file).some(([, , number]) => number === String(id)));
}

const entries = (file: string): readonly (readonly string[])[] => {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return []; // this system has no such file
  }
};

/** The uid of the user `nobody`, for initdb, which needs a user with an entry in /etc/passwd. */
export function nobody(): number {
  const users = entries('/etc/passwd').map(([name, , uid]) => ({ name, uid: Number(uid) }));
  return users.find(({ name, uid }) => name === 'nobody' && uid > 0)?.uid ?? 65_534;
}

const isUsed = (uid: number): boolean => allPids().some((pid) => ownerOfProcess(pid) === uid && !isOfLab(pid));

/** A server and its children have the data directory as their cwd: two levels below the folder with lab.json. */
function isOfLab(pid: number): boolean {
  const place = cwdOf(pid);
  return place === undefined || existsSync(join(dirname(dirname(place)), 'lab.json')); // undefined: it has ended
}
