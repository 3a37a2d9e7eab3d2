/**
 * Accidents in a lab: folders closed, moved or replaced while servers run, and files in the way. They are reported,
 * and nothing is lost.
 */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { livePostmaster } from '../../src/lab/native/server/postmaster.ts';
import { cannotBeOthers, openUsers, type User, workshop } from '../lab/stranger/users.ts';
import { openCli } from './run.ts';

const trace = /\n\s+at |error of the workshop's own/;
const lookOrDo = [
  ['status'],
  ['check'],
  ['doctor'],
  ['up'],
  ['down'],
  ['goto', '4', '--yes'],
  ['solve', '--yes'],
  ['undo', '--yes'],
];
const deeds = ['up', 'down', 'goto', 'undo'];

describe('folders of a lab whose servers run', { timeout: 240_000 }, () => {
  if (cannotBeOthers)
    return it('folders of a lab are changed while its servers run', ({ skip }) => skip(String(cannotBeOthers)));
  const hurts: readonly (readonly [what: string, hurt: (lab: string) => void, heal: (lab: string) => void])[] = [
    ['rep/ shut', (lab) => chmodSync(join(lab, 'rep'), 0), (lab) => chmodSync(join(lab, 'rep'), 0o700)],
    [
      'a data directory shut',
      (lab) => chmodSync(join(lab, 'rep/master_data'), 0),
      (lab) => chmodSync(join(lab, 'rep/master_data'), 0o700),
    ],
    [
      'a file in the place of rep/',
      (lab) => {
        renameSync(join(lab, 'rep'), join(lab, 'aside'));
        writeFileSync(join(lab, 'rep'), '');
      },
      (lab) => {
        rmSync(join(lab, 'rep'));
        renameSync(join(lab, 'aside'), join(lab, 'rep'));
      },
    ],
  ];
  it.each(hurts)('with %s, each command says so, and ports, servers and files stay', async (_, hurt, heal) => {
    using world = openUsers([1]); // initdb needs a user with an entry
    const [me] = world.users as [User];
    const lab = join(me.home, 'lab');
    const say = (...args: readonly string[]) => workshop(me, lab, ...args);
    expect(await say('goto', '3', '--yes', '--engine', 'native')).toMatchObject({ status: 0 });
    const known = readFileSync(join(lab, 'lab.json'), 'utf8');
    const pid = livePostmaster(join(lab, 'rep/master_data'))?.pid;
    try {
      hurt(lab);
      for (const args of lookOrDo) {
        const { status, stdout, stderr } = await say(...args);
        const said = `${args[0]} (${status}): ${stdout}${stderr}`;
        expect(said).not.toMatch(trace);
        expect(said).not.toMatch(/:\d+ +not made yet|another program has its port/);
        if (deeds.includes(args[0] ?? '')) expect(status, said).toBe(3);
      }
    } finally {
      heal(lab);
    }
    expect(readFileSync(join(lab, 'lab.json'), 'utf8')).toBe(known);
    const data = join(lab, 'rep/master_data');
    const log = readFileSync(join(lab, 'logs/master.log'), 'utf8');
    expect(log).not.toMatch(/received \w+ shutdown request/);
    // A server that finds its own files shut for longer than the 15 s between two of its writes ends itself.
    if (livePostmaster(data)?.pid !== pid) {
      expect(log).toMatch(/PANIC: {2}could not open file ".*": (Permission denied|Not a directory)/);
      expect((await say('up')).status).toBe(0);
    }
    expect((await say('check', '2')).status).toBe(0);
    expect((await say('down')).status).toBe(0);
  });

  it('a lab that was moved with its servers running is reported with what to do', async () => {
    using world = openUsers([1]);
    const [me] = world.users as [User];
    const [lab, moved] = [join(me.home, 'lab'), join(me.home, 'moved')];
    await workshop(me, lab, 'goto', '3', '--yes', '--engine', 'native');
    renameSync(lab, moved);
    const say = (...args: readonly string[]) => workshop(me, moved, ...args);
    const { findings } = JSON.parse((await say('doctor', '--json')).stdout);
    expect(findings.find(({ about }: { about: string }) => about === 'lab')).toMatchObject({
      ok: false,
      fix: expect.stringContaining('repl-workshop down'),
    });
    expect(await say('up')).toMatchObject({ status: 1, stderr: expect.stringContaining('repl-workshop down') });
    await say('down');
    expect(await say('up')).toMatchObject({ status: 0 });
    await say('down');
  });

  it('a lab below a file or a closed folder is refused with a sentence', async () => {
    using world = openUsers([1]);
    const [me] = world.users as [User];
    mkdirSync(join(world.base, 'shut'), { mode: 0o700 });
    for (const lab of ['/dev/null/lab', join(world.base, 'shut/lab')])
      for (const args of [['status'], ['check'], ['up']]) {
        const said = await workshop(me, lab, ...args);
        expect(said.status).toBeGreaterThan(1);
        expect(said.stderr).toContain('another folder with --lab DIR');
        expect(said.stderr).not.toMatch(trace);
      }
  });
});

