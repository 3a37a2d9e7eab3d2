/** Runs a program in an emulated terminal, and returns the contents of that terminal as rows of styled text. */
import type { Terminal } from '@xterm/headless';
import type { CommandSpec } from '../lab/lab.ts';
import { runsOf, type TerminalRun } from './cells.ts';
import { type End, openPty, type Pty, type Size } from './pty.ts';

export type TerminalView = {
  readonly rows: readonly (readonly TerminalRun[])[];
  readonly cursor: { readonly column: number; readonly row: number } | null; // null: hidden, or in no visible row
  readonly top: number; // the first visible row, counted from the oldest row that is kept
  readonly bottom: number; // the value of `top` when the terminal is not scrolled back
};

/** The input modes that the program has turned on. */
type Asks = { readonly applicationKeys: boolean; readonly pasteMarks: boolean; readonly mouse: boolean };

export type ProgramTerminal = {
  view(): TerminalView;
  asks(): Asks;
  // The name of the program in the foreground: the shell's own name while the shell waits for a command.
  foreground(): string;
  line(): string; // the text left of the cursor
  write(text: string): void; // sends bytes to the program, and scrolls to the bottom
  show(text: string): void; // prints a message of the workshop below the program's output
  scroll(top: number): void;
  resize(size: Size): void;
  readonly ended: Promise<End>; // resolves when the program has ended and all its output is in the view
  close(): Promise<void>;
};

const keptRows = 2000;
/** In characters. With more unread output the program is paused, until half of this limit is unread. */
const mostUnread = 256 * 1024;

/** Resolves with undefined where node-pty or xterm cannot be loaded. Calls `changed` when the view may differ. */
export async function openProgramTerminal(
  spec: CommandSpec,
  size: Size,
  changed: () => void,
): Promise<ProgramTerminal | undefined> {
  const parts = await terminalParts();
  if (!parts) return undefined;
  const { columns: cols, rows } = size;
  const terminal = new parts.xterm.Terminal({ cols, rows, scrollback: keptRows, allowProposedApi: true });
  terminal.loadAddon(new parts.unicode11.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const cursor = watchCursor(terminal);
  let unread = 0;
  const onOutput = (text: string) => {
    unread += text.length;
    if (unread > mostUnread) pty?.pause();
    terminal.write(text, () => {
      unread -= text.length;
      if (unread < mostUnread / 2) pty?.resume();
    });
  };
  const pty: Pty | undefined = await openPty(spec, size, onOutput);
  if (!pty) return undefined;
  terminal.onData((answer) => pty.write(answer)); // the terminal's answers to queries, as device attributes
  terminal.onWriteParsed(changed);
  return {
    view: () => viewOf(terminal, cursor.isShown()),
    asks: () => asksOf(terminal),
    foreground: () => pty.foreground(),
    line() {
      const { active } = terminal.buffer;
      return active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? '';
    },
    write(text) {
      terminal.scrollToBottom();
      pty.write(text);
    },
    show: (text) => terminal.write(text),
    scroll(top) {
      terminal.scrollToLine(top);
      changed();
    },
    resize({ columns, rows }) {
      terminal.resize(columns, rows);
      pty.resize({ columns, rows });
      changed();
    },
    ended: pty.ended.then((end) => new Promise((resolve) => terminal.write('', () => resolve(end)))),
    async close() {
      await pty.hangUp();
      terminal.dispose();
    },
  };
}

/** xterm is loaded when the first terminal is opened, not at the program's start. */
async function terminalParts() {
  try {
    const [xterm, unicode11] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode11')]);
    return { xterm: xterm.default, unicode11: unicode11.default };
  } catch {
    return undefined;
  }
}

/** xterm has no public property for a hidden cursor, so this listens to the sequences that hide and show it. */
function watchCursor({ parser }: Terminal): { isShown(): boolean } {
  let shown = true;
  const watchMode = (final: 'h' | 'l') =>
    parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
      if (modes.includes(25)) shown = final === 'h';
      return false; // xterm handles the sequence too
    });
  watchMode('h');
  watchMode('l');
  parser.registerEscHandler({ final: 'c' }, () => {
    shown = true; // a full reset
    return false;
  });
  return { isShown: () => shown };
}

const asksOf = ({ modes }: Terminal): Asks => ({
  applicationKeys: modes.applicationCursorKeysMode,
  pasteMarks: modes.bracketedPasteMode,
  mouse: modes.mouseTrackingMode !== 'none',
});

function viewOf({ buffer: { active }, rows }: Terminal, cursorShown: boolean): TerminalView {
  const { viewportY: top, baseY: bottom, cursorX, cursorY } = active;
  const row = bottom + cursorY - top;
  const cell = active.getNullCell();
  return {
    rows: Array.from({ length: rows }, (_, at) => runsOf(active.getLine(top + at), cell)),
    cursor: cursorShown && row < rows ? { column: cursorX, row } : null,
    top,
    bottom,
  };
}
