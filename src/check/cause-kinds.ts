/**
 * What kind of mistake each cause is. The next steps of a concept are folded at first: its hints explain what was
 * misunderstood, and the steps would end the thinking. The steps of a slip, and of what is not done yet, are open.
 */
import type { CauseId } from './verdict.ts';

export type CauseKind = 'concept' | 'slip' | 'not done yet';

const concepts = [
  ...['address-differs', 'ahead-of-the-master', 'all-does-not-cover-replication', 'cloned-the-wrong-way-round'],
  ...['columns-swapped', 'compared-with-off', 'connected-under-another-name', 'copied-too-early', 'database-differs'],
  ...['database-instead-of-role', 'diverged', 'forgot-to-undo', 'identifier-differs', 'in-the-masters-file'],
  ...['initdb-line-first', 'ipv6-only', 'knock-without-replication', 'level-asks-nobody', 'local-only'],
  ...['md5-against-scram', 'measured-the-wrong-server', 'measured-without-sync', 'more-than-there-are', 'name-differs'],
  ...['no-application-name', 'no-login', 'no-replication', 'not-in-recovery', 'not-in-the-network', 'number-as-name'],
  ...['old-volume-path', 'other-timeline', 'placeholder-left', 'points-to-itself', 'port-in-the-wrong-file'],
  ...['port-not-changed', 'potential', 'priority', 'recovery-signal', 'rejected-above', 'replication-quoted'],
  ...['role-name-differs', 'role-on-the-wrong-server', 'role-waits-for-a-standby', 'runs-as-a-standby'],
  ...['second-initdb', 'set-on-the-slave', 'shadowed-by-a-later-line', 'shadowed-by-auto-conf'],
  ...['signal-in-the-master', 'signal-wrong-name', 'slave-takes-writes', 'ssl-only', 'standby-mode-parameter'],
  ...['standby-still-up', 'started-too-early', 'started-without-signal', 'statement-timeout-does-not-end-it'],
  ...['table-in-the-wrong-database', 'terminated-instead', 'too-many-standbys', 'trusted-above', 'unsafe-copy'],
  ...['user-differs', 'waits-with-the-standby-up', 'written-on-the-slave', 'wrong-host', 'wrong-image', 'wrong-port'],
  ...['wrong-user', 'wrote-on-the-master'],
] as const satisfies readonly CauseId[];

const notDoneYet = [
  ...['absent', 'conninfo-missing', 'created-not-started', 'hba-missing', 'levels-missing', 'line-missing'],
  ...['network-missing', 'no-cluster', 'no-commit-waits', 'no-commit-yet', 'no-copy-yet', 'no-line-yet', 'no-master'],
  ...[
    'no-row',
    'no-table',
    'not-answered',
    'not-cancelled',
    'not-knocked-yet',
    'not-measured',
    'not-set',
    'not-sync-again',
  ],
  ...['not-tried', 'nothing-to-let-go', 'old-cluster-still-there', 'role-missing', 'signal-missing'],
  ...['standby-still-down', 'still-running', 'still-waiting', 'wrong-answer'],
] as const satisfies readonly CauseId[];

const slips = [
  ...['another-server-answers', 'async', 'backup-label-lost', 'bad-mode', 'bad-permissions', 'cannot-start'],
  ...['catalogue-locked', 'catching-up', 'command-line-wins', 'commas', 'commit-waits', 'conf-error', 'config-error'],
  ...['connection-refused', 'conninfo-commented', 'conninfo-not-understood', 'container-started-too-soon', 'crashed'],
  ...['database-closed', 'dead-container', 'deadlock', 'folder-not-emptied', 'foreign-container', 'hba-error'],
  ...['hba-rejects', 'hba-syntax-error', 'hba-unreadable', 'hot-standby-off', 'hung', 'hyphen', 'incomplete-copy'],
  ...['knock-password-wrong', 'knock-refused-by-hba', 'knock-role-may-not-log-in', 'knock-role-may-not-replicate'],
  ...['knocks-not-logged', 'line-commented', 'lock-file', 'locked-out', 'lost-files', 'master-down'],
  ...['method-not-supported-by-password', 'name-does-not-resolve', 'names-commented', 'names-empty'],
  ...['names-not-in-effect', 'names-syntax-error', 'network-not-user-defined', 'no-answer', 'no-connections'],
  ...['no-conninfo', 'no-hba-entry', 'no-password', 'no-password-supplied', 'no-sender-on-the-master'],
  ...['no-sync-standby', 'not-a-cluster', 'not-listening', 'not-loaded', 'not-on-slave-yet', 'not-on-the-slave'],
  ...['other-major', 'other-port', 'out-of-memory', 'password-expired', 'password-failed', 'password-missing'],
  ...['container-not-given', 'disk-full', 'image-cannot-write', 'paused', 'port-other', 'port-taken', 'process-held'],
  ...['recovery-conf', 'refused-at-reload', 'refused-hba', 'refused-password'],
  ...['refused-role', 'reload-refused', 'replay-delayed', 'replay-paused', 'restarting', 'role-has-no-password'],
  ...['role-may-not-log-in', 'role-may-not-replicate', 'saved-not-loaded', 'sender-missing', 'settings-too-small'],
  ...['slave-not-streaming', 'starting', 'stopped', 'stopping', 'syntax-error', 'table-locked', 'times-not-kept'],
  ...['too-few-standbys', 'unknown-key', 'unknown-parameter', 'unmet-demand', 'wal-removed', 'wrong-application-name'],
  ...['wrong-folder', 'wrong-owner', 'wrong-password'],
] as const satisfies readonly CauseId[];

const ofKind = (kind: CauseKind, causes: readonly CauseId[]) => causes.map((cause) => [cause, kind] as const);

const kinds: ReadonlyMap<CauseId, CauseKind> = new Map([
  ...ofKind('concept', concepts),
  ...ofKind('slip', slips),
  ...ofKind('not done yet', notDoneYet),
]);

/** undefined: the lint finds causes that are not in the table. */
export const kindOf = (cause: CauseId): CauseKind | undefined => kinds.get(cause);
