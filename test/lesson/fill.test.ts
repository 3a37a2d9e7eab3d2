import { describe, expect, it } from 'vitest';
import { fill, visible } from '../../src/lesson/fill.ts';
import type { Only } from '../../src/lesson/words.ts';
import { plan } from './plan.ts';

describe('fill', () => {
  it('puts the values of the lab into the words', () => {
    const text =
      '{{master.port}} {{slave.data}} {{slave.log}} {{master.password}} {{slave.database}} {{host}} {{user}} {{password}} {{application}} {{major}} {{relay}}';
    expect(fill(text, plan)).toBe(
      '5432 rep/slave_data logs/slave.log master_pass slave 127.0.0.1 slave slave_pass slave1 18 5439',
    );
  });

  it('leaves other braces alone', () => {
    expect(fill('{a} $b {} {{ host }}', plan)).toBe('{a} $b {} 127.0.0.1');
  });

  it.each(['{{port}}', '{{master.pid}}', '{{master.port.x}}', '{{}}', '{{constructor}}'])(
    '%s is unknown, and said by name',
    (text) => {
      expect(() => fill(text, plan)).toThrow(`no value for ${text}: known are {{host}}`);
    },
  );

  it('an unknown server is named', () => {
    expect(() => fill('{{slav.port}}', plan)).toThrow('no server "slav"');
  });
});

describe('visible', () => {
  const reader = { engine: 'native', major: 15, root: false } as const;
  it.each<[boolean, Only | undefined]>([
    [true, undefined],
    [true, { engine: 'native' }],
    [false, { engine: 'docker' }],
    [true, { pg: [15, null] }],
    [false, { pg: [16, null] }],
    [true, { pg: [null, 15] }],
    [false, { pg: [null, 14] }],
    [true, { root: false }],
    [false, { root: true }],
    [false, { engine: 'native', pg: [13, 18], root: true }],
  ])('%s for %j', (expected, only) => {
    expect(visible(only, reader)).toBe(expected);
  });
});
