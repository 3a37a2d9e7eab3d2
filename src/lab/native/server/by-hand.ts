/** initdb and pg_ctl as the learner calls them: run as the servers' user, on files that belong to that user. */
import { closeSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { userOf } from '../../machine/processes.ts';
import { ProblemError } from '../../problem.ts';
import { type ClusterTools, makeRoom } from '../data/cluster.ts';
import { give } from '../user/give.ts';
import { makePassage } from '../user/server-folder.ts';
import { readySocketFolder } from '../user/socket-folder.ts';
import { asAnother, type CommandLine } from '../user/user.ts';
import { openLogFile } from './log-file.ts';
import { livePostmaster } from './postmaster.ts';

/**
 * For initdb on a folder that is no data directory of the plan; no settings are added. Resolves with the command
 * line, or, where initdb would fail, with its error message.
 */
export async function initdbByHand(
  tools: ClusterTools,
  data: string | undefined,
  args: readonly string[],
): Promise<CommandLine | string> {
  const user = await tools.user();
  const failure = data && tools.placeOf(data) ? makeRoom(data, user) : undefined;
  return failure ?? user.as(programIn(tools, 'initdb'), args, 'maker');
}

/** Gives the files that initdb made to the servers' user. */
export async function giveByHand(tools: ClusterTools, data: string | undefined): Promise<void> {
  if (data) give(tools.placeOf(data), (await tools.user()).owner);
}

/** `log`: the log file of a start, which may be outside of the lab when the learner named it. */
export async function pgCtlByHand(
  tools: ClusterTools,
  data: string | undefined,
  log: string | undefined,
  args: readonly string[],
): Promise<CommandLine> {
  const user = await tools.user();
  const running = data === undefined ? undefined : livePostmaster(data);
  const runsAs = running && userOf(running.pid);
  const program = programIn(tools, 'pg_ctl');
  if (user.owner && runsAs !== undefined && runsAs !== user.owner.uid) return asAnother(runsAs, program, args);
  const place = data && tools.placeOf(data);
  if (data && place) {
    give(place, user.owner);
    await readySocketFolder(data, tools.socketDir, user.owner);
  }
  const isOfLab = log !== undefined && dirname(log) === join(tools.dir, 'logs');
  if (isOfLab) makePassage(dirname(log), user.owner);
  // pg_ctl, as another user, cannot make a file in a folder of root.
  if (isOfLab || (log !== undefined && user.owner && !existsSync(log))) closeSync(openLogFile(log, user.owner));
  return user.as(program, args);
}

/** Whether a server is running that an earlier version of the workshop started as another user. */
export async function runsAsAnother(tools: ClusterTools, data: string): Promise<boolean> {
  const { owner } = await tools.user();
  const running = livePostmaster(data);
  return owner !== null && running !== undefined && userOf(running.pid) !== owner.uid;
}

function programIn({ binaries: { bindir } }: ClusterTools, name: 'initdb' | 'pg_ctl'): string {
  const path = join(bindir, name);
  if (existsSync(path)) return path;
  throw new ProblemError({ what: `${path} is not there.`, fix: '"repl-workshop doctor" looks for PostgreSQL.' });
}
