/**
 * doctor: looks at this machine and this lab, and reports what is there and what is missing. Only `--fix` changes
 * anything.
 */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { closing } from '../../../lab/exposure/closing.ts';
import { exposures } from '../../../lab/exposure/exposure.ts';
import { factsOfLook } from '../../../lab/exposure/facts.ts';
import { type LabFile, readLab } from '../../../lab/folder.ts';
import { binariesOf } from '../../../lab/lab-binaries.ts';
import { supportedPlatform } from '../../../lab/machine/platform.ts';
import { findBinaries, findClients, installedBinaries } from '../../../lab/native/binaries.ts';
import { socketFolder } from '../../../lab/native/user/socket-folder.ts';
import { serverUser } from '../../../lab/native/user/user.ts';
import { serverPlan } from '../../../lab/plan/plan.ts';
import { isPortFree } from '../../../lab/plan/ports.ts';
import { isProblem, ProblemError } from '../../../lab/problem.ts';
import { cannotWrite } from '../../../lab/store/store.ts';
import { othersWay, refuseOthers } from '../../../lab/trust/others.ts';
import { readLearner } from '../../../learner/store.ts';
import { messages } from '../../../ui/messages.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { diskOfCache, diskOfLab, leftOnMachine } from '../../doctor-disk.ts';
import { backups, pendingOperation, shutFolders, strayServers } from '../../doctor-lab.ts';
import { atMost, openToLook } from '../../opening/access.ts';
import { chosenEngine, tryDocker } from '../../opening/engines.ts';
import { fix } from '../do/fix.ts';
import { serverLine } from '../lab/servers.ts';

type Finding = { readonly about: string; readonly ok: boolean; readonly says: string; readonly fix?: string };
type Look = readonly [about: string, look: (invocation: Invocation) => Promise<string> | string];

/** Each look resolves with what it found, or throws a ProblemError. */
const looks: readonly Look[] = [
  ['Node.js', () => `${process.versions.node} on ${process.platform} ${process.arch}`],
  ['system', () => supportedPlatform()],
  ['PostgreSQL', async () => bestBinaries()],
  [
    'others',
    async () =>
      (await installedBinaries()).map(({ version, bindir }) => `${version} in ${bindir}`).join(', ') ||
      'no PostgreSQL is installed on this machine',
  ],
  ['psql', () => client('psql')],
  ['pg_basebackup', () => client('pg_basebackup')],
  ['Docker', (invocation) => docker(invocation)],
  ['ways to Docker', (invocation) => waysToDocker(invocation)],
  ['servers run as', (invocation) => serversRunAs(invocation)],
  ['lab folder', (invocation) => folder(invocation)],
  ['lab.json', (invocation) => (ownLab(invocation) ? 'can be read' : 'not there yet: the first opening makes it')],
  ['progress', (invocation) => progress(invocation) || 'can be read, or is not there yet'],
  ['deeds', (invocation) => pendingOperation(invocation)],
  ['backups', (invocation) => backups(invocation)],
  ['folders', (invocation) => shutFolders(invocation)],
  ['room on disk', ({ dir }) => room(dir)],
  ['disk of lab', (invocation) => diskOfLab(invocation)],
  ['prepared states', (invocation) => diskOfCache(invocation)],
  ['to tidy', (invocation) => leftOnMachine(invocation)],
  ['sockets', async (invocation) => sockets(invocation)],
  ['ports', async (invocation) => ports(invocation)],
  ['lab', async (invocation) => servers(invocation)],
  ['other users', async (invocation) => otherUsers(invocation)],
  ['other servers', (invocation) => strayServers(invocation)],
];

export const doctor: Run = async (invocation) => {
  atMost(invocation, 0, 'doctor [--json] [--fix]');
  if (flag(invocation.options, 'fix')) return fix(invocation);
  const { io, options } = invocation;
  const findings: Finding[] = [];
  for (const [about, look] of looks) findings.push(await find(about, () => look(invocation)));
  if (flag(options, 'json')) io.out(JSON.stringify({ schema: 1, findings }));
  else for (const [at, finding] of findings.entries()) io.out(lineOf(finding, findings.slice(0, at)));
  return findings.every(({ ok }) => ok) ? 0 : 3;
};

/** One problem may stop several looks. Only the first of them shows its text. */
function lineOf({ about, ok, says, fix }: Finding, before: readonly Finding[]): string {
  const same = ok ? undefined : before.find((one) => !one.ok && one.says === says);
  const text = same ? `as above, at "${same.about}"` : `${says}${fix ? `\n${' '.repeat(22)}→ ${fix}` : ''}`;
  return `${ok ? 'ok  ' : 'look'} ${about.padEnd(16)} ${text}`;
}

async function find(about: string, look: () => Promise<string> | string): Promise<Finding> {
  try {
    return { about, ok: true, says: await look() };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { about, ok: false, says: error.problem.what, fix: error.problem.fix };
  }
}

async function bestBinaries(): Promise<string> {
  const { version, origin, bindir } = await findBinaries();
  return `${version}, ${origin === 'embedded' ? 'brought along by the workshop' : 'installed'}, in ${bindir}`;
}

async function client(name: 'psql' | 'pg_basebackup'): Promise<string> {
  const real = (await findClients(await findBinaries()))(name);
  return real ?? "the workshop's own: no installed one is of the server's major or newer";
}

