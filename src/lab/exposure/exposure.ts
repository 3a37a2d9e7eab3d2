/** Who else gets into a lab: facts in, findings out. A lab that an earlier version made may be open where one of today is closed. */
import type { EngineId } from '../plan/plan.ts';

/** A folder or file of the lab: `path` is absolute, `mode` its permission bits. */
export type Entry = { readonly path: string; readonly kind: 'lab' | 'sockets' | 'log'; readonly mode: number };

/** A role with the tutorial's password. `on`: servers that could change it; `written`: where it stands in a primary_conninfo. */
export type KnownReplication = {
  readonly role: string;
  readonly on: readonly string[];
  readonly written: readonly { readonly server: string; readonly file: string; readonly line: number }[]; // file: in the data directory
};

/** A way in for which pg_hba.conf asks no password (trust). `through`: a folder of sockets that others may enter, else over TCP; */
export type Trusting = {
  readonly server: string;
  readonly as: 'superuser' | 'replication';
  readonly through: string | null;
  readonly file: string; // as it is shown
  readonly line: number;
};

export type ExposureFacts = {
  readonly engine: EngineId;
  readonly entries: readonly Entry[];
  readonly writable: boolean; // the lab folder, by others
  readonly knownSuperusers: readonly string[]; // servers whose superuser has a password that stands in the tutorial
  readonly knownReplication: KnownReplication | null;
  readonly knownPlan: boolean; // lab.json has passwords of the tutorial's: servers made from now on would get them
  readonly asRoot: readonly string[]; // servers that run with root's rights, whatever they call their user
  readonly published: readonly { readonly server: string; readonly host: string; readonly port: number }[]; // by containers, beyond this machine
  readonly withoutPassword: readonly Trusting[]; // lines of pg_hba.conf that let everybody on this machine in
  readonly silent: readonly string[]; // servers with a cluster that do not answer: of their roles nothing is known
  readonly askable: readonly string[]; // those of them that may be started for that; a clone may not: its start is the learner's, and may lead astray
};

/** `byHand`: what the learner does, where the workshop does not. */
export type Exposure = { readonly id: ExposureId; readonly what: string; readonly byHand?: string };
type ExposureId = 'changes' | 'sockets' | 'trust' | 'superuser' | 'files' | 'replication' | 'root' | 'published';

/** That the group may pass through counts for nothing: root's servers come in so, and see no names. */
export const isOpen = ({ mode }: Entry): boolean => (mode & 0o067) !== 0;

/** The worst first; none: nobody else gets in, as far as the servers tell. */
export function exposures(facts: ExposureFacts): readonly Exposure[] {
  const native = facts.engine === 'native';
  const found = [
    facts.writable && changes,
    native && throughSockets(facts.entries),
    ...(native ? facts.withoutPassword.map((one) => trusted(one, facts.entries)) : []),
    native && facts.knownSuperusers.length > 0 && asSuperuser(facts.knownSuperusers),
    facts.entries.some((entry) => entry.kind === 'lab' && isOpen(entry)) && files,
    native && facts.knownReplication !== null && asReplica(facts.knownReplication),
    native && facts.asRoot.length > 0 && withRootsRights(facts.asRoot),
    ...facts.published.map(fromTheNetwork),
  ];
  return found.filter((one): one is Exposure => typeof one === 'object');
}

/** Nobody comes to sockets below a closed lab folder; a folder in /tmp stands by itself. */
function throughSockets(entries: readonly Entry[]): Exposure | false {
  const lab = entries.find(({ kind }) => kind === 'lab');
  const open = entries.find((entry) => entry.kind === 'sockets' && isOpen(entry));
  if (!open || (lab && !isOpen(lab) && open.path.startsWith(`${lab.path}/`))) return false;
  return {
    id: 'sockets',
    what: `Other users of this machine get in through the sockets in ${open.path}: no password is asked there. They are superuser at once, and a superuser can run programs as the servers' user.`,
  };
}

function trusted({ server, as, through, file, line }: Trusting, entries: readonly Entry[]): Exposure {
  const way = through === null ? 'over 127.0.0.1' : `through the socket in ${through}`;
  const reach = as === 'superuser' ? 'are superuser at once' : 'can copy all databases';
  const own = entries.find(({ kind }) => kind === 'sockets')?.path ?? '';
  return {
    id: 'trust',
    what: `Other users of this machine get into ${server} ${way}, and ${reach}: line ${line} of ${file} asks no password (trust).`,
    byHand:
      through === null
        ? `Write scram-sha-256 in place of trust in line ${line} of ${file}, then make ${server} read it: pg_ctl -D rep/${server}_data reload`
        : `Write two lines at the end of rep/${server}_data/postgresql.conf, unix_socket_directories = '${own}' and unix_socket_permissions = 0700, then: pg_ctl -D rep/${server}_data restart`,
  };
}

const asSuperuser = (servers: readonly string[]): Exposure => ({
  id: 'superuser',
  what: `Other users of this machine get in over 127.0.0.1 as superuser of ${servers.join(' and ')}: the password is the tutorial's own.`,
});

const changes: Exposure = {
  id: 'changes',
  what: 'Other users of this machine can change what is in the lab folder: a group of users may write there. What they put there, your servers and your shell run as you.',
};

const files: Exposure = {
  id: 'files',
  what: 'Other users of this machine can read the lab folder: the logs, in which passwords can stand, and your report.',
};

const asReplica = ({ role }: KnownReplication): Exposure => ({
  id: 'replication',
  what: `Other users of this machine can copy all databases as "${role}", where pg_hba.conf lets it in from this machine: the password is the tutorial's own.`,
});

const withRootsRights = (servers: readonly string[]): Exposure => ({
  id: 'root',
  what: `A superuser of ${servers.join(' and ')} can do on this machine what root can: the server runs with root's rights.`,
  byHand:
    'Stop the servers and start them again: "repl-workshop down", then "repl-workshop up". Where this comes again, the line "servers run as" of doctor says why.',
});

const fromTheNetwork = ({ server, host, port }: ExposureFacts['published'][number]): Exposure => ({
  id: 'published',
  what: `Everybody in your network reaches ${server}: its port ${port} is published at ${host}, and only a password is asked.`,
  byHand: `Make the container of ${server} again, with -p 127.0.0.1:${port}:5432; its data stays. What "docker run" published cannot be changed.`,
});
