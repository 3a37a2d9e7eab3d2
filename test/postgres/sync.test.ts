import { describe, expect, test } from 'vitest';
import {
  type CommitLevel,
  type ConnectedStandby,
  commitNow,
  commitWait,
  evaluateSync,
  type SyncView,
} from '../../src/postgres/sync/sync.ts';

const streaming = (...names: readonly string[]): ConnectedStandby[] =>
  names.map((applicationName) => ({ applicationName, state: 'streaming' }));

function view(names: string, standbys: readonly ConnectedStandby[]): SyncView<ConnectedStandby> {
  const found = evaluateSync(names, standbys);
  if ('message' in found) throw new Error(found.message);
  return found;
}
const shown = (names: string, standbys: readonly ConnectedStandby[]) =>
  view(names, standbys).rows.map(({ syncState, priority }) => `${syncState} ${priority}`);

// Recorded sync_state and sync_priority of pg_stat_replication, PostgreSQL 13 to 18.
test.each([
  ['', ['async 0', 'async 0', 'async 0']],
  ['FIRST 1 (s1, s2, s3)', ['sync 1', 'potential 2', 'potential 3']],
  ['FIRST 2 (s1, s2, s3)', ['sync 1', 'sync 2', 'potential 3']],
  ['FIRST 2 (s3, s1)', ['sync 2', 'async 0', 'sync 1']],
  ['ANY 1 (s1, s2)', ['quorum 1', 'quorum 1', 'async 0']],
  ['ANY 2 (s1, s2, s3)', ['quorum 1', 'quorum 1', 'quorum 1']],
  ['any 1 (*)', ['quorum 1', 'quorum 1', 'quorum 1']],
  ['*', ['sync 1', 'potential 1', 'potential 1']],
  ['s2, s1', ['potential 2', 'sync 1', 'async 0']],
  ['2 (s1, s2, s3)', ['sync 1', 'sync 2', 'potential 3']],
  ['FIRST 1 (S2)', ['async 0', 'sync 1', 'async 0']],
  ['"*"', ['sync 1', 'potential 1', 'potential 1']],
  ['ANY 1 (s9)', ['async 0', 'async 0', 'async 0']],
])('the sync states of s1, s2 and s3 are foreseen for %s', (names, expected) => {
  expect(shown(names, streaming('s1', 's2', 's3'))).toEqual(expected);
});

describe('standbys that are synchronous', () => {
  test('of two standbys with one name, the one in the earlier slot is synchronous', () => {
    expect(shown('FIRST 1 (s1)', streaming('s1', 's1'))).toEqual(['sync 1', 'potential 1']);
    expect(shown('FIRST 2 (s1)', streaming('s1', 's1'))).toEqual(['sync 1', 'sync 1']);
    expect(shown('ANY 2 (s1)', streaming('s1', 's1'))).toEqual(['quorum 1', 'quorum 1']);
  });

  test('a standby that is catching up is not synchronous, also with ANY', () => {
    const crowd = [
      { applicationName: 's1', state: 'catchup' },
      { applicationName: 's2', state: 'streaming' },
    ];
    expect(shown('FIRST 1 (s1, s2)', crowd)).toEqual(['potential 1', 'sync 2']);
    expect(shown('ANY 1 (s1, s2)', crowd)).toEqual(['potential 1', 'quorum 1']);
  });

  test('a client that has never confirmed a flush is not synchronous, as pg_receivewal', () => {
    const receiving = { applicationName: 'pg_receivewal', state: 'streaming', write: '0/3000060', flush: null };
    expect(shown('*', [receiving, ...streaming('s1')])).toEqual(['async 0', 'sync 1']);
  });

  test("evaluateSync gives PostgreSQL's message for names that it refuses", () => {
    expect(evaluateSync('first 1 s1', [])).toEqual({ message: 'syntax error at or near "s1"', near: 's1' });
  });
});

describe('a commit', () => {
  const wait = (names: string, level: CommitLevel, ...who: readonly string[]) =>
    commitWait(view(names, streaming(...who)), level);
  const named = (...names: readonly string[]) => streaming(...names);

  test('a commit asks no standby at off and local, or without names', () => {
    expect(wait('s1', 'off')).toEqual({ kind: 'asks nobody', because: 'level' });
    expect(wait('s1', 'local')).toEqual({ kind: 'asks nobody', because: 'level' });
    expect(wait('', 'on', 's1')).toEqual({ kind: 'asks nobody', because: 'names' });
  });

  test.each([
    ['remote_write', 'write'],
    ['on', 'flush'],
    ['remote_apply', 'replay'],
  ] as const)('a commit at %s asks for the position %s', (level, position) => {
    expect(wait('s1', level, 's1')).toEqual({ kind: 'asks', position, count: 1, of: named('s1') });
  });

  test('a commit asks as many standbys as wanted, those that come first', () => {
    expect(wait('FIRST 2 (s3, s2, s1)', 'on', 's1', 's2', 's3')).toMatchObject({ count: 2, of: named('s3', 's2') });
    expect(wait('ANY 2 (s3, s2, s1)', 'on', 's1', 's2', 's3')).toMatchObject({ count: 2, of: named('s1', 's2', 's3') });
  });

  test('a commit is stuck where too few standbys are connected, though the view says sync', () => {
    expect(shown('FIRST 2 (s1, s2)', streaming('s1'))).toEqual(['sync 1']);
    expect(wait('FIRST 2 (s1, s2)', 'on', 's1')).toMatchObject({ kind: 'stuck', missing: 1, of: named('s1') });
    expect(wait('s1', 'on', 'replica1')).toMatchObject({ kind: 'stuck', missing: 1, of: [] });
    expect(wait('1', 'on', 's1')).toMatchObject({ kind: 'stuck', missing: 1 });
    expect(wait('ANY 3 (*)', 'remote_write', 's1')).toMatchObject({ kind: 'stuck', missing: 2 });
  });

  test('a commit waits for the standbys that have not confirmed its end at the wanted position', () => {
    const at = (applicationName: string, write: string, flush: string, replay: string) => ({
      applicationName,
      state: 'streaming',
      write,
      flush,
      replay,
    });
    const s1 = at('s1', '0/5000', '0/5000', '0/4000');
    const s2 = at('s2', '0/5000', '0/4FFF', '0/4000');
    const now = (names: string, level: CommitLevel) => commitNow(commitWait(view(names, [s1, s2]), level), '0/5000');
    expect(now('FIRST 2 (s1, s2)', 'remote_write')).toEqual({ kind: 'returns' });
    expect(now('FIRST 2 (s1, s2)', 'on')).toEqual({ kind: 'waits', forAnyOf: [s2], count: 1, missing: 0 });
    expect(now('ANY 1 (s1, s2)', 'on')).toEqual({ kind: 'returns' });
    expect(now('ANY 1 (s1, s2)', 'remote_apply')).toEqual({ kind: 'waits', forAnyOf: [s1, s2], count: 1, missing: 0 });
    expect(now('FIRST 3 (*)', 'on')).toEqual({ kind: 'waits', forAnyOf: [s2], count: 1, missing: 1 });
    expect(now('', 'remote_apply')).toEqual({ kind: 'returns' });
  });
});
