/**
 * An ordinary user reads, saves and deletes files of servers that belong to another user, with the owner and mode that
 * PostgreSQL needs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, lchownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as consumed } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DockerWish } from '../../src/lab/folder.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { dataInside } from '../../src/lab/plan/plan.ts';
import { isProblem } from '../../src/lab/problem.ts';
import { bundled } from './bundled.ts';
import { dockerLab, imageOf, whyNoImage } from './lab.ts';
import { docker, dockerMay, imageIn, planOf } from './learner.ts';
import type { Came, Deed } from './operations-program.ts';
import { type SocketProxy, socketProxy } from './socket-proxy.ts';

const learner = 1000;
const kinds: readonly (readonly [string, 15 | 18, Partial<DockerWish>, string])[] = [
  ["in a folder of the image's user", 18, {}, '999:999'],
  ['in a volume', 15, { storage: 'volume' }, '999:999'],
  ["in a folder of the learner's own", 18, { user: `${learner}:${learner}` }, `${learner}:${learner}`],
];
const canBeSomebody = process.getuid?.() === 0;

describe.each(kinds)('files %s, PostgreSQL %i', (_, major, wish, owner) => {
  if (!imageOf(major))
    return it('files in containers are used by an ordinary user', ({ skip }) => skip(whyNoImage(major)));
  if (!canBeSomebody)
    return it('files in containers are used by a user other than root', ({ skip }) =>
      skip('only root can act as another user'));
  let lab: Lab;
  let program: Awaited<ReturnType<typeof bundled>>;
  let proxy: SocketProxy;
  beforeAll(async () => {
    const engine = inject('docker');
    if ('why' in engine) throw new Error(engine.why);
    proxy = await socketProxy(engine.socketPath);
    program = await bundled('operations-program.ts');
    lab = await dockerLab(major, wish);
    giveTo(learner, lab.dir);
    await ok({ call: 'create', on: 'master' }, { call: 'start', on: 'master' });
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    program?.[Symbol.dispose]();
    await proxy?.[Symbol.asyncDispose]();
  });

  /** Resolves with the results of calls by an ordinary user who may use Docker. */
  const asLearner = async (...deeds: readonly Deed[]): Promise<readonly Came[]> => {
    const who = ['--reuid', String(learner), '--regid', String(learner), '--clear-groups'];
    const args = [process.execPath, program.file, `unix://${proxy.socketPath}`, lab.dir, JSON.stringify(lab.plan)];
    const child = spawn('setpriv', [...who, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify(deeds)); // a file may be longer than the limit of an argument
    const [stdout, [status]] = await Promise.all([consumed(child.stdout), once(child, 'close')]);
    if (status !== 0) throw new Error(`the program of deeds ended with status ${status}`);
    return JSON.parse(stdout);
  };
  const ok = async (...deeds: readonly Deed[]): Promise<readonly unknown[]> => {
    const came = await asLearner(...deeds);
    for (const { error } of came) if (error !== undefined) throw new Error(error);
    return came.map(({ value }) => value);
  };
  const inside = (path = '') => join(dataInside(major), path);
  /** Resolves with 'uid:gid mode', or with undefined for a missing file. */
  const ownerOf = async (path: string) => {
    const { container } = planOf(lab, 'master');
    const from = ['run', '--rm', '--volumes-from', container, imageIn(lab), 'stat', '-c', '%u:%g %a', inside(path)];
    const { status, stdout } = await dockerMay(...from);
    return status === 0 ? stdout.trim() : undefined;
  };
  const master = async () => {
    const [seen] = (await ok({ call: 'observe' })) as [Observation];
    const view = seen.servers.master;
    if (!view || isProblem(view.disk)) throw new Error(JSON.stringify(view?.disk));
    return { ...view, disk: view.disk };
  };
  const write = (path: string, text: string): Deed => ({ call: 'writeFile', on: 'master', args: [path, text] });
  const read = (path: string): Deed => ({ call: 'readFile', on: 'master', args: [path] });
  const remove = (path: string): Deed => ({ call: 'deleteFile', on: 'master', args: [path] });

  describe.each(['running', 'stopped'])('of a server that is %s', (state) => {
    beforeAll(async () => {
      await ok(state === 'stopped' ? { call: 'stop', on: 'master', args: ['fast'] } : { call: 'start', on: 'master' });
    });

    it(`a look shows the files of a ${state} server, ${_}`, async () => {
      const { disk, process } = await master();
      expect(process.state).toBe(state === 'running' ? 'up' : 'stopped');
      expect(disk).toMatchObject({ state: 'cluster', mode: '0700', ownedByServer: true, major, neverStarted: false });
      expect(disk.control?.systemIdentifier).toMatch(/^\d{10,}$/);
      expect(disk.conf.map((file) => 'settings' in file && file.path.split('/').at(-1))).toEqual([
        'postgresql.conf',
        'postgresql.auto.conf',
      ]);
      expect(disk.hba && 'rules' in disk.hba ? disk.hba.rules.length : 0).toBeGreaterThan(3);
    });

    it.each(['postgresql.conf', 'pg_hba.conf', 'postgresql.auto.conf'])(
      `a write keeps owner and mode of %s, of a ${state} server, ${_}`,
      async (path) => {
        const before = await ownerOf(path);
        const [text] = (await ok(read(path))) as [string];
        const [, after] = await ok(write(path, `${text}# ü\n`), read(path));
        expect(after).toBe(`${text}# ü\n`);
        expect(await ownerOf(path)).toBe(before);
        expect(before).toBe(`${owner} 600`);
        await ok(write(path, text));
      },
    );

    it(`a write keeps a mode that the user has set, of a ${state} server, ${_}`, async () => {
      await docker(
        'run',
        '--rm',
        '--volumes-from',
        planOf(lab, 'master').container,
        imageIn(lab),
        'chmod',
        '640',
        inside('pg_ident.conf'),
      );
      await ok(write('pg_ident.conf', '# mine\n'));
      expect(await ownerOf('pg_ident.conf')).toBe(`${owner} 640`);
    });

    it(`a new file belongs to the server and can be deleted, of a ${state} server, ${_}`, async () => {
      expect(await ok(read('standby.signal.txt'))).toEqual([undefined]);
      await ok(write('standby.signal.txt', ''));
      expect(await ownerOf('standby.signal.txt')).toBe(`${owner} 600`);
      expect((await master()).disk.signals).toEqual(['standby.signal.txt']);
      expect(await ok(remove('standby.signal.txt'), remove('standby.signal.txt'))).toEqual([undefined, undefined]);
      expect((await master()).disk.signals).toEqual([]);
      expect(await ownerOf('standby.signal.txt')).toBeUndefined();
    });

    it(`included configuration is read in order, of a ${state} server, ${_}`, async () => {
      const [before] = (await ok(read('postgresql.conf'))) as [string];
      const container = planOf(lab, 'master').container;
      const mkdir = `mkdir -p ${inside('conf.d')} && chown ${owner} ${inside('conf.d')} && chmod 700 ${inside('conf.d')}`;
      await docker('run', '--rm', '--volumes-from', container, imageIn(lab), 'sh', '-c', mkdir);
      await ok(
        write('conf.d/b.conf', "application_name = 'b'\n"),
        write('conf.d/a.conf', "application_name = 'a'\nwork_mem = '5MB'\n"),
        write('conf.d/.hidden.conf', "application_name = 'no'\n"),
        write('more.conf', "include 'conf.d/a.conf'\n"),
        write('postgresql.conf', `${before}\ninclude 'more.conf'\ninclude_dir 'conf.d'\n`),
      );
      expect(await ownerOf('conf.d/a.conf')).toBe(`${owner} 600`);
      if (state === 'running') await ok({ call: 'reload', on: 'master' });
      const names = (await master()).disk.conf.map((file) => file.path.slice(file.path.indexOf('docker/') + 7));
      const inOrder = [
        'postgresql.conf',
        'more.conf',
        'conf.d/a.conf',
        'conf.d/a.conf',
        'conf.d/b.conf',
        'postgresql.auto.conf',
      ];
      if (major >= 18) expect(names).toEqual(inOrder);
      else expect(names.map((name) => name.split('/').at(-1))).toEqual(inOrder.map((name) => name.split('/').at(-1)));
      const files = ['conf.d/a.conf', 'conf.d/b.conf', 'conf.d/.hidden.conf', 'more.conf'].map(remove);
      await ok(write('postgresql.conf', before), ...files);
    });

    it.skipIf(major < 16)(
      `rules that pg_hba.conf includes are read, of a ${state} server, ${_} (since PostgreSQL 16)`,
      async () => {
        const [before] = (await ok(read('pg_hba.conf'))) as [string];
        await ok(
          write('more.conf', 'host replication slave samenet scram-sha-256\n'),
          write('pg_hba.conf', `${before}\ninclude more.conf\ninclude /etc/hostname\n`),
        );
        const { hba } = (await master()).disk;
        expect(hba && 'rules' in hba && hba.rules.at(-1)).toMatchObject({
          users: [{ word: 'slave' }],
          file: expect.stringMatching(/master_data.*\/more\.conf$/),
        });
        await ok(write('pg_hba.conf', before), remove('more.conf'));
      },
    );

    it(`an editor changes files of a ${state} server, ${_}`, async () => {
      const [before] = (await ok(read('pg_hba.conf'))) as [string];
      const changed = `${before}# edited\n`;
      const shown = (await master()).disk.hba?.path ?? '';
      const [, after] = (await ok({ edit: shown, on: 'master', saves: changed }, read('pg_hba.conf'))) as string[];
      expect(after).toBe(changed);
      expect(await ownerOf('pg_hba.conf')).toBe(`${owner} 600`);
      const [edited, kept] = (await ok({ edit: 'pg_hba.conf', on: 'master', saves: null }, read('pg_hba.conf'))) as [
        { sees: string; path: string },
        string,
      ];
      expect([edited.sees, kept]).toEqual([changed, changed]);
      expect(statSync(edited.path, { throwIfNoEntry: false }) === undefined).toBe(!edited.path.startsWith(lab.dir));
      await ok(write('pg_hba.conf', before), remove('pg_hba.conf~'));
    });

    it(`a large file is read whole, of a ${state} server, ${_}`, async () => {
      const text = `${'# a comment as long as comments are\n'.repeat(100_000)}`;
      const [, after] = (await ok(write('big.conf', text), read('big.conf'), remove('big.conf'))) as string[];
      expect(after === text).toBe(true);
    });
  });

  it(`a file that is written while the server starts is the old or the new one, ${_}`, async () => {
    const [before] = (await ok(read('postgresql.conf'))) as [string];
    for (let round = 0; round < 3; round++) {
      await ok({ call: 'stop', on: 'master', args: ['immediate'] });
      const text = `${'# filler\n'.repeat(20_000)}${before}\nwork_mem = '${round + 7}MB'\n`;
      const [started] = await Promise.all([
        docker('start', planOf(lab, 'master').container),
        ok(write('postgresql.conf', text)),
      ]);
      expect(started).toBe(planOf(lab, 'master').container);
      await ok({ call: 'start', on: 'master' });
      const { disk, process } = await master();
      expect(process.state).toBe('up');
      const last = disk.conf[0] && 'settings' in disk.conf[0] ? disk.conf[0].settings.at(-1) : undefined;
      expect(last).toMatchObject({ name: 'work_mem', value: `${round + 7}MB` });
      expect(await ownerOf('postgresql.conf')).toBe(`${owner} 600`);
    }
    await ok(write('postgresql.conf', before));
  });

  it(`files are copied, put aside and restored by a user without rights to them, ${_}`, async () => {
    const sql = (text: string): Deed => ({ call: 'sql', on: 'master', args: [text] });
    const [, path] = (await ok(sql('CREATE TABLE kept ()'), { call: 'snapshot', args: ['kept'] })) as string[];
    await ok(sql('DROP TABLE kept'), { call: 'restore', args: [path] }, sql('SELECT FROM kept'));
    expect(await ownerOf('postgresql.conf')).toBe(`${owner} 600`);
    await ok(
      { call: 'stop', on: 'master', args: ['fast'] },
      { call: 'putAside', args: ['backups/goto', 'goto', ['master']] },
      { call: 'create', on: 'master' },
      { call: 'start', on: 'master' },
    );
    expect((await asLearner(sql('SELECT FROM kept')))[0]?.error).toContain('does not exist');
    await ok({ call: 'bringBack', args: ['backups/goto'] }, sql('SELECT FROM kept'));
    await ok({ call: 'stop', on: 'master', args: ['fast'] }, { call: 'putAside', on: 'master' });
    const { disk, process } = await master();
    expect([disk.state, disk.leftBeside.length, process.state]).toEqual([
      expect.stringMatching(/absent|empty/),
      1,
      'absent',
    ]);
    await ok({ call: 'remove', on: 'master' });
    expect((await master()).process.state).toBe('absent');
  });
});

/** Gives a folder and its files to a user. */
function giveTo(uid: number, folder: string): void {
  chownSync(folder, uid, uid);
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(folder, name), uid, uid);
}
