/** One look at every server of a native lab: reads files, runs short queries; writes nothing. */
import { createConnection } from 'node:net';
import { basename, join } from 'node:path';
import { connect } from '../../connect.ts';
import { inLab } from '../../folders/in-lab.ts';
import { type AskedServer, type Asker, createAsker, isNoAnswer, lookLimits } from '../../look/ask.ts';
import type { DataPlace, Files } from '../../look/data-place.ts';
import { createDiskReader, type DiskReader } from '../../look/disk.ts';
import { clustersBeside, localFiles, statIfThere } from '../../look/files.ts';
import { createLogTail, type LogTail } from '../../look/log-tail.ts';
import type { Observation, ProcessState, ServerView } from '../../observation.ts';
import type { LabPlan } from '../../plan/plan.ts';
import { isProblem, type Problem } from '../../problem.ts';
import type { ClusterTools } from '../data/cluster.ts';
import { createRefusedReader, type RefusedReader } from '../data/refused.ts';
import { shutOf } from '../data/shut.ts';
import { isGiven } from '../user/give.ts';
import { openTransactions } from './family.ts';
import { livePostmaster, readPostmasterPid } from './postmaster.ts';
import { processView } from './process.ts';
import type { NativeServer } from './server.ts';

export type Observer = (signal?: AbortSignal) => Promise<Observation>;

export function createObserver(
  dir: string,
  plan: LabPlan,
  servers: readonly NativeServer[],
  tools: Pick<ClusterTools, 'binaries' | 'user'>,
): Observer {
  const readConf = createRefusedReader(tools);
  const readDisk = createDiskReader();
  const tail = createLogTail();
  const ask = createAsker(plan);
  return async (signal) => {
    const views = await Promise.all(
      servers.map((server) => look({ dir, plan, readDisk, readConf, tail, ask }, server, signal)),
    );
    return {
      at: new Date().toISOString(),
      engine: 'native',
      major: plan.major,
      servers: Object.fromEntries(views.map((view) => [view.name, view])),
    };
  };
}

type Looking = {
  readonly dir: string;
  readonly plan: LabPlan;
  readonly readDisk: DiskReader;
  readonly readConf: RefusedReader;
  readonly tail: LogTail;
  readonly ask: Asker;
};

async function look(
  { dir, plan, readDisk, readConf, tail, ask }: Looking,
  server: NativeServer,
  signal: AbortSignal | undefined,
): Promise<ServerView> {
  const postmaster = livePostmaster(server.data);
  const shut = shutOf(server.data, server.plan.data);
  const read = shut ?? attempt(() => readDisk(placeOf(dir, server.data, postmaster !== undefined)), server);
  const refused = isProblem(read) ? [] : await readConf(server.data, read, (path) => inLab(dir, path));
  const disk = refused.length > 0 ? { ...read, refused } : read;
  const logFile = server.logFile();
  const run = tail(logFile, inLab(dir, logFile), postmaster?.pid);
  const unlisted = postmaster ? undefined : server.unlisted();
  const processNow = isProblem(disk)
    ? ({ state: postmaster ? 'up' : 'absent' } as const)
    : processView(disk, postmaster ?? unlisted, run.all, copiedAt(server));
  const fresh = processNow.state === 'absent' || processNow.state === 'created'; // the log is about a removed cluster
  const sql =
    processNow.state === 'up' ? await ask(askedServer(dir, server), signal) : notAsked(server, processNow.state);
  const hung = processNow.state === 'up' && isProblem(sql) && isNoAnswer(sql);
  const blocking = postmaster && processNow.state === 'up' && isProblem(sql) ? openTransactions(postmaster.pid) : [];
  const leftPid = postmaster ? undefined : readPostmasterPid(server.data)?.pid;
  return {
    name: server.name,
    addresses: [
      { host: plan.host, port: server.plan.port, from: 'servers' },
      { host: plan.host, port: server.plan.port, from: 'learner' },
    ],
    process: {
      ...processNow,
      ...(hung ? { state: 'hung' } : {}),
      ...(blocking.length > 0 ? { blocking } : {}),
      ...(leftPid === undefined ? {} : { leftPid }),
    },
    disk,
    sql:
      isProblem(sql) || sql.through === 'tcp' ? sql : { ...sql, listens: await listens(plan.host, server.plan.port) },
    log: fresh ? { ...run.view, since: run.view.size, records: [] } : run.view,
  };
}

/** Whether somebody listens at the address that the others use. The look itself comes in through the socket. */
const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((found) => {
    const connection = createConnection({ host, port });
    connection.once('connect', () => {
      connection.destroy();
      found(true);
    });
    connection.once('error', () => found(false));
  });

/** When a base backup was copied there: pg_basebackup writes backup_label, and the first start removes it. */
const copiedAt = ({ data }: NativeServer): Date | undefined => localFiles.stat(join(data, 'backup_label'))?.savedAt;

const askedServer = (dir: string, server: NativeServer): AskedServer => ({
  name: server.name,
  open: (database, timeoutMs) => connect(server.doors(), { database, timeoutMs, limits: lookLimits }),
  shown: (path) => inLab(dir, path),
  mark: () => `${statIfThere(server.logFile())?.size} ${statIfThere(join(server.data, 'global/pg_control'))?.ctimeMs}`,
});

/** In a lab of root, files of the servers' user count as root's: each start gives root's files to the servers' user. */
const asGiven: Files = {
  ...localFiles,
  stat(path) {
    const stat = localFiles.stat(path);
    return stat && { ...stat, uid: isGiven(stat.uid) ? 0 : stat.uid };
  },
};

function placeOf(dir: string, data: string, running: boolean): DataPlace {
  const self = process.getuid?.();
  const beside = clustersBeside(data);
  // mv to a folder that is there moves into it
  const runningBeside = [...beside, ...beside.map((path) => join(path, basename(data)))].find(livePostmaster);
  const shown = (path: string) => inLab(dir, path);
  return {
    data,
    files: self === 0 ? asGiven : localFiles,
    whole: true,
    shown,
    serverUid: self,
    running,
    leftBeside: beside.map(shown),
    ...(runningBeside ? { runningBeside: shown(runningBeside) } : {}),
  };
}

const attempt = <T>(read: () => T, server: NativeServer): T | Problem => {
  try {
    return read();
  } catch (error) {
    return {
      what: `${server.plan.data} cannot be read: ${(error as Error).message}`,
      fix: 'Give the folder back to the user that runs the workshop.',
    };
  }
};

/** A server that starts or stops is not asked: it refuses each session with a FATAL in the learner's log. */
const notAsked = (server: NativeServer, state: ProcessState): Problem =>
  state === 'starting'
    ? {
        what: `${server.name} does not take sessions now: it is starting or stopping.`,
        fix: `Its log says what it waits for.`,
      }
    : {
        what: `${server.name} does not run, so it cannot be asked.`,
        fix: `Start it: pg_ctl -D ${server.plan.data} start`,
      };
