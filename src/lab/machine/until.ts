/** Waits for a condition, never for a time: asks again and again until it holds or the deadline is over. Returns whether it held. */
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
