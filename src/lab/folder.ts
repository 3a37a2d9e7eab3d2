/** The lab folder: `lab.json` with its plan. Finds it, makes a new one, and says what is wrong with a broken one. */
import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { readOfLab } from './files/read-file.ts';
import { refuseBadFolder } from './folders/bad-folder.ts';
import { makeFolder } from './folders/make-folder.ts';
import { isHolder, isTakenByOthers, takeLock } from './lock/lock.ts';
import { findBinaries } from './native/binaries.ts';
import { refuseOddPath } from './plan/lab-path.ts';
import { type DockerPlan, hasServer, type LabPlan, labPlan, newestMajor, type ServerPlan } from './plan/plan.ts';
import { dataOf, lostPorts, portSetting, portsFor, serverNames, usualPort, withFreePorts } from './plan/plan-ports.ts';
import { anyFreePort, freePort } from './plan/ports.ts';
import { ProblemError } from './problem.ts';
import { type KeptSecrets, lookUpSecrets, userSecrets } from './secrets/kept.ts';
import { newSecret, newSecrets, type Secrets, tutorialSecrets } from './secrets/secrets.ts';
import { listOf, recordOf, schemaNumber, shape, text } from './store/json.ts';
import { cannotWrite, readJson, setAside, writeJson, writeNewJson } from './store/store.ts';

/** Where the state before stands, and the mark that programs of this deed carry. */
const moving = shape({
  backup: v.pipe(text, v.regex(/^backups\/(?!\.)[^/]+$/, 'a folder in backups')),
  mark: text,
  running: v.exactOptional(listOf(text)), // the servers that it stops
  copied: v.exactOptional(v.literal(true)), // the state before has not moved
});
export type PendingOperation = v.InferOutput<typeof moving>;

/** Settings in postgresql.auto.conf as they were before a measurement; null: they did not stand there. */
const measureUndo = shape({ settings: listOf(shape({ on: text, name: text, value: v.nullable(text) })) });
export type MeasureUndo = v.InferOutput<typeof measureUndo>;

