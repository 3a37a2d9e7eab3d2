import { describe, expect, it } from 'vitest';
import { highlighter } from '../../src/lesson/format/highlight.ts';

const highlight = highlighter();
const shown = (lang: string, text: string): readonly string[] =>
  highlight(text, lang).map((line) =>
    line.map((span) => (span.style ? `[${span.style} ${span.text}]` : span.text)).join(''),
  );

describe('the colours of code', () => {
  it('shell code has commands, options, variables and strings highlighted', () => {
    expect(
      shown(
        'bash',
        'PGPASSWORD=x psql -h {{host}} -c "SELECT 1" | grep a  # why\ndocker run --rm \\\n  -e A_B=c image sh',
      ),
    ).toEqual([
      '[name PGPASSWORD]=x [keyword psql] [name -h] {{host}} [name -c] [string "SELECT 1"] | [keyword grep] a  [comment # why]',
      '[keyword docker] run [name --rm] \\',
      '  [name -e] [name A_B]=c image sh',
    ]);
  });

  it('SQL code has keywords, strings and comments of PostgreSQL highlighted', () => {
    expect(shown('sql', "INSERT INTO visits (at) VALUES ('now'); -- and so on")).toEqual([
      "[keyword INSERT] [keyword INTO] visits (at) [keyword VALUES] ([string 'now']); [comment -- and so on]",
    ]);
  });

  it('conf code has names, values and comments highlighted', () => {
    expect(shown('conf', "port = {{slave.port}}\nsynchronous_standby_names = 'first 1 (a)'  # who")).toEqual([
      '[name port] = {{slave.port}}',
      "[name synchronous_standby_names] = [string 'first 1 (a)']  [comment # who]",
    ]);
  });

  it('hba code has its columns highlighted', () => {
    expect(shown('hba', '# door\nhost    replication    {{user}}    127.0.0.1/32    scram-sha-256')).toEqual([
      '[comment # door]',
      '[keyword host]    [name replication]    {{user}}    [number 127.0.0.1/32]    [keyword scram-sha-256]',
    ]);
  });

  it('log code has level, position and names highlighted', () => {
    expect(shown('log', '2026-11-23 01:18:22.382 UTC [31] LOG:  redo of "x" starts at 0/3000000')).toEqual([
      '[comment 2026-11-23 01:18:22.382 UTC [31]] [keyword LOG:]  redo of [string "x"] starts at [number 0/3000000]',
    ]);
  });
});
