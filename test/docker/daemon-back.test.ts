/** A Docker daemon that disappears during a session, and comes back. */
import { expect, inject, it } from 'vitest';
import { emptyJournal } from '../../src/check/journal.ts';
import { runs } from '../../src/check/server/running.ts';
import { reachDocker } from '../../src/lab/docker/connect/reach.ts';
import { openDockerLab } from '../../src/lab/docker/lab.ts';
import type { LabEvent } from '../../src/lab/lab.ts';
import { ProblemError } from '../../src/lab/problem.ts';
import { program } from '../proof/lab.ts';
import type {} from './global.ts';
import { dockerLab, imageOf, whyNoImage } from './lab.ts';
import { comes } from './learner.ts';
import { socketProxy } from './socket-proxy.ts';

const engine = inject('docker');

if ('why' in engine || !imageOf(18))
  it('the return of a Docker daemon causes a look', ({ skip }) => skip(whyNoImage(18)));
else
  it('the return of a Docker daemon causes a look, and the verdicts are right within two seconds', async () => {
    await using lab = await dockerLab(18);
    await lab.server('master').create();
    await lab.server('master').start();
    await using proxy = await socketProxy(engine.socketPath);
    const reached = await reachDocker({ ...process.env, DOCKER_HOST: `unix://${proxy.socketPath}` });
    if (!('docker' in reached)) throw new Error(reached.problem.what);
    const session = openDockerLab(lab.dir, lab.plan, reached, program, () => []);
    const over = new AbortController();
    const told: LabEvent[] = [];
    const listening = (async () => {
      for await (const event of session.watch(over.signal)) told.push(event);
    })();
    const verdict = async () => runs('master')({ now: await session.observe(), journal: emptyJournal });
    expect(await verdict()).toMatchObject({ kind: 'pass' });

    await proxy.close();
    await expect(verdict()).rejects.toThrow(ProblemError);
    told.length = 0;
    await proxy.open();
    await comes('a reason to look', async () => told.length > 0, 2000);
    expect(await verdict()).toMatchObject({ kind: 'pass' });
    over.abort();
    await listening;
  });
