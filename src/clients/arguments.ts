/**
 * Parses options as getopt_long does: clusters (-tAc 'x'), attached values (-p5432), abbreviated long names (--tuples).
 */
export type OptionSpec = { readonly short?: string; readonly long: string; readonly value?: boolean };
type Given<Name extends string> = { readonly name: Name; readonly value: string };
export type Arguments<Name extends string> = {
  readonly given: readonly Given<Name>[];
  readonly rest: readonly string[];
};

/**
 * Wrong usage, with getopt's message: `unrecognized option '--foo'`. `unknown`: the option is not in the table,
 * although the real program may have it.
 */
export class UsageError extends Error {
  readonly unknown: boolean;

  constructor(message: string, unknown = false) {
    super(message);
    this.unknown = unknown;
  }
}

/**
 * Returns the lines to print for wrong usage: the real program's message, and for an unknown option that this program
 * is a small one.
 */
export const usageWords = (program: string, { message, unknown }: UsageError): readonly string[] => [
  message,
  `hint: Try "${program} --help" for more information.`,
  ...(unknown ? [`hint: This is the small ${program} of repl-workshop, for machines without the real one.`] : []),
];

/** Parses arguments by a table of options. The value of an option that takes none is ''. Throws UsageError. */
export function readArguments<const Table extends Readonly<Record<string, OptionSpec>>>(
  table: Table,
  argv: readonly string[],
): Arguments<keyof Table & string> {
  type Name = keyof Table & string;
  const specs = Object.entries(table) as [Name, OptionSpec][];
  const given: Given<Name>[] = [];
  const rest: string[] = [];
  const queue = [...argv];
  const addOption = ([name, spec]: [Name, OptionSpec], attached: string | undefined, missingValue: string) => {
    const value = spec.value ? (attached ?? queue.shift()) : '';
    if (value === undefined) throw new UsageError(missingValue);
    given.push({ name, value });
  };
  const cluster = (letters: string) => {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters.charAt(at);
      const found = specs.find(([, spec]) => spec.short === letter);
      if (!found) throw new UsageError(`invalid option -- '${letter}'`, true);
      addOption(found, letters.slice(at + 1) || undefined, `option requires an argument -- '${letter}'`);
      if (found[1].value) return;
    }
  };
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') rest.push(...queue.splice(0));
    else if (word.startsWith('--')) {
      const [name = '', ...value] = word.slice(2).split('=');
      const found = longOption(specs, name);
      if (value.length && !found[1].value)
        throw new UsageError(`option '--${found[1].long}' doesn't allow an argument`);
      addOption(found, value.length ? value.join('=') : undefined, `option '--${found[1].long}' requires an argument`);
    } else if (word.length > 1 && word.startsWith('-')) cluster(word.slice(1));
    else rest.push(word);
  }
  return { given, rest };
}

function longOption<Name>(specs: readonly [Name, OptionSpec][], name: string): [Name, OptionSpec] {
  const matching = specs.filter(([, spec]) => spec.long.startsWith(name));
  const found = matching.find(([, spec]) => spec.long === name) ?? matching[0];
  if (!found) throw new UsageError(`unrecognized option '--${name}'`, true);
  if (matching.length > 1 && found[1].long !== name) throw new UsageError(`option '--${name}' is ambiguous`);
  return found;
}
