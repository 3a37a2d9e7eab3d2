/** What our client programs (psql, pg_basebackup) may touch of the world, so that a test can be their world. */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

export type ConsoleIo = {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly error: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: boolean; // a person sits at input and output
  /**
   * Is it known that the server which belongs on this address does not run? Then who answers there has to prove that it
   * knows the password.
   */
  readonly mayBeAnother?: (host: string, port: number) => boolean;
  readonly onInterrupt: (listener: () => void) => () => void; // Ctrl-C outside of the line editor; returns how to stop listening
};

/** Asks without echo. Undefined: the person gave up (Ctrl-C, Ctrl-D). */
export function askPassword(io: ConsoleIo, prompt: string): Promise<string | undefined> {
  io.output.write(prompt);
  // The editor echoes into a stream that nobody reads from.
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
