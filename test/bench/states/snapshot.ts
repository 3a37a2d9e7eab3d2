/** The cost of a snapshot of two servers: its time, and the disk that it takes. */
import { constants, copyFileSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, ms, type Row, timeOf } from '../numbers.ts';
import { run, scratch } from '../workshop.ts';
import { type BenchLab, benchLab, type LabKind } from './bench-lab.ts';

const what = 'snapshot save, two servers';
const snapshots = 5;
const budgetMs = 300;
const budgetMb = 5; // beside a snapshot, a checkpoint writes a little
const megabyte = 1024 * 1024;
const mb = (value: number) => `${value.toFixed(0)} MB`;

export async function* snapshotRows(kind: LabKind, cache: string): AsyncGenerator<Row> {
  await using lab = benchLab(kind, { XDG_CACHE_HOME: cache });
  await lab.timeTo('goto');
  const before = await disk();
  if (!(await lab.tried('snapshot', 'save', 'first'))) {
    yield { what, measured: 'not there yet: snapshot', budget: ms(budgetMs) };
    return;
  }
  const after = await disk();
  const shares = sharesBlocks();
  const [more, lost] = [after.used - before.used, before.free - after.free];
  yield await timeRow(lab);
  yield {
    what: 'snapshot save: disk',
    measured: `du +${mb(more)}, ${mb(lost)} less is free`,
    budget: shares ? `${mb(budgetMb)}: blocks are shared` : 'blocks are not shared',
    ...(shares ? { kept: lost <= budgetMb } : {}),
  };
}

async function timeRow(lab: BenchLab): Promise<Row> {
  const times: number[] = [];
  for (let number = 1; number <= snapshots; number++)
    times.push(await timeOf(() => lab.command('snapshot', 'save', `number-${number}`)));
  return { what, measured: ms(median(times)), budget: ms(budgetMs), kept: median(times) <= budgetMs };
}

/** In MB: what all files of the bench take by du, which counts shared blocks each time, and what is free. */
async function disk(): Promise<{ readonly used: number; readonly free: number }> {
  await run('sync', ['-f', scratch]);
  const { stdout } = await run('du', ['-s', '-B1', scratch]);
  const { bavail, bsize } = statfsSync(scratch);
  return { used: Number.parseInt(stdout, 10) / megabyte, free: (bavail * bsize) / megabyte };
}

/** Whether a copy on this file system can share the blocks of its original (reflink). */
function sharesBlocks(): boolean {
  const [from, to] = [join(scratch, 'original'), join(scratch, 'copy')];
  writeFileSync(from, readFileSync(process.execPath).subarray(0, megabyte));
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(from, { force: true });
    rmSync(to, { force: true });
  }
}
