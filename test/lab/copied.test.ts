/**
 * A lab that another user made, copied by the user who opens it now. The copy belongs to the copier, but its contents
 * are the maker's choice: links in it name folders of the copier, and lab.json says that the copier has agreed to
 * them.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runProgram, type Said } from '../cli/run.ts';

let home = '';
const at = (...names: string[]): string => join(home, ...names);
const say = (lab: string, ...args: string[]): Promise<Said> => runProgram(['--lab', at(lab), ...args], { HOME: home });

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'rw-copied-')));
  expect((await say('made', 'goto', '3', '--yes')).status).toBe(0);
  await say('made', 'down');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const precious = ['PG_VERSION', 'postgresql.conf', 'postmaster.opts', 'base', 'thesis.txt'];

beforeEach(() => {
  for (const name of ['copy', 'own']) rmSync(at(name), { recursive: true, force: true });
  mkdirSync(at('own', 'base'), { recursive: true }); // a cluster that is not the lab's, with other files
  for (const name of precious.filter((one) => one !== 'base')) writeFileSync(at('own', name), '18\n');
  cpSync(at('made'), at('copy'), { recursive: true });
});

const link = (path: string): void => {
  rmSync(at('copy', path), { recursive: true, force: true });
  symlinkSync(at('own'), at('copy', path));
};
const claim = (change: (file: Record<string, unknown>) => void): void => {
  const file = JSON.parse(readFileSync(at('copy/lab.json'), 'utf8'));
  change(file);
  writeFileSync(at('copy/lab.json'), JSON.stringify(file));
};

describe('a link in a lab that was copied', () => {
  const forms: Readonly<Record<string, () => void>> = {
    'to a cluster': () => link('rep/master_data'),
    'that lab.json says was agreed to': () => {
      link('rep/master_data');
      claim((file) => {
        file.elsewhere = { 'rep/master_data': at('own') };
      });
    },
    'to a folder of the copier’s, agreed to, in a deed that seems to be under way': () => {
      rmSync(at('own/PG_VERSION'));
      claim((file) => {
        file.elsewhere = { 'rep/master_data': at('own'), notes: at('own') };
        file.moving = { backup: `backups/${readdirSync(at('copy/backups'))[0]}`, mark: 'x' };
      });
    },
  };
  const deeds = [['down', '--remove', '--yes'], ['undo', '--yes'], ['down', '--yes'], ['goto', '2', '--yes'], ['up']];

  it.each(Object.keys(forms).flatMap((form) => deeds.map((deed) => ({ form, deed }))))(
    'a link $form in a copied lab: $deed removes nothing behind it',
    async ({ form, deed }) => {
      forms[form]?.();
      const before = readdirSync(at('own')).sort();
      const { err } = await say('copy', ...deed);
      await say('copy', 'down');
      expect(err).not.toContain("an error of the workshop's own");
      expect(readdirSync(at('own')).sort()).toEqual(before);
    },
  );
});
