/**
 * Links in the learner's own lab, and foreign files in the place of files of the workshop. The target of a link is
 * never written, moved, removed or signalled, except a folder of the learner's that they have confirmed as the lab's.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shellSpec } from '../../src/cli/commands/lab/shell.ts';
import { until } from '../../src/lab/machine/until.ts';
import { isServerOf, livePostmaster } from '../../src/lab/native/server/postmaster.ts';
import { forShareOf } from '../campaign.ts';
import { runProgram, type Said } from '../cli/run.ts';
import { everything, leftOut } from '../everything.ts';
import { temporaryLab } from '../proof/lab.ts';

let home = '';
let tried = 0;
let harmed = 0;
const at = (...names: string[]): string => join(home, ...names);
const lab = (...names: string[]): string => at('lab', ...names);
const say = (...args: string[]): Promise<Said> => runProgram(['--lab', lab(), ...args], { HOME: home });

beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'rw-links-')));
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  process.stdout.write(`\nAttacked: links: ${tried} tries, ${harmed} let in or lost\n`);
});

/** Expects that nothing was harmed; counted for the table in test/README.md. */
function unharmed(holds: boolean, what: string): void {
  tried++;
  if (!holds) harmed++;
  expect(holds, what).toBe(true);
}

describe('a file of the workshop', () => {
  const precious = (): string => at('precious');
  const folder = (): string => at('theirs');
  beforeEach(async () => {
    rmSync(lab(), { recursive: true, force: true });
    rmSync(folder(), { recursive: true, force: true });
    mkdirSync(folder());
    writeFileSync(precious(), 'precious\n');
    writeFileSync(join(folder(), 'psql'), 'their own\n');
    await say('next');
  });

  const link = (name: string) => () => {
    rmSync(lab(name), { recursive: true, force: true });
    mkdirSync(dirname(lab(name)), { recursive: true });
    symlinkSync(precious(), lab(name));
  };
  const linkFolder = (name: string) => () => {
    rmSync(lab(name), { recursive: true, force: true });
    symlinkSync(folder(), lab(name));
  };
  const ownScript = () => writeFileSync(lab('bin/psql'), '#!/bin/sh\necho mine\n');
  const shell = async () =>
    void shellSpec({ dir: lab(), command: () => ({ command: 'bash', args: [], cwd: '', env: {} }) }, { SHELL: 'bash' });

  it.each<[string, () => void, () => Promise<unknown>, RegExp | null]>([
    ['a program in bin/', link('bin/psql'), () => say('next'), null],
    ['the program itself in bin/', link('bin/repl-workshop'), () => say('up'), null],
    ['bin/', linkFolder('bin'), () => say('next'), /bin is a link/],
    ['a script of the learner’s in bin/', ownScript, () => say('next'), /bin\/psql is your own/],
    ['bashrc', link('shell/bashrc'), shell, null],
    ['shell/', linkFolder('shell'), () => shell().catch((error: Error) => ({ err: error.message })), /shell is a link/],
    ['progress.json', link('progress.json'), () => say('next'), null],
    ['journal.json', link('journal.json'), () => say('answer', 'writes', 'b'), null],
    ['settings.json', link('settings.json'), () => say('next'), null],
    ['starts.json', link('starts.json'), () => say('next'), null],
    ['lab.json', link('lab.json'), () => say('next'), null],
    ['report.md', link('report.md'), () => say('report'), /is no report of the workshop/],
    ['the lock', link('.deed.lock'), () => say('next'), null],
    ['logs/', linkFolder('logs'), () => say('up'), /logs leads to/],
    ['backups/', linkFolder('backups'), () => say('goto', '1', '--yes'), /backups leads to/],
  ])('the workshop writes nothing through a link at %s', async (_, make, deed, says) => {
    make();
    const said = (await deed()) as Partial<Said> | undefined;
    if (says) expect(said?.err).toMatch(says);
    unharmed(readFileSync(precious(), 'utf8') === 'precious\n', 'what the link named is as it was');
    unharmed(readdirSync(folder()).join() === 'psql', 'nothing is new in the folder');
    unharmed(readFileSync(join(folder(), 'psql'), 'utf8') === 'their own\n', 'nothing is overwritten there');
    if (make === ownScript) unharmed(readFileSync(lab('bin/psql'), 'utf8').includes('echo mine'), 'it stays');
  });

  it('a JUnit file is written where the learner named it, also through their own link', async () => {
    writeFileSync(at('results.xml'), '');
    symlinkSync(at('results.xml'), at('named.xml'));
    await say('check', '--junit', at('named.xml'));
    expect(readFileSync(at('results.xml'), 'utf8')).toContain('<testsuite');
    expect(readlinkSync(at('named.xml'))).toBe(at('results.xml'));
  });
});

