/**
 * A lesson's text in lines, filled in for one learner: ports, engine, measurements. No line is wider than the given
 * width, which is at least 10.
 */
import type { Journal } from '../../check/journal.ts';
import type { SeenPlan } from '../../lab/plan/plan-seen.ts';
import { type Code, codePlace } from '../../lesson/format/code-place.ts';
import { fill, isFor, readerOf } from '../../lesson/format/fill.ts';
import type { Block, Span } from '../../lesson/format/words.ts';
import { type LogLevel, type LogRecord, parseLog } from '../../postgres/log/log.ts';
import { notesOf } from '../../postgres/log/neighbours.ts';
import type { LogNote, Note } from '../../postgres/log/notes.ts';
import { columns } from '../../terminal/width.ts';
import { tableLines } from '../layout/table.ts';
import { codeWrap, type Line, type Piece, piece, type Style, wrap } from '../layout/wrap.ts';
import { messages } from '../messages.ts';
import { measuredLines } from '../tasks/measured.ts';

export type ProseContext = {
  readonly width: number; // columns, 10 at least
  readonly plan: SeenPlan;
  readonly root: boolean; // does the workshop run as root?
  readonly notes: readonly LogNote[];
  readonly journal?: Journal;
  readonly marks?: boolean; // backticks around inline code, for output without colours
};

export type CodeText = Code & { readonly lang: string };

export const layout = (blocks: readonly Block[], context: ProseContext): readonly Line[] =>
  stack(blocks, context.width, { ...context, codes: [] });

/** Like `layout`; adds the code blocks that it lays out to `codes`. `code` of a piece is an index in that list. */
export const layoutWith = (codes: CodeText[], blocks: readonly Block[], context: ProseContext): readonly Line[] =>
  stack(blocks, context.width, { ...context, codes });

/** The code blocks that `layout` lays out. */
export function codeTexts(blocks: readonly Block[], context: ProseContext): readonly CodeText[] {
  const page: Page = { ...context, codes: [] };
  stack(blocks, context.width, page);
  return page.codes;
}

export const plainText = (lines: readonly Line[]): string =>
  lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');

type Page = ProseContext & { readonly codes: CodeText[] }; // codes: the code blocks laid out so far

/** Blocks below each other, with an empty line between them unless `tight`. */
function stack(blocks: readonly Block[], width: number, page: Page, tight = false): readonly Line[] {
  const reader = readerOf(page.plan, page.root);
  const shown = blocks.filter(({ only }) => isFor(only, reader));
  return spaced(
    shown.map((block) => drawn(block, width, page)),
    tight,
  );
}

const spaced = (parts: readonly (readonly Line[])[], tight: boolean): readonly Line[] =>
  parts.flatMap((lines, at) => (at > 0 && !tight ? [[], ...lines] : lines));

function drawn(block: Block, width: number, page: Page): readonly Line[] {
  switch (block.kind) {
    case 'heading':
      return wrap(
        [piece(`${'#'.repeat(block.depth)} `), ...pieces(block.spans, page)].map((part) => ({
          ...part,
          style: 'heading',
        })),
        width,
      );
    case 'paragraph':
      return wrap(pieces(block.spans, page), width);
    case 'list':
      return listLines(block, width, page);
    case 'quote':
      return inset(bar, bar, width, (inner) => stack(block.blocks, inner, page));
    case 'code':
      return codeLines(block, width, page);
    case 'diagram':
      return diagramLines(fill(block.text, page.plan).split('\n'), width);
    case 'table': {
      const cells = (row: readonly (readonly Span[])[]) => row.map((cell) => pieces(cell, page));
      return tableLines(cells(block.header), block.rows.map(cells), width);
    }
    case 'log':
      return logLines(block, width, page);
    case 'measured':
      return measuredLines(page.journal, width);
    case 'rule':
      return [[piece('─'.repeat(width), 'bar')]];
  }
}

/**
 * Lines behind a margin. When that leaves too little room, the content takes the whole width: below a list marker, and
 * without a bar.
 */
function inset(first: Piece, rest: Piece, width: number, draw: (width: number) => readonly Line[]): readonly Line[] {
  const inner = width - columns(first.text);
  if (inner < narrowest) return first === rest ? draw(width) : [[first], ...draw(width)];
  const lines = draw(inner);
  return lines.length === 0 ? [[first]] : lines.map((line, at) => [at === 0 ? first : rest, ...line]);
}

