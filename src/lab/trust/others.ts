/**
 * A lab that belongs to another user. An instructor may read its four JSON files, if each is a regular file of its
 * owner. Nothing else is opened, run, connected to or asked: it is "unseen", with the reason.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import type { LabPlan } from '../plan/plan.ts';
import { type Problem, ProblemError } from '../problem.ts';
import { type Doubt, type PathWalk, walkTo } from './trust.ts';

export type OthersWay = PathWalk & { readonly doubt: Doubt };

/** The way to a lab folder that is not the caller's; undefined: it is the caller's, or will be. */
export function othersWay(named: string): OthersWay | undefined {
  const way = walkTo(named);
  const { doubt, real } = way;
  if (!doubt) return undefined;
  if (doubt.why !== 'group' || doubt.path !== real || doubt.uid === 0) return { ...way, doubt };
  const [stranger] = strangersIn(real);
  return stranger ? { ...way, doubt: stranger } : undefined;
}

/**
 * Version 0.1.0 made folders with the user's umask, so that in a shared group (umask 002) others may write to a
 * learner's lab. It still counts as the learner's while no other user has put anything there that the workshop reads or
 * runs; doctor reports it (exposure.ts).
 */
function strangersIn(lab: string): readonly Doubt[] {
  const uid = process.geteuid?.() ?? 0;
  const folders = [lab, ...['bin', 'shell', 'rep', 'logs', 'backups'].map((name) => join(lab, name))];
  return folders
    .flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))
    .flatMap((path) => {
      const owner = lstatSync(path, { throwIfNoEntry: false })?.uid ?? uid;
      return owner === uid || owner === 0 ? [] : [{ path, why: 'owner', uid: owner } as const];
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}

/** Throws a ProblemError when the lab is not the caller's: the owner's links would decide where the caller writes. */
export function refuseOthers(named: string): void {
  const way = othersWay(named);
  if (way) throw othersRefusal(way);
}

export const othersRefusal = (way: OthersWay): ProblemError =>
  new ProblemError({ what: whose(way), fix: fixFor(way.doubt, way.real, 'Do it as that user') });

/** The problem that explains why only the JSON files of this lab are read. */
export const unseenOf = (way: OthersWay): Problem => ({
  what: `${whose(way)} So its servers, files and containers are not looked at.`,
  fix: fixFor(way.doubt, way.real, 'Look as that user'),
});

function whose({ doubt, real, link }: OthersWay): string {
  if (link && doubt.why === 'unseen') return `${link} is a link that leads to itself, or to where you may not look.`;
  if (link) return `${link} is a link that belongs to ${userName(doubt.uid ?? -1)}, and it is not followed.`;
  if (doubt.path.startsWith(`${real}/`))
    return `${doubt.path} belongs to ${userName(doubt.uid ?? -1)}: a group of users can write to this lab, and that one has put something there.`;
  const it = doubt.path === real ? `The lab ${real}` : `${doubt.path}, in which the lab lies,`;
  switch (doubt.why) {
    case 'owner':
      return `${it} belongs to ${userName(doubt.uid ?? -1)}, and you are ${userName(process.geteuid?.() ?? -1)}.`;
    case 'group':
    case 'writable':
      return `${it} can be written by other users, who could put something else in the place of this lab.`;
    case 'unseen':
      return `You may not look into ${doubt.path}, so it is not known whose lab it is.`;
  }
}

function fixFor({ why, uid, path }: Doubt, real: string, asThem: string): string {
  if (path.startsWith(`${real}/`))
    return `Look at it, take it away, and close the lab to the group: chmod go-w ${real}. Or choose another folder with --lab DIR.`;
  if (why === 'writable' || why === 'group')
    return `Take that away (chmod go-w ${path}), or choose another folder with --lab DIR.`;
  if (why === 'unseen' || uid === null) return 'Choose another folder with --lab DIR.';
  return uid === 0 || process.geteuid?.() !== 0
    ? `${asThem} (${userName(uid)}), or choose another folder with --lab DIR.`
    : `${asThem}: sudo -u ${userName(uid).replace(/^uid (.*)/, '"#$1"')} repl-workshop --lab ${real} …`;
}

/** 'student', or 'uid 1001' when /etc/passwd has no such entry. */
function userName(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid));
    return line?.split(':')[0] || `uid ${uid}`;
  } catch {
    return `uid ${uid}`;
  }
}

/** A lab that observes nothing and refuses everything, with the reason. */
export function othersLab(dir: string, plan: LabPlan, unseen: Problem): Lab {
  const refused = (): never => {
    throw new ProblemError(unseen);
  };
  const never = async (): Promise<never> => refused();
  return {
    dir,
    plan,
    about: `${plan.engine === 'docker' ? 'Docker' : 'native'} · PostgreSQL ${plan.major}`,
    servers: [],
    sockets: null,
    observe: async () => ({
      at: new Date().toISOString(),
      engine: plan.engine,
      major: plan.major,
      servers: {},
      unseen,
    }),
    outside: () => [],
    server: refused,
    watch: refused,
    snapshot: never,
    restore: never,
    putAside: never,
    copyAside: never,
    unfreeze: never,
    dismantle: never,
    bringBack: never,
    place: never,
    drop: never,
    dropOldBackups: never,
    retireOldBackups: never,
    markPrograms: refused,
    endOrphans: never,
    between: never,
    openFile: never,
    command: refused,
    exec: never,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
