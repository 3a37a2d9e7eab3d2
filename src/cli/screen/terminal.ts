/** Gives the learner's terminal to the screen, or to a program that needs the whole of it. */
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

/** Opens a screen that reads keys from `stdin`. The returned function closes it. */
type OpenScreen = (stdin: NodeJS.ReadStream) => () => Promise<void>;

export type ForegroundProgram = {
  readonly greeting: string;
  readonly waitsAfterFailure: boolean; // its output stays until Enter when its exit status is not 0
  run(): Promise<number>; // resolves with its exit status
};

/** Gets all input first. Returns false for input that the screen shall read; the screen reads keys only. */
export type InputListener = (input: TerminalInput) => boolean;

/** Closes the screen while a program has the whole terminal, and opens it again afterwards. */
export function openScreenHost({ stdout }: Terminal, keyboard: Keyboard, open: OpenScreen) {
  const nothing = async () => undefined;
  let close: () => Promise<void> = nothing;
  let hasLeft = false;
  let running: Promise<void> = Promise.resolve(); // the program that has the terminal
  let stopWaiting = () => {};
  const leaving = new Promise<void>((resolve) => {
    stopWaiting = resolve;
  });
  const enter = () => {
    if (hasLeft) return;
    stdout.write(pasteMarksOn);
    const closeScreen = open(keyboard.connect());
    close = async () => {
      await closeScreen();
      stdout.write(pasteMarksOff);
    };
  };
  const runInstead = async ({ greeting, waitsAfterFailure, run }: ForegroundProgram): Promise<void> => {
    await close();
    close = nothing;
    await keyboard.pause();
    const modes = terminalModes();
    try {
      if (greeting) stdout.write(`${greeting}\n`);
      const status = await run();
      modes.restore();
      stdout.write(resetTerminal);
      if (status !== 0 && waitsAfterFailure && !hasLeft) {
        stdout.write(`${messages.endedBadly(status)}\n`);
        await Promise.race([keyboard.enter(), leaving]);
      }
    } finally {
      if (!hasLeft) keyboard.resume();
      enter();
    }
  };
  return {
    enter,
    /** Resolves when the program has ended and the screen is open again. Rejects when the program cannot be started. */
    async runProgram(program: ForegroundProgram): Promise<void> {
      running = runInstead(program);
      await running;
    },
    async leave(): Promise<void> {
      hasLeft = true;
      stopWaiting();
      await running.catch(() => undefined); // the caller of `runProgram` gets the error
      await close();
      await keyboard.close();
    },
  };
}

export type Keyboard = ReturnType<typeof openKeyboard>;

/**
 * Reads the terminal, and passes the keys on to the open screen through a stream. ink on the terminal itself would go
 * on reading while another program has it. Calls `onEnd` when the input has ended: under nohup a closed window sends
 * no signal.
 */
export function openKeyboard({ stdin, stdout, env }: Terminal, listener: InputListener, onEnd: () => void) {
  const decoder = new StringDecoder('utf8'); // a chunk may end inside a character
  const read = terminalInputReader();
  let screen = new PassThrough();
  let awaitsAnswer = false; // to the question for the background
  const pass = (chunk: Buffer) => {
    for (const input of read(decoder.write(chunk))) {
      if (input.kind === 'background') awaitsAnswer = false;
      if (!listener(input) && input.kind === 'keys') screen.write(input.text);
    }
  };
  stdin.on('data', pass).on('end', onEnd).on('error', onEnd);
  stdin.resume(); // readline leaves it paused after a yes-or-no question before the screen
  stdin.setRawMode?.(true); // before the question, because the terminal's driver would echo the answer
  const askedAt = performance.now();
  if (answersQuestions(env)) {
    awaitsAnswer = true;
    stdout.write(askBackground);
  }
  /** Waits for the answer, because the next program on the terminal would read it as keys. */
  const untilAnswered = () => until(() => !awaitsAnswer, { deadlineMs: askedAt + answerMs - performance.now() });
  return {
    connect(): NodeJS.ReadStream {
      const before = screen.read(); // keys that were typed before a screen was open
      screen = new PassThrough();
      if (before) screen.write(before);
      const setRawMode = (mode: boolean) => void stdin.setRawMode?.(mode);
      const terminal = { isTTY: true, setRawMode, ref: () => stdin.ref(), unref: () => stdin.unref() };
      return Object.assign(screen, terminal) as unknown as NodeJS.ReadStream;
    },
    async pause(): Promise<void> {
      await untilAnswered();
      stdin.pause();
      stdin.setRawMode?.(false);
    },
    resume: () => void stdin.resume(),
    /**
     * Resolves when an empty line comes, in the terminal's own line mode. Lines with text were typed for the program
     * that has ended.
     */
    async enter(): Promise<void> {
      stdin.off('data', pass);
      stdin.resume();
      let line: unknown;
      do [line] = await once(stdin, 'data');
      while (String(line).trim() !== '');
      stdin.on('data', pass);
    },
    async close(): Promise<void> {
      await untilAnswered();
      stdin.off('data', pass).off('end', onEnd);
      stdin.pause();
    },
  };
}

const answerMs = 1000; // no answer is expected later than this after the question
const answersQuestions = ({ TERM = '' }: NodeJS.ProcessEnv): boolean => TERM !== 'linux' && TERM !== 'dumb';
