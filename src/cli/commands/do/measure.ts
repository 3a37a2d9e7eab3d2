/**
 * measure: measures what a commit costs on the learner's servers, and keeps the result in the journal for lesson 12.
 */
import type { LevelResult, Measurement } from '../../../lab/measure/measurement.ts';
import type { MeasureProgress } from '../../../lab/measure/measuring.ts';
import { ProblemError } from '../../../lab/problem.ts';
import { measureAndKeep } from '../../../learner/operations/measure-and-keep.ts';
import { measureProgress } from '../../../learner/operations/steps.ts';
import { flag, type Invocation, type OptionValues, type Run, textOption } from '../../command.ts';
import { atMost, openWhole } from '../../opening/access.ts';
import { openProgress } from '../../progress.ts';

export const measureCommand: Run = async (invocation) => {
  atMost(invocation, 0, 'measure [--distance MS] [--levels a,b] [--on SERVER]');
  const { io, options, signal } = invocation;
  const json = flag(options, 'json');
  const distance = number(options, 'distance', 0, 1000) ?? 0;
  const commits = number(options, 'commits', 5, 10_000);
  const levels = textOption(options, 'levels')?.split(',');
  const { lab } = await openWhole(invocation);
  if (!json)
    io.out(
      distance > 0
        ? `With ${distance} ms put between the servers, each way:`
        : 'The servers as they are, side by side:',
    );
  using progress = openProgress(io, json);
  let rows = 0;
  const onLevel = (result: LevelResult) => {
    progress.end();
    if (!json) io.out(rows++ === 0 ? `${heading}\n${row(result)}` : row(result));
  };
  const committed = (done: MeasureProgress) => progress.onStep(measureProgress(done));
  const on = textOption(options, 'on');
  const measurement = await measureAndKeep(lab, { distance, levels, commits, on, signal, onLevel, committed });
  progress.end();
  return report(invocation, measurement, json);
};

function report({ io }: Invocation, measurement: Measurement, json: boolean): number {
  if (json) io.out(JSON.stringify({ schema: 1, ...measurement }));
  else if (measurement.refused) io.err(`Not measured: ${measurement.refused}.`);
  else io.out('Kept for lesson 12. The settings are what they were before.');
  return measurement.refused ? 1 : 0;
}

/** At most 54 columns, so that it fits into the terminal beside the lesson. */
const heading = 'level        commits  median ms   p95 ms  stale reads';
const row = ({ level, commits, medianMs, p95Ms, staleReads, reads }: LevelResult): string =>
  `${level.padEnd(13)}${String(commits).padStart(7)}${medianMs.toFixed(2).padStart(11)}${p95Ms.toFixed(2).padStart(9)}${`${staleReads} of ${reads}`.padStart(13)}`;

function number(options: OptionValues, name: string, least: number, most: number): number | undefined {
  const given = textOption(options, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (given.trim() !== '' && Number.isFinite(value) && value >= least && value <= most) return value;
  throw new ProblemError(
    { what: `--${name} ${given}: this is no number from ${least} to ${most}.`, fix: `For example --${name} 5.` },
    2,
  );
}
