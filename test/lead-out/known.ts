/**
 * Kinds of faults that are known and not mended yet, each with its reason. A fault that is not here fails the test; in
 * the long run for the table, so does an entry that does not occur any more.
 */
import type { Fault } from './play.ts';

type Known = { readonly kinds: readonly Fault[]; readonly what: RegExp; readonly because: string };

export const known: readonly Known[] = [
  {
    kinds: ['stuck', 'unchanged'],
    what: /port-taken/,
    because: 'another program has the port: only a person can decide about it',
  },
  {
    kinds: ['false pass'],
    what: /conninfo: pass: .*nobody comes/,
    because:
      'what a connection string demands of the other server (TLS, channel binding, a kind of session) is not asked',
  },
  {
    kinds: ['stuck'],
    what: /runs-as-standby: stopped|signal: signal-missing|conninfo: conninfo-missing/,
    because: 'two mistakes and a copy that is made anew take five rounds',
  },
  {
    kinds: ['stuck', 'unchanged'],
    what: /: unknown$/m,
    because: 'the server answers with an error of which no check knows the way out',
  },
  {
    kinds: ['false fail'],
    what: /master-runs: bad-permissions|slave-runs: bad-permissions/,
    because: 'one file that a question of the look reads keeps it from asking all others',
  },
  {
    kinds: ['false fail', 'stuck', 'unchanged', 'made worse'],
    what: /PG_VERSION/,
    because: 'without PG_VERSION a folder is taken for no cluster, even while its server runs, and is put aside',
  },
  {
    kinds: ['false fail', 'stuck', 'unchanged', 'made worse'],
    what: /crashed|standby-still-down/,
    because: 'a server whose postmaster.pid was removed runs on for up to a minute, and is not seen',
  },
  {
    kinds: ['false pass', 'stuck', 'unchanged', 'hung', 'false fail'],
    what: /the message is replayed, or not|no-commit-yet|commit-waits|not-on-slave-yet|INSERT INTO/,
    because: 'processes of a server that are held one by one (SIGSTOP) are not looked at',
  },
  {
    kinds: ['stuck', 'unchanged'],
    what: /no-commit-waits|no-row|no-table|not-tried/,
    because: 'a write that a setting of the role or the database refuses is advised again',
  },
  {
    kinds: ['stuck', 'unchanged'],
    what: /not-cancelled/,
    because: 'to let a commit wait and press Ctrl-C there needs a person',
  },
  {
    kinds: ['stuck', 'unchanged', 'hung'],
    what: /: hung at|: starting at|: stopping at/,
    because: 'a lock on a catalogue keeps every login waiting, and nothing shows who holds it',
  },
];

/** `what`: the fault, and the words of its state. */
export const knownAs = (kind: Fault, what: string): Known | undefined =>
  known.find((one) => one.kinds.includes(kind) && one.what.test(what));
