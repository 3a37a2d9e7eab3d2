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
