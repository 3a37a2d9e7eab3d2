/** A lab whose servers are PostgreSQL processes of this machine. */

import { createHash } from 'node:crypto';
import { chownSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { backupDeeds, type Keeper } from '../backups.ts';
import type { Program } from '../bin.ts';
import { copyFiles, removeFiles } from '../copy-files.ts';
import type { CommandSpec, Lab } from '../lab.ts';
import { makeFolder } from '../make-folder.ts';
import { type Elsewhere, foldersOf, outsideOf, refuseOutside } from '../outside.ts';
import { type LabPlan, serverPlan } from '../plan.ts';
import { run, withoutPgSettings } from '../run.ts';
import { passwordFile } from '../secrets/password-file.ts';
import { writeBin } from './bin.ts';
import type { Binaries } from './binaries.ts';
import type { ClusterTools } from './cluster.ts';
import { holdServers, letServersGo } from './hold.ts';
import { createObserver } from './observe.ts';
import { endOrphans, markPrograms } from './orphans.ts';
import { ownOnly } from './own-only.ts';
import { beginPasswordFile, keepPasswordFile, refreshPasswordFile } from './password-file.ts';
import { type NativeServer, nativeServer } from './server.ts';
import { serverUser } from './user.ts';
import { watchServers } from './watch.ts';

const longestSocketPath = 107; // bytes, on Linux; ".s.PGSQL.5432" comes on top of the folder

/** Sockets stand in the lab's `run/`, or, where that path is too long for one, in a folder of this lab's own below /tmp. */
export function socketDirOf(dir: string): string {
  const inside = join(dir, 'run');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.65535.lock')) <= longestSocketPath) return inside;
  return join('/tmp', `repl-workshop-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`);
}

export type NativeLab = Lab & {
  readonly tools: ClusterTools;
  readonly servers: readonly NativeServer[];
};

/** Opens the lab for deeds. The folder is made complete; no server is started or stopped. */
export async function openNativeLab(
  dir: string,
  plan: LabPlan,
  binaries: Binaries,
  program: Program,
  elsewhere: () => Elsewhere = nowhere,
): Promise<NativeLab> {
  const user = await serverUser(process.getuid?.());
  const socketDir = socketDirOf(dir);
  for (const folder of [join(dir, 'rep'), join(dir, 'logs'), socketDir]) {
    makeFolder(folder);
    // The user that the servers run as makes its sockets there, pg_ctl its log files, pg_basebackup its copy.
    if (user.owner) chownSync(folder, user.owner.uid, user.owner.gid);
  }
  const left = await writeBin(dir, binaries, user, program);
  const lab = lookAtNativeLab(dir, plan, binaries, user, elsewhere, () => refreshPasswordFile(dir, plan, lab.servers));
  const passwords = beginPasswordFile(dir, plan, lab.servers);
  const keep = keepPasswordFile(dir, plan);
  return {
    ...lab,
    left: [...left, ...passwords],
    async observe(signal) {
      const seen = await lab.observe(signal);
      keep(seen);
      return seen;
    },
  };
}

/** The same lab for looking: nothing is written. */
export async function viewNativeLab(
  dir: string,
  plan: LabPlan,
  binaries: Binaries,
  elsewhere: () => Elsewhere = nowhere,
): Promise<NativeLab> {
  return lookAtNativeLab(dir, plan, binaries, await serverUser(process.getuid?.()), elsewhere);
}

const nowhere = (): Elsewhere => ({});

function lookAtNativeLab(
  dir: string,
  plan: LabPlan,
  binaries: Binaries,
  user: ClusterTools['user'],
  elsewhere: () => Elsewhere,
  started: () => Promise<void> = async () => undefined,
): NativeLab {
  const tools: ClusterTools = { binaries, user, socketDir: socketDirOf(dir) };
  const refuse = (paths: readonly string[]) => refuseOutside(dir, paths, elsewhere());
  const servers = plan.servers.map((server) =>
    ownOnly(nativeServer(dir, plan, server, tools, started), () => refuse([server.data, dirname(server.log)])),
  );
  const outside = () => outsideOf(dir, foldersOf(plan), elsewhere());
  const folders = () =>
    plan.servers
      .filter(({ data }) => outsideOf(dir, [data], elsewhere()).length === 0)
      .map(({ data }) => join(dir, data));
  const held = { hold: () => holdServers(folders()), letGo: () => letServersGo(folders()) };
  const keeper: Keeper = { dir, servers, copy: copyFiles, remove: removeFiles, ...held, ...nothingBeyond };
  const command = (argv: readonly string[]): CommandSpec => {
    const [name = '', ...args] = argv;
    return { command: name, args, cwd: dir, env: labEnvironment(dir, plan) };
  };
  return {
    dir,
    plan,
    tools,
    servers,
    says: user.says,
    about: `native · PostgreSQL ${binaries.version}`,
    server(name) {
      const found = servers.find((server) => server.name === name);
      if (!found) throw new Error(`no server "${name}" in this lab`);
      return found;
    },
    observe: createObserver(dir, plan, servers, user),
    watch: (signal) => watchServers(dir, servers, signal),
    command,
    exec: (argv, options) => run(command(argv), options),
    ...backupDeeds(keeper),
    outside,
    async dismantle() {
      refuse(foldersOf(plan));
      for (const server of servers) await server.stop('immediate');
      for (const part of ['rep', 'logs', 'backups']) await removeFiles(join(dir, part));
      await removeFiles(tools.socketDir);
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
      // Servers outlive the program, and no session is held open.
    },
  };
}

/** All of a native lab is in its folder. */
const nothingBeyond: Pick<Keeper, 'beyond' | 'keep' | 'reinstate' | 'setAside' | 'takeBack' | 'forget'> = {
  beyond: async () => ({}),
  keep: async () => undefined,
  reinstate: async () => undefined,
  setAside: async () => undefined,
  takeBack: async () => undefined,
  forget: async () => undefined,
};

/** PG* of the learner's own shell would reach other servers than the lab's. */
const labEnvironment = (dir: string, plan: LabPlan): Record<string, string> => ({
  ...withoutPgSettings(process.env),
  PATH: [join(dir, 'bin'), process.env.PATH ?? ''].join(delimiter),
  PGHOST: plan.host,
  PGPASSFILE: passwordFile(dir),
});
