/**
 * Temporary folders in the system's place for them. Their names contain the process that made them, so that those of
 * killed programs are found and removed.
 */
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFiles } from '../files/copy-files.ts';
import { isAlive } from '../lock/alive.ts';
import { ProblemError } from '../problem.ts';

/** Makes a new folder for this user alone. Throws a ProblemError when that fails. */
export function scratchFolder(): string {
  const place = tmpdir();
  try {
    return mkdtempSync(join(place, `repl-workshop-${pidSpace()}-${process.pid}-`));
  } catch (error) {
    throw new ProblemError(
      {
        what: `No folder can be made in ${place}: ${(error as Error).message}.`,
        fix: 'TMPDIR in the environment names the place for such folders: let it name one that is there and that you may write.',
      },
      3,
      { cause: error },
    );
  }
}

/** Folders of this user whose programs have ended. */
export const leftScratch = (): readonly string[] =>
  namesIn(tmpdir()).flatMap((name) => {
    const [, space, pid] = /^repl-workshop-(\d+)-(\d{1,10})-[A-Za-z0-9]{6}$/.exec(name) ?? [];
    if (pid === undefined || space !== pidSpace() || isAlive(Number(pid))) return [];
    const path = join(tmpdir(), name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat?.isDirectory() && stat.uid === process.getuid?.() ? [realpathSync(path)] : [];
  });

/** Removes them, after `before` has ended what runs there. Those that cannot be removed stay. */
export async function sweepScratch(before: (folder: string) => Promise<void>): Promise<void> {
  for (const path of leftScratch()) {
    await before(path);
    await removeFiles(path).catch(() => undefined);
  }
}

/** The pid namespace: containers may share this folder, and each counts its pids from 1. '0': unknown. */
function pidSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // scratchFolder reports the reason
  }
}
