import { expect, test } from 'vitest';
import { visible } from '../../src/postgres/visible.ts';

/** Unicode's control and format characters, surrogates, and line separators. */
const foreign = /[^\P{C}\n\t]|[\u2028\u2029]/u;

test('visible shows every invisible or active character of Unicode as an escape', () => {
  for (let code = 0; code < 0x11_0000; code++) {
    const text = String.fromCodePoint(code);
    if (/\p{Cn}|\p{Co}/u.test(text)) continue; // unassigned or private use
    const shown = visible(`a${text}b`);
    if (text === '\n' || text === '\t' || !foreign.test(text)) expect(shown, code.toString(16)).toBe(`a${text}b`);
    else expect(shown, code.toString(16)).toMatch(/^a(?:\\u[\da-f]{4})+b$/);
  }
});

test('visible JSON parses to the original value', () => {
  const text = 'x\u001b]0;P\u0007\u009b\u007f\u202e\u2028\ud800y\udc00';
  expect(JSON.parse(visible(JSON.stringify({ text })))).toEqual({ text });
  expect(visible(JSON.stringify({ text }))).toMatch(/^[ -~]*$/);
});

test('visible keeps a Windows line end as a line end, and shows a carriage return alone', () => {
  expect(visible('a\r\nb\rc')).toBe('a\nb\\u000dc');
});

test('visible output contains no escape sequence, and does not change again', () => {
  const hostile =
    '\u001b\u001b[2J]52;c;x\u001b[\u001b[2J2J\u001bPtmux;\u001b\u001b]0;P\u0007\u001b\\\u001b_x\u001b\\\u001bc\u009b2J\u009d0;x\u009c\b\r\u000e';
  expect(visible(hostile)).toMatch(/^[ -~]*$/);
  expect(visible(visible(hostile))).toBe(visible(hostile));
});
