/**
 * The steps of a verdict as they can be done: every step goes through `doableSteps`. Checks say what is to be done;
 * where in a file, and how a commit does not wait, is the same for all of them.
 */
import type { Observation, ProcessState, ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { parseConf } from '../../postgres/conf/conf.ts';
import { type CommitLevel, commitWait, evaluateSync } from '../../postgres/sync/sync.ts';
import { linesLost } from '../hba/superuser.ts';
import { written } from '../setting/settings.ts';
import type { Edit, Step } from '../verdict.ts';
import { viewOf } from '../view.ts';
import { lineOf } from './file-lines.ts';

export const doableSteps = (next: readonly Step[], now: Observation): readonly Step[] =>
  withSuperuser(
    withoutIdleSteps(
      next.map((step) => placed(step, now)),
      now,
    ).map((step, at, all) => {
      if (step.do !== 'sql' || step.waits || !commits(step.text)) return step;
      return confirmedHere(viewOf(now, step.on), all.slice(0, at))
        ? { ...step, text: `SET synchronous_commit = local; ${step.text}` }
        : step;
    }),
    now,
  );

/**
 * Leaves out the steps that stop or reload a server without a process, as such a command would only end in an error,
 * and edits that would write what is there.
 */
function withoutIdleSteps(next: readonly Step[], now: Observation): readonly Step[] {
  const down = new Set(
    Object.values(now.servers).flatMap(({ name, process }) =>
      statesWithoutProcess.includes(process.state) ? [name] : [],
    ),
  );
  const isIdle = (step: Step): boolean => {
    if (step.do === 'start' || step.do === 'restart') down.delete(step.on);
    if (step.do === 'edit') return typeof step.line === 'number' && lineOf(viewOf(now, step.on), step) === step.text;
    return ((step.do === 'stop' && step.folder === undefined) || step.do === 'reload') && down.has(step.on);
  };
  const left: Step[] = [];
  let or: Pick<Step, 'or'> = {};
  for (const step of next) {
    if (step.or) or = { or: true }; // of the first step that is left of this way
    if (isIdle(step)) continue;
    left.push({ ...step, ...or });
    or = {};
  }
  return left.length > 0 ? left : next;
}

const statesWithoutProcess: readonly ProcessState[] = ['absent', 'created', 'stopped', 'failed'];

function placed(step: Step, now: Observation): Step {
  if (step.do === 'edit') return atLine(step, viewOf(now, step.on));
  return step.do === 'chown' ? { ...step, ...uidOf(viewOf(now, step.on)) } : step;
}

/** The line of a setting is the one that counts now, in whichever file; all else is a new line. */
function atLine({ line, file, ...step }: Edit, { disk }: ServerView): Edit {
  if (isProblem(disk)) return { ...step, file, line: line ?? 'new' };
  if (line !== undefined) return { ...step, file: inObservation(file, disk.path), line };
  const [setting] = file.endsWith('pg_hba.conf') ? [] : parseConf(step.text, file).settings;
  const last = setting && written(disk, setting.name).at(-1);
  return last
    ? { ...step, file: last.path, line: last.line }
    : { ...step, file: inObservation(file, disk.path), line: 'new' };
}

const inObservation = (file: string, data: string): string =>
  file === 'postgresql.conf' || file === 'pg_hba.conf' ? `${data}/${file}` : file;

const uidOf = ({ disk }: ServerView): { readonly uid?: number } => ('serverUid' in disk ? { uid: disk.serverUid } : {});

/** Behind the last edit of a pg_hba.conf: what it would cost the superuser. */
function withSuperuser(steps: readonly Step[], now: Observation): readonly Step[] {
  const edits = steps.filter((step): step is Edit => step.do === 'edit' && step.file.endsWith('pg_hba.conf'));
  return steps.flatMap((step) => {
    const own = step.do === 'edit' ? edits.filter(({ on }) => on === step.on) : [];
    const [last] = own.slice(-1);
    return last && last === step ? [step, ...linesLost(now, viewOf(now, last.on), own)] : [step];
  });
}

/** ALTER SYSTEM writes a file, and must not stand in one transaction with a SET. */
const commits = (sql: string): boolean => !/^\s*(?:SELECT|SHOW|ALTER\s+SYSTEM|SET\s+synchronous_commit)\b/i.test(sql);

/**
 * A commit would wait for a standby that is not there to confirm it; so that it does not, only this server confirms it.
 * A server that was stopped or started by the steps before has lost its standbys, or they it.
 */
function confirmedHere(view: ServerView, before: readonly Step[]): boolean {
  if (isProblem(view.sql)) {
    const names = isProblem(view.disk) ? undefined : written(view.disk, 'synchronous_standby_names').at(-1);
    return names !== undefined && names.value !== '';
  }
  const { inRecovery, settings, senders } = view.sql;
  if (inRecovery) return false;
  const sync = evaluateSync(settings.synchronous_standby_names?.value ?? '', senders);
  if ('message' in sync) return true;
  const { kind } = commitWait(sync, (settings.synchronous_commit?.value ?? 'on') as CommitLevel);
  return kind === 'stuck' || (kind === 'asks' && before.some((step) => step.do === 'stop' || step.do === 'restart'));
}
