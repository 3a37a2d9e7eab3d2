/** What a learner asks for, by a key, the mouse or a paste. */
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
        | 'measure'
        | 'stop operation';
    }
  | { readonly do: 'lessons' | 'log' | 'map' | 'commit' | 'settings' | 'help' | 'quit' | 'close' | 'accept' }
  | { readonly do: 'decline' | 'stop servers' } // the two other answers to a question: no; and leave, with the servers stopped
  | { readonly do: 'leave terminal' | 'zoom' | 'report' }
  | { readonly do: 'divide'; readonly left: number | null } // percent of the width; null: the usual one
  | { readonly do: 'look at'; readonly pane: Pane }
  | { readonly do: 'pick row'; readonly index: number } // of an overlay: under the cursor, and taken
  | { readonly do: 'change setting'; readonly by: 1 | -1 } // the setting under the cursor
  | { readonly do: 'scroll terminal'; readonly to: number }
  | { readonly do: 'level'; readonly by: 1 | -1 } // of the slow commit
  | { readonly do: 'in log'; readonly move: LogMove }
  | Scroll
  | { readonly do: 'select task'; readonly by: 1 | -1 }
  | { readonly do: 'layers' } // of the current task's verdict
  | { readonly do: 'search'; readonly from: number }
  | { readonly do: 'search on'; readonly text?: string; readonly by?: 1 | -1 }
  | { readonly do: 'block'; readonly index: number | null; readonly scroll?: Scroll } // null: none
  | { readonly do: 'copy'; readonly block: { readonly index: number | null; readonly text: string } | null } // index: null: it is no block of the page; null: none is in sight
  | { readonly do: 'type text'; readonly text: string } // into the program on top
  | { readonly do: 'use'; readonly code: Code | null } // sent where it belongs; null: there is none
  | { readonly do: 'step'; readonly index: number | null } // null: none
  | { readonly do: 'move'; readonly by: 1 | -1 } // the cursor of an overlay
  | { readonly do: 'choose'; readonly choice: string }
  | { readonly do: 'task'; readonly index: number; readonly line: number; readonly pageLines?: number } // line: where its words begin
  | { readonly do: 'server'; readonly by: 1 | -1 };

/** The frame knows how far one can go. */
export type Scroll = {
  readonly do: 'scroll';
  readonly to: number;
  readonly what?: ScrollTarget; // else: what the scrolling keys move
  readonly pageLines?: number; // lines of the page
  readonly dropsBlock?: boolean; // the chosen block
};
