/** What a command gets and gives: one file a command, loaded when it is asked for. */
import type { ParseArgsConfig } from 'node:util';
import type { SelfCommand } from '../lab/bin.ts';

export type Io = {
  readonly out: (text: string) => void; // one line or several; the newline is added
  readonly err: (text: string) => void;
  readonly terminal: boolean; // a person at stdin and stdout, and a terminal that can draw
  readonly columns: number;
  readonly env: NodeJS.ProcessEnv;
};

export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export type Invocation = {
  readonly args: readonly string[]; // positionals after the command's name
  readonly rest: readonly string[]; // everything after the command's name, as typed
  readonly options: OptionValues;
  readonly dir: string; // the lab folder, absolute and without links, as far as they may be followed
  readonly named: string; // the same as it was named: who says where it leads may be somebody else
  readonly io: Io;
  readonly program: SelfCommand;
  readonly signal: AbortSignal; // Ctrl-C, or the system's wish to end
  readonly unheard: AbortSignal; // that, or nobody reads the output any more: reason enough to stop looking, none to stop a deed
  readonly opened: Disposable[]; // what a command opens for its whole time; closed when it is over
};

/** Resolves to the exit status: 0 pass, 1 not yet, 2 wrong usage, 3 could not look. */
export type Run = (invocation: Invocation) => Promise<number>;
export type CommandOptions = NonNullable<ParseArgsConfig['options']>;

export const textOption = (options: OptionValues, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};
export const flag = (options: OptionValues, name: string): boolean => options[name] === true;

/** Of a file that is named for writing: the standard output, as `-`, as other programs have it, or by the name that the system has for it. */
export const isOutput = (file: string | undefined): boolean =>
  file === '-' || file === '/dev/stdout' || file === '/dev/fd/1';
