/** The lab folder and its `lab.json`: finds a lab, makes a new one, and reports what is wrong with a broken one. */
import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { refuseBadFolder } from './folders/bad-folder.ts';
import { makeFolder } from './folders/make-folder.ts';
import { isHolder, isTakenByOthers, takeLock } from './lock/lock.ts';
import { findBinaries } from './native/binaries.ts';
import { majorOfCluster, portInFile } from './plan/clusters-there.ts';
import { refuseOddPath } from './plan/lab-path.ts';
import { type DockerPlan, hasServer, type LabPlan, labPlan, newestMajor, type ServerPlan } from './plan/plan.ts';
import {
  dataOf,
  lostPorts,
  portsFor,
  serverNames,
  usualPort,
  withFreePorts,
  withPublished,
} from './plan/plan-ports.ts';
import { anyFreePort, freePort } from './plan/ports.ts';
import { ProblemError } from './problem.ts';
import { type KeptSecrets, lookUpSecrets, userSecrets } from './secrets/kept.ts';
import { newSecret, newSecrets, type Secrets, tutorialSecrets } from './secrets/secrets.ts';
import { listOf, recordOf, schemaNumber, shape, text } from './store/json.ts';
import { cannotWrite, readJson, setAside, writeJson, writeNewJson } from './store/store.ts';

/** A pending operation: where it put the state before, and the mark of the programs it started. */
const moving = shape({
  backup: v.pipe(text, v.regex(/^backups\/(?!\.)[^/]+$/, 'a folder in backups')),
  mark: text,
  running: v.exactOptional(listOf(text)), // the servers that it stops
  copied: v.exactOptional(v.literal(true)), // the state before was copied, not moved
  what: v.exactOptional(text), // 'goto 5'; earlier versions did not record it
  finish: v.exactOptional(v.literal(true)), // the backup is what the lab becomes: a recovery completes the operation
});
export type PendingOperation = v.InferOutput<typeof moving>;

/** Settings in postgresql.auto.conf before a measurement; null: the file did not contain them. */
const measureUndo = shape({ settings: listOf(shape({ on: text, name: text, value: v.nullable(text) })) });
export type MeasureUndo = v.InferOutput<typeof measureUndo>;

const labJson = v.pipe(
  shape({
    schema: schemaNumber,
    plan: labPlan,
    bindir: text,
    version: v.exactOptional(text), // version of the binaries when they last ran: '18.4'; a look runs no program
    undo: v.nullable(measureUndo), // settings that `measure` changed and has not restored yet
    moving: v.nullable(moving), // the pending operation: goto, reset, undo or solve
    elsewhere: v.exactOptional(recordOf(text)), // native: agreed targets of linked folders, by path in the lab
    elsewhereFor: v.exactOptional(text), // the lab folder in which the learner agreed (agreed.ts)
    adopted: v.exactOptional(recordOf(v.boolean())), // Docker: was the container adopted? By container id
  }),
  v.check(
    ({ plan, undo, moving }) =>
      [...(moving?.running ?? []), ...(undo?.settings ?? []).map(({ on }) => on)].every((one) =>
        hasServer(plan.servers, one),
      ),
    'servers of its plan',
  ),
);
export type LabFile = v.InferOutput<typeof labJson>;

export type LabWish = {
  readonly major?: number | undefined;
  readonly bindir?: string | undefined;
  readonly anyPorts?: boolean; // a temporary lab avoids the ports that the learner's own lab uses
  readonly anywhere?: boolean; // start the search for free ports at a random place: others search at the same time
  readonly docker?: DockerWish | undefined; // make a new lab on Docker
  readonly secrets?: Secrets; // of another lab, whose states the new one is to make
  /** Docker: the ports of containers that the lab's servers have already, by server. Asked where ports are chosen. */
  readonly published?: (plan: LabPlan) => Promise<ReadonlyMap<string, number>>;
};

/** `prefix` begins the names of containers and network, so that two labs on one Docker daemon do not collide. */
export type DockerWish = Omit<DockerPlan, 'network'> & { readonly prefix: string };

const labFile = (dir: string): string => join(dir, 'lab.json');

/** undefined: no lab here yet. Throws a ProblemError for a path that cannot be a lab, or an unreadable lab.json. */
export function readLab(dir: string): LabFile | undefined {
  refuseBadFolder(dir);
  const read = readJson(labFile(dir), labJson);
  if (read.kind === 'value') return read.value;
  if (read.kind === 'absent') return undefined;
  throw new ProblemError({
    what: `${labFile(dir)} cannot be read: ${read.why}.`,
    fix: 'Open the workshop ("repl-workshop"): it sets the file aside and makes a new plan from the data directories. Your servers and files stay as they are.',
  });
}

export type OpenedFolder = { readonly file: LabFile; readonly notices: readonly string[] };

/** Reads the lab of this folder, or makes it: plan, ports, folders. `notices` are sentences for the learner. */
export async function openFolder(dir: string, wish: LabWish): Promise<OpenedFolder> {
  refuseBadFolder(dir);
  const read = readJson(labFile(dir), labJson);
  if (read.kind === 'value') return knownFolder(dir, read.value, wish);
  refuseReadOnly(dir);
  const notices: string[] = [];
  if (read.kind === 'unreadable') {
    const aside = setAside(labFile(dir), new Date());
    notices.push(
      `lab.json could not be read (${read.why}). It is kept as ${basename(aside)}; a new plan was made from the data directories.`,
    );
  }
  const kept = secretsFor(wish);
  const planned = await planWith(dir, wish, kept.secrets);
  makeLabFolder(dir);
  if (!writeNewJson(labFile(dir), planned.file)) return openFolder(dir, wish); // another program has just made this lab
  return { ...planned, notices: [...notices, ...kept.says, ...planned.notices] };
}

