/** A program at a terminal that is drawn elsewhere: what stands on its screen, as plain rows of styled text. */
import type { Terminal } from '@xterm/headless';
import type { CommandSpec } from '../lab/lab.ts';
import { runsOf, type TerminalRun } from './cells.ts';
import { type End, openPty, type Pty, type Size } from './pty.ts';

export type TerminalView = {
  readonly rows: readonly (readonly TerminalRun[])[];
  readonly cursor: { readonly column: number; readonly row: number } | null; // null: hidden, or scrolled out of sight
  readonly top: number; // the first row in sight, counted from the oldest one that is kept
  readonly bottom: number; // where `top` is when nothing is scrolled back
};

/** What the program has asked of its keyboard. */
type Asks = { readonly applicationKeys: boolean; readonly pasteMarks: boolean; readonly mouse: boolean };

export type ProgramTerminal = {
  view(): TerminalView;
  asks(): Asks;
  foreground(): string; // the name of the program that has the terminal now: the shell's own, while it waits for a command
  line(): string; // what stands left of the cursor
  write(text: string): void; // keys, as the program is to read them; what is scrolled back returns to the bottom
  show(text: string): void; // a word of ours, below what the program said
  scroll(top: number): void;
  resize(size: Size): void;
  readonly ended: Promise<End>; // resolves when its last words are on the screen too
  close(): Promise<void>;
};

const keptRows = 2000;
const mostUnread = 256 * 1024; // the program is held back until half of it is read

/** undefined: no terminal can be had on this machine. `changed`: something on the screen may have. */
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
  const said = (text: string) => {
    unread += text.length;
    if (unread > mostUnread) pty?.pause();
    terminal.write(text, () => {
      unread -= text.length;
      if (unread < mostUnread / 2) pty?.resume();
    });
  };
  const pty: Pty | undefined = await openPty(spec, size, said);
  if (!pty) return undefined;
  terminal.onData((answer) => pty.write(answer)); // programs ask a terminal what it is
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
    ended: pty.ended.then((end) => new Promise((read) => terminal.write('', () => read(end)))),
    async close() {
      await pty.hangUp();
      terminal.dispose();
    },
  };
}

/** Loaded when the first terminal is opened: most sittings need none of it before. */
async function terminalParts() {
  try {
    const [xterm, unicode11] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode11')]);
    return { xterm: xterm.default, unicode11: unicode11.default };
  } catch {
    return undefined;
  }
}

/** The terminal does not say whether its cursor is hidden, so its orders are overheard. */
function watchCursor({ parser }: Terminal): { isShown(): boolean } {
  let shown = true;
  const order = (final: 'h' | 'l') =>
    parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
      if (modes.includes(25)) shown = final === 'h';
      return false; // the terminal itself takes it too
    });
  order('h');
  order('l');
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