const narrowest = 6;
const bar = { text: '│ ', style: 'bar' } as const;

function listLines(
  { ordered, start, items }: Extract<Block, { kind: 'list' }>,
  width: number,
  page: Page,
): readonly Line[] {
  const tight = items.every((item) =>
    item.every(({ kind }, at) => (at === 0 ? kind === 'paragraph' : kind === 'list')),
  );
  const markers = items.map((_, at) => (ordered ? `${start + at}.` : '•'));
  const wide = Math.max(...markers.map(columns));
  const parts = items.map((item, at) =>
    inset(piece(`${(markers[at] ?? '').padStart(wide)} `, 'bar'), piece(' '.repeat(wide + 1)), width, (inner) =>
      stack(item, inner, page, tight),
    ),
  );
  return spaced(parts, tight);
}

function codeLines(
  { lang, on, lines, text }: Extract<Block, { kind: 'code' }>,
  width: number,
  page: Page,
): readonly Line[] {
  const code = page.codes.push({ lang, text: fill(text, page.plan), place: codePlace(lang, on) }) - 1;
  const margin = { ...bar, code };
  return inset(margin, margin, width, (inner) =>
    lines.flatMap((line) => {
      const whole = pieces(line, page).map((part) => ({ ...part, code }));
      const [first = [], ...more] = codeWrap(whole, inner, inner - columns(wrapMark));
      return [first, ...more.map((part) => [{ ...piece(wrapMark, 'bar'), code }, ...part])];
    }),
  );
}

const wrapMark = '↪ ';

/** A cut drawing would be useless, so a narrow screen shows the width that the drawing needs. */
function diagramLines(lines: readonly string[], width: number): readonly Line[] {
  const needed = Math.max(...lines.map(columns));
  return needed > width ? wrap([piece(words.diagram(needed), 'detail')], width) : lines.map((line) => [piece(line)]);
}

function logLines(block: Extract<Block, { kind: 'log' }>, width: number, page: Page): readonly Line[] {
  const text = fill(block.text, page.plan);
  const raw = text.split('\n');
  const parsed = parseLog(text);
  const meanings = notesOf(parsed, page.notes);
  const records = parsed.map((record, index) => {
    const lines = raw.slice(record.line - 1, record.line - 1 + record.lines);
    const shown = lines.flatMap((line, at) =>
      inset(bar, bar, width, (inner) => wrap(at === 0 ? levelled(line, record) : [piece(line, 'detail')], inner)),
    );
    const note = meanings[index];
    return [...shown, ...(note ? noteLines(note, width, page) : [])];
  });
  return [...wrap([piece(words.log(block.server), 'detail')], width), ...records.flat()];
}

function levelled(line: string, { level }: LogRecord): readonly Piece[] {
  const end = level ? line.indexOf(`${level}:`) + level.length + 1 : 0;
  return [piece(line.slice(0, end), level ? levelStyles[level] : 'text'), piece(line.slice(end))];
}

const levelStyles: Readonly<Record<LogLevel, Style>> = {
  DEBUG: 'log',
  INFO: 'log',
  NOTICE: 'log',
  LOG: 'log',
  WARNING: 'warning',
  ERROR: 'error',
  FATAL: 'error',
  PANIC: 'error',
};

function noteLines(note: Note, width: number, page: Page): readonly Line[] {
  const style = note.severity === 'normal' ? 'note' : note.severity;
  const means = note.means.split('`').map((part, at) => (at % 2 === 0 ? piece(part, style) : codePiece(part, page)));
  return inset(piece('╰ ', style), piece('  '), width, (inner) => wrap(means, inner));
}

/** Text filled in for the learner. The address of a link follows the text of the link. */
function pieces(spans: readonly Span[], page: Page): readonly Piece[] {
  return spans.flatMap(({ text, style, href }) => {
    const own = fill(text, page.plan);
    const words = style === 'code' ? codePiece(own, page) : piece(own, style);
    return href?.startsWith('http') && href !== text ? [words, piece(' ('), piece(href, 'link'), piece(')')] : [words];
  });
}

const codePiece = (text: string, { marks }: ProseContext): Piece => piece(marks ? `\`${text}\`` : text, 'code');

const words = messages.prose;
