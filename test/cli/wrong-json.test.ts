/** Any contents of the files of a lab give a sentence, and the file stays unchanged. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import lessons from '../../lessons/index.ts';
import { readerHere } from '../../src/cli/opening/access.ts';
import { renderList } from '../../src/cli/plain.ts';
import { reportHtml } from '../../src/cli/report/html.ts';
import { reportMarkdown } from '../../src/cli/report/markdown.ts';
import { listBackups } from '../../src/lab/backup/backup-folder.ts';
import { readLab } from '../../src/lab/folder.ts';
import { findBinaries } from '../../src/lab/native/binaries.ts';
import { learnt } from '../../src/learner/report.ts';
import { readLearner, setUnreadableAside } from '../../src/learner/store.ts';
import { lessonsFor } from '../../src/lesson/format/reader.ts';
import { openSession } from '../../src/session/update.ts';
import { frameMaker } from '../../src/ui/layout/frame.ts';
import { shareOf } from '../campaign.ts';
import { everything } from '../everything.ts';
import { inProcess } from './in-process.ts';
import { runProgram } from './run.ts';
import { labFiles, mutations } from './wrong-json.ts';

let dir: string;
let files: Readonly<Record<string, object>>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rw-wrong-'));
  files = labFiles((await findBinaries({}).catch(() => ({ bindir: '/nowhere' }))).bindir);
});
beforeEach(putAll);
afterAll(() => rmSync(dir, { recursive: true }));

function put(name: string, text: string) {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
}
function putAll() {
  for (const [name, value] of Object.entries(files)) put(name, JSON.stringify(value));
}
const names = Object.keys(labFiles(''));

const commands: readonly (readonly [name: string, options: Record<string, boolean>])[] = [
  ['list', {}],
  ['check', { all: true }],
  ['hint', {}],
  ['diff', {}],
  ['diff', { json: true }],
  ['status', {}],
  ['observe', {}],
  ['report', { json: true }],
  ['check', { json: true }],
  ['list', { json: true }],
  ['status', { json: true }],
];

/** All output that is made from the files, without a look at the servers, which would take most of the time. */
function tellAll() {
  const { learner } = readLearner(dir);
  const plan = readLab(dir)?.plan;
  if (!plan) throw new Error('no lab');
  const here = lessonsFor(lessons, readerHere(plan), plan);
  const found = learnt({
    lessons: here,
    learner,
    plan,
    about: '',
    seen: { what: 'x', fix: 'y' },
    at: new Date(0).toISOString(),
  });
  const [session] = openSession({
    at: found.at,
    lessons: here,
    plan,
    about: '',
    folder: '',
    background: 'dark',
    readOnly: false,
    learner,
    noTerminalPane: false,
    columns: 100,
    rows: 28,
  });
  return [
    renderList(here, learner),
    reportMarkdown(found, ''),
    reportHtml(found, ''),
    frameMaker({ notes: [], root: false, planOf: () => [] })(session),
  ];
}

it.each(names)('every command reports one wrong value in %s, and none writes to the file', async (name) => {
  let tried = 0;
  for (const { about, text } of shareOf([...mutations(files[name] ?? {})], everything ? 15_000 : 1_000, name)) {
    put(name, text);
    try {
      const [command, options] = commands[tried % commands.length] ?? ['list', {}];
      const said = await inProcess(dir, command, [], options);
      expect([0, 1, 2, 3], `${command}, where ${about}`).toContain(said.status);
      if (name !== 'lab.json') expect(tellAll()).toHaveLength(4);
      for (const { at } of listBackups(dir)) expect(Date.parse(at), about).not.toBeNaN();
    } catch (error) {
      throw new Error(`where ${about}: ${(error as Error).stack?.replace(/x{100,}/g, 'x…')}`);
    }
    expect(readFileSync(join(dir, name), 'utf8'), about).toBe(text);
    tried++;
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  console.log(`Attacked: ${name}: ${tried} wrong values, each in a command`);
});

it('an unreadable file is set aside unchanged, and its place is free', () => {
  for (const name of ['progress.json', 'journal.json', 'settings.json', 'starts.json'])
    for (const { about, text } of mutations(files[name] ?? {})) {
      put(name, text);
      const said = setUnreadableAside(dir);
      const aside = readdirSync(dir).find((file) => file.startsWith(`${name}.unreadable-`));
      expect(said.length, about).toBe(aside ? 1 : 0);
      expect(existsSync(join(dir, name)), about).toBe(!aside);
      expect(readFileSync(join(dir, aside ?? name), 'utf8'), about).toBe(text);
      if (aside) rmSync(join(dir, aside));
      expect(readLearner(dir).says, about).toEqual([]);
    }
});

it('the program itself reports a wrong file in a sentence', async () => {
  const bad: Readonly<Record<string, readonly string[]>> = {
    'progress.json': ['{"schema":1,"done":null}', '{"schema":1,"hints":null}', '{"schema":1,"opened":null}'],
    'journal.json': ['{"schema":1,"measurements":null}'],
    'starts.json': ['{"schema":1,"starts":null}', '{"schema":1,"starts":{"synchronous":{}}}'],
    'lab.json': ['{"schema":1}', ...wrongLabs()],
  };
  for (const [name, texts] of Object.entries(bad))
    for (const text of texts) {
      put(name, text);
      for (const command of readers[name] ?? [['check'], ['list', '--json']]) {
        const said = await runProgram(['--lab', dir, ...command]);
        expect(said.err, text).not.toMatch(/error of the workshop| {4}at /);
        expect(said.out + said.err, text).toMatch(new RegExp(`${name} (cannot|could not) be read`));
      }
      putAll();
      for (const file of readdirSync(dir)) if (file.includes('.unreadable-')) rmSync(join(dir, file));
    }
});

const readers: Readonly<Record<string, readonly string[][]>> = {
  'lab.json': [['check'], ['doctor']],
  'starts.json': [['diff'], ['diff', '--json']],
};

const wrongLabs = (): readonly string[] => {
  const lab = files['lab.json'] as { readonly plan: object };
  return [
    { ...lab, plan: null },
    { ...lab, plan: { ...lab.plan, replication: null } },
    { ...lab, moving: 'x' },
    { ...lab, moving: { backup: 'backups/x', mark: 'x', running: ['nobody'] } },
    { ...lab, undo: { settings: [{ on: 'nobody', name: 'x', value: null }] } },
  ].map((wrong) => JSON.stringify(wrong));
};
