/** Compares our reading with the server's for many cases at once, and finds the simplest case where they differ. */
import { isDeepStrictEqual } from 'node:util';
import { seed } from './random.ts';

export type Readings<Input> = {
  readonly inputs: readonly Input[];
  readonly ours: (input: Input) => unknown;
  /** Resolves with one reading for each input, in order; it is called with many inputs at a time. */
  readonly theirs: (inputs: readonly Input[]) => Promise<readonly unknown[]>;
  /** Returns simpler inputs, the simplest first. Without it the input is reported unchanged. */
  readonly simpler?: (input: Input) => readonly Input[];
};

const batch = 1000;
const mostShown = 3;

/**
 * Resolves with the number of cases that agree. Throws with the seed and the simplified inputs where readings differ.
 */
export async function agree<Input>({ inputs, ours, theirs, simpler }: Readings<Input>): Promise<number> {
  const differing = async (some: readonly Input[]): Promise<Input[]> => {
    const readings = await theirs(some);
    if (readings.length !== some.length) throw new Error(`${some.length} asked, ${readings.length} answered`);
    return some.filter((input, at) => !isDeepStrictEqual(ours(input), readings[at]));
  };
  for (let from = 0; from < inputs.length; from += batch) {
    const wrong = await differing(inputs.slice(from, from + batch));
    if (wrong.length === 0) continue;
    const shown: string[] = [];
    for (const input of wrong.slice(0, mostShown)) {
      const small = simpler ? await simplest(input, simpler, differing) : input;
      const [reading] = await theirs([small]);
      shown.push(
        `  input   ${JSON.stringify(small)}\n  ours    ${JSON.stringify(ours(small))}\n  theirs  ${JSON.stringify(reading)}`,
      );
    }
    const whole = `${wrong.length} of ${Math.min(batch, inputs.length - from)} cases differ (REPL_WORKSHOP_SEED=${seed}, from case ${from})`;
    throw new Error(`${whole}; the first, made simple:\n\n${[...new Set(shown)].join('\n\n')}\n`);
  }
  return inputs.length;
}

async function simplest<Input>(
  input: Input,
  simpler: (input: Input) => readonly Input[],
  differing: (some: readonly Input[]) => Promise<Input[]>,
): Promise<Input> {
  let now = input;
  for (;;) {
    const candidates = simpler(now).slice(0, batch);
    const [next] = candidates.length > 0 ? await differing(candidates) : [];
    if (next === undefined) return now;
    now = next;
  }
}

/** The text without one part of it, large parts first; then with a plain letter in place of an unusual character. */
export function simplerText(text: string): string[] {
  const chars = [...text];
  const simpler: string[] = [];
  for (let length = chars.length; length >= 1; length = Math.floor(length / 2))
    for (let at = 0; at < chars.length; at += length) simpler.push(chars.toSpliced(at, length).join(''));
  for (const [at, char] of chars.entries()) if (!/[\wé \n'"=]/.test(char)) simpler.push(chars.with(at, 'a').join(''));
  return simpler;
}

/** Asks one after the other, for questions that a server cannot answer in bulk. */
export async function oneByOne<In, Out>(list: readonly In[], ask: (one: In) => Promise<Out>): Promise<Out[]> {
  const answers: Out[] = [];
  for (const one of list) answers.push(await ask(one));
  return answers;
}
