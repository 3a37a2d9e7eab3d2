/** Which other users get into a lab: facts in, findings out. Labs of earlier versions may be open to them. */
import type { EngineId } from '../plan/plan.ts';

/** A folder or file of the lab: `path` is absolute, `mode` contains its permission bits. */
export type Entry = { readonly path: string; readonly kind: 'lab' | 'sockets' | 'log'; readonly mode: number };

/** A role that has the tutorial's password. */
export type KnownReplication = {
  readonly role: string;
  /** Servers that could change the password. */
  readonly on: readonly string[];
  /** The lines of primary_conninfo that contain the password; `file` is relative to the data directory. */
  readonly written: readonly { readonly server: string; readonly file: string; readonly line: number }[];
};

/** A connection for which pg_hba.conf asks no password. `through`: an open socket folder, or null for TCP. */
export type Trusting = {
  readonly server: string;
  readonly as: 'superuser' | 'replication';
  readonly through: string | null;
  readonly file: string; // as shown to the learner
  readonly line: number;
};

export type ExposureFacts = {
  readonly engine: EngineId;
  readonly entries: readonly Entry[];
  readonly writable: boolean; // other users may write in the lab folder
  /** Servers whose superuser has the tutorial's password. */
  readonly knownSuperusers: readonly string[];
  readonly knownReplication: KnownReplication | null;
  /** lab.json has the tutorial's passwords: servers created from now on would get them. */
  readonly knownPlan: boolean;
  /** Servers that run with root's rights on this machine, whatever user name they report. */
  readonly asRoot: readonly string[];
  /** Ports that containers publish on addresses other than the loopback. */
  readonly published: readonly { readonly server: string; readonly host: string; readonly port: number }[];
  /** Lines of pg_hba.conf that let every user of this machine in. */
  readonly withoutPassword: readonly Trusting[];
  /** Servers with a cluster that do not answer: nothing is known about their roles. */
  readonly silent: readonly string[];
  /** Those of the silent servers that may be started to ask them. A clone may not: its first start is the learner's. */
  readonly askable: readonly string[];
};

/** `byHand`: what the learner has to do where the workshop cannot do it. */
export type Exposure = { readonly id: ExposureId; readonly what: string; readonly byHand?: string };
type ExposureId = 'changes' | 'sockets' | 'trust' | 'superuser' | 'files' | 'replication' | 'root' | 'published';

/** The group's execute bit does not count: servers of root's lab enter by it, and it shows no names. */
export const isOpen = ({ mode }: Entry): boolean => (mode & 0o067) !== 0;

/** The worst comes first. An empty result: no other user gets in, as far as the servers answered. */
export function exposures(facts: ExposureFacts): readonly Exposure[] {
  const native = facts.engine === 'native';
  const findings = [
    facts.writable && changes,
    native && throughSockets(facts.entries),
    ...(native ? facts.withoutPassword.map((one) => trusted(one, facts.entries)) : []),
    native && facts.knownSuperusers.length > 0 && asSuperuser(facts.knownSuperusers),
    facts.entries.some((entry) => entry.kind === 'lab' && isOpen(entry)) && files,
    native && facts.knownReplication !== null && asReplica(facts.knownReplication),
    native && facts.asRoot.length > 0 && withRootsRights(facts.asRoot),
    ...facts.published.map(fromTheNetwork),
  ];
  return findings.filter((exposure): exposure is Exposure => typeof exposure === 'object');
}

/**
 * Sockets below a closed lab folder cannot be reached; a socket folder in /tmp is outside of the lab and judged alone.
 */
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
  const socketFolder = entries.find(({ kind }) => kind === 'sockets')?.path ?? '';
  return {
    id: 'trust',
    what: `Other users of this machine get into ${server} ${way}, and ${reach}: line ${line} of ${file} asks no password (trust).`,
    byHand:
      through === null
        ? `Write scram-sha-256 in place of trust in line ${line} of ${file}, then make ${server} read it: pg_ctl -D rep/${server}_data reload`
        : `Write two lines at the end of rep/${server}_data/postgresql.conf, unix_socket_directories = '${socketFolder}' and unix_socket_permissions = 0700, then: pg_ctl -D rep/${server}_data restart`,
  };
}

const asSuperuser = (servers: readonly string[]): Exposure => ({
  id: 'superuser',
  what: `Other users of this machine get in over 127.0.0.1 as superuser of ${servers.join(' and ')}: the password is the tutorial's own.`,
});

const changes: Exposure = {
  id: 'changes',
  what: 'Other users of this machine can change what is in the lab folder: a group of users may write there. Your servers and your shell would run, as you, any program that they put there.',
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
  what: `Every machine in your network reaches ${server}: its port ${port} is published at ${host}, and only a password is asked.`,
  byHand: `Make the container of ${server} again, with -p 127.0.0.1:${port}:5432; its data stays. A published port cannot be changed.`,
});
