/** What solutions and mistakes of lessons consist of. `applyAction` (src/lesson/apply.ts) runs one on a real lab. */
import type { LabCommand } from '../check/lab-command.ts';
import type { SeenPlan } from '../lab/plan/plan-seen.ts';
import { setConf } from '../postgres/conf/conf.ts';
import { commandWords } from './commands.ts';
import { fill } from './format/fill.ts';

/** outcome 'refused': the action must fail. Any text of an action may have placeholders. */
export type Action = (LabCommand | LessonAction) & { readonly outcome?: 'refused' };

type LessonAction =
  // file: relative to the data directory; postgresql.conf without it
  | { readonly do: 'set'; readonly on: string; readonly name: string; readonly value: string; readonly file?: string }
  // Comments the setting out in postgresql.conf
  | { readonly do: 'unset'; readonly on: string; readonly name: string }
  // A line at the end or at the beginning of a file of the data directory
  | { readonly do: 'append' | 'prepend'; readonly on: string; readonly file: string; readonly line: string }
  // Replaces or creates a file of the data directory
  | { readonly do: 'write'; readonly on: string; readonly file: string; readonly text: string }
  // A statement that waits for a standby and continues in the background
  | { readonly do: 'begin'; readonly on: string; readonly text: string; readonly database?: string }
  // pg_cancel_backend (as Ctrl-C) or pg_terminate_backend, for every session whose commit waits for a standby
  | { readonly do: 'cancel' | 'terminate'; readonly on: string }
  | { readonly do: 'answer'; readonly question: string; readonly choice: string }
  | { readonly do: 'measure'; readonly distance?: number; readonly levels?: readonly string[]; readonly on?: string };

/** The action with the values of this lab in place of the placeholders. */
export const filledAction = (action: Action, plan: SeenPlan): Action =>
  JSON.parse(JSON.stringify(action), (_, value) => (typeof value === 'string' ? fill(value, plan) : value));

/** The action as a learner would do it. */
export function actionWords(unfilled: Action, plan: SeenPlan): string {
  const action = filledAction(unfilled, plan);
  const at = (on: string, file = 'postgresql.conf') => `${fill(`{{${on}.files}}`, plan)}/${file}`;
  switch (action.do) {
    case 'set':
      return `in ${at(action.on, action.file)}: ${setConf('', action.name, action.value).trim()}`;
    case 'unset':
      return `in ${at(action.on)}: # ${action.name}`;
    case 'append':
      return `at the end of ${at(action.on, action.file)}: ${action.line}`;
    case 'prepend':
      return `at the top of ${at(action.on, action.file)}: ${action.line}`;
    case 'write':
      return `write ${at(action.on, action.file)}: ${action.text}`;
    case 'begin':
      return commandWords({ ...action, do: 'sql' }, plan);
    case 'cancel':
      return 'Ctrl-C in that psql';
    case 'terminate':
      return commandWords({ ...action, do: 'sql', text: endWaiting('pg_terminate_backend') }, plan);
    case 'answer':
      return `repl-workshop answer ${action.question} ${action.choice}`;
    case 'measure':
      return [
        'repl-workshop measure',
        ...(action.distance ? [`--distance ${action.distance}`] : []),
        ...(action.levels ? [`--levels ${action.levels.join(',')}`] : []),
        ...(action.on ? [`--on ${action.on}`] : []),
      ].join(' ');
  }
  return commandWords(action, plan);
}

/** SQL for every session whose commit waits for a standby, the learner's psql too. */
export const endWaiting = (call: 'pg_cancel_backend' | 'pg_terminate_backend'): string =>
  `SELECT ${call}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
