/** The terminal's clipboard, reached by the sequence OSC 52; the terminal answers nothing. */
import type { Terminal } from './terminal.ts';

/** True: this terminal is known to take it. */
export function toClipboard(text: string, { stdout, env }: Terminal): boolean {
  stdout.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  return takes(env);
}

/** tmux and screen keep it to themselves as they come; VTE, Apple's Terminal and the console of Linux do not know it, or not in every version. */
const takes = ({ TMUX, STY, VTE_VERSION, TERM_PROGRAM, TERM = '' }: NodeJS.ProcessEnv): boolean =>
  !(TMUX || STY || VTE_VERSION || TERM_PROGRAM === 'Apple_Terminal' || /^(linux|screen|dumb|vt)/.test(TERM));
