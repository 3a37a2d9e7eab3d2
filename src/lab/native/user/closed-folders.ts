/** Folders above a lab that the servers' user may not pass through, and a view of the file system in which it needs not. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { quote } from '../../bin.ts';
import { realFolder } from '../../folders/real-folder.ts';
import { run } from '../../machine/run.ts';
import { findTool } from '../../machine/tool.ts';

export type Closed = { readonly folder: string; readonly place: string }; // the outermost closed folder, and what must be reached in it

/** `become`: the beginning of a command line that runs a program as that user, who is asked whether it may pass. Folders that are not there yet will be open. */
export async function closedFolders(
  become: readonly string[],
  own: readonly string[],
  bindir: string,
): Promise<readonly Closed[]> {
  // The lab's own folders are ours to open.
  const asked = [
    ...own.map(realFolder).flatMap((place) => above(place, false).map((folder) => ({ folder, place }))),
    ...programPlaces(bindir).flatMap((place) => above(place, true).map((folder) => ({ folder, place }))),
  ];
  const script = 'for folder; do [ -x "$folder" ] || [ ! -e "$folder" ] && echo 1 || echo 0; done';
  const test = [...become, findTool('sh') ?? 'sh', '-c', script, 'sh', ...asked.map(({ folder }) => folder)];
  const { stdout } = await run({ command: test[0] ?? '', args: test.slice(1), cwd: '/' });
  const answers = stdout.split('\n');
  const closed = asked.filter((_, at) => answers[at] === '0');
  return closed.filter(({ place }, at) => closed.findIndex((one) => one.place === place) === at);
}

/** The embedded package looks for `lib` and `share` beside `bin`; in a tree of links they lie elsewhere. */
function programPlaces(bindir: string): readonly string[] {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return undefined; // PostgreSQL of a distribution keeps its files in the usual places
    }
  };
  const home = real(dirname(bindir));
  const share = real(join(dirname(bindir), 'share'));
  const places = [home, share && dirname(share)].filter((place) => place !== undefined);
  return [...new Set(places)].filter((place) => place !== '/' && place !== '/usr');
}

/** From the outermost to the innermost. */
function above(place: string, itself: boolean): readonly string[] {
  const parent = dirname(place);
  const rest = parent === place ? [] : above(parent, true);
  return itself ? [...rest, place] : rest;
}

/**
 * The beginning of a command line that runs a program in a mount namespace of its own (mount_namespaces(7)): an empty folder lies over each closed one,
 * and in it, under its own path, what must be reached. What else is in a closed folder cannot be seen there. Root's right to mount is needed.
 * undefined: this machine lacks the programs.
 */
export function narrowView(closed: readonly Closed[]): readonly string[] | undefined {
  const [unshare, mount, mkdir, sh] = ['unshare', 'mount', 'mkdir', 'sh'].map((name) => findTool(name));
  if (!unshare || !mount || !mkdir || !sh) return undefined;
  const folders = [...new Set(closed.map(({ folder }) => folder))];
  // Places stay in reach by their open folders when their paths are covered; from 3 on, a shell has at least seven of them.
  const lines = [
    'set -e',
    ...closed.map(({ place }, at) => `exec ${at + 3}<${quote(place)}`),
    ...folders.map((folder) => `${quote(mount)} -t tmpfs -o mode=0711,size=1m none ${quote(folder)}`),
    ...closed.flatMap(({ place }, at) => [
      `(umask 066; ${quote(mkdir)} -p ${quote(place)})`,
      `${quote(mount)} -c --bind /proc/self/fd/${at + 3} ${quote(place)}`,
      `exec ${at + 3}<&-`,
    ]),
    'cd "$PWD" 2>/dev/null || cd /',
    'exec "$@"',
  ];
  return [unshare, '--mount', '--propagation', 'private', sh, '-c', lines.join('\n'), 'sh'];
}
