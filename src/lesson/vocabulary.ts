/** The authors' vocabulary (`#lesson`): all that a lesson.ts may use. */
export { safeCopy } from '../check/base-backup.ts';
export { ownPort, putAside, stoppedForClone } from '../check/clone.ts';
export { conninfo } from '../check/conninfo.ts';
export { hbaLoaded, letIn } from '../check/hba.ts';
export { knocked } from '../check/knock.ts';
export { letGo } from '../check/let-go.ts';
export { measured } from '../check/measured.ts';
export { replicationRole } from '../check/role.ts';
export { runs, separateClusters } from '../check/running.ts';
export { standbySignal } from '../check/signal.ts';
export { runsAsStandby, streams } from '../check/streaming.ts';
export { isSync } from '../check/sync.ts';
export { syncNames } from '../check/sync-names.ts';
export { rowOnBoth, writeRefused } from '../check/visits.ts';
export { cancelled, commitReturns, commitWaited } from '../check/waiting.ts';
export type { Action } from './action.ts';
export { defineLesson, type Lesson, type LessonFacts } from './lesson.ts';
export type { LessonWords } from './words.ts';
