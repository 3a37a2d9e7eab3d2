/**
 * The PostgreSQL images that the tests run on, made from Debian's packages without a registry. They have the official
 * image's variables, folders, volume, user, entrypoint, stop signal, and log output.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import Dockerode from 'dockerode';
import { pack } from 'tar-stream';
import { run } from '../../src/lab/machine/run.ts';
import { cache, type Engine, lastLine, missingPrograms, rootEnv } from './engine.ts';
import { recipeLabel } from './leavings.ts';

/** `name` is for `docker run`; `version` is that of the Debian package, as PG_VERSION. */
export type PostgresImage = { readonly name: string; readonly major: Major; readonly version: string };

/** The reason why there is no image, in words that follow "left out: postgres:18:". */
export type NoImage = { readonly why: string };

export type Major = keyof typeof suites;

/** Debian's suites with this major; the first one that works is used. */
const suites = { 15: ['bookworm'], 17: ['trixie'], 18: ['forky', 'sid'] } as const;
const latest: Major = 18; // the major of `docker run postgres`
const needed = [
  ['debootstrap', 'debootstrap'],
  ['unshare', 'util-linux'],
] as const;
const buildDeadlineMs = 8 * 60_000;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The image in this engine. It is made when it does not exist, or is of another recipe. */
export async function postgresImage(engine: Engine, major: Major): Promise<PostgresImage | NoImage> {
  const docker = new Dockerode({ socketPath: engine.socketPath });
  const name = `postgres:${major}`;
  const there = await inspect(docker, name);
  const version = there?.Config.Env.find((entry) => entry.startsWith('PG_VERSION='))?.slice('PG_VERSION='.length);
  if (!engine.own) return version ? { name, major, version } : { why: `${engine.says} has no image ${name}` };
  if (version && there?.Config.Labels?.[recipeLabel] === recipeOf(major)) return { name, major, version };

  const root = await rootFileSystem(major);
  if ('why' in root) return root;
  const base = await importRoot(docker, root.file);
  await build(docker, dockerfile(base, major, root.version), name);
  if (major === latest) await docker.getImage(name).tag({ repo: 'postgres', tag: 'latest' });
  return { name, major, version: root.version };
}

const inspect = (docker: Dockerode, name: string): Promise<Dockerode.ImageInspectInfo | undefined> =>
  docker
    .getImage(name)
    .inspect()
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode === 404) return undefined;
      throw error;
    });

/** Since 18 the volume is the folder above, so that pg_upgrade can link from one major's data to the next's. */
const dataOf = (major: Major): { folder: string; volume: string } =>
  major >= 18
    ? { folder: `/var/lib/postgresql/${major}/docker`, volume: '/var/lib/postgresql' }
    : { folder: '/var/lib/postgresql/data', volume: '/var/lib/postgresql/data' };

const dockerfile = (base: string, major: Major, version: string): string => `
FROM ${base}
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/${major}/bin
ENV LANG=en_US.utf8 PG_MAJOR=${major} PG_VERSION=${version} PGDATA=${dataOf(major).folder}
COPY docker-entrypoint.sh /usr/local/bin/
VOLUME ${dataOf(major).volume}
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
LABEL ${recipeLabel}=${recipeOf(major)}
`;

const hash = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);

const rootRecipe = (major: Major): string =>
  hash(readFileSync(here('root.sh'), 'utf8'), process.arch, ...suites[major]);
const recipeOf = (major: Major): string =>
  hash(rootRecipe(major), readFileSync(here('entrypoint.sh'), 'utf8'), readFileSync(here('images.ts'), 'utf8'));

type Root = { readonly file: string; readonly version: string };

async function rootFileSystem(major: Major): Promise<Root | NoImage> {
  const roots = join(cache, 'roots');
  const name = `${major}-${rootRecipe(major)}`;
  mkdirSync(roots, { recursive: true });
  const made = findRoot(roots, name);
  if (made) return made;
  const missing = missingPrograms(needed);
  if (missing) return { why: missing };
  const mirror = await debianMirror();
  if (!mirror) return { why: 'apt knows no Debian mirror' };
  let why = '';
  for (const suite of suites[major]) {
    why = await buildRoot(major, suite, mirror, join(roots, name));
    const root = findRoot(roots, name);
    if (root) {
      const old = readdirSync(roots).filter((file) => file.startsWith(`${major}-`) && !file.startsWith(name));
      for (const file of old) rmSync(join(roots, file), { recursive: true, force: true });
      return root;
    }
  }
  return { why };
}

/** The file's name has the major, the recipe and the version of the package: 18-<recipe>-18.6-3.tar. */
function findRoot(roots: string, name: string): Root | undefined {
  const file = readdirSync(roots).find((entry) => entry.startsWith(`${name}-`) && entry.endsWith('.tar'));
  return file ? { file: join(roots, file), version: file.slice(name.length + 1, -'.tar'.length) } : undefined;
}

/** The mirror from which apt gets this Debian; apt reads the syntax of its own files. */
async function debianMirror(): Promise<string | undefined> {
  const { VERSION_CODENAME: codename } = Object.fromEntries(
    readFileSync('/etc/os-release', 'utf8')
      .split('\n')
      .map((line) => line.split('=')),
  );
  const { stdout } = await run({ command: 'apt-get', args: ['update', '--print-uris'] });
  return new RegExp(`^'(\\S+)/dists/${codename}/InRelease'`, 'm').exec(stdout)?.[1];
}

/** Resolves with debootstrap's last line: the reason when there is no file. Two runs at the same time build it once. */
function buildRoot(major: Major, suite: string, mirror: string, out: string): Promise<string> {
  const spaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'slave'];
  const command = [...spaces, 'bash', here('root.sh'), `${major}`, suite, mirror, out];
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--no-fork', `${out}.lock`, ...command], {
      env: rootEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: buildDeadlineMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4096);
      });
    child.on('error', reject);
    child.on('close', () => resolve(`${suite}: ${lastLine(said)}`));
  });
}

/** Resolves with the image's id. The image has no name; it is the lowest layer of the built images. */
async function importRoot(docker: Dockerode, file: string): Promise<string> {
  const said = await finish(docker, await docker.importImage(createReadStream(file)));
  const id = said.at(-1)?.status;
  if (!id?.startsWith('sha256:'))
    throw new Error(`The engine imported ${file} and said no id, but: ${JSON.stringify(said)}`);
  return id;
}

async function build(docker: Dockerode, text: string, name: string): Promise<void> {
  const context = pack();
  context.entry({ name: 'Dockerfile' }, text);
  context.entry({ name: 'docker-entrypoint.sh', mode: 0o755 }, readFileSync(here('entrypoint.sh')));
  context.finalize();
  await finish(docker, await docker.buildImage(Readable.from(context), { t: name }));
}

type Said = { readonly status?: string; readonly error?: string };

/** Resolves with the messages of a stream, in which the engine says how its work ended. */
function finish(docker: Dockerode, stream: NodeJS.ReadableStream): Promise<readonly Said[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null, said: readonly Said[]) => {
      const refused = error?.message ?? said.find((line) => line.error)?.error;
      if (refused === undefined) resolve(said);
      else reject(new Error(refused, { cause: error }));
    });
  });
}
