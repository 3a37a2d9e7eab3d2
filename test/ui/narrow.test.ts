import chalk from 'chalk';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { inOneRow } from '../../src/cli/progress.ts';
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

  it('a line of progress is cut where the row of the terminal ends', () => {
    for (const line of [
      '━━──  pg_ctl -D 日本語の実験室/rep/master_data start',
      '👍'.repeat(20),
      'plain '.repeat(9),
      'short',
    ])
      for (const width of [2, 9, 10, 11, 30]) {
        const shown = inOneRow(line, width);
        expect(stringWidth(shown), `${width}: ${shown}`).toBeLessThan(width);
        expect(line.startsWith(shown.replace(/…$/, '').trimEnd())).toBe(true);
        expect(shown).not.toMatch(/\p{Surrogate}/u); // no half of a character
      }
    expect(inOneRow('plain '.repeat(9), 10)).toBe('plain pl…');
  });
});
