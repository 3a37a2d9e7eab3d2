/** Does the actions of solutions and mistakes to a real lab, and says them as the commands a learner would type. */
import type { Journal } from '../check/journal.ts';
import type { Lab, RunningStatement, Server } from '../lab/lab.ts';
import { until } from '../lab/machine/until.ts';
import { measureLab } from '../lab/measure/measuring.ts';
import { type LabPlan, serverPlan } from '../lab/plan/plan.ts';
import { ProblemError } from '../lab/problem.ts';
import { setConf, unsetConf } from '../postgres/conf/conf.ts';
import type { Action } from './action.ts';
import { commandsOf } from './commands.ts';
import { fill } from './format/fill.ts';
import { taskKey } from './lesson.ts';

/** What outlives one action: the journal that answers and measurements go to, and statements that wait in the background. */
export type Runner = AsyncDisposable & {
  readonly lab: Lab;
  readonly journal: { value: Journal };
  readonly waiting: RunningStatement[];
  readonly now: () => Date;
};

/** The background statements end with the runner. */
export function openRunner(lab: Lab, journal: Journal, now: () => Date = () => new Date()): Runner {
  const waiting: RunningStatement[] = [];
  return {
    lab,
    journal: { value: journal },
    waiting,
    now,
    async [Symbol.asyncDispose]() {
      for (const statement of waiting) await statement.terminate().catch(() => undefined); // its server may be down
    },
  };
}

/** `lesson` is the one whose question an answer belongs to. Throws a ProblemError when the lab refuses what should have worked. */
export async function applyAction(runner: Runner, lesson: string, action: Action): Promise<void> {
  const { lab } = runner;
  const filled = <T extends string>(text: T) => fill(text, lab.plan);
  switch (action.do) {
    case 'initdb':
      return lab.server(action.on).create();
    case 'start':
      return lab.server(action.on).start();
    case 'reload':
      return lab.server(action.on).reload();
    case 'stop':
      return lab.server(action.on).stop(action.how ?? 'fast');
    case 'kill':
      return lab.server(action.on).kill();
    case 'set':
      return edit(lab.server(action.on), action.file ?? 'postgresql.conf', (text) =>
        setConf(text, action.name, filled(action.value)),
      );
    case 'unset':
      return edit(lab.server(action.on), 'postgresql.conf', (text) => unsetConf(text, action.name));
    case 'append':
      return edit(
        lab.server(action.on),
        action.file,
        (text) => `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${filled(action.line)}\n`,
      );
    case 'prepend':
      return edit(lab.server(action.on), action.file, (text) => `${filled(action.line)}\n${text}`);
    case 'write':
      return lab.server(action.on).writeFile(action.file, filled(action.text));
    case 'delete':
      return lab.server(action.on).deleteFile(action.file);
    case 'put-aside':
      return void (await lab.server(action.on).putAside());
    case 'copy-data':
      return lab.server(action.to).copyFrom(action.from, action.without);
    case 'sql':
      return expect(action.outcome, filled(action.text), () =>
        lab.server(action.on).sql(filled(action.text), databaseOf(action, lab.plan)),
      );
    case 'begin':
      return void runner.waiting.push(
        await begin(lab.server(action.on), filled(action.text), databaseOf(action, lab.plan)),
      );
    case 'cancel':
      return endWaiting(lab.server(action.on), 'pg_cancel_backend');
    case 'terminate':
      return endWaiting(lab.server(action.on), 'pg_terminate_backend');
    case 'run':
      return expect(action.outcome, commandOf(action, lab.plan), () => runCommand(lab, commandOf(action, lab.plan)));
    case 'answer': {
      const { value } = runner.journal;
      const answer = { choice: action.choice, at: runner.now().toISOString() };
      runner.journal.value = { ...value, answers: { ...value.answers, [taskKey(lesson, action.question)]: answer } };
      return;
    }
    case 'measure': {
      const measurement = await measureLab(lab, {
        distance: action.distance ?? 0,
        levels: action.levels,
        on: action.on,
      });
      const { value } = runner.journal;
      runner.journal.value = { ...value, measurements: [...value.measurements, measurement] };
    }
  }
}

