/** What `doctor --fix` would change: facts in, changes out. The caller asks the learner before each change. */
import { relative } from 'node:path';
import { type Entry, type ExposureFacts, isOpen, type KnownReplication } from './exposure.ts';

export type ClosingChange =
  /** Removes all permissions of other users. */
  | { readonly do: 'close'; readonly path: string; readonly from: number; readonly to: number }
  | { readonly do: 'superuser'; readonly servers: readonly string[] } // sets another password, also in lab.json
  | ({ readonly do: 'replication' } & KnownReplication) // sets the same password in the role and in primary_conninfo
  | { readonly do: 'plan' } // replaces only the passwords in lab.json
  /** Starts these servers, finds out which passwords they have, and stops them again. */
  | { readonly do: 'ask'; readonly servers: readonly string[] };

export function closing({
  engine,
  entries,
  knownSuperusers,
  knownReplication,
  knownPlan,
  askable,
}: ExposureFacts): readonly ClosingChange[] {
  const closes = entries.filter(isOpen).map(closed);
  if (engine !== 'native') return closes; // labs on Docker keep the tutorial's passwords
  return [
    ...closes,
    ...(knownSuperusers.length > 0 && askable.length > 0 ? [{ do: 'ask', servers: askable } as const] : []),
    ...(knownSuperusers.length > 0 ? [{ do: 'superuser', servers: knownSuperusers } as const] : []),
    ...(knownReplication ? [{ do: 'replication', ...knownReplication } as const] : []),
    ...(knownPlan && knownSuperusers.length === 0 && !knownReplication ? [{ do: 'plan' } as const] : []),
  ];
}

const closed = ({ path, mode }: Entry): ClosingChange => ({ do: 'close', path, from: mode, to: mode & 0o700 });

export function changeWords(change: ClosingChange, dir: string): string {
  switch (change.do) {
    case 'close':
      return `close ${shown(change.path, dir)}: mode ${octal(change.from)} becomes ${octal(change.to)} ("chmod ${octal(change.from)}" opens it again)`;
    case 'ask':
      return `start ${list(change.servers)} to look at the passwords, and stop ${change.servers.length > 1 ? 'them' : 'it'} again`;
    case 'superuser':
      return `give the superuser "postgres" of ${list(change.servers)} a password of your own (ALTER ROLE); it is kept in lab.json, and the lab's psql gives it by itself`;
    case 'plan':
      return 'write passwords of your own into lab.json, for servers that are made from now on';
    case 'replication': {
      const lines = change.written.map(({ server, file, line }) => `${server}'s ${file}, line ${line}`);
      const too = lines.length > 0 ? `, and write the same into primary_conninfo: ${list(lines)}` : '';
      return `give the role "${change.role}" a password of your own (ALTER ROLE on ${list(change.on)})${too}`;
    }
  }
}

const shown = (path: string, dir: string): string => {
  const inside = relative(dir, path);
  return inside === '' || inside.startsWith('..') ? path : inside;
};
const list = (names: readonly string[]): string => names.join(' and ');
const octal = (mode: number): string => `0${mode.toString(8)}`;
