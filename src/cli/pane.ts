/** The terminal beside the lesson, put together: the program on top is drawn and has the keys, those below wait for its end. */
import type { CommandSpec } from '../lab/lab.ts';
import type { Size } from '../lab/pty.ts';
import { openProgramTerminal, type ProgramTerminal, type TerminalView } from '../lab/terminal.ts';
import { until } from '../lab/until.ts';
import type { TerminalPort } from '../session/effects.ts';
import type { Program } from '../session/session.ts';
import { messages } from '../ui/messages.ts';
import type { Place } from '../ui/terminal.ts';
import { hear, type Pasting } from '../ui/terminal-keys.ts';

/** Starts a program by `runIt`, and waits for its end. */
export type Start = <T>(program: Program, runIt: (spec: CommandSpec) => Promise<T>) => Promise<T>;

export type TerminalBeside = TerminalPort &
  AsyncDisposable & {
    hear(typed: string): string | null; // keys of the learner; returns what is for the lesson again, or null
    follow(place: Place | null): void; // where the last frame has drawn it
  };

const frameMs = 33;
const promptMs = 1000; // a new shell is given this long to say that it tells pasted text from typed text

export function openTerminal(start: Start, drawn: (view: TerminalView) => void): TerminalBeside {
  const open: ProgramTerminal[] = [];
  const draw = atMostEvery(frameMs, () => {
    const view = open.at(-1)?.view();
    if (view) drawn(view);
  });
  let place: Place | null = null;
  let size: Size = { columns: 80, rows: 24 };
  let early: string[] | null = null; // typed while a program was starting
  let pasting: Pasting = null;
  let read: (() => void) | null = null; // a program has ended badly, and Enter takes its last words away
  const write = (text: string) => {
    if (early) early.push(text);
    else if (read) /[\r\n]/.test(text) && read();
    else open.at(-1)?.write(text);
  };
  const begin = async (spec: CommandSpec) => {
    early ??= [];
    const program = await openProgramTerminal(spec, size, draw.soon);
    if (program) open.push(program);
    const typed = early.splice(0);
    early = null;
    if (program && typed.length > 0) write(typed.join(''));
    return program;
  };
  return {
    run: (program) =>
      start(program, async (spec) => {
        const terminal = await begin(spec);
        if (!terminal) return null;
        const { status, signal } = await terminal.ended;
        if (status !== 0 && program.run !== 'shell' && open.includes(terminal)) {
          terminal.show(`\r\n${messages.endedBadly(status)}`);
          await new Promise<void>((done) => {
            read = done;
          });
          read = null;
        }
        if (open.includes(terminal)) open.splice(open.indexOf(terminal), 1);
        await terminal.close();
        draw.soon();
        return { killed: signal > 0 && program.run === 'shell' };
      }),
    async paste(text) {
      const isNew = open.length === 0;
      await until(() => early === null && open.at(-1)?.asks().pasteMarks === true, {
        deadlineMs: isNew ? promptMs : 0,
      });
      const marks = open.at(-1)?.asks().pasteMarks === true;
      const keys = text.trimEnd().replaceAll('\u001b', '').replaceAll('\n', '\r');
      write(marks ? `\u001b[200~${keys}\u001b[201~` : keys);
    },
    scroll: (top) => open.at(-1)?.scroll(top),
    hear(typed) {
      const top = open.at(-1);
      const heard = hear(typed, top?.asks() ?? noAsks, place, pasting);
      pasting = heard.pasting;
      if (heard.program) write(heard.program);
      if (heard.wheel !== 0 && top) top.scroll(Math.max(0, top.view().top + heard.wheel));
      return heard.rest;
    },
    follow(drawnAt) {
      place = drawnAt;
      if (!place || (place.columns === size.columns && place.rows === size.rows)) return;
      size = { columns: place.columns, rows: place.rows };
      for (const terminal of open) terminal.resize(size);
    },
    async [Symbol.asyncDispose]() {
      draw.stop();
      read?.();
      await Promise.all(open.splice(0).map((terminal) => terminal.close()));
    },
  };
}

/** At once, then not again before the time is over; what was asked for meanwhile is done then. */
function atMostEvery(ms: number, deed: () => void): { soon(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  let stopped = false;
  const now = () => {
    asked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (asked) now();
    }, ms);
    deed();
  };
  return {
    soon() {
      if (stopped) return;
      if (timer) asked = true;
      else now();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const noAsks = { applicationKeys: false, pasteMarks: false, mouse: false };
