/**
 * Labs of earlier versions on Docker (test/labs-before): their containers are created again from the recorded `docker
 * inspect`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { describe, expect, inject, it } from 'vitest';
import { json, type LabBefore, modeOf, openBefore, ownFiles, tree } from '../labs-before/lab.ts';
import { type LessonBefore, lessonsBefore, versionsBefore } from '../labs-before/unpack.ts';
import { type Docker, dockerAt } from './container.ts';
import type {} from './global.ts';
import { imageOf, whyNoImage } from './lab.ts';

const engine = inject('docker');
const image = imageOf(18);
const isRoot = process.getuid?.() === 0; // needed, because the files belong to the containers' user
if ('why' in engine || !image || !isRoot)
  it("today's program uses labs of earlier versions on Docker", ({ skip }) =>
    skip(whyNoImage(18) || 'only root can give the labs to their owners'));
else
  describe.each(versionsBefore('docker'))('a lab on Docker made by %s', (version) =>
    before(version, engine.socketPath),
  );

type DockerLabBefore = LabBefore & { readonly docker: Docker; sql(server: string, text: string): Promise<string> };
type Kept = { Id: string; Name: string; Config: Dockerode.ContainerCreateOptions; HostConfig: Dockerode.HostConfig };

async function open(version: string, lesson: LessonBefore, socketPath: string): Promise<DockerLabBefore> {
  const env = { DOCKER_HOST: `unix://${socketPath}` };
  const lab = await openBefore('docker', version, lesson, { env });
  const docker = dockerAt(socketPath);
  const engine = new Dockerode({ socketPath });
  const { plan } = json(lab.dir, 'lab.json');
  await engine.createNetwork({ Name: plan.docker.network, Driver: 'bridge', Labels: { 'repl-workshop.lab': plan.id } });
  const containers: readonly Kept[] = json(lab.outer, `${lesson}.containers.json`);
  const ids = new Map<string, string>();
  for (const { Id, Name, Config, HostConfig } of containers) {
    const { Hostname: _, ...asked } = Config; // Docker's own choice
    ids.set(Id, (await engine.createContainer({ ...asked, name: Name.slice(1), HostConfig })).id);
  }
  for (const path of Object.keys(tree(lab.dir)).filter((name) => /(^lab|\/snapshot)\.json$/.test(name))) {
    const text = readFileSync(join(lab.dir, path), 'utf8');
    writeFileSync(
      join(lab.dir, path),
      text.replace(/\b[0-9a-f]{64}\b/g, (id) => ids.get(id) ?? id),
    );
  }
  return {
    ...lab,
    docker,
    async sql(server, text) {
      const argv = ['exec', `${lesson}-${server}`, 'psql', '-U', 'postgres', '-Atc', text];
      const { stdout, stderr } = await docker(...argv);
      return (stdout + stderr).trim();
    },
    async [Symbol.asyncDispose]() {
      await lab.run('down', '--remove', '--yes');
      await lab[Symbol.asyncDispose]();
    },
  };
}

function before(version: string, socketPath: string): void {
  it.each(lessonsBefore)(
    `commands that look at a Docker lab of ${version} change nothing in it, at %s`,
    async (lesson) => {
      await using lab = await open(version, lesson, socketPath);
      // Only this lab's, because other test files have containers on the same engine.
      const ofLab = [`label=repl-workshop.lab=${json(lab.dir, 'lab.json').plan.id}`, `name=^/?${lesson}-`];
      const ids = () =>
        Promise.all(
          ofLab.map(async (filter) => (await lab.docker('ps', '-aq', '--no-trunc', '--filter', filter)).stdout),
        );
      const before = { tree: tree(lab.dir), ids: await ids() };
      for (const look of [['check'], ['list'], ['status', '--json'], ['hint'], ['observe'], ['report', '--json']])
        expect((await lab.run(...look)).status, look.join(' ')).toBeLessThan(3);
      expect((await lab.run('doctor', '--fix', '--dry-run')).status).toBe(0);
      expect({ tree: tree(lab.dir), ids: await ids() }).toEqual(before);
    },
  );

  it.each(lessonsBefore)(
    `a Docker lab of ${version} keeps progress, answers, settings, rows and own lines, at %s`,
    async (lesson) => {
      await using lab = await open(version, lesson, socketPath);
      const [progress, journal, plan] = ['progress.json', 'journal.json', 'lab.json'].map((name) =>
        json(lab.dir, name),
      );
      const before = { files: ownFiles(lab.dir), mode: modeOf(lab.dir) };
      expect(await lab.run('up')).toMatchObject({ out: expect.stringMatching(/master :\d+ +up, primary/) });
      const roles = await lab.sql('master', 'SELECT rolname, rolpassword FROM pg_authid ORDER BY 1');
      expect((await lab.run('--plain')).status).toBe(0);
      expect((await lab.run('next')).status).toBeLessThan(2);
      expect((await lab.run('check', '--all')).status).toBeLessThan(2);

      expect(await lab.sql('master', 'SELECT count(*), max(n) FROM mine')).toBe('100|100');
      expect(await lab.sql('master', 'SHOW work_mem')).toBe('5MB');
      expect(await lab.sql('master', 'SELECT rolname, rolpassword FROM pg_authid ORDER BY 1')).toBe(roles);
      expect(ownFiles(lab.dir)).toMatchObject(before.files);
      expect(modeOf(lab.dir)).toBe(before.mode);
      expect(json(lab.dir, 'progress.json')).toMatchObject({ lesson: progress.lesson, hints: progress.hints });
      expect(json(lab.dir, 'progress.json').done).toMatchObject(progress.done);
      expect(json(lab.dir, 'journal.json').answers).toMatchObject(journal.answers);
      expect(json(lab.dir, 'journal.json').measurements).toEqual(journal.measurements);
      expect(json(lab.dir, 'lab.json').plan).toEqual(plan.plan);
    },
  );

  it(`undo restores the backups of a goto and of a solve in a Docker lab of ${version}`, async () => {
    for (const lesson of ['lesson-8', 'lesson-12'] as const) {
      await using lab = await open(version, lesson, socketPath);
      const backup = lesson === 'lesson-8' ? '"goto 8"' : '"solve 11"';
      expect((await lab.run('undo', '--yes')).out).toContain(backup);
      await lab.run('up');
      expect(await lab.sql('master', 'SELECT count(*), max(n) FROM mine')).toBe('100|100');
      const { stdout } = await lab.docker('ps', '-a', '--format', '{{.Names}}', '--filter', `name=${lesson}-`);
      expect(
        stdout
          .trim()
          .split('\n')
          .filter((name) => !name.includes('.before-'))
          .toSorted(),
      ).toEqual([`${lesson}-master`, `${lesson}-slave`]);
    }
  });

  it(`a Docker lab of ${version} goes to another lesson, and undo brings everything back`, async () => {
    await using lab = await open(version, 'lesson-8', socketPath);
    const before = ownFiles(join(lab.dir, 'rep'));
    expect((await lab.run('goto', '4', '--yes')).status).toBe(0);
    expect(await lab.sql('master', 'SELECT FROM mine')).toContain('does not exist');
    expect((await lab.run('undo', '--yes')).out).toContain('"goto 4"');
    expect(ownFiles(join(lab.dir, 'rep'))).toEqual(before);
    await lab.run('up');
    expect(await lab.sql('master', 'SELECT count(*) FROM mine')).toBe('100');
  });

  it(`doctor --fix closes the open folder of a Docker lab of ${version} while its servers run`, async () => {
    await using lab = await open(version, 'lesson-12', socketPath);
    await lab.run('up');
    expect((await lab.run('check')).err).toContain('doctor --fix');
    expect(await lab.run('doctor', '--fix', '--yes')).toMatchObject({
      status: 0,
      out: expect.stringContaining('No other user can reach it.'),
    });
    expect(modeOf(lab.dir)).toBe('700');
    expect((await lab.run('status')).out).toMatch(/slave1 streaming/);
    expect((await lab.run('check')).err).toBe('');
  });

  it(`a Docker lab of ${version} gets a warning for a port open to the network, and passes the task`, async () => {
    await using lab = await open(version, 'lesson-3', socketPath);
    const { servers, docker } = json(lab.dir, 'lab.json').plan;
    const mount = `${join(lab.dir, 'rep/master_data')}:/var/lib/postgresql`;
    await lab.docker('rm', 'lesson-3-master');
    const asInTheTutorial = ['-p', `${servers[0].port}:5432`, '-e', 'POSTGRES_PASSWORD=master_pass', '-v', mount];
    await lab.docker(
      'run',
      '-d',
      '--name',
      'lesson-3-master',
      '--network',
      docker.network,
      ...asInTheTutorial,
      docker.image,
    );
    await lab.run('up');
    const { tasks } = JSON.parse((await lab.run('check', '2', '--json')).out);
    const runs = tasks.find(({ task }: { task: string }) => task === 'two-servers/master-runs');
    expect(runs.verdict).toMatchObject({ kind: 'pass', warning: expect.stringContaining('open to the whole network') });
    const { findings } = JSON.parse((await lab.run('doctor', '--json')).out);
    expect(findings.find(({ about }: { about: string }) => about === 'other users')).toMatchObject({
      ok: false,
      says: expect.stringContaining('Every machine in your network reaches master'),
      fix: expect.stringContaining(`-p 127.0.0.1:${servers[0].port}:5432`),
    });
  });
}
