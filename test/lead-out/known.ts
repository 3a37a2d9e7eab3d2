/**
 * Kinds of faults that are known and not mended yet, each with its reason. A fault that is not here fails the test; in
 * the long run for the table, so does an entry that does not occur any more.
 */
import type { Fault } from './play.ts';

type Known = { readonly kinds: readonly Fault[]; readonly what: RegExp; readonly because: string };

export const known: readonly Known[] = [
  {
    kinds: ['stuck'],
    what: /port-taken/,
    because: 'another program has the port: only a person can decide about it',
  },
  {
    kinds: ['false pass'],
    what: /conninfo: pass: .*nobody comes[\s\S]*(sslmode|channel_binding|target_session_attrs|gssencmode|requiressl|ssl=)/,
    because:
      'what a connection string demands of the other server (TLS, channel binding, a kind of session) is not asked',
  },
  {
    kinds: ['stuck'],
    what: /(\w+-missing|: stopped|: created-not-started) at [\s\S]*( \+ |cp -a)/,
    because: 'two mistakes and a copy that is made anew take five rounds',
  },
  {
    kinds: ['false pass', 'stuck', 'unchanged', 'hung', 'false fail'],
    what: /SIGSTOP to the (?!postmaster)/,
    because: 'processes of a server that are held one by one (SIGSTOP) are not looked at',
  },
  {
    kinds: ['stuck', 'unchanged'],
    what: /(no-commit-waits|no-row|no-table|not-tried|no-commit-yet)[\s\S]*default_transaction_read_only/,
    because: 'a write that a setting of the role or the database refuses is advised again',
  },
  {
    kinds: ['stuck', 'unchanged', 'hung'],
    what: /: (hung|starting|stopping|unknown)[\s\S]*LOCK TABLE pg_/,
    because: 'a lock on a catalogue keeps every login waiting, and nothing shows who holds it',
  },
];

/** `what`: the fault, and the words of its state. */
export const knownAs = (kind: Fault, what: string): Known | undefined =>
  known.find((one) => one.kinds.includes(kind) && one.what.test(what));
