/** The map described in text. */
import { identifierOf } from '../../check/view.ts';
import type { Observation } from '../../lab/observation.ts';
import { isProblem } from '../../lab/problem.ts';
import { type CommitLevel, commitWait } from '../../postgres/sync/sync.ts';
import type { Session } from '../../session/session.ts';
import { commitLevelOf, type Primary, primaryOf, syncOf } from '../../session/view/commit.ts';
import { isReplayPaused, type Link } from '../../session/view/links.ts';
import { messages } from '../messages.ts';

const words = messages.map;

export function captionWords({ plan }: Session, now: Observation, links: readonly Link[]): string {
  const primary = primaryOf(now, plan);
  const runs = Object.values(now.servers).some(({ process }) => process.state === 'up');
  const first = primary ? commitWords(primary, commitLevelOf(primary.sql)) : runs ? words.noPrimary : words.noServer;
  const waiting = primary?.sql.waiting.length ?? 0;
  const waits = waiting > 0 ? [words.waitNow(waiting)] : [];
  return [first, ...waits, ...pausedWords(now), ...wantsWords(now, links), ...strangerWords(now, links)].join(' ');
}

/** What a commit at this level waits for. */
export function commitWords({ name, sql }: Primary, level: CommitLevel): string {
  const sync = syncOf(sql);
  if ('message' in sync) return words.badNames(sync.message);
  const wait = commitWait(sync, level);
  switch (wait.kind) {
    case 'asks nobody':
      return wait.because === 'level' ? words.returnsBy.level(name, level) : words.returnsBy.names(name);
    case 'asks': {
      const names = wait.of.map(({ applicationName }) => applicationName);
      return words.waitsFor(name, names, wait.count, wait.position);
    }
    case 'stuck':
      return words.stuck(name, sql.settings.synchronous_standby_names?.value ?? '', wait.missing);
  }
}

const pausedWords = ({ servers }: Observation): readonly string[] =>
  Object.values(servers)
    .filter(isReplayPaused)
    .map(({ name }) => words.pausedOn(name));

const wantsWords = ({ servers }: Observation, links: readonly Link[]): readonly string[] =>
  links.flatMap(({ from, to, sender, receiver }) =>
    from && to && from !== to && !sender && !receiver && servers[to]?.process.state === 'up'
      ? [words.wants(to, from)]
      : [],
  );

/** Two primaries without a link: of two clusters, or of one cluster that has split. */
function strangerWords({ servers }: Observation, links: readonly Link[]): readonly string[] {
  const writers = Object.values(servers).filter(({ sql }) => !isProblem(sql) && !sql.inRecovery);
  if (links.some(({ from, to }) => from !== null && to !== null) || writers.length < 2) return [];
  return [new Set(writers.map(identifierOf)).size > 1 ? words.strangers : words.apart];
}
