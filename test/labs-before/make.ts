/**
 * Makes labs in the state in which a learner of one version leaves them, and packs them:
 * `npx tsx test/labs-before/make.ts native|docker|states PROGRAM VERSION`. PROGRAM is the built
 * dist/repl-workshop.cjs of that version. The labs are made below /tmp/labs-before (a path that is in their files) and
 * stopped, and written here as VERSION-ENGINE.tar.br or VERSION-states.tar.br. On Docker it starts the tests' own
 * engine.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/lab/machine/run.ts';
import { openDockerEngine } from '../docker/engine.ts';
import { postgresImage } from '../docker/images.ts';
import { packFolder } from './archive.ts';

const root = '/tmp/labs-before'; // is in the labs' files, where a test replaces it by its own folder
const here = dirname(fileURLToPath(import.meta.url));

type Learner = {
  readonly dir: string;
  workshop(...args: string[]): Promise<void>;
  sql(server: string, text: string): Promise<void>;
};

/** The learners. `at` is the lesson where each of them is, and the name of the lab. */
const learners: readonly { readonly at: string; readonly played: (learner: Learner) => Promise<void> }[] = [
  {
    at: 'lesson-3',
    async played({ dir, workshop, sql }) {
      await workshop('goto', '3', '--yes');
      await workshop('hint', '--level', '2');
      await workshop('answer', 'where', 'a');
      await workshop('answer', 'where', 'c');
      await ownWork(dir, 'master', sql);
    },
  },
  {
    at: 'lesson-8',
    async played({ dir, workshop, sql }) {
      await workshop('goto', '3', '--yes');
      await ownWork(dir, 'master', sql);
      await workshop('goto', '8', '--yes');
      await workshop('hint', '--level', '2');
      await workshop('answer', 'harmless', 'a');
      await workshop('answer', 'harmless', 'b');
      await ownWork(dir, 'master', sql);
    },
  },
  {
    at: 'lesson-12',
    async played({ dir, workshop, sql }) {
      await workshop('goto', '11', '--yes');
      await ownWork(dir, 'master', sql);
      await workshop('solve', '11', '--yes');
      await workshop('answer', 'rolled-back', 'b');
      await workshop('next');
      await workshop('measure', '--commits', '20');
      await workshop('answer', 'stale', 'a');
    },
  },
];

/** The learner with states: two steps of undo, two of redo, a snapshot, and the starts of lessons. */
const states: typeof learners = [
  {
    at: 'lesson-4',
    async played({ dir, workshop, sql }) {
      await workshop('goto', '3', '--yes');
      await ownWork(dir, 'master', sql);
      await workshop('--plain');
      await workshop('snapshot', 'save', 'mine');
      for (const lesson of ['4', '5']) {
        await workshop('goto', lesson, '--yes');
        await workshop('--plain');
        appendFileSync(join(dir, 'rep/master_data/postgresql.conf'), `# in lesson ${lesson}\n`);
      }
      await workshop('reset', '--yes');
      await workshop('undo', '--yes');
      await workshop('undo', '--yes');
    },
  },
];

/**
 * Makes a table with rows, a line in postgresql.conf, a file beside the data directories, and a setting of the screen.
 */
async function ownWork(dir: string, server: string, sql: Learner['sql']): Promise<void> {
  const { engine, major } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan;
  const data = join(dir, `rep/${server}_data`, engine === 'docker' ? `${major}/docker` : '');
  await sql(server, "CREATE TABLE mine AS SELECT n, 'row ' || n AS what FROM generate_series(1, 100) AS n");
  appendFileSync(join(data, 'postgresql.conf'), '\n# my own line\nwork_mem = 5MB\n');
  mkdirSync(join(dir, 'my notes'), { recursive: true });
  writeFileSync(join(dir, 'my notes/what I learnt.txt'), 'A standby needs standby.signal.\n');
  const settings = { schema: 1, theme: 'dark', glyphs: 'ascii', mouse: false, motion: true, left: 40, reading: {} };
  writeFileSync(join(dir, 'settings.json'), JSON.stringify({ ...settings, welcomed: '2026-11-30T08:00:00.000Z' }));
}

const notYet = 1; // the exit status of a wrong answer, and of a lesson that is not done

// What prepares states in the background would go on after the lab was packed.
const ownEnv = { PATH: process.env.PATH ?? '', HOME: join(root, 'home'), REPL_WORKSHOP_PREPARE: 'off' };

async function must(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  most = 0,
): Promise<string> {
  const said = await run({ command, args, env: { ...ownEnv, ...env } });
  if (said.status !== null && said.status <= most) return said.stdout;
  throw new Error(`${command} ${args.join(' ')}: ${said.stdout}${said.stderr}`);
}

async function main(engine: string, program: string, version: string): Promise<void> {
  const labs = join(root, engine);
  rmSync(labs, { recursive: true, force: true });
  mkdirSync(labs, { recursive: true });
  mkdirSync(join(root, 'home'), { recursive: true });
  if (engine === 'docker') await onDocker(labs, program);
  else await natively(labs, program, engine === 'states' ? states : learners);
  await packFolder(labs, join(here, `${version}-${engine}.tar.br`));
}

async function natively(labs: string, program: string, all: typeof learners): Promise<void> {
  for (const { at, played } of all) {
    const dir = join(labs, at);
    const workshop = async (...args: string[]) => {
      console.log(await must(process.execPath, [program, '--lab', dir, '--engine', 'native', ...args], {}, notYet));
    };
    const sql = async (server: string, text: string) => {
      const { servers } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).plan;
      const { port } = servers.find(({ name }: { name: string }) => name === server);
      await must(join(dir, 'bin/psql'), ['-h', join(dir, 'run'), '-p', String(port), '-U', 'postgres', '-c', text], {});
    };
    try {
      await played({ dir, workshop, sql });
    } finally {
      await workshop('down');
    }
  }
}

/** Saves the `docker inspect` of the containers, from which a test creates them again. */
async function onDocker(labs: string, program: string): Promise<void> {
  const opened = await openDockerEngine();
  if ('why' in opened) throw new Error(opened.why);
  await using engine = opened;
  const image = await postgresImage(engine, 18);
  if ('why' in image) throw new Error(image.why);
  const env = { DOCKER_HOST: `unix://${engine.socketPath}` };
  for (const { at, played } of learners) {
    const dir = join(labs, at);
    const options = ['--lab', dir, '--engine', 'docker', '--name', at, '--image', image.name];
    const workshop = async (...args: string[]) => {
      console.log(await must(process.execPath, [program, ...options, ...args], env, notYet));
    };
    const sql = async (server: string, text: string) => {
      await must('docker', ['exec', `${at}-${server}`, 'psql', '-U', 'postgres', '-c', text], env);
    };
    await played({ dir, workshop, sql });
    await workshop('down');
    const ids = (await must('docker', ['ps', '--all', '--quiet', '--filter', `name=${at}-`], env)).trim().split('\n');
    const inspected: readonly Record<string, unknown>[] = JSON.parse(await must('docker', ['inspect', ...ids], env));
    const asAsked = inspected.map(({ Id, Name, Config, HostConfig }) => ({ Id, Name, Config, HostConfig }));
    writeFileSync(join(labs, `${at}.containers.json`), `${JSON.stringify(asAsked, null, 2)}\n`);
    await must('docker', ['rm', '--force', '--volumes', ...ids], env);
    await must('docker', ['network', 'rm', `${at}-rep`], env);
  }
}

const [engine = '', program = '', version = ''] = process.argv.slice(2);
await main(engine, program, version);
