/** Folders above a lab that the servers' user may not enter, and a mount namespace that lets it reach the lab. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { quote } from '../../bin.ts';
import { realFolder } from '../../folders/real-folder.ts';
import { run } from '../../machine/run.ts';
import { findTool } from '../../machine/tool.ts';

/** The outermost closed folder, and the path below it that must be reachable. */
export type Closed = { readonly folder: string; readonly place: string };

/**
 * Runs a test as the servers' user and resolves with the closed folders. `become`: the beginning of a command line
 * that runs a program as that user. `own`: the lab's folders. Folders that do not exist yet count as open.
 */
export async function closedFolders(
  become: readonly string[],
  own: readonly string[],
  bindir: string,
): Promise<readonly Closed[]> {
  // The lab's own folders are not tested: the workshop opens them itself.
  const tested = [
    ...own.map(realFolder).flatMap((place) => foldersAbove(place, false).map((folder) => ({ folder, place }))),
    ...programPlaces(bindir).flatMap((place) => foldersAbove(place, true).map((folder) => ({ folder, place }))),
  ];
  const script = 'for folder; do [ -x "$folder" ] || [ ! -e "$folder" ] && echo 1 || echo 0; done';
  const test = [...become, findTool('sh') ?? 'sh', '-c', script, 'sh', ...tested.map(({ folder }) => folder)];
  const { stdout } = await run({ command: test[0] ?? '', args: test.slice(1), cwd: '/' });
  const answers = stdout.split('\n');
  const closed = tested.filter((_, at) => answers[at] === '0');
  return closed.filter(({ place }, at) => closed.findIndex((one) => one.place === place) === at);
}

/** The embedded programs look for `lib` and `share` beside `bin`; in a tree of links `share` leads into the package. */
function programPlaces(bindir: string): readonly string[] {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return undefined; // a distribution's PostgreSQL has no such folder
    }
  };
  const home = real(dirname(bindir));
  const share = real(join(dirname(bindir), 'share'));
  const places = [home, share && dirname(share)].filter((place) => place !== undefined);
  return [...new Set(places)].filter((place) => place !== '/' && place !== '/usr');
}

/** The folders above a path, the outermost first. */
function foldersAbove(place: string, itself: boolean): readonly string[] {
  const parent = dirname(place);
  const rest = parent === place ? [] : foldersAbove(parent, true);
  return itself ? [...rest, place] : rest;
}

/**
 * The beginning of a command line that runs a program in its own mount namespace (mount_namespaces(7)): an empty
 * tmpfs covers each closed folder, and only the needed paths are bind-mounted into it. It needs root's right to
 * mount. Returns undefined where this machine lacks the programs.
 */
export function narrowView(closed: readonly Closed[]): readonly string[] | undefined {
  const [unshare, mount, mkdir, sh] = ['unshare', 'mount', 'mkdir', 'sh'].map((name) => findTool(name));
  if (!unshare || !mount || !mkdir || !sh) return undefined;
  const folders = [...new Set(closed.map(({ folder }) => folder))];
  // Open descriptors keep the places reachable while their paths are covered. A shell has at least descriptors 3 to
  // 9.
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
