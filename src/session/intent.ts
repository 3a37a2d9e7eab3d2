/** What a learner asks for with a key, the mouse or a paste. */
import type { Code } from '../lesson/format/code-place.ts';
import type { LogMove } from './log/state.ts';

export type Pane = 'words' | 'tasks' | 'servers' | 'terminal';
export type ScrollTarget = 'words' | 'tasks' | 'terminal' | 'overlay';

export type Intent =
  | {
      readonly do:
        | 'next'
        | 'back'
        | 'skip'
        | 'next pane'
        | 'edit'
        | 'psql'
        | 'shell'
        | 'answer'
        | 'hint'
        | 'solve'
        | 'reset'
        | 'undo'
        | 'redo'
        | 'measure'
        | 'stop operation';
    }
  | {
      readonly do: 'lessons' | 'log' | 'map' | 'changes' | 'commit' | 'settings' | 'help' | 'quit' | 'close' | 'accept';
    }
  // Answers to a confirmation, besides 'accept': no; and quit with the servers stopped.
  | { readonly do: 'decline' | 'stop servers' }
  | { readonly do: 'leave terminal' | 'zoom' | 'report' }
  | { readonly do: 'divide'; readonly left: number | null } // percent of the width; null: the default share
  | { readonly do: 'focus pane'; readonly pane: Pane }
  | { readonly do: 'pick row'; readonly index: number } // the cursor of an overlay goes to the row and accepts it
  | { readonly do: 'change setting'; readonly by: 1 | -1 } // the setting under the cursor
  | { readonly do: 'scroll terminal'; readonly to: number }
  | { readonly do: 'level'; readonly by: 1 | -1 } // synchronous_commit in the slow commit
  | { readonly do: 'in log'; readonly move: LogMove }
  | Scroll
  | { readonly do: 'select task'; readonly by: 1 | -1 }
  | { readonly do: 'layers' } // opens the layers of the current task's verdict
  | { readonly do: 'search'; readonly from: number }
  | { readonly do: 'search on'; readonly text?: string; readonly by?: 1 | -1 }
  | { readonly do: 'block'; readonly index: number | null; readonly scroll?: Scroll } // null: no block is chosen
  // `block` null: no code block is in sight. `index` null: the text is not a code block of the page.
  | { readonly do: 'copy'; readonly block: { readonly index: number | null; readonly text: string } | null }
  | { readonly do: 'type text'; readonly text: string } // into the program on top of the terminal
  | { readonly do: 'use'; readonly code: Code | null } // sends the code to its place; null: there is no code to send
  | { readonly do: 'unfold' } // shows the next steps of the current verdict
  | { readonly do: 'step'; readonly index: number | null } // null: no step is chosen
  | { readonly do: 'move'; readonly by: 1 | -1 } // the cursor of an overlay; of the changes, the other state
  | { readonly do: 'choose'; readonly choice: string }
  // `line`: the first line of the text about the task on the lesson's page.
  | { readonly do: 'task'; readonly index: number; readonly line: number; readonly pageLines?: number }
  | { readonly do: 'server'; readonly by: 1 | -1 };

/** Scrolls to a line. The caller has limited `to` to what the frame can show: the session does not know the frame. */
export type Scroll = {
  readonly do: 'scroll';
  readonly to: number;
  readonly what?: ScrollTarget; // undefined: the target of the scrolling keys
  readonly pageLines?: number; // number of lines of the lesson's page that `to` is counted on
  readonly dropsBlock?: boolean; // the chosen code block goes out of sight, and is no longer chosen
};
