/** One row of a key table: it finds what a key means, draws the key line, and is the help. */
import type { Intent } from '../../session/intent.ts';
import type { LogMove } from '../../session/log/state.ts';
import type { Session } from '../../session/session.ts';
import type { Viewport } from '../layout/viewport.ts';
import type { messages } from '../messages.ts';

export type Key = {
  readonly names: readonly string[]; // as the terminal's reader names them: 'n', 'N', 'up', 'enter', 'ctrl-c'
  readonly shown: string;
  readonly label: string | ((session: Session) => string);
  readonly when?: (session: Session) => boolean; // absent: always. Rows of one mode with the same name exclude each other
  readonly intent: (session: Session, viewport: Viewport, name: string) => Intent;
  readonly line?: number; // place in the key line where room is short: 1 goes last; absent: not in the key line
  readonly help?: keyof typeof messages.helpFor;
  readonly unlisted?: true; // of the lesson's keys: means something only where it is shown, and is not in the help
};

export const to = (intent: Intent) => (): Intent => intent;
export const inLog = (move: LogMove) => to({ do: 'in log', move });
