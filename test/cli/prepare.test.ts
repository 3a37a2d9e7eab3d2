/** Prepared states at the command line: made once, used by goto and reset, and by diff. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { type Cli, openCli } from './run.ts';

let cache = '';
let cli: Cli;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'rw-cache-'));
  cli = openCli({ XDG_CACHE_HOME: cache });
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  rmSync(cache, { recursive: true, force: true });
});

const states = () => join(cache, 'repl-workshop/states');
const prepared = () => (existsSync(states()) ? readdirSync(states()).filter((name) => name.startsWith('native-')) : []);
const texts = () => prepared().map((name) => readFileSync(join(states(), name, 'state.json'), 'utf8'));
const spareKey = () => JSON.parse(readFileSync(join(cli.dir, '.spare/state.json'), 'utf8')).key;
const done = async (...args: string[]): Promise<string> => {
  const said = await cli.run(...args);
  expect(said).toMatchObject({ status: 0 });
  return said.out;
};

it('prepare makes the state of each lesson once, and the spare of the lab', { timeout: 240_000 }, async () => {
  await done('goto', '3', '--yes');
  expect(prepared()).toEqual([]);
  expect((await cli.run('diff', 'solution')).err).toContain('is not prepared');
  await done('prepare');
  expect(prepared()).toHaveLength(lessons.length);
  const before = texts();
  expect(spareKey()).toMatch(/^native-\d+-03-/);
  await done('prepare');
  expect(texts()).toEqual(before);
});

it('a prepared goto is the start of its lesson, also after the last one, and reset uses the spare', async () => {
  await done('goto', '9', '--yes');
  const tasks = JSON.parse((await cli.run('check', '--json')).out);
  expect(tasks).toMatchObject({ lesson: 'prove-it', broken: [] });
  expect(await done('diff', 'solution')).toContain('Everything is as in the solution');
  await done('prepare');
  expect(spareKey()).toMatch(/^native-\d+-09-/);
  await done('reset', '9', '--yes');
  expect(existsSync(join(cli.dir, '.spare'))).toBe(false);
  expect(JSON.parse((await cli.run('check', '--json')).out)).toMatchObject({ lesson: 'prove-it', broken: [] });

  expect(await done('goto', '--end', '--yes')).toContain('after the last lesson');
  const all = JSON.parse((await cli.run('list', '--json')).out).lessons;
  expect(
    all.flatMap((lesson: { tasks: { done: unknown }[] }) => lesson.tasks).every((task: { done: unknown }) => task.done),
  ).toBe(true);
  expect((await cli.run('check', '--all')).status).toBe(0);
  expect(await cli.run('goto', '9', '--end')).toMatchObject({ status: 2 });
  expect(await done('down', '--remove', '--yes')).toContain('Nothing of this lab runs');
  expect(existsSync(join(cli.dir, '.spare'))).toBe(false);
});
