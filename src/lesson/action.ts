/** One thing done to a lab. Solutions and mistakes are lists of these; `apply` (src/lesson/apply.ts) does them, `actionWords` says them as commands. */
export type Action =
  | { readonly do: 'initdb'; readonly on: string } // as the lab's bin/initdb does it
  | { readonly do: 'start' | 'reload'; readonly on: string }
  | { readonly do: 'stop'; readonly on: string; readonly how?: 'smart' | 'fast' | 'immediate' }
  | { readonly do: 'kill'; readonly on: string } // SIGKILL, as a crash
  | { readonly do: 'set'; readonly on: string; readonly name: string; readonly value: string; readonly file?: string } // file: postgresql.conf
  | { readonly do: 'unset'; readonly on: string; readonly name: string } // comments the setting out
  | { readonly do: 'append'; readonly on: string; readonly file: string; readonly line: string } // at the end of a file of the data directory
  | { readonly do: 'prepend'; readonly on: string; readonly file: string; readonly line: string }
  | { readonly do: 'write'; readonly on: string; readonly file: string; readonly text: string } // also creates
  | { readonly do: 'delete'; readonly on: string; readonly file: string }
  | { readonly do: 'put-aside'; readonly on: string } // mv rep/slave_data rep/slave_data.old
  | { readonly do: 'copy-data'; readonly from: string; readonly to: string; readonly without?: readonly string[] } // cp -a of a data directory
  | {
      readonly do: 'sql';
      readonly on: string;
      readonly text: string;
      readonly database?: string;
      readonly outcome?: 'refused';
    } // refused: the server must say no
  | { readonly do: 'begin'; readonly on: string; readonly text: string; readonly database?: string } // a statement that waits; goes on in the background
  | { readonly do: 'cancel'; readonly on: string } // Ctrl-C in the sessions whose commit waits on that server
  | { readonly do: 'terminate'; readonly on: string } // pg_terminate_backend of them
  | { readonly do: 'run'; readonly command: string; readonly docker?: string; readonly outcome?: 'refused' } // in the lab's shell; docker: the command there; refused: it must exit with a status other than 0
  | { readonly do: 'answer'; readonly question: string; readonly choice: string }
  | {
      readonly do: 'measure';
      readonly distance?: number;
      readonly levels?: readonly string[];
      readonly on?: string;
      readonly outcome?: 'refused';
    };
