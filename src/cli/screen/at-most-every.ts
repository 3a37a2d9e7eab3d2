/**
 * `soon` runs the action at once, but at most once in `ms`: when the last run is more recent, the action runs once at
 * the end of that time. `stop` cancels what is waiting.
 */
export function atMostEvery(ms: number, action: () => void): { soon(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWaiting = false;
  let stopped = false;
  const runNow = () => {
    isWaiting = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWaiting) runNow();
    }, ms);
    action();
  };
  return {
    soon() {
      if (stopped) return;
      if (timer) isWaiting = true;
      else runNow();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
