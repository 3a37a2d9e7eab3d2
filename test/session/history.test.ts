import { describe, expect, it } from 'vitest';
import { type History, lagsOfServer, withSample } from '../../src/session/view/history.ts';
import { linksOf } from '../../src/session/view/links.ts';
import { down, paused, replicas, sender, server, sql, stopped } from './replicas.ts';

const ends = (now: Parameters<typeof linksOf>[0]) =>
  linksOf(now).map(({ from, to, sender, receiver }) => [from, to, sender !== null, receiver !== null]);

describe('who sends to whom', () => {
  it('is what both ends tell, through a cascade', () => {
    expect(ends(replicas({ slave: 'master', slave2: 'slave' }))).toEqual([
      ['master', 'slave', true, true],
      ['slave', 'slave2', true, true],
    ]);
  });

  it('keeps a standby that is stopped with the one whom its files name', () => {
    expect(ends(replicas({ slave: 'master' }, stopped('master', 'slave')))).toEqual([
      ['master', 'slave', false, false],
    ]);
  });

  it('finds the sender by its name, or because there is no other', () => {
    const unnamed = replicas({ slave: 'master' }, sender('master', 'slave', { applicationName: 'walreceiver' }));
    expect(ends(unnamed)).toEqual([['master', 'slave', true, true]]);
    const two = replicas({ slave: 'master', slave2: 'master' });
    expect(linksOf(two).map(({ to, sender }) => [to, sender?.applicationName])).toEqual([
      ['slave', 'slave'],
      ['slave2', 'slave2'],
    ]);
  });

  it('shows who copies from a server, and is none of the lab', () => {
    const [, copying] = linksOf(
      replicas(
        { slave: 'master' },
        (now) => {
          const { master } = replicas({ slave: 'master', backup: 'master' }).servers;
          return server('master', { sql: master?.sql ?? { what: '', fix: '' } })(now);
        },
        sender('master', 'backup', { applicationName: 'pg_basebackup', state: 'backup' }),
      ),
    );
    expect(copying).toMatchObject({ from: 'master', to: null, sender: { applicationName: 'pg_basebackup' } });
  });

  it('keeps to a standby that cannot be asked, while it is sent to', () => {
    const files = replicas({ slave: 'master' }, stopped('master', 'slave')).servers.slave?.disk;
    if (!files) throw new Error('no files of slave');
    const hung = replicas({ slave: 'master' }, down('slave', 'hung'), server('slave', { disk: files }));
    expect(ends(hung)).toEqual([['master', 'slave', true, false]]);
  });

  it('is not misled by a relay between two servers of one cluster', () => {
    const through = replicas({ slave: '5999' }, (now) => {
      const { master } = replicas({ slave: 'master' }).servers;
      return server('master', { sql: master?.sql ?? { what: '', fix: '' } })(now);
    });
    expect(ends(through)).toEqual([['master', 'slave', true, true]]);
  });

  it('does not know a stranger, and tells a server that follows itself', () => {
    expect(ends(replicas({ slave: '5999' }))).toEqual([[null, 'slave', false, true]]);
    expect(ends(replicas({ slave: 'slave' }))).toEqual([['slave', 'slave', true, true]]);
  });
});

describe('the history of lags', () => {
  const behind = (replay: string, replayLag: number | null) =>
    replicas({ slave: 'master' }, sender('master', 'slave', { replay, replayLag }));
  const over = (...looks: readonly ReturnType<typeof replicas>[]): History => looks.reduce(withSample, []);

  it('has the lag of each standby until replayed, in bytes and in time', () => {
    expect(lagsOfServer(over(behind('0/5000148', null), behind('0/5000048', 2.5)), 'slave')).toEqual([
      { bytes: 0, ms: null },
      { bytes: 256, ms: 2.5 },
    ]);
  });

  it('leaves no sample of a look at which nothing moved, and stays the same then', () => {
    const history = over(behind('0/5000048', 1));
    expect(withSample(history, { ...behind('0/5000048', 1), at: '2026-11-23T14:02:31.000Z' })).toBe(history);
    expect(withSample([], replicas({}))).toEqual([]);
  });

  it('has a gap where nobody is sent to', () => {
    const gone = replicas({ slave: 'master' }, stopped('master', 'slave'));
    expect(lagsOfServer(over(behind('0/5000148', null), gone), 'slave')).toEqual([{ bytes: 0, ms: null }, null]);
  });

  it('measures a cascade from what its upstream has, and is never less than nothing', () => {
    const now = replicas(
      { slave: 'master', slave2: 'slave' },
      paused('slave', '0/5000000'),
      sender('slave', 'slave2', { replay: '0/5000048' }),
      sql('master', { position: { role: 'primary', current: '0/5000000' } }),
    );
    const history = withSample([], now);
    expect(lagsOfServer(history, 'slave2')).toEqual([{ bytes: 256, ms: null }]);
    expect(lagsOfServer(history, 'slave')).toEqual([{ bytes: 0, ms: null }]);
  });

  it('keeps the last sixty', () => {
    const looks = Array.from({ length: 80 }, (_, at) => behind('0/5000048', at));
    expect(lagsOfServer(over(...looks), 'slave').map((lag) => lag?.ms)).toEqual(
      looks.slice(20).map((_, at) => at + 20),
    );
  });
});
