import { describe, expect, it } from 'vitest';
import { type Pasting, readTerminalInput } from '../../src/ui/input/terminal-keys.ts';

const plain = { applicationKeys: false, pasteMarks: false, mouse: false };
const place = { column: 60, row: 20, columns: 50, rows: 15 };
const typed = (text: string, asks = plain, pasting: Pasting = null) => readTerminalInput(text, asks, place, pasting);

describe('keys in the terminal', () => {
  it.each(['a', '\u0003', '\u0012', '\u001b', '\u001bb', '\u001bOP', '\u001b[15~', '\u001b[1;5C', '\u001b[A', '😀'])(
    'keys in the terminal go to the program unchanged: %j',
    (key) => expect(typed(key)).toEqual({ program: key, wheel: 0, outside: '', rest: null, pasting: null }),
  );

  it('Ctrl-] leaves the terminal, and the keys after it go to the lesson', () => {
    expect(typed('ls\u001dz')).toMatchObject({ program: 'ls', rest: 'z' });
    expect(typed('\u001d')).toMatchObject({ program: '', rest: '' });
  });

  it('arrow keys are sent as application keys where the program asks for them', () => {
    expect(typed('\u001b[A\u001b[Hx', { ...plain, applicationKeys: true }).program).toBe('\u001bOA\u001bOHx');
  });

  it('the wheel scrolls the terminal, unless the program wants the mouse', () => {
    expect(typed('\u001b[<64;70;25M\u001b[<64;70;25M')).toMatchObject({ program: '', wheel: -6 });
    const mouse = { ...plain, mouse: true };
    expect(typed('\u001b[<0;61;21M', mouse).program).toBe('\u001b[<0;1;1M');
    expect(typed('\u001b[<0;60;21M\u001b[<0;111;21M', mouse)).toMatchObject({
      program: '',
      outside: '\u001b[<0;60;21M\u001b[<0;111;21M',
    });
  });
});

describe('a paste', () => {
  const paste = '\u001b[200~one\r\u001d\u001b[Atwo\u001b[201~';

  it('a paste goes to the program as text, with the bracket marks if the program asked for them', () => {
    expect(typed(paste)).toMatchObject({ program: 'one\r\u001d\u001b[Atwo', rest: null });
    const marks = { ...plain, pasteMarks: true, applicationKeys: true };
    expect(typed(`${paste}\u001b[B`, marks).program).toBe(`${paste}\u001bOB`);
  });

  it.each(Array.from({ length: paste.length - 7 }, (_, at) => at + 6))(
    'a paste may arrive in two parts, cut at %i',
    (at) => {
      const marks = { ...plain, pasteMarks: true };
      const first = typed(paste.slice(0, at), marks);
      const second = typed(paste.slice(at), marks, first.pasting);
      expect(first.program + second.program).toBe(paste);
      expect(second.pasting).toBeNull();
    },
  );
});
