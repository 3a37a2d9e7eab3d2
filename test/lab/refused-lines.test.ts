/** A line that a server would refuse is told when it is saved; a right value that waits for a restart is not. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyJournal } from '../../src/check/journal.ts';
import { replicationRole } from '../../src/check/role.ts';
import { refusedLines } from '../../src/check/steps/refused-lines.ts';
import { until } from '../../src/lab/machine/until.ts';
import { installedBinaries } from '../../src/lab/native/binaries.ts';
import { temporaryLab } from '../proof/lab.ts';

const installed = (await installedBinaries()).map(({ major }) => major).filter((major) => major >= 13);

describe.each([...new Set([18, ...installed])])('PostgreSQL %i', (major) => {
  it(`a running server of ${major} names each saved line that it would refuse, and no other`, async () => {
    await using lab = await temporaryLab({ major });
    const master = lab.server('master');
    await master.create();
    await master.start();
    const folder = join(lab.dir, 'rep/master_data');
    const [conf, auto, hba] = ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf'].map((name) =>
      join(folder, name),
    );
    if (!conf || !auto || !hba) throw new Error('no files');
    const before = new Map([conf, auto, hba].map((file) => [file, readFileSync(file, 'utf8')]));
    const told = async () => {
      const { master: view } = (await lab.observe()).servers;
      return view ? refusedLines(view).map(({ what }) => what) : ['no master'];
    };
    const saved = async (file: string, line: string): Promise<readonly string[]> => {
      for (const [path, text] of before) writeFileSync(path, text);
      appendFileSync(file, `${line}\n`);
      return told();
    };
    const lastLine = before.get(conf)?.split('\n').length ?? 0;
    expect(await told()).toEqual([]);

    for (const line of ['shared_bufers = 1', 'standby_mode = on'])
      expect(await saved(conf, line)).toEqual([
        `line ${lastLine} of rep/master_data/postgresql.conf: PostgreSQL has no setting "${line.split(' ')[0]}"`,
      ]);
    for (const line of [
      "work_mem = '32 mb'",
      'port = 99999',
      'max_connections = 0',
      'wal_level = everything',
      'fsync = perhaps',
    ])
      expect(await saved(conf, line)).toEqual([
        `line ${lastLine} of rep/master_data/postgresql.conf: ${line}: the server cannot use this value`,
      ]);
    expect(await saved(conf, 'work_mem = 4MB x')).toEqual([
      expect.stringMatching(
        new RegExp(`^line ${lastLine} of rep/master_data/postgresql.conf is not understood, near "x"`),
      ),
    ]);
    expect(await saved(conf, "include 'nothing.conf'")).toEqual([expect.stringContaining('nothing.conf')]);
    expect(await saved(auto, 'garbage here')).toEqual([
      expect.stringContaining('rep/master_data/postgresql.auto.conf'),
    ]);
    expect(await saved(hba, 'host replication slave 127.0.0.1/32 scram')).toEqual([
      expect.stringMatching(/^line \d+ of rep\/master_data\/pg_hba\.conf: /),
    ]);
    mkdirSync(join(folder, 'conf.d'));
    writeFileSync(join(folder, 'conf.d/own.conf'), '\nfoo = 1\n');
    expect(await saved(conf, "include_dir 'conf.d'")).toEqual([
      'line 2 of rep/master_data/conf.d/own.conf: PostgreSQL has no setting "foo"',
    ]);

    // Right values, one of which waits for a restart; and a wrong one after that has waited.
    expect(await saved(conf, 'work_mem = 8MB')).toEqual([]);
    expect(await saved(conf, 'max_connections = 77')).toEqual([]);
    await master.reload();
    expect(await told()).toEqual([]);
    expect(await saved(conf, 'max_connections = -5')).toEqual([expect.stringContaining('max_connections = -5')]);

    // The verdict of whatever task is open has it, with the steps that mend it first; the log gives the reason.
    await saved(conf, "work_mem = '32 mb'");
    await master.reload();
    const isLogged = () => readFileSync(join(lab.dir, 'logs/master.log'), 'utf8').includes('for parameter "work_mem"');
    expect(await until(isLogged, { deadlineMs: 10_000 })).toBe(true);
    const verdict = replicationRole('master', 'slave')({ now: await lab.observe(), journal: emptyJournal });
    expect(verdict).toMatchObject({
      cause: 'role-missing',
      also: [expect.stringContaining(`work_mem = '32 mb': invalid value for parameter "work_mem": "32 mb"`)],
      next: [
        { do: 'edit', file: 'rep/master_data/postgresql.conf', line: lastLine, text: "#work_mem = '32 mb'" },
        { do: 'reload', on: 'master' },
        { do: 'sql' },
      ],
    });
    for (const [path, text] of before) writeFileSync(path, text);
    await master.stop('fast');
  });
});
