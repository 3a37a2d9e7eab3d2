/** Why the log of a server tells nothing of what it did, and the steps after which it does. */
import type { ServerView } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import type { Step } from '../verdict.ts';
import { startWithoutOptions } from '../view.ts';

export type Unlogged = { readonly why?: string; readonly next: readonly Step[] };

/** Containers have their log from Docker. Levels: documentation, log_min_messages. */
export function unlogged({ name, container, process, log, sql }: ServerView): Unlogged {
  if (process.state !== 'up' || container || isProblem(sql)) return { next: [] };
  const { log_min_messages: least, log_destination: to } = sql.settings;
  const line = (text: string): readonly Step[] => [
    { do: 'edit', on: name, file: 'postgresql.conf', text },
    { do: 'reload', on: name },
  ];
  if (least && /^(error|log|fatal|panic)$/.test(least.value))
    return {
      why: `${name} logs nothing below ${least.value.toUpperCase()}: log_min_messages says so`,
      next: line('log_min_messages = warning'),
    };
  if (to && !/stderr|csvlog|jsonlog/.test(to.value))
    return {
      why: `${name} logs to ${to.value || 'nowhere'} only (log_destination), where this lab does not look`,
      next: line("log_destination = 'stderr'"),
    };
  if (log.file !== null) return { next: [] };
  return {
    why: `the log file of ${name} was removed while it runs: what it writes is lost until it is started again`,
    next: startWithoutOptions(name),
  };
}
