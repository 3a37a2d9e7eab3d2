/** What can be wrong with the processes and files of native servers, and mending it. */
import { chmodSync, existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../../files/regular-file.ts';
import { isAt } from '../../machine/processes.ts';
import { until } from '../../machine/until.ts';
import type { LabFaults, Repair, Repairer, ServerFaults } from '../../repair/repair.ts';
import { displacedServers, endDisplaced, type Places } from '../astray/displaced.ts';
import { shutOf } from '../data/shut.ts';
import { isLockLeft, removeLock } from '../user/socket-lock.ts';
import { serverProcesses, signalProcess } from './family.ts';
import {
  isPostgres,
  livePostmaster,
  mostOfThePidFile,
  postmasterIn,
  processesIn,
  readPostmasterPid,
} from './postmaster.ts';
import type { NativeServer } from './server.ts';

/** `servers`: those whose data directories are the lab's own. */
export function nativeRepairer(places: Places, servers: () => readonly NativeServer[]): Repairer {
  return {
    async faults(): Promise<LabFaults> {
      const found: Record<string, ServerFaults> = {};
      for (const { name, data } of servers()) found[name] = await faultsOf(data);
      const ports = places.plan.servers.map(({ port }) => port);
      return {
        servers: found,
        locks: ports.filter((port) => isLockLeft(places.socketDir, port)),
        astray: displacedServers(places),
      };
    },
    async mend(repair) {
      const data = 'server' in repair ? servers().find(({ name }) => name === repair.server)?.data : undefined;
      if (repair.do === 'remove lock') removeLock(places.socketDir, repair.port);
      else if (repair.do === 'end deleted') await endDeleted(places);
      else if (data !== undefined) await mendServer(repair, data);
    },
  };
}

async function endDeleted(places: Places): Promise<void> {
  for (const one of displacedServers(places)) if (one.isDeleted) await endDisplaced(one);
}

/** Looks again before each change: the fault may be gone, and a pid another process's. */
async function mendServer(repair: Repair, data: string): Promise<void> {
  const now = await faultsOf(data);
  if (repair.do === 'continue') await continueAll(data, now.suspended ?? []);
  if (repair.do === 'end children') await endChildren(now.children ?? [], data);
  if (repair.do === 'remove pid file' && now.pidFile) rmSync(join(data, 'postmaster.pid'));
  if (repair.do === 'close') chmodSync(data, 0o700);
}

async function continueAll(data: string, pids: readonly number[]): Promise<void> {
  for (const pid of pids) signalProcess(pid, 'SIGCONT');
  await until(async () => (await faultsOf(data)).suspended === undefined, { deadlineMs: 5_000 });
}

/** Without their postmaster they end by themselves, as soon as they are continued; what hangs is killed. */
async function endChildren(pids: readonly number[], data: string): Promise<void> {
  const remaining = () => pids.filter((pid) => isPostgres(pid) && isAt(pid, data));
  for (const signal of ['SIGQUIT', 'SIGCONT'] as const) for (const pid of remaining()) signalProcess(pid, signal);
  const haveEnded = () => remaining().length === 0;
  if (await until(haveEnded, { deadlineMs: 5_000 })) return;
  for (const pid of remaining()) signalProcess(pid, 'SIGKILL');
  await until(haveEnded, { deadlineMs: 5_000 });
}

async function faultsOf(data: string): Promise<ServerFaults> {
  if (shutOf(data, data)) return {}; // who cannot look does not touch
  const listed = livePostmaster(data);
  const pid = listed?.pid ?? postmasterIn(data);
  if (pid !== undefined) {
    const suspended = (await serverProcesses(pid)).filter((one) => one.suspended).map((one) => one.pid);
    const { socketDir, port, status } = listed ?? {};
    const isSocketGone =
      socketDir && port && /^(ready|standby)$/.test(status ?? '') && !existsSync(join(socketDir, `.s.PGSQL.${port}`));
    return {
      ...(suspended.length > 0 ? { suspended } : {}),
      ...(listed ? {} : { unlisted: true }),
      ...(isSocketGone ? { socketGone: true } : {}),
    };
  }
  const children = processesIn(data).flatMap((one) => (isPostgres(one.pid) ? [one.pid] : []));
  const isFile = readRegular(join(data, 'postmaster.pid'), mostOfThePidFile).kind === 'bytes';
  return {
    ...(children.length > 0 ? { children } : {}),
    ...(isFile ? { pidFile: { pid: readPostmasterPid(data)?.pid || null } } : {}),
    ...(isHalfMade(data) ? { halfMade: true } : {}),
  };
}

/** Some of the folders that initdb makes first, and no PG_VERSION. */
function isHalfMade(data: string): boolean {
  const names = lstatSync(data, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(data) : [];
  return !names.includes('PG_VERSION') && ['global', 'pg_wal', 'base'].some((name) => names.includes(name));
}
