/** A lab whose servers are PostgreSQL processes on this machine. */

import { existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { BackupDriver } from '../backup/backup-driver.ts';
import { backupOperations } from '../backup/backups.ts';
import type { SelfCommand } from '../bin.ts';
import { copyFiles, removeFiles } from '../files/copy-files.ts';
import { inLab } from '../folders/in-lab.ts';
import type { CommandSpec, Lab, Server } from '../lab.ts';
import { makeComplete } from '../lock/operation-lock.ts';
import { scramOrNone, withoutPgSettings } from '../machine/own-environment.ts';
import { run } from '../machine/run.ts';
import { type LabPlan, serverPlan } from '../plan/plan.ts';
import { startAll } from '../running.ts';
import { passwordFile } from '../secrets/password-file.ts';
import { type Elsewhere, foldersOf, outsideOf, refuseOutside } from '../trust/outside.ts';
import { clearTheWay, type Places } from './astray/displaced.ts';
import { writeBin } from './bin.ts';
import type { Binaries } from './binaries.ts';
import { makeAhead } from './data/ahead.ts';
import type { ClusterTools } from './data/cluster.ts';
import { linkOperations } from './data/elsewhere.ts';
import { removeState } from './data/remove-state.ts';
import { followFolder } from './data/renamed.ts';
import { ownOnly } from './own-only.ts';
import { beginPasswordFile, keepPasswordFile, refreshPasswordFile } from './password-file.ts';
import { preparedServers } from './prepared.ts';
import { freezeServers, unfreezeServers } from './server/freeze.ts';
import { createObserver } from './server/observe.ts';
import { endOrphans, markPrograms } from './server/orphans.ts';
import { nativeRepairer } from './server/repairer.ts';
import { type NativeServer, nativeServer } from './server/server.ts';
import { watchServers } from './server/watch.ts';
import { grantGroup, makePassage } from './user/server-folder.ts';
import { isOwn, makeSocketFolder, socketFolder } from './user/socket-folder.ts';
import { type FileOwner, type ServerUser, serverUser } from './user/user.ts';

export type NativeLab = Lab & {
  readonly tools: ClusterTools;
  readonly servers: readonly NativeServer[];
};

/** Opens the lab for operations: makes its folder complete, but starts and stops no server. */
export async function openNativeLab(
  dir: string,
  plan: LabPlan,
  binaries: Binaries,
  program: SelfCommand,
  elsewhere: () => Elsewhere = nowhere,
  signal?: AbortSignal,
): Promise<NativeLab> {
  const lab = lookAtNativeLab(dir, plan, binaries, elsewhere, () => refreshPasswordFile(dir, plan, lab.servers));
  const folders = ['rep', 'logs'].map((name) => join(dir, name));
  const isComplete = () =>
    [...folders, join(dir, 'bin')].every((path) => existsSync(path)) && isOwn(lab.tools.socketDir);
  const made = await makeComplete(dir, isComplete, () => completeLab(lab, binaries, program, elsewhere), signal);
  const keep = keepPasswordFile(dir, plan);
  return {
    ...lab,
    ...made,
    async observe(signal) {
      const seen = await lab.observe(signal);
      keep(seen);
      return seen;
    },
  };
}

async function completeLab(
  { dir, plan, tools, servers }: NativeLab,
  binaries: Binaries,
  program: SelfCommand,
  elsewhere: () => Elsewhere,
): Promise<Pick<NativeLab, 'left' | 'notices'>> {
  const { owner } = await tools.user();
  const isInLab = (path: string) => outsideOf(dir, [path], elsewhere()).length === 0;
  const rep = join(dir, 'rep');
  const before = statSync(rep, { throwIfNoEntry: false })?.gid;
  grantGroup(dir, owner, 0o010);
  if (isInLab('rep')) makePassage(rep, owner);
  if (isInLab('logs')) makePassage(join(dir, 'logs'), owner);
  makeSocketFolder(tools.socketDir, owner);
  const left = await writeBin(dir, binaries, program);
  const followed: string[] = [];
  for (const server of plan.servers)
    if (isInLab(server.data)) followed.push(...(await followFolder(dir, tools.socketDir, server)));
  const ownerChanged = owner && before !== undefined && before !== statSync(rep).gid;
  const passwords = beginPasswordFile(dir, plan, servers);
  return { left: [...left, ...passwords, ...followed], notices: ownerChanged ? [ownersChange(owner)] : [] };
}

const ownersChange = ({ uid }: FileOwner): string =>
  `PostgreSQL's files in this lab belonged to another user. Its servers now run as user ${uid}, and each gets its files at its next start.`;

/** The same lab for looks only: this function and `observe` write nothing. */
export const viewNativeLab = async (
  dir: string,
  plan: LabPlan,
  binaries: Binaries,
  elsewhere: () => Elsewhere = nowhere,
): Promise<NativeLab> => lookAtNativeLab(dir, plan, binaries, elsewhere);

const nowhere = (): Elsewhere => ({});

function lookAtNativeLab(
  dir: string,
  plan: LabPlan,
  binaries: Binaries,
  elsewhere: () => Elsewhere,
  onStarted: () => Promise<void> = async () => undefined,
): NativeLab {
  let user: Promise<ServerUser> | undefined;
  const places = () => [dir, ...Object.values(elsewhere())] as const;
  const tools: ClusterTools = {
    dir,
    binaries,
    user: () => (user ??= serverUser(process.getuid?.(), places(), binaries.bindir)),
    socketDir: socketFolder(dir, plan.id),
    placeOf: (data) => {
      const path = inLab(dir, data);
      if (isAbsolute(path) || outsideOf(dir, [path], elsewhere()).length > 0) return undefined;
      return elsewhere()[path] ?? data;
    },
  };
  const refuse = (paths: readonly string[]) => refuseOutside(dir, paths, elsewhere());
  const silent = plan.servers.map((server) => ownOnly(dir, nativeServer(dir, plan, server, tools), elsewhere));
  const servers = silent.map((server) => ({ ...server, start: () => server.start().then(onStarted) }));
  const start = async (some: readonly Server[]) => {
    try {
      await startAll(some);
    } finally {
      await onStarted(); // also for those that have started
    }
  };
  const outside = () => outsideOf(dir, foldersOf(plan), elsewhere());
  const folders = () =>
    plan.servers
      .filter(({ data }) => outsideOf(dir, [data], elsewhere()).length === 0)
      .map(({ data }) => join(dir, data));
  const place: Places = { dir, socketDir: tools.socketDir, plan };
  const driver: BackupDriver = {
    dir,
    plan,
    servers: silent,
    start,
    copy: copyFiles,
    remove: removeFiles,
    freeze: () => freezeServers(folders()),
    unfreeze: () => unfreezeServers(folders()),
    ...noEngineState,
    setAside: () => clearTheWay(place).then(() => 0),
    ...linkOperations(dir, elsewhere),
  };
  const hasLinks = Object.keys(elsewhere()).length > 0; // data on another disk is not exchanged by a rename
  const command = (argv: readonly string[]): CommandSpec => {
    const [name = '', ...args] = argv;
    return { command: name, args, cwd: dir, env: labEnvironment(dir, plan) };
  };
  return {
    dir,
    plan,
    tools,
    servers,
    sockets: tools.socketDir,
    about: `native · PostgreSQL ${binaries.version}`,
    server(name) {
      const found = servers.find((server) => server.name === name);
      if (!found) throw new Error(`no server "${name}" in this lab`);
      return found;
    },
    observe: createObserver(dir, plan, servers, tools),
    watch: (signal) => watchServers(dir, servers, signal),
    command,
    exec: (argv, options) => run(command(argv), options),
    ...backupOperations(driver),
    repairer: nativeRepairer(place, () => servers.filter(({ data }) => folders().includes(data))),
    ...(hasLinks ? {} : { prepared: preparedServers(dir, plan, tools, silent, start) }),
    outside,
    async dismantle() {
      refuse(foldersOf(plan));
      for (const server of servers) await server.stop('immediate');
      const left = await removeState(dir, elsewhere());
      if (isOwn(tools.socketDir)) await removeFiles(tools.socketDir);
      return left;
    },
    createAhead(names) {
      const ahead = makeAhead(tools, plan, hasLinks ? [] : names);
      tools.ahead = ahead;
      return ahead;
    },
    markPrograms,
    endOrphans,
    between: async (on) => {
      const { port } = serverPlan(plan, on);
      return { listen: plan.host, to: { host: plan.host, port }, seenAs: plan.host };
    },
    openFile: async (server, file) => {
      const { data } = serverPlan(plan, server);
      refuse([data]);
      return { path: file.startsWith(`${data}/`) ? file : join(data, file), done: async () => undefined };
    },
    async [Symbol.asyncDispose]() {
      // Servers outlive the program, and no session stays open between calls.
    },
  };
}

/** A native lab keeps nothing outside of its folder. */
const noEngineState: Pick<
  BackupDriver,
  'engineState' | 'copyEngineState' | 'reinstate' | 'restoreSetAside' | 'forget'
> = {
  engineState: async () => ({}),
  copyEngineState: async () => 0,
  reinstate: async () => undefined,
  restoreSetAside: async () => undefined,
  forget: async () => undefined,
};

/** Without the PG* variables of the learner's own shell, which would lead to other servers. */
const labEnvironment = (dir: string, plan: LabPlan): Record<string, string> => ({
  ...withoutPgSettings(process.env),
  PATH: [join(dir, 'bin'), process.env.PATH ?? ''].join(delimiter),
  PGHOST: plan.host,
  PSQL_HISTORY: join(dir, 'psql_history'), // keeps the lab's statements out of the learner's own history
  ...scramOrNone,
  PGPASSFILE: passwordFile(dir),
});
