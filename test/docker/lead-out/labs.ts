/** Labs whose containers the lessons' own command lines did not make. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewDockerLab } from '../../../src/lab/docker/lab.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { run } from '../../../src/lab/machine/run.ts';
import { mountTarget } from '../../../src/lab/plan/plan.ts';
import { missingPrograms } from '../engine.ts';
import { type DockerMajor, dockerLab, reachTestDocker } from '../lab.ts';
import { comes, docker, imageIn, planOf, stateOf } from '../learner.ts';

export type Kind = 'docker run' | 'compose 1.29' | 'compose 2';
export type OthersLab = AsyncDisposable & { readonly lab: Lab };

/** '' where it can be made on this machine; else the reason. */
export const lackingFor = (kind: Kind): string =>
  kind === 'compose 1.29' ? missingPrograms([['docker-compose', 'docker-compose']]) : '';

const names = ['master', 'slave'] as const;

export async function labOfOthers(kind: Kind, major: DockerMajor): Promise<OthersLab> {
  const opened: (() => PromiseLike<unknown>)[] = [];
  const close = async () => {
    for (const step of opened.splice(0).reverse()) await step();
  };
  try {
    const lab = await dockerLab(major);
    opened.push(() => lab[Symbol.asyncDispose]());
    const ids = await makers[kind](lab, opened);
    const own = viewDockerLab(lab.dir, lab.plan, await reachTestDocker(), () => ids);
    for (const name of names) await comes(`${name} is up`, async () => (await stateOf(own, name)) === 'up', 90_000);
    return { lab: own, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes the containers; resolves with the ids of those that the learner has to give to the lab. */
type Maker = (lab: Lab, opened: (() => PromiseLike<unknown>)[]) => Promise<readonly string[]>;

const makers: Readonly<Record<Kind, Maker>> = {
  /** As the tutorial has it: folders outside of the lab, the network of Docker itself, no option of the server. */
  async 'docker run'(lab, opened) {
    const folder = mkdtempSync(join(tmpdir(), 'rw-rep-'));
    opened.push(async () => rmSync(folder, { recursive: true, force: true }));
    const ids: string[] = [];
    for (const name of names) {
      const { container, port, password, database } = planOf(lab, name);
      const options = ['-p', `127.0.0.1:${port}:5432`, '-e', `POSTGRES_PASSWORD=${password}`];
      const mount = `${folder}/${name}_data:${mountTarget(lab.plan.major)}`;
      const made = ['--name', container, ...options, '-e', `POSTGRES_DB=${database}`, '-v', mount, imageIn(lab)];
      ids.push((await docker('run', '-d', ...made)).slice(0, 12));
      opened.push(() => docker('rm', '--force', '--volumes', container));
    }
    return ids;
  },

  async 'compose 1.29'(lab, opened) {
    const project = composeProject(lab);
    writeFileSync(join(lab.dir, 'docker-compose.yml'), composeFile(lab));
    const { reached } = lab as Lab & { reached: { env: Record<string, string> } };
    const compose = async (...args: string[]) => {
      const words = ['-f', join(lab.dir, 'docker-compose.yml'), '-p', project, ...args];
      const made = await run({ command: 'docker-compose', args: words, env: { ...process.env, ...reached.env } });
      if (made.status !== 0) throw new Error(`docker-compose ${args.join(' ')}: ${made.stderr}`);
    };
    opened.push(() => compose('down', '--volumes', '--remove-orphans'));
    await compose('up', '-d');
    return [];
  },

  /** With the labels, names and aliases that the plugin gives (recorded from 2.24). */
  async 'compose 2'(lab, opened) {
    const project = composeProject(lab);
    const network = `${project}_default`;
    await docker('network', 'create', network);
    opened.push(() => docker('network', 'rm', network));
    for (const name of names) {
      const { port, password, database } = planOf(lab, name);
      const volume = `${project}_${name}`;
      const container = `${project}-${name}-1`;
      const label = (key: string, value: string) => ['--label', `com.docker.compose.${key}=${value}`];
      const labels = [
        ...label('project', project),
        ...label('project.config_files', join(lab.dir, 'compose.yaml')),
        ...label('project.working_dir', lab.dir),
        ...label('service', name),
        ...label('container-number', '1'),
        ...label('oneoff', 'False'),
        ...label('version', '2.24.5'),
      ];
      const options = ['-p', `127.0.0.1:${port}:5432`, '-e', `POSTGRES_PASSWORD=${password}`];
      const mounted = ['-e', `POSTGRES_DB=${database}`, '-v', `${volume}:${mountTarget(lab.plan.major)}`];
      const joined = ['--network', network, '--network-alias', name];
      await docker('run', '-d', '--name', container, ...joined, ...labels, ...options, ...mounted, imageIn(lab));
      opened.push(async () => {
        await docker('rm', '--force', '--volumes', container);
        const volumes = (await docker('volume', 'ls', '-q')).split('\n').filter((one) => one.startsWith(volume));
        await docker('volume', 'rm', ...volumes);
      });
    }
    return [];
  },
};

const composeProject = (lab: Lab): string => `c${lab.plan.id}`;

const composeFile = (lab: Lab): string => {
  const services = names.flatMap((name) => {
    const { port, password, database } = planOf(lab, name);
    return [
      `  ${name}:`,
      `    image: ${imageIn(lab)}`,
      `    ports: ["127.0.0.1:${port}:5432"]`,
      `    environment: {POSTGRES_PASSWORD: ${password}, POSTGRES_DB: ${database}}`,
      `    volumes: ["${name}:${mountTarget(lab.plan.major)}"]`,
    ];
  });
  return ["version: '3'", 'services:', ...services, 'volumes:', ...names.map((name) => `  ${name}: {}`), ''].join('\n');
};
