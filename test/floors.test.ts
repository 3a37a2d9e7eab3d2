/** The rules of src/README.md ("The floors"), checked by the imports of the source files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Paths from the repository's root → text. */
type Tree = Readonly<Record<string, string>>;
/** `of` is the address as written, `path` the file in the tree. */
type Import = { readonly file: string; readonly line: number; readonly of: string; readonly path: string };
/** Returns one sentence for each finding: file and line, what is wrong, remedy. */
type Rule = (tree: Tree) => readonly string[];

const floors = [
  'src/postgres/',
  'src/lab/',
  'src/terminal/',
  'src/clients/',
  'src/check/',
  'src/lesson/',
  'src/learner/',
  'src/session/',
  'src/ui/',
  'src/cli',
];
/** The number of a file's floor; 0 for a file outside src/. */
const floorOf = (path: string): number => floors.findIndex((floor) => path.startsWith(floor)) + 1;
const vocabulary = 'src/lesson/vocabulary.ts';

/**
 * The first row whose `name` matches a package says in which rooms the package may be imported, and why only there.
 * Rooms are beginnings of paths.
 */
const packages: readonly { readonly name: RegExp; readonly rooms: readonly string[]; readonly why: string }[] = [
  { name: /^(ink|react|chalk)$/, rooms: ['src/ui/'], why: 'a session and its commands work without a screen' },
  {
    name: /^(pg|pg-types|pg-protocol|dockerode|tar-stream)$/,
    rooms: ['src/lab/', 'src/clients/'],
    why: 'what servers and the Docker daemon send becomes our own values there',
  },
  {
    name: /^node:child_process$/,
    rooms: ['src/lab/', 'src/terminal/', 'src/clients/'],
    why: 'programs are started where their environment, user and end are looked after',
  },
  {
    name: /^(@lydell\/node-pty|@xterm\/.*)$/,
    rooms: ['src/terminal/'],
    why: 'node-pty may be missing: one room copes',
  },
  { name: /^(lowlight|highlight\.js.*|mdast.*|micromark.*)$/, rooms: ['src/lesson/'], why: 'lessons are parsed once' },
  {
    name: /^string-width$/,
    rooms: ['src/terminal/'],
    why: 'one function tells how wide a text is; it is fast for nearly all texts',
  },
  {
    name: /^diff$/,
    rooms: ['src/lab/state/difference.ts'],
    why: 'it finds hunks as diff -u does; who compares states loads it, nobody else',
  },
  { name: /^yaml$/, rooms: ['assets/compile.ts'], why: 'assets are compiled when the program is built' },
  {
    name: /^valibot$/,
    rooms: [
      'src/lab/',
      'src/check/journal.ts',
      'src/learner/progress.ts',
      'src/learner/settings.ts',
      'src/learner/store.ts',
    ],
    why: 'what comes from a disk is decoded where its type is declared',
  },
  {
    name: /^node:fs(\/promises)?$/,
    rooms: [
      'src/lab/',
      'src/terminal/',
      'src/clients/',
      'src/lesson/',
      'src/session/run/',
      'src/cli',
      'assets/compile.ts',
    ],
    why: 'pure rooms read no files; src/lesson reads those of an author, in one file',
  },
  { name: /^node:(crypto|path|util)$/, rooms: ['src/', 'assets/'], why: 'values in, values out' },
  {
    name: /^node:/,
    rooms: ['src/lab/', 'src/terminal/', 'src/clients/', 'src/session/run/', 'src/learner/operations/', 'src/cli'],
    why: 'the rest of Node.js is the outside world',
  },
];

/** Rooms whose functions return the same result for the same arguments: without the clock, timers and the process. */
const pureRooms = ['src/postgres/', 'src/check/', 'src/lesson/', 'src/learner/', 'src/session/', 'src/ui/'];
/** Files and folders of pure rooms that are not pure, each with the reason. */
const impure: Readonly<Record<string, string>> = {
  'src/lesson/player.ts': 'plays a lesson on a lab, and waits for verdicts',
  'src/lesson/apply.ts': 'does the actions of a lesson to a lab',
  'src/lesson/authoring/prove.ts': 'measures how long a proof takes',
  'src/learner/store.ts': "reads and writes the learner's files",
  'src/learner/operations/': 'changes a lab, and can take it back',
  'src/session/run/': 'performs the effects of a session',
};

