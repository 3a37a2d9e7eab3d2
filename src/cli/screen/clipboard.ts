/** Copies text to the clipboard of the learner's terminal by the sequence OSC 52, which has no answer. */
import type { Terminal } from './terminal.ts';

/** Returns true when this terminal is known to support the sequence. */
export function toClipboard(text: string, { stdout, env }: Terminal): boolean {
  stdout.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  return supportsCopy(env);
}

/**
 * tmux and screen do not pass the sequence on by default. VTE, Apple's Terminal and the Linux console do not support
 * it, or not in every version.
 */
const supportsCopy = ({ TMUX, STY, VTE_VERSION, TERM_PROGRAM, TERM = '' }: NodeJS.ProcessEnv): boolean =>
  !(TMUX || STY || VTE_VERSION || TERM_PROGRAM === 'Apple_Terminal' || /^(linux|screen|dumb|vt)/.test(TERM));
