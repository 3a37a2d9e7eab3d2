/** up, down and status: start, stop and show the servers of the lab. */
import { setTimeout as pause } from 'node:timers/promises';
import { refusedLines } from '../../../check/steps/refused-lines.ts';
import { listBackups } from '../../../lab/backup/backup-folder.ts';
import { interrupted } from '../../../lab/backup/interrupted.ts';
import type { Lab } from '../../../lab/lab.ts';
import { withOperationLock } from '../../../lab/lock/operation-lock.ts';
import { hasLostFiles } from '../../../lab/look/ask.ts';
import { maskObservation } from '../../../lab/mask.ts';
import type { Observation, ServerView } from '../../../lab/observation.ts';
import type { ServerPlan } from '../../../lab/plan/plan.ts';
import { isProblem, ProblemError } from '../../../lab/problem.ts';
import { stopAll } from '../../../lab/running.ts';
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { askConfirmation } from '../../confirm.ts';
import { atMost, openLab, openToLook, openWhole } from '../../opening/access.ts';
import { forgetElsewhere } from '../../opening/adopt-folder.ts';
import { openProgress } from '../../progress.ts';

/** Starts every server that has a data directory. Creating data directories is the learner's task (lesson 2). */
export const up: Run = async (invocation) => {
  atMost(invocation, 0, 'up');
  const { lab } = await openLab(invocation);
  const before = await lab.observe();
  const wanted = Object.values(before.servers).filter(
    ({ name, process }) =>
      (process.state === 'starting' || (process.state !== 'absent' && process.pid === undefined)) &&
      servedInside(lab).some((one) => one.name === name),
  );
  using progress = openProgress(invocation.io, false);
  await withOperationLock(lab.dir, async () => {
    const steps = wanted.map(({ name }) => `start ${name}`);
    for (const [at, { name }] of wanted.entries()) {
      progress.onStep({ steps, at, now: '', share: at / steps.length });
      await lab.server(name).start();
    }
  });
  progress.end();
  const after = await lab.observe();
  for (const view of Object.values(after.servers)) invocation.io.out(serverLine(view));
  const down = Object.values(after.servers).filter(
    ({ process, sql }) =>
      (process.state !== 'up' && process.state !== 'absent') || (isProblem(sql) && hasLostFiles(sql)),
  );
  for (const { sql } of down) if (isProblem(sql) && hasLostFiles(sql)) invocation.io.err(sql.fix);
  const unseen = Object.values(after.servers).flatMap(({ disk }) => (isProblem(disk) ? disk : []));
  if (unseen[0]) throw new ProblemError(unseen[0]);
  if (Object.values(after.servers).every(({ process }) => process.state === 'absent')) {
    invocation.io.out('This lab has no servers yet: lesson 2 makes them ("repl-workshop" opens the workshop).');
  }
  return down.length > 0 ? 1 : 0;
};

export const down: Run = async (invocation) => {
  atMost(invocation, 0, 'down');
  if (flag(invocation.options, 'remove')) return remove(invocation);
  const { lab } = await openLab(invocation);
  await withOperationLock(lab.dir, async () => {
    await stopServersOf(lab);
  });
  for (const view of Object.values((await lab.observe()).servers)) invocation.io.out(serverLine(view));
  return 0;
};

/** Leaves a server alone whose data directory is outside of the lab; opening the lab has reported it. */
export async function stopServersOf(lab: Lab): Promise<void> {
  await stopAll(servedInside(lab).map(({ name }) => lab.server(name)));
}

const servedInside = (lab: Lab): readonly ServerPlan[] =>
  lab.plan.servers.filter(
    ({ data }) => !lab.outside().some(({ path }) => data === path || data.startsWith(`${path}/`)),
  );

/**
 * Removes servers, data and backups, so that deleting the folder leaves nothing behind. The learner's progress stays.
 */
async function remove(invocation: Invocation): Promise<number> {
  const { lab: seen } = await openToLook(invocation);
  const { engine, servers, docker } = seen.plan;
  const names = await removedNames(seen);
  const plan =
    engine === 'docker'
      ? [
          names === '' ? "no container is this lab's" : `stop and remove ${names}`,
          `remove the network ${docker?.network}, if the workshop made it, and volumes of this lab`,
        ]
      : [`stop ${servers.map(({ name }) => name).join(' and ')}`];
  const named = listBackups(seen.dir).flatMap(({ kind, about }) => (kind === 'named' ? [about] : []));
  const all = [
    ...plan,
    `remove data directories, logs and backups below ${seen.dir}`,
    ...(named.length > 0 ? [`remove your snapshots, too: ${named.join(', ')}`] : []),
  ];
  if (!(await askConfirmation(invocation, all))) return 0;
  const { lab } = await openWhole(invocation);
  const left = await withOperationLock(lab.dir, async () => {
    const stays = await lab.dismantle();
    forgetElsewhere(lab.dir);
    return stays;
  });
  for (const line of left) invocation.io.out(line);
  invocation.io.out(`Nothing of this lab runs any more. The rest is in ${lab.dir}: your progress, and no server.`);
  return 0;
}

