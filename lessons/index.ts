/** The lessons in their order: the only place that knows it. */
import type { Lesson, LessonFacts, LessonWords } from '#lesson';
import words01 from './01-what-replication-is/lesson.md';
import facts01 from './01-what-replication-is/lesson.ts';
import words02 from './02-two-servers/lesson.md';
import facts02 from './02-two-servers/lesson.ts';
import words03 from './03-a-role-for-the-standby/lesson.md';
import facts03 from './03-a-role-for-the-standby/lesson.ts';
import words04 from './04-let-the-standby-in/lesson.md';
import facts04 from './04-let-the-standby-in/lesson.ts';
import words05 from './05-clone-the-master/lesson.md';
import facts05 from './05-clone-the-master/lesson.ts';
import words06 from './06-point-the-slave-at-the-master/lesson.md';
import facts06 from './06-point-the-slave-at-the-master/lesson.ts';
import words07 from './07-standby-signal/lesson.md';
import facts07 from './07-standby-signal/lesson.ts';
import words08 from './08-start-and-read-the-logs/lesson.md';
import facts08 from './08-start-and-read-the-logs/lesson.ts';
import words09 from './09-prove-it/lesson.md';
import facts09 from './09-prove-it/lesson.ts';
import words10 from './10-synchronous/lesson.md';
import facts10 from './10-synchronous/lesson.ts';
import words11 from './11-when-the-standby-dies/lesson.md';
import facts11 from './11-when-the-standby-dies/lesson.ts';
import words12 from './12-what-it-costs/lesson.md';
import facts12 from './12-what-it-costs/lesson.ts';

const inOrder: readonly (readonly [LessonFacts, LessonWords])[] = [
  [facts01, words01],
  [facts02, words02],
  [facts03, words03],
  [facts04, words04],
  [facts05, words05],
  [facts06, words06],
  [facts07, words07],
  [facts08, words08],
  [facts09, words09],
  [facts10, words10],
  [facts11, words11],
  [facts12, words12],
];

const lessons: readonly Lesson[] = inOrder.map(([facts, words], index) => ({ ...facts, number: index + 1, words }));
export default lessons;

const because = (why: string, causes: readonly string[]) => Object.fromEntries(causes.map((cause) => [cause, why]));

/** Causes that no mistake shows on real servers yet, and why. Each is tested in test/check on a made observation. */
export const unproven: Readonly<Record<string, string>> = {
  ...because('what is seen before the learner begins, or when an earlier task is undone', [
    'conninfo-missing',
    'line-missing',
    'names-commented',
    'no-commit-yet',
    'no-copy-yet',
    'no-line-yet',
    'no-master',
    'no-answer',
    'no-table',
    'not-cancelled',
    'not-knocked-yet',
    'not-measured',
    'not-set',
    'nothing-to-let-go',
    'signal-missing',
    'no-cluster',
    'names-not-in-effect',
  ]),
  ...because('its real servers come with the full corpus of mistakes', [
    'ahead-of-the-master',
    'another-server-answers',
    'async',
    'catching-up',
    'cloned-the-wrong-way-round',
    'columns-swapped',
    'command-line-wins',
    'commit-waits',
    'conf-error',
    'conninfo-not-understood',
    'diverged',
    'folder-not-emptied',
    'hba-error',
    'hba-missing',
    'hba-unreadable',
    'hot-standby-off',
    'hung',
    'incomplete-copy',
    'initdb-line-first',
    'knock-refused-by-hba',
    'knock-role-may-not-log-in',
    'knock-role-may-not-replicate',
    'local-only',
    'lock-file',
    'locked-out',
    'method-not-supported-by-password',
    'no-conninfo',
    'no-hba-entry',
    'no-password-supplied',
    'no-sender-on-the-master',
    'no-sync-standby',
    'not-a-cluster',
    'not-on-slave-yet',
    'not-on-the-slave',
    'not-sync-again',
    'other-major',
    'other-timeline',
    'port-other',
    'potential',
    'priority',
    'refused-hba',
    'refused-role',
    'reload-refused',
    'role-has-no-password',
    'role-may-not-log-in',
    'role-waits-for-a-standby',
    'runs-as-a-standby',
    'sender-missing',
    'not-tried',
    'settings-too-small',
    'shadowed-by-a-later-line',
    'slave-takes-writes',
    'ssl-only',
    'starting',
    'statement-timeout-does-not-end-it',
    'too-many-standbys',
    'waits-with-the-standby-up',
    'wal-removed',
    'wrong-application-name',
    'wrong-owner',
  ]),
  ...because('what a container can come to, and no learner brings about', [
    'cannot-start',
    'container-started-too-soon',
    'dead-container',
    'foreign-container',
    'knocks-not-logged',
    'network-not-user-defined',
    'old-volume-path',
    'out-of-memory',
    'password-missing',
    'times-not-kept',
    'wrong-folder',
    'wrong-image',
  ]),
};
