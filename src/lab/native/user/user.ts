/**
 * The user that servers run as. PostgreSQL refuses root (documentation, "Starting the Database Server"), and a
 * superuser of a server can run programs as its system user (COPY … TO PROGRAM). So root's servers run as an unused
 * user id without rights. Where a folder above the lab is closed to that user, they run in a mount namespace in which
 * that folder contains the lab alone.
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
  readonly owner: FileOwner | null; // the owner of the servers' files; null: the user that runs the workshop
  /** The user that initdb runs as, since it needs an entry in /etc/passwd: of the same group, without rights too. */
  readonly maker: FileOwner | null;
  readonly notice: string | null; // shown once to the learner
  /** The command line that runs a program as this user or as the maker. Throws a ProblemError when there is no way. */
  as(program: string, args: readonly string[], who?: 'maker'): CommandLine;
};

const sameUser: ServerUser = { owner: null, maker: null, notice: null, as: (command, args) => ({ command, args }) };
const refuses = 'PostgreSQL refuses to run as root';

/**
 * `places`: the lab folder, and the targets of its links; `bindir`: the folder of the servers' programs. The servers'
 * user must be able to reach them all.
 */
export async function serverUser(
  uid: number | undefined,
  places: readonly [dir: string, ...elsewhere: readonly string[]],
  bindir: string,
): Promise<ServerUser> {
  if (uid !== 0) return sameUser;
  const free = await freeUid(places[0]);
  if (free === undefined) return inNamespace('no user id is free on this machine');
  const owner = { uid: free, gid: free };
  const become = await setprivPrefix(owner);
  if (!become) return inNamespace('this machine does not let root start a program as another user (setpriv)');
  const closed = await closedFolders(become(owner.uid), places, bindir);
  const maker = { uid: nobody(), gid: owner.gid };
  const userWith = (view: readonly string[], notice: string): ServerUser => ({
    owner,
    maker,
    notice,
    as: (program, args, who) => commandLine([...view, ...become((who ? maker : owner).uid), program, ...args]),
  });
  const notice = `${refuses}, so your servers run as user ${owner.uid}, which nothing else uses. The data directories belong to it.`;
  if (closed.length === 0) return userWith([], notice);
  const view = narrowView(closed);
  const folders = [...new Set(closed.map(({ folder }) => folder))].join(' and ');
  const tried = narrowView(closed.filter(({ place }) => existsSync(place))); // the lab may not exist yet
  if (view && tried && (await succeeds([...tried, ...become(owner.uid), ...noOp()])))
    return userWith(view, `${notice} ${folders} is closed to it: of what is in there it sees the lab alone.`);
  return inNamespace(`user ${owner.uid} may not pass through ${folders}, and mounting is not allowed on this machine`);
}

/** The command line for a server that still runs as the user `uid` of an earlier version of the workshop. */
export async function asAnother(uid: number, program: string, args: readonly string[]): Promise<CommandLine> {
  const become = uid === 0 ? undefined : await setprivPrefix({ uid, gid: uid });
  return become ? commandLine([...become(uid), program, ...args]) : (await inNamespace('')).as(program, args);
}

/**
 * Resolves with the beginning of a command line that runs a program as another user without groups and capabilities,
 * and without a way to regain them; with undefined where this machine cannot do it.
 */
async function setprivPrefix({ gid }: FileOwner): Promise<((uid: number) => readonly string[]) | undefined> {
  const setpriv = findTool('setpriv');
  if (!setpriv) return undefined;
  const ids = (uid: number) => [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  for (const more of [['--bounding-set=-all', '--inh-caps=-all'], []]) {
    const become = (uid: number) => [setpriv, ...ids(uid), ...more];
    // Without CAP_SETPCAP the bounding set cannot be dropped; no-new-privs keeps programs from using it.
    if (await succeeds([...become(nobody()), ...noOp()])) return become;
  }
  return undefined;
}

/**
 * The last resort: a user namespace in which root appears as `nobody`, which PostgreSQL accepts. Outside of the
 * namespace the servers' user is still root: it may read and write all files of root, though it has no capability.
 * `why`: the reason for the notice.
 */
async function inNamespace(why: string): Promise<ServerUser> {
  const [unshare, setpriv] = [findTool('unshare'), findTool('setpriv')];
  const mapped = [unshare ?? 'unshare', '--user', '--map-user=65534', '--map-group=65534'];
  const hardened = [setpriv ?? 'setpriv', '--clear-groups', '--no-new-privs', ...mapped];
  for (const way of [hardened, mapped])
    if (await succeeds([...way, ...noOp()]))
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

/** The command line of a program that does nothing and succeeds. */
const noOp = (): readonly string[] => [findTool('true') ?? 'true'];

const commandLine = ([command = '', ...args]: readonly string[]): CommandLine => ({ command, args });

const succeeds = (argv: readonly string[]): Promise<boolean> =>
  run(commandLine(argv)).then(
    ({ status }) => status === 0,
    () => false,
  );