describe('a server of another lab', () => {
  const deeds: readonly (readonly string[])[] = [
    ['down'],
    ['up'],
    ['next'],
    ['goto', '3', '--yes'],
    ['reset', '--all', '--yes'],
    ['solve', '--yes'],
    ['undo', '--yes'],
    ['measure'],
    ['edit', 'master'],
    ['down', '--remove', '--yes'],
  ];

  it.each(['rep/master_data', 'rep'])(
    'a server of another lab behind a link at %s is looked at, and not changed',
    async (path) => {
      await using other = await temporaryLab();
      await other.server('master').create();
      await other.server('master').start();
      const data = join(other.dir, 'rep/master_data');
      const files = () =>
        ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf'].map((name) => {
          const { mtimeMs, ino } = lstatSync(join(data, name));
          return `${name} ${ino} ${mtimeMs} ${readFileSync(join(data, name), 'utf8')}`;
        });
      const roles = async () => (await other.server('master').sql('SELECT count(*) FROM pg_roles')).rows;
      rmSync(lab(), { recursive: true, force: true });
      await say('goto', '3', '--yes');
      await say('down');
      rmSync(lab(path), { recursive: true });
      symlinkSync(join(other.dir, path), lab(path));
      const before = [livePostmaster(data)?.pid, ...files(), JSON.stringify(await roles())];
      for (const deed of deeds) {
        const { err, status } = await say(...deed);
        unharmed(err.includes(`${path} leads to ${join(other.dir, path)}`), `${deed.join(' ')} says so: ${err}`);
        unharmed(status !== 3 || !err.includes("workshop's own"), err);
        const now = [livePostmaster(data)?.pid, ...files(), JSON.stringify(await roles())];
        unharmed(now.join('\n') === before.join('\n'), `${deed.join(' ')} has changed nothing`);
      }
      await say('down');
      rmSync(lab(path));
    },
  );
});

describe('a process that postmaster.pid names', () => {
  it.each([0, -1, 1, Number.NaN, 2 ** 40])("the pid %s in postmaster.pid is not a server's", (pid) =>
    expect(isServerOf(pid, '/')).toBe(false),
  );

  it.skipIf(process.platform !== 'linux')(
    'a process that only works in the data directory gets no signal (needs Linux)',
    async () => {
      await using own = await temporaryLab();
      const master = own.server('master');
      await master.create();
      const data = join(own.dir, 'rep/master_data');
      using shell = trapping(data);
      await until(() => existsSync(at('ready')), { deadlineMs: 10_000 });
      writeFileSync(
        join(data, 'postmaster.pid'),
        `${shell.pid}\n${data}\n1764000000\n5432\n/tmp\nlocalhost\n\nready   \n`,
      );
      expect((await own.observe()).servers.master?.process.pid).toBeUndefined();
      for (const how of ['smart', 'fast', 'immediate'] as const) await master.stop(how);
      await expect(master.reload()).rejects.toThrow('is not running');
      unharmed(!existsSync(at('signalled')), 'it got no signal');
      rmSync(join(data, 'postmaster.pid'));
    },
  );

  /** A shell that records each signal that it gets. */
  function trapping(cwd: string): { readonly pid: number | undefined } & Disposable {
    const traps = ['HUP', 'INT', 'QUIT', 'TERM', 'CONT'].map(
      (name) => `trap "echo ${name} >> '${at('signalled')}'" ${name}`,
    );
    const script = `${traps.join('; ')}; echo > '${at('ready')}'; while read line; do :; done`;
    const child = spawn('sh', ['-c', script], { cwd, stdio: ['pipe', 'ignore', 'ignore'] });
    return { pid: child.pid, [Symbol.dispose]: () => void child.kill('SIGKILL') };
  }
});

