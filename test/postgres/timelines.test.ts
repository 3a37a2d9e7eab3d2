import { describe, expect, it } from 'vitest';
import { historyFile, parseHistory } from '../../src/postgres/timelines.ts';

describe('a history file', () => {
  it('a timeline history file is named by its number in hexadecimal', () => {
    expect(historyFile(2)).toBe('00000002.history');
    expect(historyFile(26)).toBe('0000001A.history');
  });

  it('a timeline history says which timeline came from which, and where', () => {
    const text = '1\t0/5000148\tno recovery target specified\n\n2\t0/6000060\tat restore point "before"\n';
    expect(parseHistory(text, 4)).toEqual([
      { timeline: 2, from: 1, at: '0/5000148', why: 'no recovery target specified' },
      { timeline: 4, from: 2, at: '0/6000060', why: 'at restore point "before"' },
    ]);
  });

  it('a timeline history may have comments, or be empty', () => {
    expect(parseHistory('# a comment\n', 2)).toEqual([]);
    expect(parseHistory('', 2)).toEqual([]);
  });
});
