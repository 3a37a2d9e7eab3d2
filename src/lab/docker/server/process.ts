/** The process state of a server, from its container and the log of its current start. */
import type { LogRecord } from '../../../postgres/log/log.ts';
import { failureOf } from '../../look/start-end.ts';
import type { Disk, ProcessView } from '../../observation.ts';
import { isProblem, type Problem } from '../../problem.ts';
import type { Info } from '../container.ts';
import { type ForeignContainer, foreignWords } from '../container-view.ts';
import { endedInInit, type StartProgress } from '../lab-context.ts';

type Seen = {
  readonly info: Info | undefined;
  readonly foreign: ForeignContainer | undefined;
  readonly progress: StartProgress;
  readonly text: string; // the container's log since its start
  readonly records: readonly LogRecord[]; // the server's own log
  readonly disk: Disk | Problem;
  readonly madeAt: Date | undefined; // when the cluster on the disk was made or copied there
  readonly hung: boolean;
};

export function containerProcessView({
  info,
  foreign,
  progress,
  text,
  records,
  disk,
  madeAt,
  hung,
}: Seen): ProcessView {
  if (!info) return { state: 'absent', ...(foreign ? { reason: foreignWords(foreign).what } : {}) };
  const { State } = info;
  const entrypointError = entrypointErrorIn(text);
  if (State.Paused) return { state: 'paused', ...about(info) };
  if (State.Restarting) return { state: 'restarting', reason: endReason(info, entrypointError, records) };
  if (State.Running) {
    if (progress !== 'ready' && progress !== 'closed') return { state: 'starting', ...about(info) };
    return { state: hung ? 'hung' : 'up', ...about(info) };
  }
  if (State.Status === 'created') return State.Error ? { state: 'failed', reason: State.Error } : { state: 'created' };
  if (!endedInInit(text) && !isProblem(disk)) {
    // The cluster was replaced after the container's last run, so the log is about the old one.
    const isNew = madeAt === undefined || madeAt.getTime() > Date.parse(State.StartedAt);
    if (disk.state === 'cluster' && disk.neverStarted && isNew) return { state: 'created' };
    // The data directory was moved or emptied since, so the log is about a cluster that is gone.
    if (disk.state !== 'cluster' && !entrypointError && !State.Error) return { state: 'absent' };
  }
  if (State.OOMKilled && State.ExitCode !== 0)
    return {
      state: 'failed',
      reason: "the process was killed: the machine (or the container's limit) had no memory left",
    };
  if (State.ExitCode === 0 && !State.Error) return { state: 'stopped' };
  return { state: 'failed', reason: endReason(info, entrypointError, records) };
}

const about = ({ State }: Info): Pick<ProcessView, 'pid' | 'startedAt'> => ({
  pid: State.Pid,
  startedAt: State.StartedAt,
});

/**
 * What the image's entrypoint, and the programs that it runs before the server, say when they cannot go on. A line
 * before a start is none of these: as another user than postgres the image may not change its socket folder, but
 * starts.
 */
function entrypointErrorIn(text: string): string | undefined {
  const own = /^Error: .*$/m.exec(text)?.[0];
  // The server that initdb runs writes into the line that initdb has begun.
  const full = /(?:FATAL|PANIC): +(.*No space left on device.*)/.exec(text)?.[1];
  const sinceStart = text.slice(text.lastIndexOf('starting PostgreSQL') + 1);
  return (
    own ??
    full ??
    sinceStart
      .match(/^(?:mkdir|chown|chmod|find|initdb|docker-entrypoint\.sh|\S*\/docker-entrypoint\.sh): .*$/gm)
      ?.find(isRefusal)
  );
}
const isRefusal = (line: string): boolean =>
  /Permission denied|Operation not permitted|No space left on device|Read-only file system|error:/.test(line);

const killed = 137; // 128 + SIGKILL

function endReason({ State }: Info, entrypointError: string | undefined, records: readonly LogRecord[]): string {
  if (State.Error) return State.Error; // Docker's own error of the last start
  const failure = failureOf(records);
  if (failure) return failure;
  if (entrypointError) return entrypointError;
  if (State.ExitCode === killed) return 'the process ended without a word: it was killed';
  return `the container ended with exit code ${State.ExitCode}`;
}
