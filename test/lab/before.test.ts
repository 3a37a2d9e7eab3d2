/** Labs of earlier versions (test/labs-before), opened by today's program. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../src/lab/machine/until.ts';
import { findBinaries } from '../../src/lab/native/binaries.ts';
import { forShareOf } from '../campaign.ts';
import { everything, leftOut } from '../everything.ts';
import {
  ask,
  doorsOf,
  json,
  type LabBefore,
  openBefore,
  ownFiles,
  ownRows,
  portOf,
  rolesOf,
  said,
  tree,
} from '../labs-before/lab.ts';
import { lessonsBefore, versionsBefore } from '../labs-before/unpack.ts';

const isRoot = process.getuid?.() === 0;
const aUser = 65_534; // "nobody": initdb needs a user with an entry on the machine
const canBecome =
  isRoot && (await said('setpriv', ['--reuid=65534', 'test', '-r', `${process.cwd()}/dist`], process.env)).status === 0;
if (isRoot && !canBecome)
  it("a native lab of an ordinary user is used by today's program", ({ skip }) =>
    skip('no setpriv, or this folder is closed to others'));
const owners = [...(isRoot ? ['root'] : []), ...(!isRoot || canBecome ? ['an ordinary user'] : [])] as const;

/**
 * Modes and group as version 0.1.0 set them with umask 002, for a user whose group (100, "users") has other members.
 */