it('servers whose rep/ was moved away keep their ports', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const known = readFileSync(join(cli.dir, 'lab.json'), 'utf8');
  renameSync(join(cli.dir, 'rep'), join(cli.dir, 'aside'));
  await cli.run('up');
  rmSync(join(cli.dir, 'rep'), { recursive: true, force: true });
  renameSync(join(cli.dir, 'aside'), join(cli.dir, 'rep'));
  expect(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).toBe(known);
  expect(await cli.run('check', '2')).toMatchObject({ status: 0 });
});

it('check --junit overwrites no file of the learner', async () => {
  await using cli = openCli();
  await cli.run('--plain');
  const outer = mkdtempSync(join(tmpdir(), 'rw-own-'));
  const own = join(outer, 'notes.txt');
  const link = join(outer, 'link');
  writeFileSync(own, 'mine');
  symlinkSync(own, link);
  for (const path of [own, link, join(cli.dir, 'lab.json')]) {
    const before = readFileSync(path, 'utf8');
    expect(await cli.run('check', '--junit', path)).toMatchObject({
      status: 2,
      err: expect.stringContaining('is no JUnit file'),
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
  }
  const junit = join(outer, 'junit.xml');
  for (let times = 0; times < 2; times++) {
    expect((await cli.run('check', '--junit', junit)).status).toBe(1);
    expect(readFileSync(junit, 'utf8')).toContain('<testsuites>');
  }
  for (const output of ['-', '/dev/stdout'])
    expect((await cli.run('check', '--junit', output)).out).toMatch(/^<\?xml.*<\/testsuites>\s*$/s);
  expect(await cli.run('check', '--json', '--junit', '-')).toMatchObject({ status: 2, out: '' });
  for (const named of [
    ['check', '--junit'],
    ['report', '--html'],
  ])
    expect(await cli.run(...named, join(outer, 'nope', 'x'))).toMatchObject({
      status: 3,
      err: expect.stringContaining('Name a file in a folder that is there'),
    });
  rmSync(outer, { recursive: true });
});

it('doctor names an hba line and a socket that need no password', async () => {
  await using cli = openCli();
  await cli.run('goto', '3', '--yes');
  const otherUsers = async () =>
    JSON.parse((await cli.run('doctor', '--json')).out).findings.find(
      ({ about }: { about: string }) => about === 'other users',
    );
  expect(await otherUsers()).toMatchObject({ ok: true, says: 'No other user can reach it.' });
  const [conf, hba] = ['postgresql.conf', 'pg_hba.conf'].map((name) => join(cli.dir, 'rep/master_data', name));
  appendFileSync(conf ?? '', "unix_socket_directories = '/tmp'\nunix_socket_permissions = 0777\n");
  await cli.run('down');
  await cli.run('up');
  expect(await otherUsers()).toMatchObject({
    ok: false,
    says: expect.stringMatching(/into master through the socket in \/tmp.*superuser.*trust/),
    fix: expect.stringContaining(`unix_socket_directories = '${join(cli.dir, 'run')}'`),
  });
  appendFileSync(conf ?? '', `unix_socket_directories = '${join(cli.dir, 'run')}'\n`);
  writeFileSync(hba ?? '', `host all all 127.0.0.1/32 trust\n${readFileSync(hba ?? '', 'utf8')}`);
  await cli.run('down');
  await cli.run('up');
  expect(await otherUsers()).toMatchObject({
    ok: false,
    says: expect.stringMatching(/into master over 127\.0\.0\.1.*line 1 of rep\/master_data\/pg_hba\.conf/),
  });
});
