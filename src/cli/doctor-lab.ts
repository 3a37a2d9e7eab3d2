/**
 * Looks of doctor at a lab's folder: what operations left behind, folders that cannot be read, servers without their
 * lab.
 */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { incomplete, listSteps, oldBackups } from '../lab/backup/backup-folder.ts';
import { interrupted } from '../lab/backup/interrupted.ts';
import { quote } from '../lab/bin.ts';
import { strays, strayWords } from '../lab/native/astray/strays.ts';
import { dataOf, serverNames } from '../lab/plan/plan-ports.ts';
import { ProblemError } from '../lab/problem.ts';
import { refuseOthers } from '../lab/trust/others.ts';
import type { Invocation } from './command.ts';

export function pendingOperation({ dir, named }: Invocation): string {
  refuseOthers(named);
  const found = interrupted(dir);
  if (found) throw new ProblemError(found.problem);
  return 'none was interrupted';
}

export function backups({ dir, named }: Invocation): string {
  refuseOthers(named);
  const left = [...oldBackups(dir).map(({ path }) => path), ...incomplete(dir)].map((path) => join(dir, path));
  const steps = listSteps(dir, 'undo');
  const summary = steps.length === 0 ? 'none' : `${steps.length}, the last one before "${steps[0]?.about}"`;
  if (left.length === 0) return summary;
  throw new ProblemError({
    what: `${summary}; and ${left.join(', ')}, which ${left.length === 1 ? 'is' : 'are'} no longer needed and still there.`,
    fix: `The next command on this lab removes it; where files are another user's, remove it as that user: rm -rf ${left.map(quote).join(' ')}`,
  });
}

/**
 * Throws a ProblemError that names every folder that cannot be read. An observation reports only the first problem of a
 * server.
 */
export function shutFolders({ dir, named }: Invocation): string {
  refuseOthers(named);
  const below = (folder: string) =>
    (isOpen(folder) && isFolder(folder) ? readdirSync(folder) : []).map((name) => join(folder, name));
  const folders = [
    dir,
    ...['rep', 'logs', 'run', 'bin', 'backups'].map((name) => join(dir, name)),
    ...below(join(dir, 'rep')),
  ];
  const shut = folders.filter((folder) => existsSync(folder) && !isOpen(folder));
  if (shut.length === 0) return 'can be read';
  throw new ProblemError({
    what: `${shut.join(', ')} cannot be read.`,
    fix: `If ${shut.length === 1 ? 'it is' : 'they are'} yours: chmod -R u+rwX ${shut.map(quote).join(' ')}`,
  });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

export function strayServers({ dir }: Invocation): string {
  const found = strays(serverNames.map((name) => join(dir, dataOf(name))));
  if (found.length === 0) return 'none runs without its lab';
  throw new ProblemError(strayWords(found));
}
