import { describe, expect, it } from 'vitest';
import { lineNear } from '../../src/postgres/conf/line-near.ts';

describe('the line that an editor opens at', () => {
  const sample = '# a comment\n#port = 5432\nshared_buffers = 128MB\n#wal_level = replica\n';
  it('lineNear is the last line that sets the same name', () => {
    expect(lineNear(`${sample}port = 5437\nPort 5433\nwork_mem = 4MB\n`, 'port = 5434')).toBe(6);
  });
  it('lineNear is else the line that sets it in a comment', () => {
    expect(lineNear(sample, 'port = 5437')).toBe(2);
  });
  it('lineNear is else the end of the file, where a new line goes', () => {
    expect(lineNear(sample, "primary_conninfo = 'host=127.0.0.1'")).toBe(4);
    expect(lineNear('local all all peer\nhost all all ::1/128 md5\n', 'host replication slave samenet md5')).toBe(2);
    expect(lineNear('', 'port = 1')).toBe(1);
  });
});
