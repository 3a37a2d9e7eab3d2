/** Who waits for a deed at the command line: sees how far it has come, and stops it with Ctrl-C. */
import type { Watcher } from '../../lesson/headway.ts';
import { flag, type Invocation } from '../command.ts';
import { openProgress } from '../progress.ts';

export function watcher({
  io,
  options,
  signal,
}: Invocation): Watcher & Disposable & { end(): void; stopped(): number } {
  const progress = openProgress(io, flag(options, 'json'));
  const stopping = () => {
    progress.end();
    io.err('Stopping; what was before comes back …');
  };
  signal.addEventListener('abort', stopping, { once: true });
  return {
    told: (headway) => {
      if (!signal.aborted) progress.headway(headway);
    },
    warned({ what, fix }) {
      progress.end();
      io.err(`${what}\n  → ${fix}`);
    },
    signal,
    end: progress.end,
    stopped() {
      io.err('Stopped: the lab is as it was before.');
      return 3;
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', stopping);
      progress.end();
    },
  };
}