describe('a look at the learner’s own lab', () => {
  beforeAll(async () => {
    rmSync(lab(), { recursive: true, force: true });
    expect((await say('goto', '3', '--yes')).status).toBe(0);
    await say('down');
  });

  const read = [
    'rep/master_data/postmaster.pid',
    'rep/master_data/postgresql.conf',
    'rep/master_data/postgresql.auto.conf',
    'rep/master_data/pg_hba.conf',
    'rep/master_data/PG_VERSION',
    'rep/master_data/global/pg_control',
    'rep/master_data/backup_label',
    'rep/master_data',
    'logs/master.log',
    'settings.json',
    'progress.json',
    'journal.json',
    'starts.json',
    'lab.json',
  ];
  describe.each([
    ['a fifo', 'mkfifo'],
    ['a folder', 'mkdir'],
    ['100 GB', 'truncate', '-s', '100G'],
    ['a link to /dev/zero', 'ln', '-s', '/dev/zero'],
  ])('a look at %s', (what, ...make) => {
    it.for(read)(`a look ends, with ${what} in the place of %s`, async (path, { skip }) => {
      skip(what === '100 GB' && path.endsWith('.log') && !everything, leftOut); // it prints megabytes of them
      const aside = at(`aside-${path.replaceAll('/', '-')}`);
      const isThere = existsSync(lab(path));
      if (isThere) renameSync(lab(path), aside);
      const [command = '', ...args] = make;
      execFileSync(command, [...args, lab(path)]);
      for (const look of [
        ['check', '--json'],
        ['logs', 'master'],
      ]) {
        const { status, err } = await say(...look);
        unharmed(status >= 0 && status <= 3 && !err.includes("workshop's own"), `${what} ${look}: ${status} ${err}`);
      }
      rmSync(lab(path), { recursive: true });
      if (isThere) renameSync(aside, lab(path));
    });
  });

  it('a look reads any contents of postmaster.pid without an error', async () => {
    for (const text of [
      'x\n\ny\n',
      '-1\n/\n1\n',
      '1\n/\n99999999999999999\n',
      `${'9'.repeat(5000)}\n\n1\n`,
      '\0'.repeat(50),
    ]) {
      writeFileSync(lab('rep/master_data/postmaster.pid'), text);
      const { status, err } = await say('status');
      unharmed(status === 0 && err === '', `${text.slice(0, 20)}: ${err}`);
    }
    rmSync(lab('rep/master_data/postmaster.pid'));
  });
});