/** Docker is a problem only when it is missing and this lab or --engine needs it. */
async function docker(invocation: Invocation): Promise<string> {
  const reached = await tryDocker(invocation);
  if ('docker' in reached) {
    const { engine, version, operatingSystem, from, remote, rootless } = reached;
    const more = [remote ? 'on another machine' : '', rootless ? 'rootless' : ''].filter((word) => word !== '');
    return [`${engine} ${version} on ${operatingSystem}, through ${from}`, ...more].join(', ');
  }
  const wanted = chosenEngine(invocation.options) === 'docker' || wantsDocker(invocation);
  if (wanted) throw new ProblemError(reached.problem);
  return `not there, and only needed with --engine docker: ${reached.problem.what}`;
}

async function serversRunAs({ dir, named }: Invocation): Promise<string> {
  const file = othersWay(named) ? undefined : readLab(dir);
  const known = file?.plan.engine === 'native' ? binariesOf(file) : findBinaries();
  const bindir = await known.then(
    (found) => found.bindir,
    () => '/', // missing programs are reported by the look "PostgreSQL"
  );
  const user = await serverUser(process.getuid?.(), [dir], bindir);
  user.as('true', []); // throws a ProblemError where servers cannot run as that user
  return user.notice ?? 'you';
}

async function sockets(invocation: Invocation): Promise<string> {
  const { lab } = await openToLook(invocation);
  return lab.plan.engine === 'docker' ? 'inside the containers' : socketFolder(lab.dir, lab.plan.id);
}

async function waysToDocker(invocation: Invocation): Promise<string> {
  const { tried } = await tryDocker(invocation);
  const attempts = tried.map(({ from, where, why }) => `${from}${from.includes(where) ? '' : ` (${where})`}: ${why}`);
  return attempts.join('; ') || 'the first one answered';
}

/** Throws a ProblemError where the lab is another user's. */
function ownLab({ dir, named }: Invocation): LabFile | undefined {
  refuseOthers(named);
  return readLab(dir);
}

const wantsDocker = (invocation: Invocation): boolean =>
  othersWay(invocation.named) === undefined && readLab(invocation.dir)?.plan.engine === 'docker';

function progress({ dir, named }: Invocation): string {
  refuseOthers(named);
  return readLearner(dir).says.join(' ');
}

function folder({ dir, named }: Invocation): string {
  refuseOthers(named);
  if (!existsSync(dir)) return `${dir} (not there yet)`;
  try {
    accessSync(dir, constants.R_OK | constants.W_OK);
    return dir;
  } catch (error) {
    throw cannotWrite(dir, error as NodeJS.ErrnoException);
  }
}

function room(dir: string): string {
  const { bavail, bsize } = statfsSync(existsSync(dir) ? dir : nearestFolder(dir));
  const megabytes = Math.round((bavail * bsize) / 1024 / 1024);
  if (megabytes >= 500) return `${megabytes} MB`;
  throw new ProblemError({
    what: `${megabytes} MB are left; a lab with its backups takes about 300 MB.`,
    fix: 'Make room, or choose another folder with --lab DIR.',
  });
}

const nearestFolder = (dir: string): string => (existsSync(dir) ? dir : nearestFolder(dirname(dir)));

async function servers(invocation: Invocation): Promise<string> {
  const { lab } = await openToLook(invocation);
  refuseOthers(invocation.named);
  const views = Object.values((await lab.observe()).servers);
  const what = views.map(serverLine).join('; ');
  const unseen = views.flatMap(({ process, disk, sql }) =>
    isProblem(disk) ? disk : process.state === 'up' && isProblem(sql) ? sql : [],
  );
  if (unseen[0]) throw new ProblemError({ what, fix: unseen[0].fix });
  return what;
}

/**
 * Throws a ProblemError for a port of the lab that another program has taken: our server could not start there, and a
 * client would connect to that program.
 */
async function ports(invocation: Invocation): Promise<string> {
  const { lab } = await openToLook(invocation);
  refuseOthers(invocation.named);
  const seen = (await lab.observe()).servers;
  const takenPorts: string[] = [];
  for (const server of lab.servers) {
    const { port } = serverPlan(lab.plan, server.name);
    if (isProblem(seen[server.name]?.disk)) continue; // the server itself may have the port: its state is unknown
    if (!(await server.isRunning()) && !(await isPortFree(port)))
      takenPorts.push(`${server.name} does not run, and another program has its port ${port}`);
  }
  if (takenPorts.length === 0) return lab.plan.servers.map(({ name, port }) => `${name} ${port}`).join(', ');
  throw new ProblemError({
    what: `${takenPorts.join('; ')}.`,
    fix: 'Stop that program. A server that was not made yet gets another port at the next opening.',
  });
}

/** Throws a ProblemError that says what lets other users in, and how to change it. */
async function otherUsers(invocation: Invocation): Promise<string> {
  if (!ownLab(invocation)) return 'there is no lab yet';
  const { lab } = await openToLook(invocation);
  const facts = factsOfLook(lab, await lab.observe());
  const found = exposures(facts);
  if (found.length === 0) return messages.exposed.nobody(facts.silent);
  throw new ProblemError({
    what: found.map(({ what }) => what).join(' '),
    fix: [
      ...(closing(facts).length > 0 ? [messages.exposed.fix] : []),
      ...found.flatMap(({ byHand }) => byHand ?? []),
    ].join(' '),
  });
}
