/** The costs of a prepared state, on servers or containers, each against the plain commands that make it. */
import { type Row, ratioRow, timeOf } from '../numbers.ts';
import { benchLab, type LabKind } from './bench-lab.ts';
import { runningProgram } from './running-program.ts';

/** Each budget is a part of the time of the plain commands; where it is left out, there is no row. */
type Budgets = {
  readonly fromNothing: number;
  readonly filled?: number;
  readonly command: number;
  readonly inside?: number;
  readonly undo?: number; // inside; the command has the budget of commands
};

/** `about` begins each row; `cache` is the cache folder that is filled; `plain` resolves with the time of a run. */
export type Against = {
  readonly about: string;
  readonly kind: LabKind;
  readonly cache: string;
  readonly budgets: Budgets;
  readonly pairs: number;
  readonly plain: () => Promise<number>;
};

const moves = ['goto', 'reset'] as const;

export async function* preparedRows(against: Against): AsyncGenerator<Row> {
  const { kind, cache, budgets } = against;
  let labs = 0; // each has a cache of its own, because the lab before may have filled its one
  yield* row(against, 'from nothing, empty cache', budgets.fromNothing, () => newLab(kind, `${cache}-${++labs}`));

  await using lab = benchLab(kind, { XDG_CACHE_HOME: cache });
  await lab.timeTo('goto');
  const isPrepared = await lab.tried('prepare');
  const prepared = isPrepared ? row : notYet;
  // The next state is made ready after each measurement, so that nothing is made in the background of the next one.
  const ready = async () => void (isPrepared && (await lab.command('prepare')));
  const thenReady = (ours: () => Promise<number>) => async () => {
    const time = await ours();
    await ready();
    return time;
  };
  yield* prepared(against, 'new lab, filled cache', budgets.filled, () => newLab(kind, cache));
  for (const how of moves)
    yield* prepared(
      against,
      `prepared ${how}, the command`,
      budgets.command,
      thenReady(() => lab.timeTo(how)),
    );
  {
    await using running = await runningProgram(lab);
    for (const how of moves)
      yield* prepared(
        against,
        `prepared ${how}, inside the program`,
        budgets.inside,
        thenReady(() => running.timeTo(how)),
      );
    const undoneInside = async () => {
      await running.timeTo('goto');
      await ready();
      return running.timeTo('undo');
    };
    yield* row(against, 'undo, inside the program', budgets.undo, thenReady(undoneInside));
  }
  const undone = async () => {
    await lab.timeTo('goto');
    await ready();
    const time = await timeOf(() => lab.command('undo', '--yes'));
    await lab.proves();
    return time;
  };
  yield* row(against, 'undo, the command', budgets.undo && budgets.command, thenReady(undone));
}

async function* row(
  { about, pairs, plain }: Against,
  what: string,
  budget: number | undefined,
  ours: () => Promise<number>,
): AsyncGenerator<Row> {
  if (budget !== undefined) yield await ratioRow(`${about}${what}`, budget, pairs, plain, ours);
}

async function* notYet({ about }: Against, what: string, budget: number | undefined): AsyncGenerator<Row> {
  if (budget !== undefined)
    yield { what: `${about}${what}`, measured: 'not there yet: prepare', budget: `${budget} x` };
}

async function newLab(kind: LabKind, cache: string): Promise<number> {
  await using lab = benchLab(kind, { XDG_CACHE_HOME: cache });
  return await lab.timeTo('goto');
}
