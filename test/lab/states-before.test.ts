/** Steps of undo and redo, a snapshot and starts of lessons that an earlier version has kept, with today's program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, type LabBefore, openBefore, ownFiles, ownRows, tree } from '../labs-before/lab.ts';
import { versionsBefore } from '../labs-before/unpack.ts';

const open = (version: string) => openBefore('states', version, 'lesson-4');
const kept = async (lab: LabBefore) => {
  const { snapshots, undo, redo } = JSON.parse((await lab.run('snapshot', 'list', '--json')).out);
  const abouts = (steps: readonly { about: string }[]) => steps.map(({ about }) => about);
  return { snapshots: snapshots.map(({ name }: { name: string }) => name), undo: abouts(undo), redo: abouts(redo) };
};
const lessonOf = ({ dir }: LabBefore): string => json(dir, 'progress.json').lesson;
const conf = ({ dir }: LabBefore): string => readFileSync(join(dir, 'rep/master_data/postgresql.conf'), 'utf8');
/** The learner's files of the state, and progress and answers. */
const stateOf = (lab: LabBefore) => ({
  files: ownFiles(join(lab.dir, 'rep')),
  progress: json(lab.dir, 'progress.json'),
  journal: json(lab.dir, 'journal.json'),
  starts: json(lab.dir, 'starts.json'),
});
const does = async (lab: LabBefore, ...args: string[]) => {
  const said = await lab.run(...args, '--yes');
  expect(said, `${args.join(' ')}: ${said.err}`).toMatchObject({ status: 0 });
  await lab.run('up');
};

describe.each(versionsBefore('states'))('a native lab with states made by %s', (version) => {
  it(`looks at the states in a lab of ${version} change nothing`, async () => {
    await using lab = await open(version);
    const before = tree(lab.dir);
    expect(await kept(lab)).toEqual({ snapshots: ['mine'], undo: ['goto 4', 'goto 3'], redo: ['goto 5', 'reset 5'] });
    const looks = [
      ['diff'],
      ['undo', '--dry-run'],
      ['redo', '--dry-run'],
      ['snapshot', 'restore', 'mine', '--dry-run'],
    ];
    for (const look of looks) expect(await lab.run(...look), look.join(' ')).toMatchObject({ status: 0 });
    expect(tree(lab.dir)).toEqual(before);
  });

  it(`diff shows what was done since the start that ${version} has kept`, async () => {
    await using lab = await open(version);
    await lab.run('up');
    const { out } = await lab.run('diff');
    expect(out.split('\n').filter((line) => /^[+-](?![+-])/.test(line))).toEqual(['+# in lesson 4']);
  });

  it(`undo and redo go through all states of a lab of ${version}, and lose nothing`, async () => {
    await using lab = await open(version);
    const here = stateOf(lab);
    await does(lab, 'redo');
    expect([lessonOf(lab), conf(lab).includes('# in lesson 5')]).toEqual(['clone-the-master', true]);
    await does(lab, 'redo');
    expect([lessonOf(lab), conf(lab).includes('# in lesson 5')]).toEqual(['clone-the-master', false]);
    await does(lab, 'undo');
    await does(lab, 'undo');
    expect(stateOf(lab)).toEqual(here);
    await does(lab, 'undo');
    expect([lessonOf(lab), conf(lab).includes('# my own line')]).toEqual(['a-role-for-the-standby', true]);
    expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
    await does(lab, 'undo');
    await does(lab, 'redo');
    expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
    await does(lab, 'redo');
    expect(stateOf(lab)).toEqual(here);
    expect(await kept(lab)).toEqual({ snapshots: ['mine'], undo: ['goto 4', 'goto 3'], redo: ['goto 5', 'reset 5'] });
  });

  it(`a snapshot of a lab of ${version} is restored, and undo brings back what was there`, async () => {
    await using lab = await open(version);
    const here = stateOf(lab);
    await does(lab, 'snapshot', 'restore', 'mine');
    expect([lessonOf(lab), conf(lab).includes('# my own line')]).toEqual(['a-role-for-the-standby', true]);
    expect(await ownRows(lab.dir, 'master')).toEqual([[100, 100]]);
    // What was undone before something new was begun is a state of the past, too.
    expect(await kept(lab)).toMatchObject({ snapshots: ['mine'], redo: [] });
    await does(lab, 'undo');
    expect(stateOf(lab)).toEqual(here);
    await does(lab, 'snapshot', 'drop', 'mine');
    expect((await kept(lab)).snapshots).toEqual([]);
  });
});
