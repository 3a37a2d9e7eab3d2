/**
 * The terminal beside the lesson. Its programs form a stack: the program on top is drawn and gets the keys, the
 * programs below it are shown again when it ends.
 */
import type { CommandSpec } from '../../lab/lab.ts';
import { until } from '../../lab/machine/until.ts';
import type { TerminalPort } from '../../session/run/effects.ts';
import type { TerminalProgram } from '../../session/session.ts';
import { openProgramTerminal, type ProgramTerminal, type TerminalView } from '../../terminal/emulator.ts';
import { pasteBegin, pasteEnd } from '../../terminal/escapes.ts';
import { bytesFor, type MouseReport, mouseBytes, type TerminalInput } from '../../terminal/input.ts';
import type { Size } from '../../terminal/pty.ts';
import { messages } from '../../ui/messages.ts';
import { type Rect, rectContains } from '../../ui/terminal.ts';
import { atMostEvery } from './at-most-every.ts';

/** Starts a program by `runIt`. Resolves with the result of `runIt` when the program has ended. */
export type StartProgram = <T>(program: TerminalProgram, runIt: (spec: CommandSpec) => Promise<T>) => Promise<T>;

export type OpenTerminalPane = TerminalPort &
  AsyncDisposable & {
    // Sends input to the program on top. Returns false for a mouse report outside the terminal.
    handleInput(input: Exclude<TerminalInput, { kind: 'background' }>): boolean;
    setArea(area: Rect | null): void; // the area of the terminal in the last frame
  };

const frameMs = 33;
/** A paste waits this long, from the program's start, for bracketed paste or a prompt of psql. */
const promptMs = 1000;
/** The wait for several lines is longer: a shell without bracketed paste would run all of them but the last. */
const linesMs = 5000;

/** Calls `onView` with the view of the program on top whenever it may have changed. */
export function openTerminalPane(start: StartProgram, onView: (view: TerminalView) => void): OpenTerminalPane {
  const stack = openStack(onView);
  let area: Rect | null = null;
  const handleMouse = ({ column, row }: Rect, report: MouseReport) => {
    const top = stack.top();
    if (top?.asks().mouse) stack.write(mouseBytes(report, report.column - column, report.row - row));
    else top?.scroll(Math.max(0, top.view().top + (wheelLines[report.button] ?? 0)));
  };
  return {
    async run(program) {
      try {
        return await start(program, async (spec) => {
          const terminal = await stack.begin(program, spec);
          if (!terminal) return null;
          const { status, signal } = await terminal.ended;
          stack.discardInput(terminal);
          const killed = signal > 0 && program.run === 'shell';
          if (killed) await stack.showUntilEnter(terminal, messages.endedByAnother(program.run));
          else if (status !== 0 && program.run !== 'shell')
            await stack.showUntilEnter(terminal, messages.endedBadly(status));
          await stack.end(terminal);
          return { killed };
        });
      } finally {
        stack.acceptInput(); // an editor's file is written back now, and the session gets the program's end next
      }
    },
    ready: (program) => stack.some(program, isReady),
    raise: stack.raise,
    async paste(text) {
      const lines = text.trimEnd();
      const deadlineMs = (lines.includes('\n') ? linesMs : promptMs) - stack.ageMs();
      await until(() => takesPastes(stack.top()), { deadlineMs });
      const keys = lines.replaceAll('\u001b', '').replaceAll('\n', '\r');
      stack.write(stack.top()?.asks().pasteMarks ? `${pasteBegin}${keys}${pasteEnd}` : keys);
    },
    scroll: (top) => stack.top()?.scroll(top),
    handleInput(input) {
      if (input.kind !== 'mouse') stack.write(bytesFor(input, stack.top()?.asks() ?? noAsks));
      else if (area && rectContains(area, { x: input.column - 1, y: input.row - 1 })) handleMouse(area, input);
      else return false;
      return true;
    },
    setArea(drawn) {
      area = drawn;
      if (area) stack.resize({ columns: area.columns, rows: area.rows });
    },
    [Symbol.asyncDispose]: () => stack.closeAll(),
  };
}

