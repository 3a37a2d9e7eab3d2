/**
 * Finds servers of this user whose lab folder was deleted or moved. A server is recognised by its current directory
 * and its -D argument. Linux only; on other systems none are found.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  allPids,
  argumentsOf,
  isAt,
  listeningPorts,
  networkOfProcess,
  ownerOfProcess,
  placeOf,
  statOf,
} from '../../machine/processes.ts';
import { didNotStop, endServer } from '../server/ending.ts';
import { isPostgres, isServerOf } from '../server/postmaster.ts';
import { isServersUid } from '../user/free-uid.ts';

export type Stray = {
  readonly pid: number;
  readonly port: number | null;
  readonly lab: string; // the lab's folder when the server was started
  readonly now: string | null; // the lab's folder now; null: unknown
  readonly isDeleted: boolean;
};

const dataOfLab = /^(\/.*)\/rep\/[^/]+_data$/;
const deletedSuffix = / \(deleted\)$/; // Linux appends it to the path of a removed folder

/** `own`: data directories of the current lab; their servers are no strays, wherever they were started. */
export function strays(own: readonly string[]): readonly Stray[] {
  return postmasters().flatMap((pid) => {
    const [place, started] = [placeOf(pid), startedAt(pid)];
    if (started !== undefined && isAt(pid, started)) return []; // root's servers may see the lab under another path
    const lab = dataOfLab.exec(started ?? place?.path.replace(deletedSuffix, '') ?? '')?.[1];
    if (place === undefined || lab === undefined) return [];
    const now = place.isThere ? labAround(place.path) : null;
    if (now === lab || own.some((data) => isServerOf(pid, data))) return [];
    return [{ pid, port: portOf(pid), lab, now, isDeleted: place.isDeleted }];
  });
}

/** Throws a ProblemError where it does not end. */
export async function endStray({ pid, lab }: Stray): Promise<void> {
  const isStill = () => strays([]).some((one) => one.pid === pid && one.lab === lab);
  const name = `the server of ${lab}`;
  if (isStill() && !(await endServer(name, pid, isStill, 'immediate'))) throw didNotStop(name, 'its log', 'immediate');
}

/** The lab around a data directory; null for one in a backup, which no lab can start or stop. */
function labAround(data: string): string | null {
  const lab = dataOfLab.exec(data)?.[1];
  return lab !== undefined && existsSync(join(lab, 'lab.json')) ? lab : null;
}

/** The servers of this user, or of root's labs; also a child whose postmaster was killed. */
export const postmasters = (): readonly number[] =>
  allPids().filter((pid) => isPostgres(pid) && !isPostgres(statOf(pid)?.parent ?? 0) && isOurs(pid));

/**
 * Whether the process runs as this user, or, for root, as one of the servers' uids; and in the same network: a
 * container's processes are in the machine's /proc, too.
 */
function isOurs(pid: number): boolean {
  if (networkOfProcess(pid) !== networkOfProcess('self')) return false;
  const [self, uid] = [process.getuid?.(), ownerOfProcess(pid)];
  return uid !== undefined && (uid === self || (self === 0 && isServersUid(uid)));
}

/** The argument after -D. */
export function startedAt(pid: number): string | undefined {
  const words = argumentsOf(pid) ?? [];
  const at = words.indexOf('-D');
  return at < 0 ? undefined : words[at + 1];
}

/** The lowest one on which the process listens. */
function portOf(pid: number): number | null {
  const ports = listeningPorts(pid);
  return ports.length > 0 ? Math.min(...ports) : null;
}

/** The message of `doctor` about strays: which servers they are, and how to end them. */
export function strayWords(found: readonly Stray[]): { readonly what: string; readonly fix: string } {
  const one = ({ pid, port, lab, now, isDeleted }: Stray) => {
    const where = now !== null ? `lies in ${now} now` : isDeleted ? 'was deleted' : 'is no longer there';
    return `process ${pid}${port === null ? '' : ` on port ${port}`} of the lab ${lab}, which ${where}`;
  };
  const movedTo = [...new Set(found.flatMap(({ now }) => now ?? []))];
  const ending = found.filter(({ now }) => now === null).map(({ pid }) => pid);
  return {
    what: `Servers still run that no lab knows in its place: ${found.map(one).join('; ')}.`,
    fix: [
      ...movedTo.map((lab) => `repl-workshop --lab ${lab} down`),
      ...(ending.length > 0 ? [`kill -QUIT ${ending.join(' ')}`] : []),
    ].join('; '),
  };
}