function shareWithGroup(dir: string): void {
  for (const name of ['', 'lab.json', 'progress.json', 'rep', 'logs', 'bin', 'bin/psql', 'run', 'backups']) {
    const path = join(dir, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    chownSync(path, stat.uid, 100);
    chmodSync(path, stat.mode | 0o020);
  }
}

const servers = ['master', 'slave'] as const;
const shareMs = everything ? 45_000 : 0; // of kills, for each owner
const wholeMs = 3_000; // about the time of doctor --fix on a busy machine
const unsafe = 'Other users of this machine can reach this lab.';

describe.each(versionsBefore('native'))('a native lab made by %s', (version) => {
  describe.each(owners)('of %s', (owner) => {
    if (owner === 'root' && canBecome && !everything) {
      it(`root uses a native lab of ${version} with today's program`, ({ skip }) => skip(leftOut));
      return;
    }
    const as = owner === 'root' || !isRoot ? {} : { as: aUser };

    it.each(lessonsBefore)(
      `commands that look at a native lab of ${version} change nothing in it, at %s of ${owner}`,
      async (lesson) => {
        await using lab = await openBefore('native', version, lesson, as);
        const before = tree(lab.dir);
        const looks = [
          ['check'],
          ['check', '--json'],
          ['list'],
          ['status'],
          ['status', '--json'],
          ['hint'],
          ['observe'],
        ];
        for (const look of looks) expect((await lab.run(...look)).status, look.join(' ')).toBeLessThan(3);
        expect((await lab.run('doctor', '--json')).out).toContain('"findings"');
        expect((await lab.run('report', '--json')).status).toBe(0);
        expect((await lab.run('doctor', '--fix', '--dry-run')).status).toBe(0);
        expect(tree(lab.dir)).toEqual(before);
      },
    );

    it.each(lessonsBefore)(
      `a native lab of ${version} keeps progress, answers, settings, rows and own lines, at %s of ${owner}`,
      async (lesson) => {
        await using lab = await openBefore('native', version, lesson, as);
        const [progress, journal, plan] = ['progress.json', 'journal.json', 'lab.json'].map((name) =>
          json(lab.dir, name),
        );
        // Root's servers get their own group, which may enter; the rights of owner and others stay the same.
        const doors = () => Object.values(doorsOf(lab.dir)).map((mode) => Number.parseInt(mode, 8) & 0o707);
        const before = { files: ownFiles(lab.dir), doors: doors() };
        expect(await lab.run('up')).toMatchObject({ out: expect.stringMatching(/master :\d+ +up, primary/) });
        const roles = await rolesOf(lab.dir, 'master');
        expect((await lab.run('--plain')).out).toContain(titleOf(lesson));
        expect((await lab.run('next')).status).toBeLessThan(2);
        expect((await lab.run('check', '--all')).status).toBeLessThan(2);

        expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
        expect(await ask(lab.dir, 'master', 'SHOW work_mem')).toEqual([['5MB']]);
        expect(await rolesOf(lab.dir, 'master')).toEqual(roles);
        expect(ownFiles(lab.dir)).toMatchObject(before.files);
        expect(doors()).toEqual(before.doors);
        expect(json(lab.dir, 'progress.json')).toMatchObject({
          lesson: progress.lesson,
          hints: progress.hints,
          opened: progress.opened,
        });
        expect(json(lab.dir, 'progress.json').done).toMatchObject(progress.done);
        expect(json(lab.dir, 'journal.json').answers).toMatchObject(journal.answers);
        expect(json(lab.dir, 'journal.json').measurements).toEqual(journal.measurements);
        expect(json(lab.dir, 'lab.json').plan).toEqual(plan.plan);
      },
    );

    it(`a native lab of ${version} of ${owner} gets a warning with one command that makes it safe`, async () => {
      await using lab = await openBefore('native', version, 'lesson-3', as);
      for (const look of [['check'], ['--plain']])
        expect((await lab.run(...look)).err.split(unsafe), look.join(' ')).toHaveLength(2); // once
      await lab.run('up');
      const { findings } = JSON.parse((await lab.run('doctor', '--json')).out);
      expect(findings.find(({ about }: { about: string }) => about === 'other users')).toMatchObject({
        ok: false,
        says: expect.stringMatching(/through the sockets.*as superuser of master and slave.*can read the lab folder/),
        fix: expect.stringContaining('repl-workshop doctor --fix'),
      });
    });

    it.each(lessonsBefore)(
      `doctor --fix closes a native lab of ${version} and leaves its servers as they were, at %s of ${owner}`,
      async (lesson) => {
        await using lab = await openBefore('native', version, lesson, as);
        await lab.run('up');
        const stranger = () =>
          said('setpriv', ['--reuid=54878', '--regid=54878', '--clear-groups', 'test', '-x', join(lab.dir, 'run')], {});
        if (isRoot) expect((await stranger()).status, 'a stranger comes to the sockets').toBe(0);
        const before = { status: await servicesOf(lab), verdicts: await verdicts(lab) };
        const fixed = await lab.run('doctor', '--fix', '--yes');
        expect(fixed).toMatchObject({ status: 0, out: expect.stringMatching(/No other user can reach it\.\s*$/) });
        expect((await lab.run('doctor')).out).toMatch(/^ok +other users/m);
        expect((await lab.run('check')).err).not.toContain(unsafe);
        if (isRoot) expect((await stranger()).status, 'a stranger comes to the sockets').toBe(1);
        for (const server of servers) {
          await expect(ask(lab.dir, server, 'SELECT 1', `${server}_pass`), server).rejects.toThrow(
            'password authentication',
          );
          expect(await ask(lab.dir, server, 'SELECT 1', passwordOf(lab, server, lesson))).toEqual([[1]]);
        }
        expect(await servicesOf(lab)).toEqual(before.status);
        expect(await verdicts(lab)).toEqual(before.verdicts);
        expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
        const log = readFileSync(join(lab.dir, 'logs/master.log'), 'utf8');
        for (const { password } of json(lab.dir, 'lab.json').plan.servers) expect(log).not.toContain(password);
      },
    );

    it.runIf(owner !== 'root' && isRoot)(
      `a native lab of ${version} that was shared with a group opens, and is closed to the group (as an ordinary user)`,
      async () => {
        await using lab = await openBefore('native', version, 'lesson-8', as);
        shareWithGroup(lab.dir);
        expect((await lab.run('up')).out).toMatch(/master :\d+ +up, primary/);
        const looked = await lab.run('check');
        expect(looked.status).toBeLessThan(2);
        expect(looked.err).toContain(unsafe);
        expect((await lab.run('doctor')).out).toContain('can change what is in the lab folder');
        expect(await lab.run('doctor', '--fix', '--yes')).toMatchObject({
          status: 0,
          out: expect.stringMatching(/No other user can reach it\.\s*$/),
        });
        expect((await lab.run('doctor')).out).toMatch(/^ok +other users/m);
        expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
      },
    );

    it.runIf(owner !== 'root' && isRoot)(
      `a native lab of ${version} does not open when another user of the group has put a file there (as an ordinary user)`,
      async () => {
        await using lab = await openBefore('native', version, 'lesson-3', as);
        shareWithGroup(lab.dir);
        rmSync(join(lab.dir, 'bin/psql'));
        writeFileSync(join(lab.dir, 'bin/psql'), '#!/bin/sh\n', { mode: 0o755 });
        chownSync(join(lab.dir, 'bin/psql'), 54_878, 100);
        for (const deed of [['up'], ['shell'], ['doctor', '--fix', '--yes']]) {
          const { status, err } = await lab.run(...deed);
          expect(err, deed.join(' ')).toContain('bin/psql belongs to uid 54878');
          expect(status, deed.join(' ')).toBe(3);
        }
      },
    );

    it(`doctor --fix closes a native lab of ${version} of ${owner} without starting its stopped servers`, async () => {
      await using lab = await openBefore('native', version, 'lesson-8', as);
      const before = ownFiles(lab.dir);
      const opts = join(lab.dir, 'rep/slave_data/postmaster.opts');
      expect(existsSync(opts)).toBe(false); // the learner starts the clone in lesson 8, but has not yet
      expect(await lab.run('doctor', '--fix', '--yes')).toMatchObject({
        status: 0,
        out: expect.stringContaining('master will be stopped again'),
      });
      expect(existsSync(opts)).toBe(false);
      expect((await lab.run('status')).out).toMatch(/master :\d+ +stopped/);
      const changed = Object.entries(ownFiles(lab.dir)).filter(([path, sum]) => before[path] !== sum);
      // Only the password in primary_conninfo is changed.
      expect(changed.map(([path]) => path)).toEqual(['rep/slave_data/postgresql.conf']);
      expect((await lab.run('up')).out).toMatch(/slave1 streaming/);
    });

    it(`a native lab of ${version} of ${owner} is closed in the end, however often the program is killed`, {
      timeout: 900_000,
    }, async () => {
      let kills = 0;
      for (const { n, random } of forShareOf(shareMs)) {
        await using lab = await openBefore('native', version, 'lesson-12', as);
        if (n % 2 === 0) await lab.run('up');
        const after = random.int(wholeMs);
        await lab.killed(after, 'doctor', '--fix', '--yes');
        await lab.run('up');
        expect(await lab.run('doctor', '--fix', '--yes'), `killed after ${after} ms`).toMatchObject({
          status: 0,
          out: expect.stringMatching(/No other user can reach it\.\s*$/),
        });
        expect((await lab.run('check')).err).not.toContain(unsafe);
        await lab.run('down');
        expect((await lab.run('up')).out).toMatch(/slave1 streaming/);
        expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
        kills++;
      }
      console.log(`Attacked: the closing of a lab of ${version}, of ${owner}: ${kills} kills`);
    });

    it.runIf(owner === 'root')(
      `root is told that servers which ${version} started have root's rights (as root)`,
      async () => {
        await using lab = await openBefore('native', version, 'lesson-3');
        const { bindir } = await findBinaries({ major: 18 });
        const asBefore = ['unshare', '--user', '--map-user=65534', '--map-group=65534', join(bindir, 'postgres')];
        const started = spawn('setsid', [...asBefore, '-D', join(lab.dir, 'rep/master_data')], {
          stdio: 'ignore',
          cwd: lab.dir,
        });
        const isUp = async () => (await lab.run('status')).out.includes('up, primary');
        expect(await until(isUp, { deadlineMs: 20_000, everyMs: 200 })).toBe(true);
        const about = async () => {
          const { findings } = JSON.parse((await lab.run('doctor', '--json')).out);
          return findings.find((finding: { about: string }) => finding.about === 'other users').says;
        };
        expect(await about()).toContain('A superuser of master can do on this machine what root can');
        await lab.run('down');
        await lab.run('up');
        expect(await about()).not.toContain('what root can');
        expect(started.exitCode).toBe(0);
      },
    );

    it(`undo restores the backups of a goto and of a solve in a native lab of ${version} of ${owner}`, async () => {
      for (const lesson of ['lesson-8', 'lesson-12'] as const) {
        await using lab = await openBefore('native', version, lesson, as);
        expect((await lab.run('undo', '--yes')).out).toContain(lesson === 'lesson-8' ? '"goto 8"' : '"solve 11"');
        await lab.run('up');
        expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
        expect(json(lab.dir, 'progress.json').lesson).toBe(
          lesson === 'lesson-8' ? 'a-role-for-the-standby' : 'when-the-standby-dies',
        );
      }
    });

    it(`a native lab of ${version} of ${owner} goes to another lesson, and undo brings everything back`, async () => {
      await using lab = await openBefore('native', version, 'lesson-8', as);
      const before = { files: ownFiles(join(lab.dir, 'rep')), progress: json(lab.dir, 'progress.json') };
      expect((await lab.run('goto', '4', '--yes')).status).toBe(0);
      await expect(ownRows(lab.dir, 'master')).rejects.toThrow('"mine" does not exist');
      expect((await lab.run('undo', '--yes')).out).toContain('"goto 4"');
      expect(ownFiles(join(lab.dir, 'rep'))).toEqual(before.files);
      expect(json(lab.dir, 'progress.json')).toEqual(before.progress);
      await lab.run('up');
      expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
    });
  });
});

const titleOf = (lesson: (typeof lessonsBefore)[number]): string =>
  ({ 'lesson-3': 'A role for the standby', 'lesson-8': 'Start, and read the logs', 'lesson-12': 'What it costs' })[
    lesson
  ];

/** The superuser's password; after the clone the slave has the master's. */
const passwordOf = ({ dir }: LabBefore, server: string, lesson: string): string =>
  json(dir, 'lab.json').plan.servers.find(
    ({ name }: { name: string }) => name === (lesson === 'lesson-3' ? server : 'master'),
  ).password;

async function servicesOf(lab: LabBefore): Promise<unknown> {
  const { servers: seen } = JSON.parse((await lab.run('status', '--json')).out);
  return seen.map(
    ({
      name,
      state,
      role,
      standbys,
    }: {
      name: string;
      state: string;
      role: string;
      standbys: { state: string }[];
    }) => ({
      name,
      port: portOf(lab.dir, name),
      state,
      role,
      standbys: standbys.map((standby) => standby.state),
    }),
  );
}

async function verdicts(lab: LabBefore): Promise<unknown> {
  const { tasks } = JSON.parse((await lab.run('check', '--all', '--json')).out);
  return tasks.map(({ task, verdict }: { task: string; verdict: { kind: string; cause?: string } }) => [
    task,
    verdict.kind,
    verdict.cause,
  ]);
}
