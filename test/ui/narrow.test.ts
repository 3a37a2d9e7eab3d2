import chalk from 'chalk';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { narrowColumns } from '../../src/terminal/narrow.ts';

describe('narrow texts', () => {
  it('the fast width of each character equals that of string-width', () => {
    const signs = Array.from({ length: 0xffff }, (_, code) => String.fromCharCode(code));
    const known = signs.filter((sign) => narrowColumns(sign) !== undefined);
    expect(known.length).toBeGreaterThan(800);
    expect(known.filter((sign) => narrowColumns(sign) !== stringWidth(sign))).toEqual([]);
  });

  it('the fast width does not count colour sequences', () => {
    const painted = `\u001b[1mbold\u001b[22m and \u001b[38;5;12mcoloured\u001b[39m`;
    expect(narrowColumns(painted)).toBe('bold and coloured'.length);
    expect(narrowColumns(painted)).toBe(stringWidth(painted));
    expect(narrowColumns(chalk.red('x'))).toBe(1);
  });

  it('the fast width leaves joining and wide characters and cursor moves to string-width', () => {
    for (const text of ['日本', '👍', 'e\u0301', 'a\tb', '\u001b[2J', '\u001b]8;;x\u0007'])
      expect(narrowColumns(text)).toBeUndefined();
  });
});
