/**
 * Waits for a condition, not for a time: asks again until it holds, the deadline is over or `signal` aborts. Resolves
 * with true when it held.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { deadlineMs, everyMs = 20, signal }: { deadlineMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (signal?.aborted || performance.now() >= end) return false;
    await new Promise((again) => setTimeout(again, everyMs));
  }
  return true;
}
