/** Median, spread and other numbers of several measurements. */
const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
export const median = (values: readonly number[]): number =>
  sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;
export const p95 = (values: readonly number[]): number =>
  sorted(values)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;
export const ms = (value: number): string => `${value.toFixed(0)} ms`;
export const spread = (values: readonly number[]): string => `median ${ms(median(values))}, p95 ${ms(p95(values))}`;

export type Row = {
  readonly what: string;
  readonly measured: string;
  readonly budget?: string;
  readonly kept?: boolean;
};

export async function timeOf(deed: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await deed();
  return performance.now() - begun;
}

type Measure = () => Promise<number>;

/**
 * Measures the plain commands and ours in turn. The row has the median of the ratios of each pair, because what slows
 * the machine for a while slows both of a pair.
 */
export async function ratioRow(
  what: string,
  budget: number,
  pairs: number,
  plain: Measure,
  ours: Measure,
): Promise<Row> {
  const times: { readonly plain: number; readonly ours: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) times.push({ plain: await plain(), ours: await ours() });
  const ratio = median(times.map((pair) => pair.ours / pair.plain));
  const [us, them] = [median(times.map((pair) => pair.ours)), median(times.map((pair) => pair.plain))];
  return {
    what,
    measured: `${ratio.toFixed(2)} x plain (${ms(us)}, ${ms(them)})`,
    budget: `${budget} x`,
    kept: ratio <= budget,
  };
}
