/**
 * The streams, environment and signals that our client programs (psql, pg_basebackup) use, so that tests can replace
 * them.
 */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

export type ConsoleIo = {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly error: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: boolean; // input and output are a terminal
  /**
   * True when a server of the lab has this address and does not run. A program that answers there must prove that it
   * knows the password.
   */
  readonly mayBeAnother?: (host: string, port: number) => boolean;
  /** Calls the listener on Ctrl-C outside of the line editor. Returns a function that removes the listener. */
  readonly onInterrupt: (listener: () => void) => () => void;
};

/** Asks without echo. Resolves with undefined on Ctrl-C and Ctrl-D. */
export function askPassword(io: ConsoleIo, prompt: string): Promise<string | undefined> {
  io.output.write(prompt);
  // The line editor echoes into a stream that discards everything.
  const editor = createInterface({
    input: io.input,
    output: new PassThrough().resume(),
    terminal: true,
    historySize: 0,
  });
  return new Promise((resolve) => {
    const answer = (text?: string) => {
      editor.removeListener('close', answer);
      editor.close();
      io.output.write('\n');
      resolve(text);
    };
    editor.once('line', answer);
    editor.once('SIGINT', () => answer());
    editor.once('close', answer);
  });
}
