/** Thirty labs side by side on one machine, as in a class: how long until all are up, and the memory of a server. */
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../numbers.ts';
import { scratch } from '../workshop.ts';
import { type BenchLab, benchLab, type LabKind } from './bench-lab.ts';

const labs = 30;
const atATime = 4;
const budgetMs = 30_000;
const budgetMb = 30;
const diskOfLab = 200 * 1024 * 1024; // with a spare
const what = `${labs} labs side by side`;

export async function* manyLabsRows(kind: LabKind, cache: string): AsyncGenerator<Row> {
  const { bavail, bsize } = statfsSync(scratch);
  if (bavail * bsize < labs * diskOfLab) {
    yield { what, measured: 'left out: the disk has no room' };
    return;
  }
  const all = Array.from({ length: labs }, () => benchLab(kind, { XDG_CACHE_HOME: cache }));
  try {
    const begun = performance.now();
    await inParallel(all, (lab) => lab.timeTo('goto'));
    const time = performance.now() - begun;
    for (const lab of all) await lab.proves(); // all at once, and none follows another one
    const memory = memoryOfAServer(all);
    yield {
      what: `${what}, ${atATime} at a time: all up`,
      measured: `${(time / 1000).toFixed(1)} s`,
      budget: `${budgetMs / 1000} s`,
      kept: time <= budgetMs,
    };
    yield {
      what: `${what}: memory (PSS) of a server`,
      measured: `${memory.toFixed(1)} MB`,
      budget: `${budgetMb} MB`,
      kept: memory <= budgetMb,
    };
  } finally {
    await inParallel(all, async (lab) => lab[Symbol.asyncDispose]());
  }
}

/** Rejects with the first error when the others have ended; after an error none begins. */
async function inParallel(all: readonly BenchLab[], deed: (lab: BenchLab) => Promise<unknown>): Promise<void> {
  const left = all.values();
  let failed = false;
  const work = async () => {
    for (const lab of left) {
      if (failed) return;
      await deed(lab).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atATime }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** The proportional set size of all processes of all servers, in MB, divided by the number of servers. */
function memoryOfAServer(all: readonly BenchLab[]): number {
  const files = all.flatMap(({ dir }) =>
    ['master', 'slave'].map((name) => join(dir, `rep/${name}_data/postmaster.pid`)).filter((file) => existsSync(file)),
  );
  const parents = parentsOfProcesses();
  const postmasters = new Set(files.map((file) => Number(readFileSync(file, 'utf8').split('\n')[0])));
  const ofServers = [...parents].filter(([pid, parent]) => postmasters.has(pid) || postmasters.has(parent));
  return ofServers.reduce((sum, [pid]) => sum + pssOf(pid), 0) / postmasters.size;
}

/** Source: proc(5), /proc/pid/stat; the second field is in brackets and may contain anything. */
function parentsOfProcesses(): ReadonlyMap<number, number> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(pids.map((pid) => [Number(pid), Number(ofProcess(`${pid}/stat`, /\) \S (\d+) [^)]*$/))]));
}

const pssOf = (pid: number): number => Number(ofProcess(`${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m)) / 1024;

/** The first group of the expression; 0 for a process that has ended. */
function ofProcess(file: string, wanted: RegExp): string {
  try {
    return wanted.exec(readFileSync(join('/proc', file), 'utf8'))?.[1] ?? '0';
  } catch {
    return '0';
  }
}
