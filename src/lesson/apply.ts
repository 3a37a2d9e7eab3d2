/** Runs the actions of solutions and mistakes on a real lab. */
import type { Journal } from '../check/journal.ts';
import type { Lab, RunningStatement, Server } from '../lab/lab.ts';
import { until } from '../lab/machine/until.ts';
import { measureLab } from '../lab/measure/measuring.ts';
import type { SeenPlan } from '../lab/plan/plan-seen.ts';
import { ProblemError } from '../lab/problem.ts';
import { setConf, unsetConf } from '../postgres/conf/conf.ts';
import { type Action, actionWords, endWaiting, filledAction } from './action.ts';
import { taskKey } from './lesson.ts';

/**
 * The state between actions: the journal with answers and measurements, the statements in the background, and what a
 * look last saw of the servers, for the words of commands.
 */
export type Runner = AsyncDisposable & {
  readonly lab: Lab;
  readonly plan: { value: SeenPlan };
  readonly journal: { value: Journal };
  readonly waiting: RunningStatement[];
  readonly now: () => Date;
};

/** Disposing of the runner ends its statements in the background. */
export function openRunner(lab: Lab, journal: Journal, now: () => Date = () => new Date()): Runner {
  const waiting: RunningStatement[] = [];
  return {
    lab,
    plan: { value: lab.plan },
    journal: { value: journal },
    waiting,
    now,
    async [Symbol.asyncDispose]() {
      for (const statement of waiting) await statement.terminate().catch(() => undefined); // its server may be down
    },
  };
}

/**
 * `lesson` is the id of the lesson that the question of an answer belongs to. Throws the lab's error (often a
 * ProblemError) when the action fails, and a ProblemError when it should have been refused and was not.
 */
export async function applyAction(runner: Runner, lesson: string, action: Action): Promise<void> {
  const refusal = await perform(runner, lesson, filledAction(action, runner.plan.value)).then(
    () => undefined,
    (error: Error) => error,
  );
  if (action.outcome !== 'refused' && refusal) throw refusal;
  if (action.outcome === 'refused' && !refusal)
    throw new ProblemError({
      what: `"${actionWords(action, runner.plan.value)}" was to be refused, and was not.`,
      fix: '"repl-workshop check" says what is there.',
    });
}

async function perform(runner: Runner, lesson: string, action: Action): Promise<void> {
  const { lab, journal } = runner;
  switch (action.do) {
    case 'create':
    case 'start':
    case 'reload':
    case 'kill':
      return lab.server(action.on)[action.do]();
    case 'stop':
      return action.folder === undefined ? lab.server(action.on).stop(action.how ?? 'fast') : runWords(runner, action);
    case 'touch':
      return edit(lab.server(action.on), action.file, (text) => text);
    case 'remove':
      return lab.server(action.on).deleteFile(action.file);
    case 'put-aside':
      return action.to === undefined ? void (await lab.server(action.on).putAside()) : runWords(runner, action);
    case 'copy-data':
      return lab.server(action.to).copyFrom(action.from, action.without);
    case 'sql':
      return void (await lab.server(action.on).sql(action.text, inDatabase(action)));
    case 'restart':
    case 'rename':
    case 'chmod':
    case 'clone':
    case 'replication-login':
    case 'run':
      return runWords(runner, action);
    case 'set':
      return edit(lab.server(action.on), action.file, (text) => setConf(text, action.name, action.value));
    case 'unset':
      return edit(lab.server(action.on), undefined, (text) => unsetConf(text, action.name));
    case 'append':
      return edit(
        lab.server(action.on),
        action.file,
        (text) => `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${action.line}\n`,
      );
    case 'prepend':
      return edit(lab.server(action.on), action.file, (text) => `${action.line}\n${text}`);
    case 'write':
      return lab.server(action.on).writeFile(action.file, action.text);
    case 'begin':
      return void runner.waiting.push(await begin(lab.server(action.on), action.text, inDatabase(action)));
    case 'cancel':
    case 'terminate':
      return endSessions(lab.server(action.on), `pg_${action.do}_backend`);
    case 'answer': {
      const answer = { choice: action.choice, at: runner.now().toISOString() };
      const answers = { ...journal.value.answers, [taskKey(lesson, action.question)]: answer };
      journal.value = { ...journal.value, answers };
      return;
    }
    case 'measure': {
      const { distance = 0, levels, on } = action;
      const measurement = await measureLab(lab, { distance, levels, on });
      journal.value = { ...journal.value, measurements: [...journal.value.measurements, measurement] };
    }
  }
}

/** Resolves when the statement waits for a standby, or has ended without waiting. */
async function begin(server: Server, text: string, options: { database?: string }): Promise<RunningStatement> {
  const statement = await server.begin(text, options);
  let ended = false;
  void statement.done.then(() => {
    ended = true;
  });
  const waits = () =>
    server.sql(`SELECT 1 FROM pg_stat_activity WHERE pid = ${statement.pid} AND wait_event = 'SyncRep'`);
  await until(async () => ended || (await waits()).rows.length > 0, { deadlineMs: 5000 });
  return statement;
}

const inDatabase = ({ database }: { readonly database?: string }) => (database === undefined ? {} : { database });

async function edit(server: Server, file = 'postgresql.conf', change: (text: string) => string): Promise<void> {
  await server.writeFile(file, change((await server.readFile(file)) ?? ''));
}

async function endSessions(server: Server, call: 'pg_cancel_backend' | 'pg_terminate_backend'): Promise<void> {
  const { rows } = await server.sql(endWaiting(call));
  if (rows.length > 0) return;
  throw new ProblemError({
    what: `No session on ${server.name} waits for a standby, so there is none to end.`,
    fix: 'Begin a commit that waits, first.',
  });
}

/**
 * Runs the action as a learner types it. The shell reads it from a pipe, because every user of the machine can read the
 * arguments of a process, and a command may begin with a password (`PGPASSWORD=…`).
 */
async function runWords({ lab, plan }: Runner, action: Action): Promise<void> {
  const command = actionWords(action, plan.value);
  const { status, stdout, stderr } = await lab.exec(['sh'], { input: shellInput(plan.value, command) });
  if (status !== 0)
    throw new ProblemError({
      what: `"${command}" ended with status ${status}: ${(stderr || stdout).trim()}`,
      fix: 'See what it says.',
    });
}

/**
 * Command lines as a shell reads them. Nothing that the workshop runs pulls an image: `docker run` and `docker create`
 * would, without a question (docker-run(1), --pull; Podman has the option, too).
 */
export const shellInput = ({ docker }: SeenPlan, command: string): string =>
  docker ? `${neverPull}\n${command}\n` : `${command}\n`;

const neverPull = `docker() {
  case "$1" in
    run | create) how=$1; shift; command docker "$how" --pull=never "$@" ;;
    *) command docker "$@" ;;
  esac
}`;
