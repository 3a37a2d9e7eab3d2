/** A short message to the learner. The next key removes it. */
export type Notice =
  | { readonly kind: 'still to do'; readonly titles: readonly string[] }
  | {
      readonly kind:
        | 'first lesson'
        | 'only looking'
        | 'took over'
        | 'busy'
        | 'busy elsewhere'
        | 'no question'
        | 'no block'
        | 'no step'
        | 'no layers'
        | 'no hints'
        | 'nothing to solve'
        | 'looking first'
        | 'no primary'
        | 'exposed'
        | 'no terminal';
    }
  | { readonly kind: 'no server' | 'no files'; readonly server: string }
  | { readonly kind: 'killed'; readonly program: 'shell' | 'psql' | 'edit' }
  | { readonly kind: 'copied'; readonly lines: number; readonly sure: boolean }
  | { readonly kind: 'solved'; readonly title: string }
  | { readonly kind: 'reset done'; readonly title: string }
  | { readonly kind: 'measured' | 'stopped' | 'undo done' | 'redo done' }
  | { readonly kind: 'nothing to bring back'; readonly which: 'undo' | 'redo' }
  | { readonly kind: 'report written'; readonly files: readonly string[] };
