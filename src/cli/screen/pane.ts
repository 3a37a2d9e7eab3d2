/** The terminal beside the lesson, put together: the program on top is drawn and has the keys, those below wait for its end. */
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

/** Starts a program by `runIt`, and waits for its end. */
export type StartProgram = <T>(program: TerminalProgram, runIt: (spec: CommandSpec) => Promise<T>) => Promise<T>;

export type TerminalBeside = TerminalPort &
  AsyncDisposable & {
    receive(input: Exclude<TerminalInput, { kind: 'background' }>): boolean; // input of the learner; false: the mouse is not over the terminal
    follow(place: Rect | null): void; // where the last frame has drawn it
  };

const frameMs = 33;
const promptMs = 1000; // a new shell is given this long to say that it tells pasted text from typed text,
const linesMs = 5000; // and longer where one that does not would run all lines but the last

export function openTerminal(start: StartProgram, drawn: (view: TerminalView) => void): TerminalBeside {
  const open = openStack(drawn);
  let place: Rect | null = null;
  const mouseIn = ({ column, row }: Rect, report: MouseReport) => {
    const top = open.top();
    if (top?.asks().mouse) open.write(mouseBytes(report, report.column - column, report.row - row));
    else top?.scroll(Math.max(0, top.view().top + (wheelLines[report.button] ?? 0)));
  };
  return {
    async run(program) {
      try {
        return await start(program, async (spec) => {
          const terminal = await open.begin(program, spec);
          if (!terminal) return null;
          const { status, signal } = await terminal.ended;
          open.silence(terminal);
          const killed = signal > 0 && program.run === 'shell';
          if (killed) await open.lastWords(terminal, messages.endedByAnother(program.run));
          else if (status !== 0 && program.run !== 'shell') await open.lastWords(terminal, messages.endedBadly(status));
          await open.end(terminal);
          return { killed };
        });
      } finally {
        open.endSilence(); // what it has saved is in its place, and the session hears of its end now
      }
    },
    ready: (program) => open.of(program, isReady),
    raise: open.raise,
    async paste(text) {
      const lines = text.trimEnd();
      const deadlineMs = (lines.includes('\n') ? linesMs : promptMs) - open.ageMs();
      await until(() => takesPastes(open.top()), { deadlineMs });
      const keys = lines.replaceAll('\u001b', '').replaceAll('\n', '\r');
      open.write(open.top()?.asks().pasteMarks ? `${pasteBegin}${keys}${pasteEnd}` : keys);
    },
    scroll: (top) => open.top()?.scroll(top),
    receive(input) {
      if (input.kind !== 'mouse') open.write(bytesFor(input, open.top()?.asks() ?? noAsks));
      else if (place && rectContains(place, { x: input.column - 1, y: input.row - 1 })) mouseIn(place, input);
      else return false;
      return true;
    },
    follow(drawnAt) {
      place = drawnAt;
      if (place) open.resize({ columns: place.columns, rows: place.rows });
    },
    [Symbol.asyncDispose]: () => open.closeAll(),
  };
}

/** psql's prompt, with nothing typed behind it. */
const prompt = /=[*!?]?[#>] $/;
const shell = /^-?\w*sh$/;

/** Does a program wait for what is typed? A shell has its terminal for itself then. */
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

/** By the button of a mouse report. */
const wheelLines: Readonly<Record<number, number>> = { 64: -3, 65: 3 };

const noAsks = { applicationKeys: false, pasteMarks: false, mouse: false };

/** Enter with nothing typed before it: whoever typed on while the program ended has typed for that program, whole lines of it. */
function enterAlone(): (typed: string) => boolean {
  let line = '';
  return (typed) => {
    const [first = '', ...more] = typed.replaceAll('\r\n', '\r').split(/[\r\n]/);
    const lines = [line + first, ...more];
    line = lines.at(-1) ?? '';
    return lines.slice(0, -1).some((ended) => ended === '') && line === '';
  };
}

type Opened = { readonly program: TerminalProgram; readonly terminal: ProgramTerminal };

/** The programs that run, the last one on top. */
function openStack(drawn: (view: TerminalView) => void) {
  const open: Opened[] = [];
  const draw = atMostEvery(frameMs, () => {
    const view = open.at(-1)?.terminal.view();
    if (view) drawn(view);
  });
  let size: Size = { columns: 80, rows: 24 };
  let early: string[] | null = null; // typed while a program was starting
  let begunAt = 0;
  let leave: (() => void) | null = null;
  let silent = false; // the program on top has ended: what is typed for it is for nobody else
  let read: ((text: string) => void) | null = null; // it has ended badly, and Enter takes its last words away
  const write = (text: string) => {
    if (early) early.push(text);
    else if (read) read(text);
    else if (!silent) open.at(-1)?.terminal.write(text);
  };
  return {
    write,
    top: () => (early ? undefined : open.at(-1)?.terminal),
    ageMs: () => performance.now() - begunAt, // of the program begun last
    async begin(program: TerminalProgram, spec: CommandSpec): Promise<ProgramTerminal | undefined> {
      early ??= [];
      begunAt = performance.now();
      await null; // the frame that is drawn with this very event says how large the terminal is
      const asked = size;
      const terminal = await openProgramTerminal(spec, asked, draw.soon);
      if (terminal) open.push({ program, terminal });
      if (size !== asked) terminal?.resize(size);
      const typed = early.join('');
      early = null;
      if (typed !== '') write(typed);
      return terminal;
    },
    of: (program: TerminalProgram, holds: (program: TerminalProgram, terminal: ProgramTerminal) => boolean) =>
      open.some((one) => one.program === program && holds(program, one.terminal)),
    raise(program: TerminalProgram): void {
      const raised = open.filter((one) => one.program === program);
      open.splice(0, open.length, ...open.filter((one) => one.program !== program), ...raised);
      draw.soon();
    },
    async lastWords(terminal: ProgramTerminal, words: string): Promise<void> {
      if (!open.some((one) => one.terminal === terminal)) return; // the workshop itself has ended it
      terminal.show(`\r\n${words}`);
      await new Promise<void>((done) => {
        const enter = enterAlone();
        leave = done;
        read = (text) => enter(text) && done();
      });
      read = null;
    },
    silence(terminal: ProgramTerminal): void {
      silent = open.at(-1)?.terminal === terminal;
    },
    endSilence(): void {
      silent = false;
    },
    async end(terminal: ProgramTerminal): Promise<void> {
      const at = open.findIndex((one) => one.terminal === terminal);
      if (at >= 0) open.splice(at, 1);
      await terminal.close();
      draw.soon();
    },
    resize(wanted: Size): void {
      if (wanted.columns === size.columns && wanted.rows === size.rows) return;
      size = wanted;
      for (const { terminal } of open) terminal.resize(size);
    },
    async closeAll(): Promise<void> {
      draw.stop();
      leave?.();
      await Promise.all(open.splice(0).map(({ terminal }) => terminal.close()));
    },
  };
}
