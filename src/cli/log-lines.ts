/** Splits the pieces of a log's text into lines, and notices when no input comes for a while. */

/** In UTF-16 units. A longer line is cut, so that input without line ends cannot fill the memory. */
const longestLine = 4_000_000;

/**
 * Yields the lines of each piece of input. An empty list means: no input came for `quietMs`, and the last line is
 * complete.
 */
export async function* linesOf(
  input: string | AsyncIterable<string>,
  quietMs: number,
): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of typeof input === 'string' ? [input] : withQuiet(input, quietMs)) {
    if (chunk === '') {
      if (rest === '') yield [];
      continue;
    }
    const lines = chunk.split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) {
      lines.push(rest);
      rest = '';
    }
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}

/** Yields the input, and '' once whenever nothing has come for `ms`. */
async function* withQuiet(input: AsyncIterable<string>, ms: number): AsyncGenerator<string> {
  const chunks = input[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<string>> | undefined;
  let isQuiet = true;
  try {
    for (;;) {
      next ??= chunks.next();
      const got: IteratorResult<string> | 'quiet' = await (isQuiet ? next : orQuiet(next, ms));
      isQuiet = got === 'quiet';
      if (got === 'quiet') yield '';
      else {
        next = undefined;
        if (got.done) return;
        if (got.value !== '') yield got.value;
      }
    }
  } finally {
    if (!next) await chunks.return?.(); // with a read still pending, return() would not resolve
  }
}

function orQuiet<T>(next: Promise<T>, ms: number): Promise<T | 'quiet'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('quiet'), ms);
    next.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
