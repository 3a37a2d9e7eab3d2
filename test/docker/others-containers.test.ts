/** Containers that were there before the lab, or that are made beside an open one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { emptyJournal } from '../../src/check/journal.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { publishedPorts } from '../../src/lab/docker/published.ts';
import { openFolder, planFolder } from '../../src/lab/folder.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { mendTasks } from '../../src/lesson/mend/mend.ts';
import { openLessonPlayer } from '../../src/lesson/player.ts';
import { tasksOf } from '../../src/lesson/task.ts';
import { dockerLab, imageOf, reachTestDocker, whyNoImage } from './lab.ts';
import { labOfOthers } from './lead-out/labs.ts';
import { comes, docker, imageIn, planOf, stateOf, view } from './learner.ts';

describe('containers beside a lab', () => {
  const image = imageOf(15);
  const needsImage = (skip: (why: string) => void) => (image ? undefined : skip(whyNoImage(15)));

  it("a new lab and a known one keep the ports of the learner's own containers", async ({ skip }) => {
    needsImage(skip);
    const reached = await reachTestDocker();
    const dir = mkdtempSync(join(tmpdir(), 'rw-ports-'));
    const wish = { prefix: 'rw-ports-', image: image ?? '', storage: 'folder', user: null } as const;
    const published = (plan: Parameters<typeof publishedPorts>[1]) => publishedPorts(dir, plan, reached, () => []);
    const name = 'rw-ports-master';
    try {
      await docker(
        ...['run', '-d', '--name', name, '-p', '127.0.0.1:27432:5432', '-e', 'POSTGRES_PASSWORD=master_pass'],
        ...['-v', '/rep/master_data:/var/lib/postgresql/data', image ?? ''],
      );
      const { file } = await planFolder(dir, { major: 15, docker: wish, published });
      expect(file.plan.servers[0]?.port).toBe(27432);
      const made = await openFolder(dir, { major: 15, docker: wish, published });
      expect(made.file.plan.servers[0]?.port).toBe(27432);
      const again = await openFolder(dir, { published });
      expect(again).toMatchObject({ notices: [], file: { plan: { servers: [{ port: 27432 }, {}] } } });
    } finally {
      await docker('rm', '--force', '--volumes', name);
      await docker('run', '--rm', '-v', '/rep:/rep', image ?? '', 'rm', '-rf', '/rep/master_data');
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('a container that is not given to the lab is told wherever the server is', async ({ skip }) => {
    needsImage(skip);
    await using lab = await dockerLab(15);
    const { container } = planOf(lab, 'master');
    await docker('create', '--name', container, imageIn(lab));
    try {
      const seen = await view(lab);
      expect(seen.process).toMatchObject({ state: 'absent', reason: expect.stringContaining(`"${container}"`) });
      const refusals = [
        () => lab.server('master').create(),
        () => lab.server('master').start(),
        () => lab.openFile('master', 'pg_hba.conf'),
      ];
      const said = await Promise.all(refusals.map((deed) => deed().then(String, (error: Error) => error.message)));
      expect(new Set(said).size, said.join('\n')).toBe(1);
      expect(said[0]).toContain("is not this lab's, so it is left alone");
      expect(said.join(' ')).not.toMatch(/docker (rm|start|stop)/);
    } finally {
      await docker('rm', '--force', '--volumes', container);
    }
  });

  it('what the image and the disk refuse is the reason, in the words of who refused it', async ({ skip }) => {
    needsImage(skip);
    await using lab = await dockerLab(15);
    const { container } = planOf(lab, 'master');
    const target = '/var/lib/postgresql/data';
    const ends = async (...options: string[]) => {
      await docker('run', '-d', '--name', container, '--label', `repl-workshop.lab=${lab.plan.id}`, ...options);
      await comes('it has ended', async () => (await stateOf(lab)) === 'failed');
      const { process } = await view(lab);
      await docker('rm', '--force', '--volumes', container);
      return process.reason ?? '';
    };
    const labelled = ['--label', 'repl-workshop.server=master', '-e', 'POSTGRES_PASSWORD=master_pass'];
    expect(await ends(...labelled, '--tmpfs', `${target}:size=6m`, imageIn(lab))).toMatch(/No space left on device/);
    const folder = mkdtempSync(join(lab.dir, 'closed-'));
    execFileSync('chmod', ['700', folder]);
    const asOther = ['--user', '54321:54321', '-v', `${folder}:${target}`];
    expect(await ends(...labelled, ...asOther, imageIn(lab))).toMatch(/Permission denied|Operation not permitted/);
  });

  it('a slave of the tutorial that runs as a standby too early is mended, and no second container is made', {
    timeout: 180_000,
  }, async ({ skip }) => {
    needsImage(skip);
    await using others = await labOfOthers('docker run', 15);
    const { lab } = others;
    const { container } = planOf(lab, 'slave');
    const id = await docker('inspect', '--format', '{{.Id}}', container);
    await docker('exec', '-u', 'postgres', container, 'sh', '-c', 'touch "$PGDATA"/standby.signal');
    await docker('restart', container);
    await comes('the slave is up', async () => (await stateOf(lab, 'slave')) === 'up');
    const [, two] = lessonsFor(lessons, readerHere(lab.plan), lab.plan);
    await using player = openLessonPlayer(lab, emptyJournal);
    const tasks = two ? tasksOf(two).filter(({ task }) => task.kind === 'state') : [];
    const stuck = await mendTasks(
      player,
      tasks.map((task) => ({ task, isNew: true, stays: true })),
    );
    expect(stuck?.verdict).toBeUndefined();
    expect(await docker('inspect', '--format', '{{.Id}}', container)).toBe(id);
  });
});
