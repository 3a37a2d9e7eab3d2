/** Operations and repair on containers that are paused, stopped, hung, or removed by hand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { listSteps } from '../../src/lab/backup/backup-folder.ts';
import { readLab } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { repairWords } from '../../src/lab/repair/repair.ts';
import { type Move, moveLab } from '../../src/learner/operations/operations.ts';
import { movePlan, seenBefore } from '../../src/learner/operations/plans.ts';
import { findRepairs, repairLab } from '../../src/learner/operations/repair-lab.ts';
import { takeStep } from '../../src/learner/operations/replace-state.ts';
import { emptyLearnerState } from '../../src/learner/progress.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { dockerLab, imageOf, whyNoImage } from './lab.ts';
import { comes, docker, dockerMay, networkIn, planOf, stateOf } from './learner.ts';

const watcher = { onProgress: () => undefined, onWarning: () => undefined, signal: new AbortController().signal };

describe('half-broken containers, PostgreSQL 15', () => {
  if (!imageOf(15)) return it('operations work on half-broken containers', ({ skip }) => skip(whyNoImage(15)));
  let lab: Lab;
  beforeAll(async () => {
    lab = await dockerLab(15);
    for (const { name } of lab.servers) await lab.server(name).create();
    for (const { name } of lab.servers) await lab.server(name).start();
    await lab.server('master').writeFile('mine.txt', 'mine');
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const name = () => planOf(lab, 'master').container;
  const opened = () => {
    const file = readLab(lab.dir);
    if (!file) throw new Error('no lab.json');
    return { lab, file, lessons: lessonsFor(lessons, readerHere(lab.plan), lab.plan), learner: emptyLearnerState };
  };
  const idOf = async () => (await dockerMay('inspect', '--format', '{{.Id}}', name())).stdout.trim();

  const breakages: Readonly<Record<string, readonly [breaks: () => Promise<unknown>, repair: RegExp | null]>> = {
    'a paused container': [() => dockerMay('pause', name()), /unpause the container .*: it is paused/],
    'a stopped container': [() => docker('stop', name()), null],
    'a killed container': [() => dockerMay('kill', name()), /start master: it ran/],
    'a server that SIGSTOP has stopped': [
      () => docker('kill', '--signal', 'STOP', name()),
      /end master and start it again: it runs, and answers no client/,
    ],
    'a container that was removed by hand': [() => docker('rm', '--force', name()), null],
    'a network that was removed by hand': [
      async () => {
        for (const { name: server } of lab.servers) await dockerMay('rm', '--force', planOf(lab, server).container);
        await docker('network', 'rm', networkIn(lab));
      },
      null,
    ],
  };

  it.for(Object.entries(breakages))('%s: goto and reset work, undo brings that back', async ([, [breaks, repair]]) => {
    await breaks();
    const before = await idOf();
    const { lessons: all } = opened();
    const moves: readonly Move[] = [
      { how: 'goto', lesson: all[1] ?? null },
      { how: 'reset', lesson: null },
    ];
    for (const move of moves) {
      const plan = movePlan(opened(), move, await seenBefore(lab)).join('\n');
      expect(plan).toMatch(/stop the containers of this lab \(.*\).*network.*move rep\//s);
      expect(await moveLab(opened(), move, watcher)).toMatch(/^backups\//);
      expect(await lab.server('master').readFile('mine.txt')).toBeUndefined();
      const [step] = listSteps(lab.dir, 'undo');
      if (!step) throw new Error('no step');
      await takeStep(lab, step, watcher);
      expect(await lab.server('master').readFile('mine.txt')).toBe('mine');
      expect(await idOf()).toBe(before);
    }
    if (repair) {
      await breaks();
      const found = await findRepairs(lab);
      expect(found.map(repairWords).join('\n')).toMatch(repair);
      await repairLab(lab, found, watcher);
      await comes('it is up', async () => (await stateOf(lab)) === 'up');
    }
    expect(await findRepairs(lab)).toEqual([]);
    for (const server of lab.servers) {
      if ((await lab.observe()).servers[server.name]?.container === undefined) await server.create();
      await server.start();
    }
  });
});
