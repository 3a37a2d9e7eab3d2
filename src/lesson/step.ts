/** The steps and locations of a verdict in words, and where the program can put the text of a step. */
import { type Location, ownPassword, type Step } from '../check/verdict.ts';
import { serverPlan } from '../lab/plan/plan.ts';
import { dockerPlace, type SeenPlan } from '../lab/plan/plan-seen.ts';
import { commandWords } from './commands.ts';
import { throwAway } from './docker-words.ts';
import type { Code } from './format/code-place.ts';
import { shellWord } from './shell-word.ts';

export function stepWords(unfilled: Step, plan: SeenPlan): string {
  const step = filledStep(unfilled, plan);
  switch (step.do) {
    case 'edit':
      return editWords(step, plan);
    case 'unfreeze':
      return plan.docker
        ? `docker unpause ${serverPlan(plan, step.on).container ?? step.on}`
        : `kill -CONT ${step.pid ?? `$(head -1 ${shellWord(serverPlan(plan, step.on).data)}/postmaster.pid)`}`;
    case 'chown':
      return chownWords(plan, step);
    case 'answer':
      return `repl-workshop answer ${step.question} <choice>`;
    case 'say':
      return step.text;
  }
  return commandWords(step, plan);
}

/** Fills in this one placeholder only: other braces are part of a learner's own line. */
export const filledStep = (step: Step, { replication }: SeenPlan): Step =>
  'text' in step && step.text !== undefined
    ? { ...step, text: step.text.replaceAll(ownPassword, () => replication.password) }
    : step;

function editWords({ on, file, line, text }: Extract<Step, { do: 'edit' }>, plan: SeenPlan): string {
  const path = inData(plan, on, file);
  if (!plan.docker) {
    const shown = path.startsWith('/') ? path : `${serverPlan(plan, on).data}/${path}`;
    return `edit ${shown}, ${lineWords(line)}: ${text}`;
  }
  // `repl-workshop edit`, because the learner's user may often not open the file. The rest is a comment for the shell.
  return `repl-workshop edit ${on} ${shellWord(path)}  # ${lineWords(line)}: ${text}`;
}

const lineWords = (line: number | 'new' = 'new'): string => (line === 'new' ? 'new line' : `line ${line}`);

/** 'rep/master_data/18/docker/pg_hba.conf', 'master:/var/lib/postgresql/18/docker/pg_hba.conf' → 'pg_hba.conf' */
export function inData(plan: SeenPlan, on: string, file: string): string {
  if (!plan.docker) return withoutStart(file, [`${serverPlan(plan, on).data}/`]);
  const { source, target, data } = dockerPlace(plan, on);
  return withoutStart(file, [`${source}${data.slice(target.length)}/`, `${on}:${data}/`]);
}

const withoutStart = (path: string, starts: readonly string[]): string =>
  path.slice(starts.find((start) => path.startsWith(start))?.length ?? 0);

function chownWords(plan: SeenPlan, { on, uid }: Extract<Step, { do: 'chown' }>): string {
  if (!plan.docker) {
    const data = shellWord(serverPlan(plan, on).data);
    return `${uid === undefined ? 'sudo chown -R "$(id -u):$(id -g)"' : `chown -R ${uid}:${uid}`} ${data}`;
  }
  const { user, container, target } = dockerPlace(plan, on);
  const owner = user === null ? 'postgres:' : user === plan.docker.user ? '"$(id -u):$(id -g)"' : shellWord(user);
  const command = `chown -R ${owner} ${shellWord(target)}`; // the data directory may not be there yet
  return throwAway(plan, on, `--user root --volumes-from ${container} `, command);
}

/** The text of a step and where it belongs; null: the step is a sentence. */
export function stepCode(unfilled: Step, plan: SeenPlan): Code | null {
  const step = filledStep(unfilled, plan);
  switch (step.do) {
    case 'say':
      return null;
    case 'answer':
      return { text: '', place: { to: 'question' } };
    case 'edit': {
      const { on, file, line, text } = step;
      return { text, place: { to: 'file', server: on, file, ...(typeof line === 'number' ? { line } : {}) } };
    }
  }
  return { text: stepWords(step, plan), place: { to: 'shell' } };
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
