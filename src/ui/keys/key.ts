/** One row of a key table. The intent of a key, the key line and the help all come from these rows. */
import type { Intent } from '../../session/intent.ts';
import type { LogMove } from '../../session/log/state.ts';
import type { Session } from '../../session/session.ts';
import type { Viewport } from '../layout/viewport.ts';
import type { messages } from '../messages.ts';

export type Key = {
  readonly names: readonly string[]; // as ui/screen.tsx names them: 'n', 'N', 'up', 'enter', 'ctrl-c'
  readonly shown: string;
  readonly label: string | ((session: Session) => string);
  // Absent: always. The conditions of two rows of one mode for the same key are never true at once.
  readonly when?: (session: Session) => boolean;
  readonly intent: (session: Session, viewport: Viewport, name: string) => Intent;
  // Rank in the key line: where it is too narrow, the highest ranks are left out first. Absent: not in the key line.
  readonly line?: number;
  readonly help?: keyof typeof messages.helpFor;
  readonly unlisted?: true; // a key of the lesson that is not in the help
};

export const to = (intent: Intent) => (): Intent => intent;
export const inLog = (move: LogMove) => to({ do: 'in log', move });
