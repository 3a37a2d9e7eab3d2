/** The interface of a command: its input (`Invocation`) and its exit status. Each command has its own file. */
import type { ParseArgsConfig } from 'node:util';
import type { SelfCommand } from '../lab/bin.ts';

export type Io = {
  readonly out: (text: string) => void; // one line or several; the newline is added
  /** Text that was drawn in pieces (`piece`): control characters of others are visible, and our own colours pass. */
  readonly painted: (text: string) => void;
  readonly err: (text: string) => void;
  readonly terminal: boolean; // stdin and stdout are a terminal that can draw, and no CI runs us
  readonly columns: number;
  readonly env: NodeJS.ProcessEnv;
};

export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export type Invocation = {
  readonly args: readonly string[]; // positionals after the command's name
  readonly rest: readonly string[]; // everything after the command's name, as typed
  readonly options: OptionValues;
  /** The lab folder: absolute, with those links resolved that may be followed. */
  readonly dir: string;
  /**
   * The same folder as the user named it, absolute. A link in it may belong to another user, so trust checks start from
   * this path.
   */
  readonly named: string;
  readonly io: Io;
  readonly program: SelfCommand;
  readonly signal: AbortSignal; // aborts on SIGINT (Ctrl-C), SIGTERM and SIGHUP
  /**
   * Aborts like `signal`, and when the output is closed. It may end a command that only looks, but not an operation.
   */
  readonly unheard: AbortSignal;
  readonly opened: Disposable[]; // disposed of when the command has ended
};

/** Resolves with the exit status: 0 pass, 1 not yet, 2 wrong usage, 3 could not look. */
export type Run = (invocation: Invocation) => Promise<number>;
export type CommandOptions = NonNullable<ParseArgsConfig['options']>;

export const textOption = (options: OptionValues, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};
export const flag = (options: OptionValues, name: string): boolean => options[name] === true;

/** True when a file that is named for writing means the standard output: `-`, or one of the system's names for it. */
export const isOutput = (file: string | undefined): boolean =>
  file === '-' || file === '/dev/stdout' || file === '/dev/fd/1';
