/** A verdict's next step and its place in words. */
import { type Location, ownPassword, type Step } from '../check/verdict.ts';
import type { LabPlan } from '../lab/plan/plan.ts';
import { commandsOf } from './commands.ts';
import type { Code } from './format/code-place.ts';

export function stepWords(step: Step, plan: LabPlan): string {
  const typed = commandsOf(plan);
  switch (step.do) {
    case 'edit':
      return typed.edit(step.on, step.file, step.line, step.text && filled(step.text, plan));
    case 'reload':
    case 'restart':
    case 'start':
    case 'create':
      return typed[step.do](step.on);
    case 'stop':
      return typed.stop(step.on, step.how, step.folder);
    case 'wake':
      return typed.wake(step.on, step.pid);
    case 'touch':
    case 'remove':
      return typed[step.do](step.on, step.file);
    case 'rename':
      return typed.rename(step.on, step.file, step.to);
    case 'close':
    case 'own':
      return typed[step.do](step.on);
    case 'put-aside':
      return typed.putAside(step.on, step.to);
    case 'clone':
      return typed.clone(step.from, step.to);
    case 'knock':
      return typed.knock(step.from, step.on);
    case 'sql':
      return typed.psql(step.on, filled(step.text, plan), step.database);
    case 'answer':
      return `repl-workshop answer ${step.question} <choice>`;
    case 'run':
    case 'say':
      return step.text;
  }
}

/** Only this one value: the rest may be a learner's own line, braces and all. */
const filled = (text: string, { replication }: LabPlan): string =>
  text.replaceAll(ownPassword, () => replication.password);

/** The same where a key can do it; null: a sentence, which nobody can type. */
export function stepCode(step: Step, plan: LabPlan): Code | null {
  switch (step.do) {
    case 'say':
      return null;
    case 'own':
      return plan.engine === 'docker' ? { text: stepWords(step, plan), place: { to: 'shell' } } : null;
    case 'answer':
      return { text: '', place: { to: 'question' } };
    case 'edit': {
      const { on, file, line, text = '' } = step;
      return {
        text: filled(text, plan),
        place: { to: 'file', server: on, file, ...(line === undefined ? {} : { line }) },
      };
    }
    default:
      return { text: stepWords(step, plan), place: { to: 'shell' } };
  }
}

export function placeWords(place: Location): string {
  if ('file' in place) return place.line === undefined ? place.file : `${place.file}, line ${place.line}`;
  if ('view' in place) {
    const row = Object.entries(place.row).flatMap(([name, value]) =>
      value === null ? [] : [place.view === `${name}()` ? value : `${name} = ${value === '' ? "''" : value}`],
    );
    const view = place.view.startsWith('docker ') ? place.view : `${place.view} on ${place.server}`;
    return `${view}: ${row.join(', ') || 'no such row'}`;
  }
  const { time, level, message } = place.log;
  const first = message.split('\n')[0];
  return `the log of ${place.server}${time ? `, ${clockOf(time)}` : ''}: ${level ? `${level}: ` : ''}${first}`;
}

/** '2026-11-23 14:02:11.123 UTC' → '14:02:11' */
export const clockOf = (time: string): string => time.match(/\d\d:\d\d:\d\d/)?.[0] ?? time;
