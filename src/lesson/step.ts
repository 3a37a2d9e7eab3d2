/** A verdict's next step and its place in words: the commands that a learner of the native engine types in the lab's shell. */
import type { Place, Step } from '../check/verdict.ts';
import { type LabPlan, serverPlan } from '../lab/plan.ts';

export function stepWords(step: Step, plan: LabPlan): string {
  switch (step.do) {
    case 'edit':
      return editWords(step, plan);
    case 'reload':
    case 'restart':
    case 'start':
    case 'stop':
      return `pg_ctl -D ${serverPlan(plan, step.on).data} ${step.do}`;
    case 'sql':
      return psqlWords(step, plan);
    case 'run':
    case 'say':
      return step.text;
  }
}

export function placeWords(place: Place): string {
  if ('file' in place) return place.line === undefined ? place.file : `${place.file}, line ${place.line}`;
  if ('view' in place) {
    const row = Object.entries(place.row).flatMap(([name, value]) =>
      value === null ? [] : [`${name} = ${value === '' ? "''" : value}`],
    );
    return `${place.view} on ${place.server}: ${row.join(', ') || 'no such row'}`;
  }
  const { time, level, message } = place.log;
  return `the log of ${place.server}${time ? `, ${clockOf(time)}` : ''}: ${level ? `${level}: ` : ''}${message}`;
}

/** '2026-11-23 14:02:11.123 UTC' → '14:02:11' */
export const clockOf = (time: string): string => time.match(/\d\d:\d\d:\d\d/)?.[0] ?? time;

function editWords(step: Extract<Step, { do: 'edit' }>, plan: LabPlan): string {
  const { data } = serverPlan(plan, step.on);
  const path = step.file.startsWith(`${data}/`) ? step.file : `${data}/${step.file}`;
  const line = step.line === undefined ? '' : `, line ${step.line}`;
  return `edit ${path}${line}${step.text === undefined ? '' : `: ${step.text}`}`;
}

function psqlWords(step: Extract<Step, { do: 'sql' }>, plan: LabPlan): string {
  const database = step.database === undefined ? '' : ` -d ${step.database}`;
  const text = step.text.replace(/[\\"$`]/g, '\\$&');
  return `psql -h ${plan.host} -p ${serverPlan(plan, step.on).port} -U postgres${database} -c "${text}"`;
}
