/** Compares our reading with the server's for many cases at once, and finds the simplest case where they differ. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { endOfShare } from '../../campaign.ts';
import { everything } from '../../everything.ts';
import { seed } from './random.ts';

type Readings<Input> = {
  readonly ours: (input: Input) => unknown;
  /** Resolves with one reading for each input, in order; it is called with many inputs at a time. */
  readonly theirs: (inputs: readonly Input[]) => Promise<readonly unknown[]>;
  /** Returns simpler inputs, the simplest first. Without it the input is reported unchanged. */
  readonly simpler?: (input: Input) => readonly Input[];
};
type Inputs<Input> = Readings<Input> & { readonly inputs: readonly Input[] };
type Campaign<Input> = Readings<Input> & {
  readonly reader: string;
  readonly next: () => Input;
  readonly mostUnknown?: number; // of one
};

/** Our reading when it does not say: no disagreement, but at most one printable input in a hundred. */
export const notKnown = 'not known' as const;

const batch = 1000;
const mostShown = 3;
const mostShownOfCampaign = 12;
const shareMs = everything ? 2_000 : 1_000;

/**
 * Resolves with the number of cases that agree. Throws with the seed and the simplified inputs where readings differ.
 */
export async function agree<Input>({ inputs, ...readings }: Inputs<Input>): Promise<number> {
  for (let from = 0; from < inputs.length; from += batch) {
    const some = inputs.slice(from, from + batch);
    const { wrong } = await compared(some, readings);
    if (wrong.length === 0) continue;
    const shown: string[] = [];
    for (const input of wrong.slice(0, mostShown)) shown.push(await asSimple(input, readings));
    throw new Error(`${wrong.length} of ${some.length} cases differ, from case ${from}; ${told(shown)}`);
  }
  return inputs.length;
}

/**
 * Compares inputs for a share of time, or REPL_WORKSHOP_CASES of them, and prints the row of this reader. Fails when
 * readings differ, or when ours is too often not known. Goes on after a difference, until it has some kinds to show.
 */
export async function campaign<Input>({
  reader,
  next,
  mostUnknown = 0.01,
  ...readings
}: Campaign<Input>): Promise<void> {
  const wanted = Number(process.env.REPL_WORKSHOP_CASES ?? 0);
  const end = endOfShare(shareMs);
  const shown = new Set<string>();
  const count = { inputs: 0, wrong: 0, unknown: 0 };
  const isEnough = () => (wanted > 0 ? count.inputs >= wanted : count.inputs > 0 && performance.now() >= end);
  while (!isEnough() && shown.size < mostShownOfCampaign) {
    const size = wanted > 0 ? Math.min(batch, wanted - count.inputs) : batch;
    const { wrong, unknown } = await compared(Array.from({ length: size }, next), readings);
    count.inputs += size;
    count.wrong += wrong.length;
    count.unknown += unknown;
    for (const input of wrong.slice(0, mostShown)) shown.add(await asSimple(input, readings));
  }
  console.log(`| ${reader} | ${count.inputs} | ${count.wrong} | ${count.unknown} |`);
  if (count.wrong > 0) throw new Error(`${count.wrong} of ${count.inputs} inputs differ; ${told([...shown])}`);
  expect(count.unknown).toBeLessThanOrEqual(Math.ceil(count.inputs * mostUnknown));
}

async function compared<Input>(some: readonly Input[], { ours, theirs }: Readings<Input>) {
  const answers = await theirs(some);
  if (answers.length !== some.length) throw new Error(`${some.length} asked, ${answers.length} answered`);
  const read = some.map(ours);
  const wrong = some.filter((_, at) => read[at] !== notKnown && !isDeepStrictEqual(read[at], answers[at]));
  return { wrong, unknown: read.filter((one) => one === notKnown).length };
}

async function asSimple<Input>(input: Input, readings: Readings<Input>): Promise<string> {
  const { ours, theirs, simpler } = readings;
  const differing = async (some: readonly Input[]) => (await compared(some, readings)).wrong;
  const small = simpler ? await simplest(input, simpler, differing) : input;
  const [reading] = await theirs([small]);
  return `  input   ${JSON.stringify(small)}\n  ours    ${JSON.stringify(ours(small))}\n  theirs  ${JSON.stringify(reading)}`;
}

const told = (shown: readonly string[]): string =>
  `the first, made simple (REPL_WORKSHOP_SEED=${seed}):\n\n${[...new Set(shown)].join('\n\n')}\n`;

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