/** Files that may be longer than the limit, each with the reason. */
const longer: Readonly<Record<string, string>> = {
  'src/cli/commands.ts': 'the table of commands, which is also their help',
  'src/clients/psql/slash.ts': 'the table of backslash commands, which is also their help',
  'src/lesson/format/markdown.ts': 'a parser',
  'src/ui/messages.ts': "the table of the interface's words",
};
const mostLines = (path: string): number => (path.endsWith('.tsx') ? 150 : 250);

const lower: Rule = (tree) =>
  insideHouse(tree)
    .filter(({ file, path }) => floorOf(path) > floorOf(file))
    .map((found) =>
      says(
        found,
        `floor ${floorOf(found.file)} imports floor ${floorOf(found.path)}`,
        'Move what is shared down, or hand it in as a parameter.',
      ),
    );

const insideHouse = (tree: Tree) => importsOf(tree).filter(({ file, path }) => floorOf(file) > 0 && floorOf(path) > 0);

const withoutCycles: Rule = (tree) => {
  const edges = new Map(Object.keys(tree).map((file) => [file, new Set<string>()]));
  // "import type" counts as an import too.
  for (const { file, path } of importsOf(tree)) if (edges.has(path)) edges.get(file)?.add(path);
  return cycles(edges).map(
    (cycle) =>
      `${cycle.join(' → ')}: these files import each other in a ring. Move what the first and the last share into a file of its own.`,
  );
};

const packagesAtHome: Rule = (tree) =>
  importsOf(tree).flatMap((found) => {
    if (found.path !== '' || found.of === '#lesson') return [];
    const row = packages.find(({ name }) => name.test(found.of));
    if (!row) return [says(found, 'no floor has this package', 'Say in test/floors.test.ts where it belongs.')];
    return isIn(row.rooms, found.file)
      ? []
      : [
          says(
            found,
            `this belongs to ${row.rooms.join(', ')} only (${row.why})`,
            'Ask the floor below for the value.',
          ),
        ];
  });

const isIn = (rooms: readonly string[], file: string): boolean => rooms.some((room) => file.startsWith(room));

/** `process.pid`, `.state` and `.reason` are allowed: they are fields of an observed server's process. */
const world =
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bprocess\.(?!pid\b|state\b|reason\b)\w+/g;

const pureRoomsArePure: Rule = (tree) =>
  Object.entries(tree)
    .filter(([file]) => isIn(pureRooms, file) && !isIn(Object.keys(impure), file))
    .flatMap(([file, text]) =>
      [...withoutComments(text).matchAll(world)].map(
        ({ 0: found, index }) =>
          `${file}:${lineAt(text, index)}: ${found} in a pure room. Take the time or the value as a parameter, or say in test/floors.test.ts why this is not pure.`,
      ),
    );

const oneReader: Rule = (tree) => {
  const readers = new Set(
    importsOf(tree)
      .filter(({ file, of }) => file.startsWith('src/lesson/') && /^node:fs/.test(of))
      .map(({ file }) => file),
  );
  return readers.size < 2
    ? []
    : [`${[...readers].join(' and ')}: both read files, and src/lesson has one reader. Let one of them do it.`];
};

