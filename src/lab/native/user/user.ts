/**
 * As whom servers run. PostgreSQL refuses root (server-start in the documentation), and whoever is a superuser in a server can run programs as the
 * server's user (COPY … TO PROGRAM). So root's servers run as a user that nobody has, without any right; where a folder above the lab is closed to
 * that user, in a view of the file system of their own, in which nothing is at that place but the lab.
 */
import { existsSync } from 'node:fs';
import { run } from '../../machine/run.ts';
import { findTool } from '../../machine/tool.ts';
import { ProblemError } from '../../problem.ts';
import { closedFolders, narrowView } from './closed-folders.ts';
import { freeUid, nobody } from './free-uid.ts';

export type FileOwner = { readonly uid: number; readonly gid: number };
export type CommandLine = { readonly command: string; readonly args: readonly string[] };

export type ServerUser = {
  readonly owner: FileOwner | null; // whose the servers' files are; null: they stay with whoever runs the workshop
  readonly maker: FileOwner | null; // as whom clusters are made, for initdb wants a user with an entry on this machine: of the same group, and without any right too
  readonly notice: string | null; // said once to the learner
  /** The command line that runs a program as this user, or as the maker. Throws a ProblemError where there is no way. */
  as(program: string, args: readonly string[], who?: 'maker'): CommandLine;
};

const asOneself: ServerUser = { owner: null, maker: null, notice: null, as: (command, args) => ({ command, args }) };
const refuses = 'PostgreSQL refuses to run as root';

/** `places`: the lab folder, and where parts of it lie; `bindir`: of the servers' programs. That user must reach them all. */
export async function serverUser(
  uid: number | undefined,
  places: readonly [dir: string, ...elsewhere: readonly string[]],
  bindir: string,
): Promise<ServerUser> {
  if (uid !== 0) return asOneself;
  const free = await freeUid(places[0]);
  if (free === undefined) return inNamespace('no user id is free on this machine');
  const owner = { uid: free, gid: free };
  const become = await becoming(owner);
  if (!become) return inNamespace('this machine does not let root start a program as another user (setpriv)');
  const closed = await closedFolders(become(owner.uid), places, bindir);
  const maker = { uid: nobody(), gid: owner.gid };
  const through = (view: readonly string[], says: string): ServerUser => ({
    owner,
    maker,
    notice: says,
    as: (program, args, who) => commandLine([...view, ...become((who ? maker : owner).uid), program, ...args]),
  });
  const says = `${refuses}, so your servers run as user ${owner.uid}, which nobody else uses. The data directories belong to it.`;
  if (closed.length === 0) return through([], says);
  const view = narrowView(closed);
  const folders = [...new Set(closed.map(({ folder }) => folder))].join(' and ');
  const tried = narrowView(closed.filter(({ place }) => existsSync(place))); // a lab that is not made yet
  if (view && tried && (await succeeds([...tried, ...become(owner.uid), ...nothing()])))
    return through(view, `${says} ${folders} is closed to it: of what is in there it sees the lab alone.`);
  return inNamespace(`user ${owner.uid} may not pass through ${folders}, and this machine lets nobody mount`);
}

/** For a server that an earlier version of the workshop has started, and that runs still. */
export async function asAnother(uid: number, program: string, args: readonly string[]): Promise<CommandLine> {
  const become = uid === 0 ? undefined : await becoming({ uid, gid: uid });
  return become ? commandLine([...become(uid), program, ...args]) : (await inNamespace('')).as(program, args);
}

/** The beginning of a command line: another user, no groups, no capability, and none can come back. */
async function becoming({ gid }: FileOwner): Promise<((uid: number) => readonly string[]) | undefined> {
  const setpriv = findTool('setpriv');
  if (!setpriv) return undefined;
  const ids = (uid: number) => [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  for (const more of [['--bounding-set=-all', '--inh-caps=-all'], []]) {
    const become = (uid: number) => [setpriv, ...ids(uid), ...more];
    if (await succeeds([...become(nobody()), ...nothing()])) return become; // without CAP_SETPCAP the bounding set stays; no program can use it then either
  }
  return undefined;
}

/**
 * The last way: in a user namespace root's own files belong to `nobody`. PostgreSQL is content with that, but outside of the namespace its user is root
 * still: it may read and write all that root may, though it has no capability.
 */
async function inNamespace(why: string): Promise<ServerUser> {
  const [unshare, setpriv] = [findTool('unshare'), findTool('setpriv')];
  const mapped = [unshare ?? 'unshare', '--user', '--map-user=65534', '--map-group=65534'];
  const hardened = [setpriv ?? 'setpriv', '--clear-groups', '--no-new-privs', ...mapped];
  for (const way of [hardened, mapped])
    if (await succeeds([...way, ...nothing()]))
      return {
        owner: { uid: 0, gid: 0 },
        maker: null,
        notice: `${refuses}, and ${why}. So your servers run in a user namespace: they seem to run as "nobody", but may read and write what root may. Give no password of this lab away, or take a lab in another folder with --lab DIR, such as /srv/repl-workshop.`,
        as: (program, args) => commandLine([...way, program, ...args]),
      };
  const problem = {
    what: `${refuses}; ${why}, and there are no user namespaces (unshare) either.`,
    fix: 'Choose a lab in a folder that others may pass through, such as --lab /srv/repl-workshop, or run the workshop as an ordinary user.',
  };
  const refuse = () => {
    throw new ProblemError(problem);
  };
  return { owner: null, maker: null, notice: `${problem.what} ${problem.fix}`, as: refuse };
}

/** A program that does nothing, successfully. */
const nothing = (): readonly string[] => [findTool('true') ?? 'true'];

const commandLine = ([command = '', ...args]: readonly string[]): CommandLine => ({ command, args });

const succeeds = (argv: readonly string[]): Promise<boolean> =>
  run(commandLine(argv)).then(
    ({ status }) => status === 0,
    () => false,
  );