/** A statement that does not wait after all is over at once; one that does is waited for until the server says so. */
async function begin(server: Server, text: string, options: { database?: string }): Promise<RunningStatement> {
  const statement = await server.begin(text, options);
  let over = false;
  void statement.done.then(() => {
    over = true;
  });
  const waits = () =>
    server.sql(`SELECT 1 FROM pg_stat_activity WHERE pid = ${statement.pid} AND wait_event = 'SyncRep'`);
  await until(async () => over || (await waits()).rows.length > 0, { deadlineMs: 5000 });
  return statement;
}

const commandOf = ({ command, docker }: Extract<Action, { do: 'run' }>, plan: LabPlan): string =>
  fill(plan.docker && docker !== undefined ? docker : command, plan);

const databaseOf = ({ database }: { readonly database?: string }, plan: LabPlan) =>
  database === undefined ? {} : { database: fill(database, plan) };

async function edit(server: Server, file: string, change: (text: string) => string): Promise<void> {
  await server.writeFile(file, change((await server.readFile(file)) ?? ''));
}

/** Whoever began it: the session may be a psql of the learner's. */
async function endWaiting(server: Server, call: 'pg_cancel_backend' | 'pg_terminate_backend'): Promise<void> {
  const { rows } = await server.sql(`SELECT ${call}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
  if (rows.length > 0) return;
  throw new ProblemError({
    what: `No session on ${server.name} waits for a standby, so there is none to end.`,
    fix: 'Begin a commit that waits, first.',
  });
}

/** A deed that must succeed, or one that the server must refuse. */
async function expect(outcome: 'refused' | undefined, what: string, deed: () => Promise<unknown>): Promise<void> {
  const refusal = await deed().then(
    () => undefined,
    (error: Error) => error,
  );
  if (outcome === 'refused' && !refusal) throw new Error(`"${what}" was to be refused, and was not`);
  if (outcome !== 'refused' && refusal) throw refusal;
}

/** The shell reads it from a pipe: arguments can be read by every user of the machine, and a command may begin with a password (`PGPASSWORD=…`). */
async function runCommand(lab: Lab, command: string): Promise<void> {
  const { status, stdout, stderr } = await lab.exec(['sh'], { input: `${command}\n` });
  if (status !== 0)
    throw new ProblemError({
      what: `"${command}" ended with status ${status}: ${(stderr || stdout).trim()}`,
      fix: 'See what it says.',
    });
}

/** The action as a learner would type it. */
export function actionWords(action: Action, plan: LabPlan): string {
  const typed = commandsOf(plan);
  const at = (on: string, file: string) => `${serverPlan(plan, on).data}/${file}`;
  const filled = (text: string) => fill(text, plan);
  switch (action.do) {
    case 'initdb':
      return typed.create(action.on);
    case 'start':
    case 'reload':
    case 'kill':
      return typed[action.do](action.on);
    case 'stop':
      return typed.stop(action.on, action.how);
    case 'set':
      return `in ${at(action.on, action.file ?? 'postgresql.conf')}: ${setConf('', action.name, filled(action.value)).trim()}`;
    case 'unset':
      return `in ${at(action.on, 'postgresql.conf')}: # ${action.name}`;
    case 'append':
      return `at the end of ${at(action.on, action.file)}: ${filled(action.line)}`;
    case 'prepend':
      return `at the top of ${at(action.on, action.file)}: ${filled(action.line)}`;
    case 'write':
      return action.text === ''
        ? typed.touch(action.on, action.file)
        : `write ${at(action.on, action.file)}: ${filled(action.text)}`;
    case 'delete':
      return typed.remove(action.on, action.file);
    case 'put-aside':
      return typed.putAside(action.on, `${serverPlan(plan, action.on).data}.old`);
    case 'copy-data':
      return typed.copyData(action.from, action.to);
    case 'sql':
    case 'begin':
      return typed.psql(action.on, filled(action.text), action.database && filled(action.database));
    case 'cancel':
      return 'Ctrl-C in that psql';
    case 'terminate':
      return typed.psql(
        action.on,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
      );
    case 'run':
      return commandOf(action, plan);
    case 'answer':
      return `repl-workshop answer ${action.question} ${action.choice}`;
    case 'measure':
      return `repl-workshop measure${action.distance ? ` --distance ${action.distance}` : ''}${action.levels ? ` --levels ${action.levels.join(',')}` : ''}${action.on ? ` --on ${action.on}` : ''}`;
  }
}
