/** Who has the terminal: the screen, or a program that borrowed it. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { until } from '../../lab/machine/until.ts';
import { terminalModes } from '../../terminal/foreground.ts';
import { type Input, inputReader } from '../../ui/input/reports.ts';
import { messages } from '../../ui/messages.ts';

export type Terminal = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
};

/** Puts a screen up that reads the given keys; the result takes it down. */
type Open = (stdin: NodeJS.ReadStream) => () => Promise<void>;

/** A program that has the terminal; resolves to its exit status when it has ended. */
export type ForegroundProgram = { readonly greeting: string; readonly waits: boolean; run(): Promise<number> }; // waits: a bad end stays to be read

/** What a terminal says besides keys. */
export type ScreenOutput = Exclude<Input, { kind: 'keys' }>;

/** `typed`: takes what is typed before the screen does, and returns what is left for it. */
export type InputListener = { onTyped(text: string): string; onOutput(said: ScreenOutput): void };

/** The screen is taken down for a guest, and built anew after it. */
export function openScreenHost({ stdout }: Terminal, keyboard: Keyboard, open: Open) {
  const nothing = async () => undefined;
  let close: () => Promise<void> = nothing;
  let left = false;
  let lent: Promise<void> = Promise.resolve();
  let leaves = () => {};
  const leaving = new Promise<void>((resolve) => {
    leaves = resolve;
  });
  const enter = () => {
    if (left) return;
    stdout.write(markPastes);
    const closeScreen = open(keyboard.connect());
    close = async () => {
      await closeScreen();
      stdout.write(unmarkPastes);
    };
  };
  const lendTo = async ({ greeting, waits, run }: ForegroundProgram): Promise<void> => {
    await close();
    close = nothing;
    await keyboard.pause();
    const modes = terminalModes();
    try {
      if (greeting) stdout.write(`${greeting}\n`);
      const status = await run();
      modes.restore();
      stdout.write(cleanTerminal);
      if (status !== 0 && waits && !left) {
        stdout.write(`${messages.endedBadly(status)}\n`);
        await Promise.race([keyboard.enter(), leaving]);
      }
    } finally {
      if (!left) keyboard.resume();
      enter();
    }
  };
  return {
    enter,
    async runProgram(guest: ForegroundProgram): Promise<void> {
      lent = lendTo(guest);
      await lent;
    },
    async leave(): Promise<void> {
      left = true;
      leaves();
      await lent.catch(() => undefined); // whoever has lent it hears of it
      await close();
      await keyboard.close();
    },
  };
}

export type Keyboard = ReturnType<typeof openKeyboard>;

/**
 * The terminal's keys, passed on to the screen of the moment. ink would go on reading the terminal itself while another program owns it,
 * and take its keys. What the terminal says of itself is no key. `gone`: nobody will type any more; a window that is closed under nohup sends no signal.
 */
export function openKeyboard({ stdin, stdout, env }: Terminal, listener: InputListener, gone: () => void) {
  const signs = new StringDecoder('utf8'); // a chunk may end within one
  const read = inputReader();
  let screen = new PassThrough();
  let isAsked = false;
  const pass = (chunk: Buffer) => {
    for (const input of read(listener.onTyped(signs.write(chunk)))) {
      if (input.kind === 'keys') screen.write(input.text);
      else listener.onOutput(input);
      if (input.kind === 'background') isAsked = false;
    }
  };
  stdin.on('data', pass).on('end', gone).on('error', gone);
  stdin.resume(); // a question asked before there was a screen has left it paused
  stdin.setRawMode?.(true); // before the question: the terminal's driver would echo the answer
  const askedAt = performance.now();
  if (answersQuestions(env)) {
    isAsked = true;
    stdout.write(askBackground);
  }
  /** Whoever reads the terminal next would take a late answer for keys. */
  const answered = () => until(() => !isAsked, { deadlineMs: askedAt + answerMs - performance.now() });
  return {
    connect(): NodeJS.ReadStream {
      const before = screen.read(); // keys that came before there was a screen
      screen = new PassThrough();
      if (before) screen.write(before);
      const setRawMode = (mode: boolean) => void stdin.setRawMode?.(mode);
      const terminal = { isTTY: true, setRawMode, ref: () => stdin.ref(), unref: () => stdin.unref() };
      return Object.assign(screen, terminal) as unknown as NodeJS.ReadStream;
    },
    async pause(): Promise<void> {
      await answered();
      stdin.pause();
      stdin.setRawMode?.(false);
    },
    resume: () => void stdin.resume(),
    /** Waits for Enter alone, in the terminal's own line mode: other lines were typed for a program that has ended. */
    async enter(): Promise<void> {
      stdin.off('data', pass);
      stdin.resume();
      let line: unknown;
      do [line] = await once(stdin, 'data');
      while (String(line).trim() !== '');
      stdin.on('data', pass);
    },
    async close(): Promise<void> {
      await answered();
      stdin.off('data', pass).off('end', gone);
      stdin.pause();
    },
  };
}

/** The terminal tells pasted text from typed text: its signs would be keys. */
const markPastes = '\u001b[?2004h';
const unmarkPastes = '\u001b[?2004l';

/** OSC 11; a terminal that does not know it says nothing. The console of Linux would show it. */
const askBackground = '\u001b]11;?\u001b\\';
const answerMs = 1000; // so long after the question an answer may still come
const answersQuestions = ({ TERM = '' }: NodeJS.ProcessEnv): boolean => TERM !== 'linux' && TERM !== 'dumb';

/** Out of the alternate screen (1047: unlike 1049 it leaves the cursor where it is), keys and colours as usual, no mouse, no pasting marks: a killed program leaves its own. */
const cleanTerminal =
  '\u001b[?1047l\u001b[?1l\u001b>\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[0m\u001b[?25h';
