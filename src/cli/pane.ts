/** The terminal beside the lesson, put together: the program on top is drawn and has the keys, those below wait for its end. */
import type { CommandSpec } from '../lab/lab.ts';
import type { Size } from '../lab/pty.ts';
import { openProgramTerminal, type ProgramTerminal, type TerminalView } from '../lab/terminal.ts';
import { until } from '../lab/until.ts';
import type { TerminalPort } from '../session/effects.ts';
import type { Program } from '../session/session.ts';
import { messages } from '../ui/messages.ts';
import type { Place } from '../ui/terminal.ts';
import { type Heard, hear, type Pasting } from '../ui/terminal-keys.ts';
import { atMostEvery } from './at-most-every.ts';

/** Starts a program by `runIt`, and waits for its end. */
export type Start = <T>(program: Program, runIt: (spec: CommandSpec) => Promise<T>) => Promise<T>;

export type TerminalBeside = TerminalPort &
  AsyncDisposable & {
    hear(typed: string): Pick<Heard, 'outside' | 'rest'>; // keys of the learner
    follow(place: Place | null): void; // where the last frame has drawn it
  };

const frameMs = 33;
const promptMs = 1000; // a new shell is given this long to say that it tells pasted text from typed text,
const linesMs = 5000; // and longer where one that does not would run all lines but the last

export function openTerminal(start: Start, drawn: (view: TerminalView) => void): TerminalBeside {
  const open = openStack(drawn);
  let place: Place | null = null;
  let pasting: Pasting = null;
  return {
    run: (program) =>
      start(program, async (spec) => {
        const terminal = await open.begin(spec);
        if (!terminal) return null;
        const { status, signal } = await terminal.ended;
        if (status !== 0 && program.run !== 'shell') await open.lastWords(terminal, messages.endedBadly(status));
        await open.end(terminal);
        return { killed: signal > 0 && program.run === 'shell' };
      }),
    async paste(text) {
      const lines = text.trimEnd();
      const deadlineMs = (lines.includes('\n') ? linesMs : promptMs) - open.ageMs();
      await until(() => open.top()?.asks().pasteMarks === true, { deadlineMs });
      const keys = lines.replaceAll('\u001b', '').replaceAll('\n', '\r');
      open.write(open.top()?.asks().pasteMarks ? `\u001b[200~${keys}\u001b[201~` : keys);
    },
    scroll: (top) => open.top()?.scroll(top),
    hear(typed) {
      const top = open.top();
      const heard = hear(typed, top?.asks() ?? noAsks, place, pasting);
      pasting = heard.pasting;
      if (heard.program) open.write(heard.program);
      if (heard.wheel !== 0 && top) top.scroll(Math.max(0, top.view().top + heard.wheel));
      return heard;
    },
    follow(drawnAt) {
      place = drawnAt;
      if (place) open.resize({ columns: place.columns, rows: place.rows });
    },
    [Symbol.asyncDispose]: () => open.closeAll(),
  };
}

const noAsks = { applicationKeys: false, pasteMarks: false, mouse: false };

/** The programs that run, the last one on top. */
function openStack(drawn: (view: TerminalView) => void) {
  const open: ProgramTerminal[] = [];
  const draw = atMostEvery(frameMs, () => {
    const view = open.at(-1)?.view();
    if (view) drawn(view);
  });
  let size: Size = { columns: 80, rows: 24 };
  let early: string[] | null = null; // typed while a program was starting
  let begunAt = 0;
  let read: (() => void) | null = null; // a program has ended badly, and Enter takes its last words away
  const write = (text: string) => {
    if (early) early.push(text);
    else if (read) /[\r\n]/.test(text) && read();
    else open.at(-1)?.write(text);
  };
  return {
    write,
    top: () => (early ? undefined : open.at(-1)),
    ageMs: () => performance.now() - begunAt, // of the program begun last
    async begin(spec: CommandSpec): Promise<ProgramTerminal | undefined> {
      early ??= [];
      begunAt = performance.now();
      await null; // the frame that is drawn with this very event says how large the terminal is
      const asked = size;
      const program = await openProgramTerminal(spec, asked, draw.soon);
      if (program) open.push(program);
      if (size !== asked) program?.resize(size);
      const typed = early.join('');
      early = null;
      if (typed !== '') write(typed);
      return program;
    },
    async lastWords(program: ProgramTerminal, words: string): Promise<void> {
      if (!open.includes(program)) return; // the workshop itself has ended it
      program.show(`\r\n${words}`);
      await new Promise<void>((done) => {
        read = done;
      });
      read = null;
    },
    async end(program: ProgramTerminal): Promise<void> {
      if (open.includes(program)) open.splice(open.indexOf(program), 1);
      await program.close();
      draw.soon();
    },
    resize(wanted: Size): void {
      if (wanted.columns === size.columns && wanted.rows === size.rows) return;
      size = wanted;
      for (const program of open) program.resize(size);
    },
    async closeAll(): Promise<void> {
      draw.stop();
      read?.();
      await Promise.all(open.splice(0).map((program) => program.close()));
    },
  };
}
