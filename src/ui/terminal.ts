/** Draws the terminal beside the lesson: its heading, and its rows unchanged. */
import type { Session, TerminalPane, TerminalProgram } from '../session/session.ts';
import { isTyping } from '../session/terminal.ts';
import { columns } from '../terminal/width.ts';
import { clip, cut } from './layout/fit.ts';
import { type Line, lineColumns, piece } from './layout/wrap.ts';
import { messages } from './messages.ts';

/** The place of a part of the screen, from 0. */
export type Rect = { readonly column: number; readonly row: number; readonly columns: number; readonly rows: number };

/** `x` and `y` from 0. */
export const rectContains = (
  { column, row, columns, rows }: Rect,
  { x, y }: { readonly x: number; readonly y: number },
) => x >= column && x < column + columns && y >= row && y < row + rows;

/** The title, in brackets while the terminal has the keys; the program on top, and how far it is scrolled back. */
export function terminalHeading(session: Session, terminal: TerminalPane, width: number): Line {
  const isFocused = isTyping(session);
  const title = messages.panes.terminal;
  const name = isFocused
    ? piece(`[${title}]`, 'chosen')
    : piece(session.pane === 'terminal' ? `▸ ${title}` : title, 'heading');
  const left = [name, piece(`  ${nameOf(terminal.programs.at(-1))}`, 'detail')];
  const back = terminal.view.bottom - terminal.view.top;
  const right = back > 0 ? messages.terminal.back(back) : isFocused ? '' : messages.terminal.enter;
  const room = width - lineColumns(left) - columns(right);
  return room < 1
    ? cut(left, width)
    : [...left, piece(' '.repeat(room)), piece(right, back > 0 ? 'warning' : 'detail')];
}

const nameOf = (program: TerminalProgram | undefined): string => {
  switch (program?.run) {
    case 'psql':
      return messages.terminal.psql(program.server);
    case 'edit':
      return messages.terminal.edit(program.file, program.server);
    case 'shell':
    case undefined:
      return messages.terminal.shell;
  }
};

/** The terminal's rows, clipped: until the program has adopted a new size, its rows have the old width. */
export const terminalRows = (
  { view }: TerminalPane,
  { columns: width, rows }: Pick<Rect, 'columns' | 'rows'>,
): readonly Line[] =>
  Array.from(
    { length: rows },
    (_, at): Line =>
      clip(
        (view.rows[at] ?? []).map((run) => ({ style: 'text', ...run })),
        width,
      ),
  );
