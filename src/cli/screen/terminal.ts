/** Who has the terminal: the screen, or a program that borrowed it. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { until } from '../../lab/machine/until.ts';
import { askBackground, pasteMarksOff, pasteMarksOn, resetTerminal } from '../../terminal/escapes.ts';
import { terminalModes } from '../../terminal/foreground.ts';
import { type TerminalInput, terminalInputReader } from '../../terminal/input.ts';
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

/** Is given all input before the screen. Returns true when nothing of it is left for the screen, which reads keys only. */
export type InputListener = (input: TerminalInput) => boolean;

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
    stdout.write(pasteMarksOn);
    const closeScreen = open(keyboard.connect());
    close = async () => {
      await closeScreen();
      stdout.write(pasteMarksOff);
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
      stdout.write(resetTerminal);
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
  const decoder = new StringDecoder('utf8'); // a chunk may end within a character
  const read = terminalInputReader();
  let screen = new PassThrough();
  let isAsked = false;
  const pass = (chunk: Buffer) => {
    for (const input of read(decoder.write(chunk))) {
      if (input.kind === 'background') isAsked = false;
      if (!listener(input) && input.kind === 'keys') screen.write(input.text);
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

const answerMs = 1000; // so long after the question an answer may still come
const answersQuestions = ({ TERM = '' }: NodeJS.ProcessEnv): boolean => TERM !== 'linux' && TERM !== 'dumb';