const labJson = v.pipe(
  shape({
    schema: schemaNumber,
    plan: labPlan,
    bindir: text,
    version: v.exactOptional(text), // of the programs there when they were last run: '18.4'. A look runs nothing
    undo: v.nullable(measureUndo), // what `measure` has put aside and not yet brought back
    moving: v.nullable(moving), // a goto, reset or undo that is under way
    elsewhere: v.exactOptional(recordOf(text)), // native, by path in the lab: where a folder lies that is a link, as the learner has agreed to
    elsewhereFor: v.exactOptional(text), // the folder in which that was said (agreed.ts)
    adopted: v.exactOptional(recordOf(v.boolean())), // Docker, by container id: what the learner said to "is it the lab's?"
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
  readonly anyPorts?: boolean; // a temporary lab stays away from the ports that the learner's own lab will want
  readonly anywhere?: boolean; // ports: others look for some at this moment too, so the search begins anywhere
  readonly docker?: DockerWish | undefined; // a new lab is to live on Docker
};

/** `prefix` stands before the names of containers and network: two labs on one Docker need two. */
export type DockerWish = Omit<DockerPlan, 'network'> & { readonly prefix: string };

const labFile = (dir: string): string => join(dir, 'lab.json');

/** Undefined: no lab here yet. Throws a ProblemError for a folder that cannot be one, or a lab.json that cannot be read. */
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

/** Reads the lab of this folder, or makes it: plan, ports, folders. `says` is for the learner, line by line. */
export async function openFolder(dir: string, wish: LabWish): Promise<OpenedFolder> {
  refuseBadFolder(dir);
  const read = readJson(labFile(dir), labJson);
  if (read.kind === 'value') return knownFolder(dir, read.value, wish);
  refuseReadOnly(dir);
  const says: string[] = [];
  if (read.kind === 'unreadable') {
    const aside = setAside(labFile(dir), new Date());
    says.push(
      `lab.json could not be read (${read.why}). It is kept as ${basename(aside)}; a new plan was made from the data directories.`,
    );
  }
  const kept = secretsFor(wish);
  const planned = await planWith(dir, wish, kept.secrets);
  makeLabFolder(dir);
  if (!writeNewJson(labFile(dir), planned.file)) return openFolder(dir, wish); // another program has just made this lab
  return { ...planned, notices: [...says, ...kept.says, ...planned.notices] };
}

/** A port that somebody took before the server ever ran is planned anew; a server that has run keeps the one in its file. */
async function knownFolder(dir: string, file: LabFile, wish: LabWish): Promise<OpenedFolder> {
  refuseOtherMajor(file, wish);
  if (file.moving) return { file, notices: [] }; // the servers lie in a backup, and come back with the ports that their own files name
  if ((await lostPorts(dir, file.plan)).length === 0) return { file, notices: [] };
  if (isTakenByOthers(dir, 'screen')) return { file, notices: [] }; // that one goes by this plan
  const lock = takeLock(dir, 'deed');
  if (isHolder(lock)) return { file, notices: [] }; // a deed goes by this plan
  using _lock = lock;
  const now = readLab(dir) ?? file;
  if (now.moving) return { file: now, notices: [] };
  const { plan, says } = await withFreePorts(dir, now.plan, wish.anywhere ?? false);
  if (says.length > 0) saveLab(dir, { ...now, plan });
  return { file: { ...now, plan }, notices: says };
}

/** Docker labs have the tutorial's own passwords. A temporary lab leaves no trace in the user's folders. */
function secretsFor({ docker, anyPorts }: LabWish): KeptSecrets {
  if (docker) return { secrets: tutorialSecrets, says: [] };
  return anyPorts ? { secrets: newSecrets(), says: [] } : userSecrets();
}

/** What a new lab in this folder would be; nothing is written, not even the user's secrets. */
export const planFolder = (dir: string, wish: LabWish): Promise<OpenedFolder> =>
  planWith(dir, wish, (wish.docker ? undefined : lookUpSecrets()) ?? tutorialSecrets);

/** Data directories that are there already keep their major and ports. */
async function planWith(dir: string, wish: LabWish, secrets: Secrets): Promise<OpenedFolder> {
  refuseOddPath(dir);
  const binaries = wish.docker
    ? { major: wish.major ?? newestMajor, bindir: '' }
    : await findBinaries({ bindir: wish.bindir, major: wish.major ?? majorOfCluster(dir) });
  const plan = await newPlan(dir, binaries.major, wish, secrets);
  const says = plan.servers.flatMap(({ name, port }) => {
    const usual = usualPort(name);
    return usual === port || wish.anyPorts ? [] : [`Port ${usual} is taken on this machine, so ${name} gets ${port}.`];
  });
  const { bindir } = binaries;
  const version = 'version' in binaries ? { version: binaries.version } : {};
  return { file: { schema: 1, plan, bindir, ...version, undo: null, moving: null }, notices: says };
}

/** Written whole; the caller has read it just before, under the deed lock: a deed keeps its way back there. */
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

/** A folder that the learner has just made for it is closed to others too; one with files in it stays as it is. */
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

function portInFile(data: string, name: string): readonly (readonly [string, number])[] {
  const port = portSetting(textOf(join(data, 'postgresql.conf')) ?? '');
  return port ? [[name, port.value]] : [];
}

function majorOfCluster(dir: string): number | undefined {
  const rep = join(dir, 'rep');
  const versions = namesIn(rep)
    .map((name) => Number.parseInt(textOf(join(rep, name, 'PG_VERSION')) ?? '', 10))
    .filter((version) => version > 0);
  return versions[0];
}

/** None where there is no folder, or one that is shut. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const mostOfAFile = 16 * 1024 * 1024;

/** What cannot be read says nothing for a new plan. */
function textOf(path: string): string | undefined {
  const read = readOfLab(path, mostOfAFile);
  return read.kind === 'bytes' ? read.bytes.toString('utf8') : undefined;
}