/** A server that never ran gets a new port when its own is taken; one that has run keeps the port in its file. */
async function knownFolder(dir: string, file: LabFile, wish: LabWish): Promise<OpenedFolder> {
  refuseOtherMajor(file, wish);
  if (file.moving) return { file, notices: [] }; // the servers are in a backup, with the ports in their own files
  if ((await lostPorts(dir, file.plan)).length === 0) return { file, notices: [] };
  if (isTakenByOthers(dir, 'screen')) return { file, notices: [] }; // that screen uses this plan
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) return { file, notices: [] }; // an operation uses this plan
  using _lock = lock;
  const now = readLab(dir) ?? file;
  if (now.moving) return { file: now, notices: [] };
  const kept = withPublished(now.plan, await wish.published?.(now.plan));
  const { plan, says } = await withFreePorts(dir, kept.plan, wish.anywhere ?? false, kept.names);
  if (says.length > 0 || plan !== now.plan) saveLab(dir, { ...now, plan });
  return { file: { ...now, plan }, notices: says };
}

/** Docker labs have the tutorial's passwords. A temporary lab writes nothing into the user's folders. */
function secretsFor({ docker, anyPorts, secrets }: LabWish): KeptSecrets {
  if (secrets) return { secrets, says: [] };
  if (docker) return { secrets: tutorialSecrets, says: [] };
  return anyPorts ? { secrets: newSecrets(), says: [] } : userSecrets();
}

/** The lab that this folder would get; writes nothing, not even the user's secrets. */
export const planFolder = (dir: string, wish: LabWish): Promise<OpenedFolder> =>
  planWith(dir, wish, (wish.docker ? undefined : lookUpSecrets()) ?? tutorialSecrets);

/** Data directories that already exist keep their major and ports. */
async function planWith(dir: string, wish: LabWish, secrets: Secrets): Promise<OpenedFolder> {
  refuseOddPath(dir);
  const binaries = wish.docker
    ? { major: wish.major ?? newestMajor, bindir: '' }
    : await findBinaries({ bindir: wish.bindir, major: wish.major ?? majorOfCluster(dir) });
  const planned = await newPlan(dir, binaries.major, wish, secrets);
  const { plan, names: kept } = withPublished(planned, await wish.published?.(planned));
  const says = plan.servers.flatMap(({ name, port }) => {
    const usual = usualPort(name);
    return usual === port || wish.anyPorts || kept.includes(name)
      ? []
      : [`Port ${usual} is taken on this machine, so ${name} gets ${port}.`];
  });
  const { bindir } = binaries;
  const version = 'version' in binaries ? { version: binaries.version } : {};
  return { file: { schema: 1, plan, bindir, ...version, undo: null, moving: null }, notices: says };
}

/** Replaces lab.json. Read it just before, under the operation lock: a pending operation is recorded in it. */
export const saveLab = (dir: string, file: LabFile): void => writeJson(labFile(dir), file);

export function refuseOtherMajor({ plan: { major } }: LabFile, wish: LabWish): void {
  if (wish.major === undefined || wish.major === major) return;
  throw new ProblemError(
    {
      what: `This lab was made with PostgreSQL ${major}, and data directories belong to one major.`,
      fix: `Leave --pg out, or choose another folder with --lab DIR for PostgreSQL ${wish.major}.`,
    },
    2,
  );
}

const nearestThere = (dir: string): string => (existsSync(dir) ? dir : nearestThere(dirname(dir)));

function refuseReadOnly(dir: string): void {
  try {
    accessSync(nearestThere(dir), constants.W_OK);
  } catch (error) {
    throw cannotWrite(dir, error as NodeJS.ErrnoException);
  }
}

/** Closes a new or empty folder to other users; a folder with files keeps its mode. */
function makeLabFolder(dir: string): void {
  makeFolder(dir);
  if (readdirSync(dir).length > 0) return;
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) return; // another program makes this lab
  using _lock = lock;
  if (readdirSync(dir).every((name) => name.startsWith('.deed.lock'))) chmodSync(dir, 0o700);
}

const relayAt = 5442;
async function newPlan(
  dir: string,
  major: number,
  { anyPorts = false, anywhere, docker }: LabWish,
  secrets: Secrets,
): Promise<LabPlan> {
  const inFiles = docker ? [] : serverNames.flatMap((name) => portInFile(join(dir, dataOf(name)), name));
  const known = new Map(inFiles);
  if (anyPorts)
    for (const name of serverNames.filter((one) => !known.has(one)))
      known.set(name, await anyFreePort(new Set(known.values())));
  const ports = await portsFor(known, anywhere);
  const taken = new Set(ports.values());
  const servers = serverNames.map((name): ServerPlan => {
    const container = docker ? { container: `${docker.prefix}${name}` } : {};
    const [port, log] = [ports.get(name) ?? usualPort(name), `logs/${name}.log`];
    const password = secrets.servers[name] ?? newSecret(name);
    return { name, port, data: dataOf(name), log, database: name, password, ...container };
  });
  return {
    id: randomBytes(6).toString('hex'),
    engine: docker ? 'docker' : 'native',
    major,
    host: '127.0.0.1',
    servers,
    replication: { user: 'slave', password: secrets.replication, applicationName: 'slave1' },
    relayPort: anyPorts ? await anyFreePort(taken) : await freePort(relayAt, taken),
    ...(docker ? { docker: dockerPart(docker) } : {}),
  };
}

const dockerPart = ({ prefix, image, storage, user }: DockerWish): DockerPlan => ({
  network: `${prefix}rep`,
  image,
  storage,
  user,
});
