/**
 * Ctrl-C ends what the bench has started, such as servers, which outlive the command that started them: the commands
 * under way are stopped, and what was opened is closed. A second Ctrl-C ends the bench at once.
 */
const stopper = new AbortController();
/** Aborts when the bench is told to end. */
export const stopping: AbortSignal = stopper.signal;

export function stopOnSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => {
      console.error(`\n${name}: the bench ends what it has started.`);
      stopper.abort();
    });
}