/** The containers of the lab under the names that they have. */
async function removedNames(lab: Lab): Promise<string> {
  if (lab.plan.engine !== 'docker') return '';
  const { servers } = await lab.observe();
  const names = Object.values(servers).flatMap(({ container }) => container?.name ?? []);
  return names.length === 0 ? '' : `the container${names.length > 1 ? 's' : ''} ${names.join(' and ')}`;
}

export const status: Run = async (invocation) => {
  atMost(invocation, 0, 'status');
  const { lab } = await openToLook(invocation);
  const { io, options, unheard: signal } = invocation;
  const left = interrupted(lab.dir)?.problem;
  if (left) io.err(`${left.what} ${left.fix}`);
  let before = '';
  for (;;) {
    const seen = await lab.observe(signal);
    if (seen.unseen && !flag(options, 'json')) throw new ProblemError(seen.unseen);
    const shown = flag(options, 'json')
      ? hideSecrets(JSON.stringify(statusJson(seen)), lab.plan)
      : Object.values(seen.servers)
          .flatMap((view) => [serverLine(view), ...refusedWords(view).map((line) => `  ! ${line}`)])
          .join('\n');
    const same = flag(options, 'json') ? JSON.stringify({ ...statusJson(seen), at: '' }) : shown;
    if (same !== before)
      io.out(flag(options, 'watch') && !flag(options, 'json') ? `${seen.at.slice(11, 19)}\n${shown}` : shown);
    before = same;
    if (!flag(options, 'watch') || signal.aborted) return seen.unseen ? 3 : 0;
    await pause(1000, undefined, { signal }).catch(() => undefined); // rejects on Ctrl-C
    if (signal.aborted) return 0;
  }
};

const statusJson = (seen: Observation) => {
  const { at, servers, unseen } = maskObservation(seen);
  return {
    schema: 1,
    at,
    ...(unseen ? { unseen } : {}),
    servers: Object.values(servers).map((view) => {
      const { name, addresses, process, sql, disk } = view;
      return {
        name,
        host: forLearner(addresses)?.host ?? null,
        port: portOf(view) ?? null,
        state: process.state,
        reason: process.reason ?? null,
        role: isProblem(sql) ? null : sql.inRecovery ? 'standby' : 'primary',
        timeline: isProblem(sql) ? null : sql.timeline,
        position: isProblem(sql) ? null : sql.position,
        systemIdentifier: isProblem(disk) ? null : (disk.control?.systemIdentifier ?? null),
        standbys: isProblem(sql) ? [] : sql.senders,
        receiver: isProblem(sql) ? null : sql.receiver,
        waiting: isProblem(sql) ? [] : sql.waiting,
        refused: refusedWords(view),
      };
    }),
  };
};

/** Lines of its files with which it would not start again. */
const refusedWords = (view: ServerView): readonly string[] => refusedLines(view).map(({ what }) => what);

/** The address at which programs of this machine reach the server. */
const forLearner = (addresses: ServerView['addresses']) => addresses.find(({ from }) => from === 'learner');

/** A native server reports the port in effect; a container reports the port inside, so its published port counts. */
const portOf = ({ addresses, container, sql }: ServerView): number | undefined =>
  isProblem(sql) || container ? forLearner(addresses)?.port : sql.port;

/** One server in one line: "master :5432  up, primary, timeline 1, 0/5000148; slave1 streams (sync 1)". */
export function serverLine(view: ServerView): string {
  const { name, process, sql, disk } = view;
  const start = `${name} :${portOf(view) ?? '?'}`.padEnd(14);
  if (isProblem(sql) && isProblem(disk)) return `${start} not known: ${disk.what}`;
  if (isProblem(sql))
    return `${start} ${process.state === 'absent' ? 'not made yet' : process.state}${process.reason ? `: ${process.reason}` : ''}${process.state === 'up' ? `: ${sql.what}` : ''}`;
  const where =
    sql.position.role === 'primary' ? sql.position.current : (sql.position.replayed ?? 'nothing replayed yet');
  const standbys = sql.senders
    .map((sender) => `; ${sender.applicationName} ${sender.state} (${sender.syncState} ${sender.syncPriority})`)
    .join('');
  const waiting =
    sql.waiting.length > 0
      ? `; ${sql.waiting.length} commit${sql.waiting.length > 1 ? 's wait' : ' waits'} for a standby`
      : '';
  return `${start} ${process.state}, ${sql.inRecovery ? 'standby' : 'primary'}, timeline ${sql.timeline ?? '?'}, ${where}${standbys}${waiting}`;
}
