import { describe, expect, it } from 'vitest';
import {
  bytesFor,
  leaveKey,
  type MouseReport,
  mouseBytes,
  pasteJoiner,
  type TerminalInput,
  terminalInputReader,
} from '../../src/terminal/input.ts';
import { mouseOf } from '../../src/ui/input/mouse.ts';

const read = (...reads: readonly string[]): readonly TerminalInput[] => {
  const reader = terminalInputReader();
  return reads.flatMap((text) => reader(text));
};
const keys = (text: string): TerminalInput => ({ kind: 'keys', text });
const press: MouseReport = { kind: 'mouse', button: 0, column: 3, row: 30, isPress: true };

/** What a program gets to read. */
const bytes = (inputs: readonly TerminalInput[], asks = { applicationKeys: false, pasteMarks: false }): string =>
  inputs
    .map((input) =>
      input.kind === 'background'
        ? ''
        : input.kind === 'mouse'
          ? mouseBytes(input, input.column, input.row)
          : bytesFor(input, asks),
    )
    .join('');

describe('what a terminal sends', () => {
  it.each(['a', '\u0003', '\u0012', '\u001b', '\u001bb', '\u001bOP', '\u001b[15~', '\u001b[1;5C', '\u001b[A', '😀'])(
    'a key stays as it was sent: %j',
    (key) => expect(read(key)).toEqual([keys(key)]),
  );

  it('keys, mouse reports and the answer about the background are told apart', () => {
    expect(read('j\u001b[<0;3;30M\u001b[<0;3;30mk')).toEqual([
      keys('j'),
      press,
      { ...press, isPress: false },
      keys('k'),
    ]);
    expect(read('\u001b]11;rgb:ffff/ffff/ffff\u001b\\n')).toEqual([
      { kind: 'background', colour: 'rgb:ffff/ffff/ffff' },
      keys('n'),
    ]);
    expect(read('\u001b]11;rgb:0/0/0\u0007')).toEqual([{ kind: 'background', colour: 'rgb:0/0/0' }]);
  });

  it('Ctrl-] is an input of its own, so that the keys after it go to the next reader', () => {
    expect(read('ls\u001dz')).toEqual([keys('ls'), keys(leaveKey), keys('z')]);
  });

  it('a report that comes in parts is one report', () => {
    expect(read('\u001b[<0;3', ';30M')).toEqual([press]);
    expect(read('\u001b]11;rgb:ffff/ff', 'ff/ffff\u001b', '\\')).toEqual([
      { kind: 'background', colour: 'rgb:ffff/ffff/ffff' },
    ]);
    expect(read('\u001b', '[<0;3;30M')).toEqual([keys('\u001b'), press]);
  });

  it('no key is held back', () => {
    for (const key of ['\u001b', '\u001b[', 'x\u001b']) expect(read(key)).toEqual([keys(key)]);
    expect(read('\u001b[A\u001bOP\u001b[5~')).toEqual([keys('\u001b[A\u001bOP\u001b[5~')]);
  });
});

describe('the mouse', () => {
  it('only presses of the left button and the wheel mean something', () => {
    const mice = read('\u001b[<64;1;1M\u001b[<65;1;1M\u001b[<0;3;30M\u001b[<2;3;30M\u001b[<32;3;30M\u001b[<66;3;30M')
      .map((input) => (input.kind === 'mouse' ? mouseOf(input)?.did : input))
      .filter((did) => did !== undefined);
    expect(mice).toEqual(['wheel up', 'wheel down', 'press']);
    expect(mouseOf(press)).toEqual({ did: 'press', x: 2, y: 29 });
  });

  it('a report for a program counts from its own corner', () => {
    expect(mouseBytes(press, 1, 2)).toBe('\u001b[<0;1;2M');
    expect(mouseBytes({ ...press, button: 65, isPress: false }, 1, 2)).toBe('\u001b[<65;1;2m');
  });
});

describe('a program at the terminal', () => {
  it('gets arrows in the form that it asked for', () => {
    expect(bytes(read('\u001b[A\u001b[Hx'), { applicationKeys: true, pasteMarks: false })).toBe('\u001bOA\u001bOHx');
    expect(bytes(read('\u001b[A\u001b[Hx'))).toBe('\u001b[A\u001b[Hx');
  });
});

describe('a paste', () => {
  const paste = '\u001b[200~one\r\u001d\u001b[Atwo \u001b[<0;3;30M\u001b[201~';
  const marks = { applicationKeys: true, pasteMarks: true };
  const joined = (inputs: readonly TerminalInput[]) => {
    const join = pasteJoiner();
    return inputs.map((input) => (input.kind === 'paste' ? join(input) : input)).filter((input) => input !== null);
  };

  it('is text, whatever it contains, and the program gets the marks that it asked for', () => {
    expect(bytes(read(paste))).toBe('one\r\u001d\u001b[Atwo \u001b[<0;3;30M');
    expect(bytes(read(`${paste}\u001b[B`), marks)).toBe(`${paste}\u001bOB`);
  });

  it('is whole at its end, and no key of it is pressed', () => {
    expect(joined(read('j\u001b[200~reset\ny\u001b[201~k'))).toEqual([keys('j'), 'reset\ny', keys('k')]);
    expect(joined(read('\u001b', '[200~a\u001b[201~'))).toEqual([keys('\u001b'), 'a']);
  });

  it.each(Array.from({ length: paste.length - 1 }, (_, at) => at + 1))('may come in two parts, cut at %i', (at) => {
    const parts = read(paste.slice(0, at), `${paste.slice(at)}q`);
    expect(bytes(parts, marks).endsWith(`${paste}q`)).toBe(true); // Esc and Alt-[ are keys: they are not held back
    expect(joined(parts).slice(-2)).toEqual([paste.slice(6, -6), keys('q')]);
  });

  it('its beginning is not waited for: a long paste reaches the program part by part', () => {
    const reader = terminalInputReader();
    expect(bytes(reader('\u001b[200~first\u001b'), marks)).toBe('\u001b[200~first');
    expect(bytes(reader(' second\u001b[201~'), marks)).toBe('\u001b second\u001b[201~');
  });
});
