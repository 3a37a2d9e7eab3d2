/** At once, then not again before the time is over; what was asked for meanwhile is done then. */
export function atMostEvery(ms: number, deed: () => void): { soon(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  let stopped = false;
  const now = () => {
    asked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (asked) now();
    }, ms);
    deed();
  };
  return {
    soon() {
      if (stopped) return;
      if (timer) asked = true;
      else now();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
