/** An operation that fails and cannot restore the state before it keeps its record: the next command recovers it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { listBackups, listSteps } from '../../src/lab/backup/backup-folder.ts';
import { readLab } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import type { OpenedLab } from '../../src/learner/opened-lab.ts';
import { moveLab } from '../../src/learner/operations/operations.ts';
import { recoverInterrupted, setPending } from '../../src/learner/operations/recover.ts';
import { takeStep } from '../../src/learner/operations/replace-state.ts';
import { solve } from '../../src/learner/operations/solve.ts';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { tasksOf } from '../../src/lesson/task.ts';
import { temporaryLab } from '../proof/lab.ts';

const opened = (lab: Lab): OpenedLab => {
  const file = readLab(lab.dir);
  if (!file) throw new Error('no lab.json');
  return { lab, file, lessons: lessonsFor(lessons, readerHere(lab.plan), lab.plan), learner: emptyLearnerState };
};

const noRoom = new ProblemError({ what: 'No space is left on the disk.', fix: 'Make room.' });
const { signal: never } = new AbortController();

it.each(['solve', 'goto'] as const)('a %s that is stopped and cannot go back is recovered later', async (how) => {
  await using lab = await temporaryLab();
  await lab.server('master').create();
  const mine = join(lab.dir, 'rep/mine.txt');
  writeFileSync(mine, 'mine');
  const stopping = new AbortController();
  const watcher = {
    onProgress: ({ at }: { readonly at: number }) => at > 0 && stopping.abort(),
    onWarning: () => undefined,
    signal: stopping.signal,
  };
  const full = opened({ ...lab, bringBack: () => Promise.reject(noRoom) });
  const lesson = full.lessons[2];
  if (!lesson) throw new Error('no lesson 3');
  const operation =
    how === 'solve'
      ? solve(full, { lesson, tasks: tasksOf(lesson) }, watcher)
      : moveLab(full, { how, lesson }, watcher);
  await expect(operation).rejects.toMatchObject({
    problem: { what: 'The command was stopped. What was before is not back yet: No space is left on the disk.' },
  });
  const [backup] = listBackups(lab.dir);
  expect(backup?.about).toBe(`${how} 3`);
  expect(readLab(lab.dir)?.moving).toMatchObject({ backup: backup?.path });
  if (existsSync(mine)) writeFileSync(mine, 'half done');

  expect(await recoverInterrupted(lab, never)).toEqual([`"${how} 3" was interrupted; the lab is as it was before it.`]);
  expect(readFileSync(mine, 'utf8')).toBe('mine');
  expect(readLab(lab.dir)?.moving).toBeNull();
  expect(listBackups(lab.dir)).toEqual([]);
});

it('what was undone before something new was begun is brought back by undo', async () => {
  await using lab = await temporaryLab();
  const mine = join(lab.dir, 'rep/mine.txt');
  writeFileSync(mine, 'mine');
  const watcher = { onProgress: () => undefined, onWarning: () => undefined, signal: never };
  const nowhere = { how: 'reset', lesson: null } as const;
  await moveLab(opened(lab), nowhere, watcher);
  const [step] = listSteps(lab.dir, 'undo');
  if (!step) throw new Error('no step');
  await takeStep(lab, step, watcher); // back to mine.txt
  await moveLab(opened(lab), nowhere, watcher);
  expect(listSteps(lab.dir, 'redo')).toEqual([]);
  expect(listSteps(lab.dir, 'undo').map(({ about }) => about)).toEqual(['reset all', 'undo of reset all']);
  for (const text of ['mine', undefined]) {
    const [next] = listSteps(lab.dir, 'undo');
    if (next) await takeStep(lab, next, watcher);
    expect(existsSync(mine) ? readFileSync(mine, 'utf8') : undefined).toBe(text);
  }
});

it('an operation that waited for one that was killed recovers that one, and does nothing else', async () => {
  await using lab = await temporaryLab();
  const mine = join(lab.dir, 'rep/mine.txt');
  writeFileSync(mine, 'mine');
  const path = 'backups/0001-goto-3';
  setPending(lab, { backup: path, running: [], what: 'goto 3' }); // a program that was killed half-way
  await lab.putAside(path, 'goto 3', []);
  const watcher = { onProgress: () => undefined, onWarning: () => undefined, signal: never };
  const problem = { what: expect.stringContaining('"goto 3" was interrupted; the lab is as it was before it.') };
  await expect(moveLab(opened(lab), { how: 'reset', lesson: null }, watcher)).rejects.toMatchObject({ problem });
  expect(readFileSync(mine, 'utf8')).toBe('mine');
  expect(readLab(lab.dir)?.moving).toBeNull();
  expect(listBackups(lab.dir)).toEqual([]);
});