/** Lessons import the authors' vocabulary only, and src/cli alone imports the lessons. */
const lessonsApart: Rule = (tree) =>
  importsOf(tree).flatMap((found) => {
    const { file, of, path } = found;
    const known = file === 'lessons/index.ts' ? /^(#lesson|\.\/[^/]+\/lesson\.(ts|md))$/ : /^(#lesson|\.\/lesson\.md)$/;
    if (file.startsWith('lessons/'))
      return known.test(of)
        ? []
        : [says(found, 'a lesson imports #lesson and its own lesson.md only', `Export it from ${vocabulary}.`)];
    if (of === '#lesson') return [says(found, "#lesson is the lessons' way in", 'Import the file itself.')];
    if (path.startsWith('lessons/') && floorOf(file) !== floors.length)
      return [says(found, 'src/cli alone imports lessons/', 'Take the lessons as a parameter.')];
    if (path.startsWith('assets/') && path.endsWith('.ts'))
      return [says(found, 'this is for the build and the tests', 'Import the asset itself.')];
    return [];
  });

const frontDoorOnly: Rule = (tree) =>
  Object.entries(tree).flatMap(([file, text]) => {
    if (file === 'src/cli.ts' || !file.startsWith('src/')) return [];
    return [
      ...withoutComments(text).matchAll(/\bprocess\.exit\(|\bconsole\.(log|error|warn|info|debug|table|trace)\b/g),
    ].map(
      ({ 0: found, index }) =>
        `${file}:${lineAt(text, index)}: ${found.replace('(', '')} is used in src/cli.ts only. Return a value, throw, or write to the Io that was handed in.`,
    );
  });

const processes = 'src/lab/machine/processes.ts';

/** A process may end between two reads of /proc, and one that throws hides all others. /proc/self has not ended. */
const oneReaderOfProcesses: Rule = (tree) =>
  Object.entries(tree).flatMap(([file, text]) =>
    file === processes
      ? []
      : [...withoutComments(text).matchAll(/['"`]\/proc(?:\/?['"`]|\/\$\{|\/\d)/g)].map(
          ({ index }) =>
            `${file}:${lineAt(text, index)}: processes in /proc are read in ${processes} only. Ask it, or add a reader there.`,
        ),
  );

const short: Rule = (tree) => [
  ...Object.entries(tree)
    .filter(([file, text]) => file.startsWith('src/') && linesOf(text) > mostLines(file) && !(file in longer))
    .map(
      ([file, text]) =>
        `${file}: ${linesOf(text)} lines; ${mostLines(file)} are the most. Split it by idea, or give the reason in test/floors.test.ts.`,
    ),
  ...Object.keys(longer)
    .filter((file) => linesOf(tree[file] ?? '') <= mostLines(file))
    .map((file) => `${file}: it is short or gone, and test/floors.test.ts excuses its length. Take the excuse out.`),
];

const oneIdeaPerFile: Rule = (tree) => [
  ...Object.keys(tree)
    .filter((file) => /(^|\/)(utils?|helpers?|common|types|interfaces)(\/|\.tsx?$)/.test(file))
    .map(
      (file) =>
        `${file}: the name says what kind of thing it is, not what it is about. Name the idea, or move each part to its user.`,
    ),
  ...Object.entries(tree)
    .filter(([file, text]) => file.endsWith('.tsx') && [...text.matchAll(/\buseState\b[<(]/g)].length > 2)
    .map(([file]) => `${file}: more than two useState. The session holds the state; a component draws it.`),
];

/** Globals of TypeScript; those of JavaScript and Node are in globalThis. */
const utilityTypes = new Set(
  'Awaited Capitalize ConstructorParameters Exclude Extract InstanceType NoInfer NonNullable Omit Parameters Partial Pick Readonly Record Required ReturnType ThisType Uncapitalize'.split(
    ' ',
  ),
);

const noShadows: Rule = (tree) =>
  exportsOf(tree)
    .filter(({ name }) => utilityTypes.has(name) || name in globalThis)
    .map(
      ({ file, line, name }) =>
        `${file}:${line}: "${name}" is a global of JavaScript or TypeScript as well. Say which one: give it a longer name.`,
    );

/** Exported names that may be in several files, each with the reason; at most six. */
const sameNames: Readonly<Record<string, string>> = {};

const oneMeaning: Rule = (tree) => {
  const places = new Map<string, string[]>();
  for (const { file, line, name } of exportsOf(tree))
    if (file.startsWith('src/')) places.set(name, [...(places.get(name) ?? []), `${file}:${line}`]);
  return [...places]
    .filter(([name, found]) => found.length > 1 && !(name in sameNames))
    .map(
      ([name, found]) => `"${name}" is exported by ${found.join(' and ')}: one word, one meaning. Rename one of them.`,
    );
};

const mostInAFolder = 12;

const smallFolders: Rule = (tree) => {
  const folders = new Map<string, number>();
  for (const file of Object.keys(tree))
    if (file.startsWith('src/')) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
  return [...folders]
    .filter(([, files]) => files > mostInAFolder)
    .map(
      ([folder, files]) => `${folder}: ${files} files; ${mostInAFolder} are the most. Give a subject of it a folder.`,
    );
};

const widest = 120;

/** Biome wraps code at 120 columns, and leaves comments alone. */
const commentsAreWrapped: Rule = (tree) =>
  Object.entries(tree).flatMap(([file, text]) => {
    const code = withoutComments(text).split('\n');
    return text.split('\n').flatMap((line, at) => {
      const hasComment = line.trimEnd() !== code[at]?.trimEnd() && !line.includes('biome-ignore');
      return hasComment && line.length > widest
        ? [`${file}:${at + 1}: a comment of ${line.length} columns; ${widest} are the most. Wrap it, or put it above.`]
        : [];
    });
  });

const rules: Readonly<Record<string, Rule>> = {
  'a file imports its own floor or a lower one': lower,
  'files do not import each other in a ring': withoutCycles,
  'packages stay in their rooms': packagesAtHome,
  'pure rooms ask for no time, timer or process': pureRoomsArePure,
  'src/lesson has one reader of files': oneReader,
  'lessons import their vocabulary only, and only src/cli imports lessons': lessonsApart,
  'process.exit and console are used in src/cli.ts only': frontDoorOnly,
  'one file reads /proc of processes': oneReaderOfProcesses,
  'files are short, or have a reason to be long': short,
  'comments are wrapped at 120 columns': commentsAreWrapped,
  'a file is named after its idea': oneIdeaPerFile,
  'no exported name shadows a global': noShadows,
  'an exported name means one thing': oneMeaning,
  'a folder has a dozen files at most, beside its subfolders': smallFolders,
};

test.for(Object.entries(rules))('%s', ([, rule]) => {
  expect(rule(house()).join('\n')).toBe('');
});

test.for(Object.keys(impure))('%s is not pure, and is excused for a reason that still holds', (place) => {
  expect(Object.entries(house()).some(([file, text]) => file.startsWith(place) && text.search(world) >= 0)).toBe(true);
});

const broken: Readonly<Record<string, readonly [tree: Tree, says: string]>> = {
  'a higher floor': [
    { 'src/check/a.ts': "import {\n  b,\n} from '../ui/b.ts';" },
    "src/check/a.ts:1: '../ui/b.ts': floor 5 imports floor 9",
  ],
  'a higher floor, for a type': [
    { 'src/lab/a.ts': "\nimport type { B } from '../check/b.ts';" },
    "src/lab/a.ts:2: '../check/b.ts': floor 2 imports floor 5",
  ],
  'a higher floor, handed on': [{ 'src/ui/a.ts': "export * from '../cli.ts';" }, 'floor 9 imports floor 10'],
  'a higher floor, later': [{ 'src/ui/a.ts': "const b = () => import('../cli/b.ts');" }, 'floor 9 imports floor 10'],
  'a ring, over a type': [
    {
      'src/ui/a.ts': "import './b.ts';",
      'src/ui/b.ts': "import { type C } from './c.ts';",
      'src/ui/c.ts': "import type { A } from './a.ts';",
    },
    'src/ui/a.ts → src/ui/b.ts → src/ui/c.ts → src/ui/a.ts: these files',
  ],
  'a package on a wrong floor': [
    { 'src/session/a.ts': "import { Client } from 'pg';" },
    "'pg': this belongs to src/lab/, src/clients/ only",
  ],
  'files on a pure floor': [
    { 'src/check/a.ts': "import { readFileSync } from 'node:fs';" },
    "'node:fs': this belongs to",
  ],
  'a list of processes': [{ 'src/lab/a.ts': "readdirSync('/proc')" }, 'src/lab/a.ts:1: processes in /proc'],
  'a look at a process': [
    { 'src/lab/a.ts': `\nreadFileSync(\`/proc/\${pid}/stat\`);` },
    'src/lab/a.ts:2: processes in /proc are read',
  ],
  'time on a pure floor': [
    { 'src/check/a.ts': "import { setTimeout } from 'node:timers/promises';" },
    'this belongs to',
  ],
  'a timer in a pure room': [
    { 'src/check/a.ts': 'const a = 1;\nsetTimeout(() => a, 1);' },
    'src/check/a.ts:2: setTimeout in a pure room',
  ],
  'a clock in a pure room': [{ 'src/ui/a.ts': 'const at = new Date();' }, 'src/ui/a.ts:1: new Date() in a pure room'],
  'a process in a pure room': [{ 'src/learner/a.ts': 'process.env.X' }, 'process.env in a pure room'],
  'a package that is on no floor': [{ 'src/ui/a.ts': "import x from 'left-pad';" }, 'no floor has this package'],
  'a package of the tests': [
    { 'src/ui/a.ts': "import { render } from 'ink-testing-library';" },
    'no floor has this package',
  ],
  'a second reader of files': [
    { 'src/lesson/a.ts': "import 'node:fs';", 'src/lesson/b.ts': "import 'node:fs/promises';" },
    'src/lesson/a.ts and src/lesson/b.ts: both read',
  ],
  'a lesson that imports more than the vocabulary': [
    { 'lessons/01-a/lesson.ts': "import { x } from '../../src/check/x.ts';" },
    'a lesson imports #lesson',
  ],
  'a lesson that imports another': [
    { 'lessons/01-a/lesson.ts': "import b from '../02-b/lesson.ts';" },
    'a lesson imports #lesson',
  ],
  'the vocabulary imported in src': [
    { 'src/cli/a.ts': "import { x } from '#lesson';" },
    "#lesson is the lessons' way in",
  ],
  'lessons imported below src/cli': [
    { 'src/session/a.ts': "import lessons from '../../lessons/index.ts';" },
    'src/cli alone imports lessons/',
  ],
  'rules of the build imported in src': [
    { 'src/cli/a.ts': "import { assetKinds } from '../../assets/compile.ts';" },
    'this is for the build',
  ],
  'a call of process.exit': [
    { 'src/cli/a.ts': '// process.exit(1) is not said here\nprocess.exit(1);' },
    'src/cli/a.ts:2: process.exit is used in src/cli.ts only',
  ],
  'a use of console': [{ 'src/lab/a.ts': "console.log('hello');" }, 'src/lab/a.ts:1: console.log is used'],
  'a long file': [{ 'src/ui/a.tsx': '\n'.repeat(151) }, 'src/ui/a.tsx: 151 lines; 150 are the most'],
  'a wide comment': [
    { 'src/ui/a.ts': `const a = 1; // ${'why '.repeat(30)}` },
    'src/ui/a.ts:1: a comment of 136 columns; 120 are the most',
  ],
  'an excuse that is no longer needed': [
    { 'src/lesson/format/markdown.ts': '\n' },
    'src/lesson/format/markdown.ts: it is short or gone',
  ],
  'an exported name of the language': [
    { 'src/ui/a.ts': 'export type Pick = number;' },
    '"Pick" is a global of JavaScript or TypeScript as well',
  ],
  'an exported name with two meanings': [
    { 'src/ui/a.ts': 'export type Sight = number;', 'src/session/b.ts': 'export const Sight = 1;' },
    '"Sight" is exported by src/ui/a.ts:1 and src/session/b.ts:1',
  ],
  'a folder with too many files': [
    Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`src/ui/a${at}.ts`, ''])),
    'src/ui: 13 files; 12 are the most',
  ],
  'a file name without an idea': [{ 'src/ui/utils.ts': '' }, 'src/ui/utils.ts: the name says'],
  'state of a component': [{ 'src/ui/a.tsx': 'useState(1); useState<A>(2); useState(3);' }, 'more than two useState'],
};

test.for(Object.entries(broken))('the rules report %s', ([, [tree, sentence]]) => {
  expect(
    Object.values(rules)
      .flatMap((rule) => rule(tree))
      .join('\n'),
  ).toContain(sentence);
});

test('the rules report nothing in a sound tree', () => {
  const tree: Tree = {
    'src/cli/a.ts':
      "/** Not import('../x.ts'). */\nimport lessons from '../../lessons/index.ts';\nimport notes from '../../assets/notes.yaml';\nimport './b.ts';",
    'src/cli/b.ts':
      "import { readFileSync } from 'node:fs';\nimport console from '../lab/console.ts';\nconst text = `import x from '../nowhere.ts';`;\nreadlinkSync('/proc/self/ns/net');",
    'lessons/index.ts': "import one from './01-one/lesson.ts';\nimport { build } from '#lesson';",
    'lessons/01-one/lesson.ts': "import { defineLesson } from '#lesson';",
  };
  const findings = Object.entries(rules).flatMap(([, rule]) => (rule === short ? [] : rule(tree)));
  expect(findings).toEqual([]);
});

/** Tools rewrite imports when a file moves, but not a name that stands in a text. */
test('the source files that tests name in a text are there', () => {
  const sources = ['src', 'test', 'assets', 'lessons', '.'].flatMap((folder) =>
    readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' }).map((file) => basename(file)),
  );
  const known: ReadonlySet<string> = new Set(sources);
  const named = Object.entries(filesIn(['test'])).flatMap(([file, text]) =>
    file === 'test/floors.test.ts'
      ? [] // its texts are made-up files
      : [...text.matchAll(/['"`](?:[\w.-]+\/)*([\w.-]{5,}\.tsx?)['"`]/g)].map(
          ({ 1: name = '' }) => [file, name] as const,
        ),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(([, name]) => !known.has(name))).toEqual([]);
  const addresses = Object.entries(filesIn(['test'])).flatMap(([file, text]) =>
    [...text.matchAll(/new URL\('([^'?]*)', import\.meta\.url\)/g)].map(({ 1: path = '' }) =>
      join(dirname(file), path),
    ),
  );
  expect(addresses.length).toBeGreaterThan(5);
  // .cache is made by the tests
  expect(addresses.filter((path) => !path.includes('.cache') && !existsSync(path))).toEqual([]);
});

test('the files and folders that src/README.md names are there', () => {
  const text = readFileSync('src/README.md', 'utf8').split('## Deliberately absent')[0] ?? '';
  const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*|[\w-]+\.tsx?)`/g)].map(({ 1: path = '' }) => path);
  expect(named.length).toBeGreaterThan(80);
  expect(named.filter((path) => !existsSync(join('src', path)))).toEqual([]);
});

test('comments of tests are wrapped at 120 columns', () => {
  expect(commentsAreWrapped(filesIn(['test'])).join('\n')).toBe('');
});

const house = (): Tree => filesIn(['src', 'lessons', 'assets']);

function filesIn(folders: readonly string[]): Tree {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
      .map((file) => join(folder, file)),
  );
  expect(files.length).toBeGreaterThan(20); // without source files the rules would prove nothing
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(file, 'utf8')]));
}

/** Static imports begin a line (Biome formats them so); `import('…')` may be anywhere except in a comment. */
function importsOf(tree: Tree): readonly Import[] {
  const pattern = /^(?:import|export)\b[^'"`;=(]*\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  return Object.entries(tree).flatMap(([file, text]) =>
    [...withoutComments(text).matchAll(pattern)].map(({ 1: a, 2: b, 3: c, index }) => {
      const of = a ?? b ?? c ?? '';
      const path = of === '#lesson' ? vocabulary : of.startsWith('.') ? join(dirname(file), of) : '';
      return { file, line: lineAt(text, index), of, path };
    }),
  );
}

/** The names that files declare and export: `export const a`, `export async function b`, `export type C`. */
const exportsOf = (tree: Tree) =>
  Object.entries(tree).flatMap(([file, text]) =>
    [
      ...withoutComments(text).matchAll(
        /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm,
      ),
    ].map(({ 1: name = '', index }) => ({ file, line: lineAt(text, index), name })),
  );

/** Blanks out comments. A "//" or "/*" after a letter or a quote is no comment, but a part of an address or a glob. */
const withoutComments = (text: string): string =>
  text.replace(
    /(^|[\s;{}(,])(\/\*[\s\S]*?\*\/|\/\/.*$)/gm,
    (_, before: string, comment: string) => before + comment.replace(/[^\n]/g, ' '),
  );

/**
 * The rings of a graph. Files without imports are removed, the rest is walked until a file repeats; each ring is cut.
 */
function cycles(edges: ReadonlyMap<string, Set<string>>): readonly (readonly string[])[] {
  const found: string[][] = [];
  const left = new Map([...edges].map(([file, to]) => [file, new Set(to)]));
  for (;;) {
    let peeled = true;
    while (peeled) {
      peeled = false;
      for (const [file, to] of left) {
        for (const each of to) if (!left.has(each)) to.delete(each);
        if (to.size === 0) peeled = left.delete(file);
      }
    }
    const way: string[] = [];
    let at = [...left.keys()][0];
    if (at === undefined) return found;
    while (at !== undefined && !way.includes(at)) {
      way.push(at);
      at = [...(left.get(at) ?? [])][0];
    }
    const ring = way.slice(way.indexOf(at ?? ''));
    left.get(ring.at(-1) ?? '')?.delete(ring[0] ?? '');
    found.push([...ring, ring[0] ?? '']);
  }
}

const says = ({ file, line, of }: Import, what: string, remedy: string): string =>
  `${file}:${line}: '${of}': ${what}. ${remedy}`;
const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;
const linesOf = (text: string): number => text.split('\n').length - 1;
