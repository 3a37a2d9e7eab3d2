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

/** Causes that no mistake shows on real servers, and why. Each is tested in test/check on a made observation. */
export const unproven: Readonly<Record<string, string>> = {
  ...because('what is seen before the learner begins, or when an earlier task is undone', [
    'conninfo-missing',
    'line-missing',
    'no-answer',
    'no-cluster',
    'no-commit-yet',
    'no-line-yet',
    'no-master',
    'no-table',
    'not-cancelled',
    'not-knocked-yet',
    'not-measured',
    'not-set',
    'nothing-to-let-go',
    'signal-missing',
  ]),
  ...because('a moment that passes by itself, so that a proof could not hold it', [
    'catching-up',
    'no-sender-on-the-master',
    'starting',
  ]),
  ...because('it takes a second standby or a promotion, which come with lessons 14 and 16', [
    'other-timeline',
    'potential',
  ]),
  ...because('it takes files that belong to another user, which only root can make', ['hba-unreadable', 'wrong-owner']),
  ...because('it takes a server or a process beside the lab, which putting the lab back would leave behind', [
    'another-server-answers',
    'hung',
  ]),
  ...because("it takes a container with the literal name and folder of the tutorial, which are no lab's own", [
    'container-not-given',
  ]),
  ...because('what a container can come to, and no learner brings about', [
    'dead-container',
    'image-cannot-write',
    'disk-full',
    'network-not-user-defined',
  ]),
};
