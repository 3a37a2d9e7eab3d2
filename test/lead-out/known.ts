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
];

/** `what`: the fault, and the words of its state. */
export const knownAs = (kind: Fault, what: string): Known | undefined =>
  known.find((one) => one.kinds.includes(kind) && one.what.test(what));