describe('a data directory on another disk', () => {
  const killsMs = everything ? 45_000 : 0; // at each of two places
  let kills = 0;
  const big = (): string => at('big');
  beforeAll(async () => {
    rmSync(lab(), { recursive: true, force: true });
    expect((await say('goto', '8', '--yes')).status).toBe(0);
    await say('down');
  });
  afterEach(async () => {
    await say('down');
  });
  afterAll(async () => {
    await say('down', '--remove', '--yes');
    console.log(`Attacked: data on another disk: ${kills} kills`);
  });

  /** A checksum of the names, kinds, modes, owners, links and bytes of all files. */
  function sum(folder: string): string {
    const hash = createHash('sha256');
    const add = (path: string, name: string): void => {
      const stat = lstatSync(path);
      hash.update(`${name} ${stat.mode} ${stat.uid} ${stat.size * Number(stat.isFile())}\n`);
      if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
      else if (stat.isFile()) hash.update(readFileSync(path));
      else for (const child of readdirSync(path).sort()) add(join(path, child), `${name}/${child}`);
    };
    for (const name of readdirSync(folder).sort()) add(join(folder, name), name);
    return hash.digest('hex');
  }

  const moveOut = (path: string): void => {
    renameSync(lab(path), big());
    symlinkSync(big(), lab(path));
  };
  const moveBack = (path: string): void => {
    rmSync(lab(path));
    renameSync(big(), lab(path));
  };
  const isLink = (path: string): boolean => lstatSync(lab(path)).isSymbolicLink() && realpathSync(lab(path)) === big();

  it('a data directory on another disk is only looked at until the learner has confirmed it', async () => {
    moveOut('rep/slave_data');
    const before = sum(big());
    const { status, err } = await say('goto', '3', '--dry-run');
    expect({ status, err }).toMatchObject({ status: 0 });
    const refused = await say('measure');
    expect(refused.err).toContain('say so with --yes');
    unharmed(sum(big()) === before, 'it is as it was');
    moveBack('rep/slave_data');
  });

  it.each([
    ['holds other things', () => writeFileSync(join(big(), 'thesis.txt'), 'years of work'), 'rep'],
    ['is in another lab', () => writeFileSync(at('lab.json'), '{}'), 'rep/slave_data'],
  ])('a data directory on another disk is never taken for the lab’s when it %s', async (_, make, path) => {
    moveOut(path);
    make();
    const before = sum(big());
    const { status, err } = await say('goto', '3', '--yes');
    expect(status).toBe(3);
    expect(err).toContain(`${path} leads to`);
    unharmed(sum(big()) === before, 'it is as it was');
    rmSync(at('lab.json'), { force: true });
    rmSync(join(big(), 'thesis.txt'), { force: true });
    moveBack(path);
  });

  it.each([
    ['rep/master_data', 'goto', '3'],
    ['rep', 'goto', '3'],
    ['rep/slave_data', 'reset', '--all'],
  ])('the link at %s stays, and what “%s %s” put aside comes back byte for byte after undo', async (path, ...deed) => {
    moveOut(path);
    const before = sum(big());
    const words = [...deed.filter((word) => word !== ''), '--yes'];
    const said = await say(...words);
    expect(said, said.err).toMatchObject({ status: 0 });
    unharmed(isLink(path), 'the new state lies behind the link as well');
    await say('down');
    expect(await say('undo', '--yes')).toMatchObject({ status: 0 });
    await say('down');
    unharmed(isLink(path), 'the link is a link');
    unharmed(sum(big()) === before, 'all bytes are back');
    moveBack(path);
  });

  it('a data directory on another disk is copied for a solve while it runs, and undo brings it back', async () => {
    moveOut('rep');
    expect((await say('down', '--yes')).err).toContain('from now on this is where the lab keeps it');
    expect((await say('up')).status).toBe(0);
    const clusters = async () => (await say('observe')).out.match(/"systemIdentifier": "\d+"/g)?.join();
    const before = await clusters();
    for (const deed of ['solve', 'undo']) {
      const said = await say(deed, '--yes');
      expect(said, said.err).toMatchObject({ status: 0 });
      unharmed(isLink('rep'), 'the link is a link');
      unharmed(before !== undefined && (await clusters()) === before, 'the same clusters run');
    }
    await say('down');
    moveBack('rep');
  });

  it.each(['rep/master_data', 'rep'])(
    'a data directory on another disk at %s loses nothing when a goto or its undo is killed',
    { timeout: 900_000 },
    async (path) => {
      const ends = async (...args: string[]) => {
        const said = await say(...args);
        expect(said, said.err).toMatchObject({ status: 0 });
      };
      for (const { random } of forShareOf(killsMs)) {
        moveOut(path);
        const before = sum(big());
        await killed(150 + random.int(2500), 'goto', '3', '--yes');
        await ends('down'); // recovers the state from before an unfinished goto
        if (sum(big()) !== before) {
          await killed(150 + random.int(1200), 'undo', '--yes');
          await ends('down');
          if (sum(big()) !== before) await ends('undo', '--yes');
        }
        await ends('down');
        unharmed(isLink(path), 'the link is a link');
        unharmed(sum(big()) === before, 'all bytes are back');
        moveBack(path);
      }
    },
  );

  async function killed(afterMs: number, ...args: string[]): Promise<void> {
    const argv = [resolve('dist/repl-workshop.cjs'), '--lab', lab(), ...args];
    const child = spawn(process.execPath, argv, { env: { ...process.env, HOME: home }, stdio: 'ignore' });
    kills++;
    const over = new Promise((done) => child.once('exit', done));
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    await over;
    clearTimeout(timer);
  }

  it('"down --remove" empties a data directory on another disk, and says what stays', async () => {
    moveOut('rep/master_data');
    mkdirSync(lab('backups'), { recursive: true });
    writeFileSync(lab('backups/2020-01-01T00-00-00-mine'), 'mine');
    const { status, out } = await say('down', '--remove', '--yes');
    expect(status).toBe(0);
    expect(out).toContain(`rep/master_data was a link to ${big()}. That folder is empty now, and stays.`);
    expect(out).toContain('2020-01-01T00-00-00-mine');
    unharmed(readdirSync(big()).length === 0, 'nothing is left there');
    unharmed(readFileSync(lab('backups/2020-01-01T00-00-00-mine'), 'utf8') === 'mine', 'the learner’s own stays');
  });
});
