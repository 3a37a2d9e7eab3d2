/** Which intents wait while an operation is under way, here or in another terminal. */
import type { Intent } from './intent.ts';
import type { Session } from './session.ts';

/**
 * Intents that are allowed while an operation changes the lab and its files. Quitting is not among them: half an
 * operation would leave the lab half changed.
 */
const harmless: ReadonlySet<Intent['do']> = new Set([
  'scroll',
  'scroll terminal',
  'leave terminal',
  'zoom',
  'select task',
  'layers',
  'search',
  'search on',
  'block',
  'step',
  'unfold',
  'copy',
  'next pane',
  'task',
  'server',
  'help',
  'focus pane',
  'lessons',
  'settings',
  'change setting',
  'log',
  'map',
  'changes',
  'commit',
  'level',
  'in log',
  'move',
  'close',
  'stop operation',
]);

/** Intents that are refused while a command in another terminal changes the lab and its files. */
const changing: ReadonlySet<Intent['do']> = new Set([
  'next',
  'back',
  'skip',
  'answer',
  'choose',
  'hint',
  'solve',
  'reset',
  'undo',
  'redo',
  'measure',
]);

/** No operation under way, here or in another terminal, forbids the intent. */
export const isAllowed = ({ operation, changedElsewhere }: Session, intent: Intent): boolean =>
  operation ? harmless.has(intent.do) : !(changedElsewhere && changing.has(intent.do));
