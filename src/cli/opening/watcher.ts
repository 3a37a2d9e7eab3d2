/** The watcher of an operation at the command line: it shows the progress, and Ctrl-C stops the operation. */
import type { OperationWatcher } from '../../lesson/step-progress.ts';
import { flag, type Invocation } from '../command.ts';
import { openProgress } from '../progress.ts';

export function watcher({
  io,
  options,
  signal,
}: Invocation): OperationWatcher & Disposable & { end(): void; stopped(): number } {
  const output = openProgress(io, flag(options, 'json'));
  const onAbort = () => {
    output.end();
    io.err('Stopping; what was before comes back …');
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    onProgress: (progress) => {
      if (!signal.aborted) output.onStep(progress);
    },
    onWarning({ what, fix }) {
      output.end();
      io.err(`${what}\n  → ${fix}`);
    },
    signal,
    end: output.end,
    stopped() {
      io.err('Stopped: the lab is as it was before.');
      return 3;
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort);
      output.end();
    },
  };
}
