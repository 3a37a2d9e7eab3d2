/**
 * What else a look sees in a lab, in sentences, for a learner whose mistake is not the one that a verdict names. Pure.
 */
import { refusedLines } from '../../check/steps/refused-lines.ts';
import type { Observation, ServerView, Sql } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';

/** The most telling ones first. `told`: what the verdict itself says. Of logs, only of the servers that it names. */
export function elseSeen({ servers }: Observation, told: string): readonly string[] {
  const found = Object.values(servers).flatMap((view) => [
    ...(['up', 'absent'].includes(view.process.state) || told.includes(`${view.name} is `)
      ? []
      : [`${view.name} is ${view.process.state}`]),
    ...refusedLines(view).map(({ what }) => what),
    ...(isProblem(view.sql) ? [] : ofServer(view.name, view.sql)),
    ...(told.includes(view.name) ? troubleInLog(view, told) : []),
  ]);
  return found.filter((sentence) => !told.includes(sentence)).slice(0, 4);
}

function ofServer(name: string, sql: Sql): readonly string[] {
  const { settings, waiting, position, receiver, inRecovery } = sql;
  return [
    ...Object.entries(settings).flatMap(([setting, { pendingRestart, source }]) => [
      ...(pendingRestart ? [`${setting} of ${name} is written, and waits for a restart`] : []),
      ...(fromElsewhere.test(source)
        ? [`${setting} of ${name} comes from the ${source}; the files are not asked`]
        : []),
    ]),
    ...waiting.map(({ query }) => `on ${name} a commit waits: ${query.replace(/\s+/g, ' ').slice(0, 60)}`),
    ...(position.role === 'standby' && position.paused ? [`replay on ${name} is paused`] : []),
    ...(inRecovery && !receiver ? [`${name} has no WAL receiver: it is not connected`] : []),
  ];
}

/** Sources of pg_settings that win over the files. In a container the command line is the lesson's own. */
const fromElsewhere = /^(?:environment variable|database|user|database user)$/;

function troubleInLog({ name, log }: ServerView, told: string): readonly string[] {
  const last = log.records.findLast(({ level }) => /^(?:WARNING|ERROR|FATAL|PANIC)$/.test(level ?? ''));
  const [message = ''] = last?.message.split('\n') ?? [];
  return last && !told.includes(message) ? [`in the log of ${name}, at the end: ${last.level}: ${message}`] : [];
}
