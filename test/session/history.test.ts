import { describe, expect, it } from 'vitest';
import { type History, lagsOfServer, withSample } from '../../src/session/view/history.ts';
import { linksOf } from '../../src/session/view/links.ts';
import { down, paused, replicas, sender, server, sql, stopped } from './replicas.ts';

const ends = (now: Parameters<typeof linksOf>[0]) =>
  linksOf(now).map(({ from, to, sender, receiver }) => [from, to, sender !== null, receiver !== null]);

describe('links between servers', () => {
  it('a link between servers is what both ends report, also in a cascade', () => {
    expect(ends(replicas({ slave: 'master', slave2: 'slave' }))).toEqual([
      ['master', 'slave', true, true],
      ['slave', 'slave2', true, true],
    ]);
  });

  it('a stopped standby stays linked to the sender that its files name', () => {
    expect(ends(replicas({ slave: 'master' }, stopped('master', 'slave')))).toEqual([
      ['master', 'slave', false, false],
    ]);
  });

  it('a sender is found by its name, or because it is the only one', () => {
    const unnamed = replicas({ slave: 'master' }, sender('master', 'slave', { applicationName: 'walreceiver' }));
    expect(ends(unnamed)).toEqual([['master', 'slave', true, true]]);
    const two = replicas({ slave: 'master', slave2: 'master' });
    expect(linksOf(two).map(({ to, sender }) => [to, sender?.applicationName])).toEqual([
      ['slave', 'slave'],
      ['slave2', 'slave2'],
    ]);
  });

  it('a client outside the lab that copies from a server is shown', () => {
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

  it('a standby that cannot be asked stays linked while its upstream sends to it', () => {
    const files = replicas({ slave: 'master' }, stopped('master', 'slave')).servers.slave?.disk;
    if (!files) throw new Error('no files of slave');
    const hung = replicas({ slave: 'master' }, down('slave', 'hung'), server('slave', { disk: files }));
    expect(ends(hung)).toEqual([['master', 'slave', true, false]]);
  });

  it('a relay between two servers of one cluster does not break the link', () => {
    const through = replicas({ slave: '5999' }, (now) => {
      const { master } = replicas({ slave: 'master' }).servers;
      return server('master', { sql: master?.sql ?? { what: '', fix: '' } })(now);
    });
    expect(ends(through)).toEqual([['master', 'slave', true, true]]);
  });

  it('an unknown upstream has no name, and a server that follows itself is linked to itself', () => {
    expect(ends(replicas({ slave: '5999' }))).toEqual([[null, 'slave', false, true]]);
    expect(ends(replicas({ slave: 'slave' }))).toEqual([['slave', 'slave', true, true]]);
  });
});

describe('the history of lags', () => {
  const behind = (replay: string, replayLag: number | null) =>
    replicas({ slave: 'master' }, sender('master', 'slave', { replay, replayLag }));
  const over = (...looks: readonly ReturnType<typeof replicas>[]): History => looks.reduce(withSample, []);

  it('the history has the lag of each standby until replay, in bytes and in milliseconds', () => {
    expect(lagsOfServer(over(behind('0/5000148', null), behind('0/5000048', 2.5)), 'slave')).toEqual([
      { bytes: 0, ms: null },
      { bytes: 256, ms: 2.5 },
    ]);
  });

  it('a look in which nothing moved adds no sample to the history', () => {
    const history = over(behind('0/5000048', 1));
    expect(withSample(history, { ...behind('0/5000048', 1), at: '2026-11-23T14:02:31.000Z' })).toBe(history);
    expect(withSample([], replicas({}))).toEqual([]);
  });

  it('the history of lags has a gap where a standby receives nothing', () => {
    const gone = replicas({ slave: 'master' }, stopped('master', 'slave'));
    expect(lagsOfServer(over(behind('0/5000148', null), gone), 'slave')).toEqual([{ bytes: 0, ms: null }, null]);
  });

  it('the lag in a cascade is measured from what its upstream has, and is never negative', () => {
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

  it('the history of lags keeps the last sixty samples', () => {
    const looks = Array.from({ length: 80 }, (_, at) => behind('0/5000048', at));
    expect(lagsOfServer(over(...looks), 'slave').map((lag) => lag?.ms)).toEqual(
      looks.slice(20).map((_, at) => at + 20),
    );
  });
});