/** The prompt of psql at the end of the text left of the cursor: nothing is typed yet. */
const prompt = /=[*!?]?[#>] $/;
const shell = /^-?\w*sh$/;

/** Whether the program waits for input. A shell that waits is the foreground program of its terminal. */
function isReady(program: TerminalProgram, terminal: ProgramTerminal): boolean {
  switch (program.run) {
    case 'shell':
      return shell.test(terminal.foreground());
    case 'psql':
      return prompt.test(terminal.line());
    case 'edit':
      return true;
  }
}

const takesPastes = (terminal: ProgramTerminal | undefined): boolean =>
  terminal !== undefined && (terminal.asks().pasteMarks || prompt.test(terminal.line()));

/** The lines to scroll, by the button of a mouse report. */
const wheelLines: Readonly<Record<number, number>> = { 64: -3, 65: 3 };

const noAsks = { applicationKeys: false, pasteMarks: false, mouse: false };

/**
 * Returns a function that returns true for Enter on an empty line, the last key in what is typed. Lines with text
 * were typed for the program before the learner saw its end.
 */
function emptyLineDetector(): (typed: string) => boolean {
  let line = '';
  return (typed) => {
    const [first = '', ...more] = typed.replaceAll('\r\n', '\r').split(/[\r\n]/);
    const lines = [line + first, ...more];
    line = lines.at(-1) ?? '';
    return lines.slice(0, -1).some((complete) => complete === '') && line === '';
  };
}

type RunningProgram = { readonly program: TerminalProgram; readonly terminal: ProgramTerminal };

/** The running programs, the last one on top, and where input goes while one of them starts or ends. */
function openStack(onView: (view: TerminalView) => void) {
  const programs: RunningProgram[] = [];
  const draw = atMostEvery(frameMs, () => {
    const view = programs.at(-1)?.terminal.view();
    if (view) onView(view);
  });
  let size: Size = { columns: 80, rows: 24 };
  let pendingInput: string[] | null = null; // input while a program starts, for that program
  let startedAt = 0;
  let stopWaiting: (() => void) | null = null; // ends `showUntilEnter`
  let isDiscarding = false; // the program on top has ended: its input must not reach the program below
  let onInput: ((text: string) => void) | null = null; // gets the input while `showUntilEnter` waits
  const write = (text: string) => {
    if (pendingInput) pendingInput.push(text);
    else if (onInput) onInput(text);
    else if (!isDiscarding) programs.at(-1)?.terminal.write(text);
  };
  return {
    write,
    top: () => (pendingInput ? undefined : programs.at(-1)?.terminal),
    ageMs: () => performance.now() - startedAt, // of the program that was started last
    async begin(program: TerminalProgram, spec: CommandSpec): Promise<ProgramTerminal | undefined> {
      pendingInput ??= [];
      startedAt = performance.now();
      await null; // `resize` is called in this turn, with the frame that shows the terminal for the first time
      const sizeAtStart = size;
      const terminal = await openProgramTerminal(spec, sizeAtStart, draw.soon);
      if (terminal) programs.push({ program, terminal });
      if (size !== sizeAtStart) terminal?.resize(size);
      const typed = pendingInput.join('');
      pendingInput = null;
      if (typed !== '') write(typed);
      return terminal;
    },
    some: (program: TerminalProgram, condition: (program: TerminalProgram, terminal: ProgramTerminal) => boolean) =>
      programs.some((one) => one.program === program && condition(program, one.terminal)),
    raise(program: TerminalProgram): void {
      const raised = programs.filter((one) => one.program === program);
      programs.splice(0, programs.length, ...programs.filter((one) => one.program !== program), ...raised);
      draw.soon();
    },
    /** Prints a message in the terminal of a program that has ended. Resolves when the learner types Enter alone. */
    async showUntilEnter(terminal: ProgramTerminal, message: string): Promise<void> {
      if (!programs.some((one) => one.terminal === terminal)) return; // `closeAll` has ended the program
      terminal.show(`\r\n${message}`);
      await new Promise<void>((resolve) => {
        const isEmptyLine = emptyLineDetector();
        stopWaiting = resolve;
        onInput = (text) => isEmptyLine(text) && resolve();
      });
      onInput = null;
    },
    /** Drops input from now on, when this terminal is on top. */
    discardInput(terminal: ProgramTerminal): void {
      isDiscarding = programs.at(-1)?.terminal === terminal;
    },
    acceptInput(): void {
      isDiscarding = false;
    },
    async end(terminal: ProgramTerminal): Promise<void> {
      const at = programs.findIndex((one) => one.terminal === terminal);
      if (at >= 0) programs.splice(at, 1);
      await terminal.close();
      draw.soon();
    },
    resize(wanted: Size): void {
      if (wanted.columns === size.columns && wanted.rows === size.rows) return;
      size = wanted;
      for (const { terminal } of programs) terminal.resize(size);
    },
    async closeAll(): Promise<void> {
      draw.stop();
      stopWaiting?.();
      await Promise.all(programs.splice(0).map(({ terminal }) => terminal.close()));
    },
  };
}
