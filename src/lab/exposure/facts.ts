/**
 * Collects the facts about who else gets into a lab. Opens no file and follows no link: it reads modes, and takes
 * everything else from an observation.
 */
import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { passwordFits } from '../../postgres/scram.ts';
import type { Lab } from '../lab.ts';
import { ownerOfProcess } from '../machine/processes.ts';
import type { Disk, Observation, ServerView } from '../observation.ts';
import { isProblem } from '../problem.ts';
import { tutorialSecrets } from '../secrets/secrets.ts';
import { walkTo } from '../trust/trust.ts';
import type { Entry, ExposureFacts, KnownReplication } from './exposure.ts';
import { trusting } from './trusting.ts';

type Place = Pick<Lab, 'dir' | 'plan' | 'sockets'>;

/** The facts that need no server: modes, and passwords in the plan. None about another user's lab. Cheap. */
export const factsOfFolder = ({ dir, plan, sockets }: Place): ExposureFacts => ({
  engine: plan.engine,
  entries: isOwn(dir) ? entriesOf(dir, sockets) : [],
  writable: isOwn(dir) && isWritable(dir),
  knownSuperusers: isOwn(dir)
    ? plan.servers.filter(({ password }) => isTutorialPassword(password)).map(({ name }) => name)
    : [],
  knownReplication: null,
  knownPlan: isOwn(dir) && [...plan.servers, plan.replication].some(({ password }) => isTutorialPassword(password)),
  asRoot: [],
  published: [],
  withoutPassword: [],
  silent: [],
  askable: [],
});

/** Facts as the servers report them; for a server that does not answer, those of the plan. */
export function factsOfLook(place: Place, now: Observation): ExposureFacts {
  const { plan } = place;
  const views = Object.values(now.servers);
  const silent = views.filter(isSilent);
  const superuser = (name: string) => now.servers[name] && hasTutorialPassword(now.servers[name], 'postgres');
  return {
    ...factsOfFolder(place),
    knownSuperusers: plan.servers
      .filter(({ name, password }) => superuser(name) ?? isTutorialPassword(password))
      .map(({ name }) => name),
    knownReplication: knownReplication(views, plan.replication.user),
    asRoot: views
      .filter(({ process: { pid } }) => pid !== undefined && ownerOfProcess(pid) === 0)
      .map(({ name }) => name),
    published: views.flatMap(({ name, container }) =>
      (container?.published ?? [])
        .filter(({ host }) => !/^(127\.|localhost$|::1$)/.test(host))
        .map(({ host, port }) => ({ server: name, host, port })),
    ),
    withoutPassword: views.flatMap((view) => trusting(view, plan.replication.user, isPassed)),
    silent: silent.map(({ name }) => name),
    askable: silent.filter((view) => isOriginal(view, views)).map(({ name }) => name),
  };
}

const isSilent = ({ sql, disk }: ServerView): boolean =>
  isProblem(sql) && (isProblem(disk) || disk.state === 'cluster');

/** True when the cluster was started before and is not a copy of another server's. */
function isOriginal({ name, disk }: ServerView, views: readonly ServerView[]): boolean {
  if (isProblem(disk) || disk.neverStarted || disk.signals.length > 0) return false;
  const family = views.filter((view) => !isProblem(view.disk) && idOf(view.disk) === idOf(disk));
  return idOf(disk) !== undefined && family[0]?.name === name;
}
const idOf = ({ control }: Disk): string | undefined => control?.systemIdentifier;

/** The passwords that everyone can read in the tutorial. */
const tutorialPasswords: readonly string[] = [
  ...new Set([...Object.values(tutorialSecrets.servers), tutorialSecrets.replication]),
];
export const isTutorialPassword = (password: string | undefined): boolean =>
  password !== undefined && tutorialPasswords.includes(password);

/** undefined: the server did not answer. */
function hasTutorialPassword({ sql }: ServerView, role: string): boolean | undefined {
  if (isProblem(sql)) return undefined;
  const stored = sql.roles.find(({ name }) => name === role)?.password;
  return Boolean(stored) && tutorialPasswords.some((one) => passwordFits(stored ?? '', role, one));
}

function knownReplication(views: readonly ServerView[], role: string): KnownReplication | null {
  const known = views.filter((view) => hasTutorialPassword(view, role) === true);
  if (known.length === 0) return null;
  const on = known.filter(({ sql }) => !isProblem(sql) && !sql.inRecovery).map(({ name }) => name);
  return { role, on, written: views.flatMap(writtenIn) };
}

/** Lines in a server's own files that log in with a password of the tutorial. */
function writtenIn({ name, disk }: ServerView): KnownReplication['written'] {
  if (isProblem(disk)) return [];
  const settings = disk.conf.flatMap((file) => ('settings' in file ? file.settings : []));
  return settings
    .filter((setting) => setting.name === 'primary_conninfo' && isTutorialPassword(passwordIn(setting.value)))
    .filter(({ file }) => file.startsWith(`${disk.path}/`))
    .map(({ file, line }) => ({ server: name, file: file.slice(disk.path.length + 1), line }));
}

export function passwordIn(conninfo: string): string | undefined {
  const parsed = parseConninfo(conninfo);
  return 'params' in parsed ? parsed.params.password : undefined;
}

const isWritable = (dir: string): boolean => ['group', 'writable'].includes(walkTo(dir).doubt?.why ?? '');

/** A folder of another user is theirs to close. */
const isOwn = (dir: string): boolean => lstatSync(dir, { throwIfNoEntry: false })?.uid === process.getuid?.();

function entriesOf(dir: string, sockets: string | null): readonly Entry[] {
  const logs = join(dir, 'logs');
  return [
    ...entry(dir, 'lab'),
    ...(sockets === null ? [] : entry(sockets, 'sockets')),
    ...entry(logs, 'log'),
    ...namesIn(logs).flatMap((name) => entry(join(logs, name), 'log')),
    ...['report.html', 'report.md'].flatMap((name) => entry(join(dir, name), 'log')),
  ];
}

/** Empty when the path does not exist, or is a symbolic link. */
function entry(path: string, kind: Entry['kind']): readonly Entry[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat && !stat.isSymbolicLink() ? [{ path, kind, mode: stat.mode & 0o777 }] : [];
}

function namesIn(folder: string): readonly string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : [];
  } catch {
    return []; // not created yet, or not readable for this user
  }
}

/** True when every user may enter this folder and all folders above it. */
function isPassed(folder: string): boolean {
  const stat = statOf(folder);
  if (!stat?.isDirectory() || (stat.mode & 0o001) === 0) return false;
  return folder === dirname(folder) || isPassed(dirname(folder));
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // neither this user nor others can enter it
  }
}
