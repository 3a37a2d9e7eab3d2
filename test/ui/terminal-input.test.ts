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

/** Returns the bytes that a program reads. */
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
    'the terminal input reader passes a key on as it was sent: %j',
    (key) => expect(read(key)).toEqual([keys(key)]),
  );

  it('the terminal input reader separates keys, mouse reports and the answer about the background', () => {
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

  it('Ctrl-] is a separate terminal input, so that the keys after it go to the next reader', () => {
    expect(read('ls\u001dz')).toEqual([keys('ls'), keys(leaveKey), keys('z')]);
  });

  it('a terminal report that arrives in several reads is one report', () => {
    expect(read('\u001b[<0;3', ';30M')).toEqual([press]);
    expect(read('\u001b]11;rgb:ffff/ff', 'ff/ffff\u001b', '\\')).toEqual([
      { kind: 'background', colour: 'rgb:ffff/ffff/ffff' },
    ]);
    expect(read('\u001b', '[<0;3;30M')).toEqual([keys('\u001b'), press]);
  });

  it('the terminal input reader keeps no key back, not even one that may begin a report', () => {
    for (const key of ['\u001b', '\u001b[', 'x\u001b']) expect(read(key)).toEqual([keys(key)]);
    expect(read('\u001b[A\u001bOP\u001b[5~')).toEqual([keys('\u001b[A\u001bOP\u001b[5~')]);
  });
});

describe('the mouse', () => {
  it('only the left mouse button and the wheel do something in the lesson', () => {
    const mice = read('\u001b[<64;1;1M\u001b[<65;1;1M\u001b[<0;3;30M\u001b[<2;3;30M\u001b[<32;3;30M\u001b[<66;3;30M')
      .map((input) => (input.kind === 'mouse' ? mouseOf(input)?.did : input))
      .filter((did) => did !== undefined);
    expect(mice).toEqual(['wheel up', 'wheel down', 'press']);
    expect(mouseOf(press)).toEqual({ did: 'press', x: 2, y: 29 });
  });

  it('a mouse report for a program counts columns and rows from the corner of its terminal', () => {
    expect(mouseBytes(press, 1, 2)).toBe('\u001b[<0;1;2M');
    expect(mouseBytes({ ...press, button: 65, isPress: false }, 1, 2)).toBe('\u001b[<65;1;2m');
  });
});

describe('a program at the terminal', () => {
  it('a program gets arrow keys in the form that it asked for', () => {
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

  it('a paste is text, whatever it contains, and a program gets the marks that it asked for', () => {
    expect(bytes(read(paste))).toBe('one\r\u001d\u001b[Atwo \u001b[<0;3;30M');
    expect(bytes(read(`${paste}\u001b[B`), marks)).toBe(`${paste}\u001bOB`);
  });

  it('a paste is joined to one text at its end, and none of its characters is read as a key', () => {
    expect(joined(read('j\u001b[200~reset\ny\u001b[201~k'))).toEqual([keys('j'), 'reset\ny', keys('k')]);
    expect(joined(read('\u001b', '[200~a\u001b[201~'))).toEqual([keys('\u001b'), 'a']);
  });

  it('a paste whose beginning went to another reader is dropped, with nothing of an earlier paste', () => {
    const join = pasteJoiner();
    const [, ...late] = read('\u001b[200~late\u001b[201~');
    const texts = [...read('\u001b[200~first\u001b[201~'), ...late, ...read('\u001b[200~next\u001b[201~')].map(
      (input) => (input.kind === 'paste' ? join(input) : input),
    );
    expect(texts.filter((text) => text !== null)).toEqual(['first', 'next']);
  });

  it.each(Array.from({ length: paste.length - 1 }, (_, at) => at + 1))(
    'a paste may arrive in two reads, cut at %i',
    (at) => {
      const parts = read(paste.slice(0, at), `${paste.slice(at)}q`);
      // Esc and Alt-[ are keys: they are passed on at once, before the bytes of the paste.
      expect(bytes(parts, marks).endsWith(`${paste}q`)).toBe(true);
      expect(joined(parts).slice(-2)).toEqual([paste.slice(6, -6), keys('q')]);
    },
  );

  it('a long paste reaches the program part by part, before its end has arrived', () => {
    const reader = terminalInputReader();
    expect(bytes(reader('\u001b[200~first\u001b'), marks)).toBe('\u001b[200~first');
    expect(bytes(reader(' second\u001b[201~'), marks)).toBe('\u001b second\u001b[201~');
  });
});
