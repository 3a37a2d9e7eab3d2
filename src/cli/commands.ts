/** The table of commands: usage, description, options and file. A command's file is loaded when the command runs. */
import type { CommandOptions, Run } from './command.ts';

export type Command = {
  readonly usage: string; // without the command's name
  readonly about: string;
  readonly options: CommandOptions;
  readonly raw?: true; // its arguments are not parsed: it hands them to a client program
  readonly hidden?: true;
  readonly load: () => Promise<Run>;
};

export const globalOptions = {
  lab: { type: 'string' },
  engine: { type: 'string' },
  pg: { type: 'string' },
  bindir: { type: 'string' },
  name: { type: 'string' },
  image: { type: 'string' },
  offline: { type: 'boolean' },
  color: { type: 'boolean' },
  plain: { type: 'boolean' },
  'screen-reader': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies CommandOptions as CommandOptions;

export const globalAbout: readonly (readonly [string, string])[] = [
  ['--lab DIR', 'the folder of the lab (~/repl-workshop)'],
  ['--engine auto|docker|native', 'what runs the servers of a new lab'],
  ['--pg MAJOR', 'PostgreSQL 13 to 18, for a new lab (18)'],
  ['--bindir DIR', 'the folder that holds postgres and initdb'],
  ['--name PREFIX', 'Docker: before the names of containers and network, for a new lab'],
  ['--image IMAGE', 'Docker: the image of a new lab (postgres:18)'],
  ['--offline', 'Docker: never pull an image'],
  ['--no-color', 'no colours; so does NO_COLOR'],
  ['--plain', 'plain text instead of the screen'],
  ['--screen-reader', 'the screen as text in reading order; so does INK_SCREEN_READER=true'],
  ['--help, --version', ''],
];

const flags = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { type: 'boolean' } as const]));
const json = { json: { type: 'boolean' } } as const;
const dryRun = { 'dry-run': { type: 'boolean' } } as const;
const yes = { yes: { type: 'boolean', short: 'y' } } as const;

export const commands: Readonly<Record<string, Command>> = {
  '': {
    usage: '',
    about: 'open the workshop where you left off',
    options: {},
    load: async () => (await import('./commands/lab/start.ts')).start,
  },
  check: {
    usage: '[lesson] [--all] [--steps] [--json] [--junit FILE] [--watch]',
    about: 'verdicts about what you really did',
    options: { ...json, ...flags('all', 'steps', 'watch'), junit: { type: 'string' } },
    load: async () => (await import('./commands/look/check.ts')).check,
  },
  next: {
    usage: '',
    about: 'the next lesson, when this one is done',
    options: {},
    load: async () => (await import('./commands/do/next.ts')).next,
  },
  answer: {
    usage: '<question> <choice>',
    about: 'answer a question of the lesson',
    options: {},
    load: async () => (await import('./commands/do/answer.ts')).answer,
  },
  hint: {
    usage: '[lesson] [--level N]',
    about: 'a hint for the current task, roughest first',
    options: { level: { type: 'string' } },
    load: async () => (await import('./commands/look/hint.ts')).hint,
  },
  list: {
    usage: '[--json]',
    about: 'the lessons, and what is done',
    options: json,
    load: async () => (await import('./commands/look/list.ts')).listCommand,
  },
  solve: {
    usage: '[lesson] [--dry-run] [--yes]',
    about: 'let the workshop do what is left of a lesson',
    options: { ...dryRun, ...yes },
    load: async () => (await import('./commands/do/solve.ts')).solveCommand,
  },
  goto: {
    usage: '<lesson>|--end [--dry-run] [--yes]',
    about: 'the state at the start of a lesson, or after the last one',
    options: { end: { type: 'boolean' }, ...dryRun, ...yes },
    load: async () => (await import('./commands/do/move.ts')).goto,
  },
  reset: {
    usage: '[lesson|--all] [--dry-run] [--yes]',
    about: 'the same, and forget your progress from there on',
    options: { all: { type: 'boolean' }, ...dryRun, ...yes },
    load: async () => (await import('./commands/do/move.ts')).reset,
  },
  undo: {
    usage: '[--dry-run] [--yes]',
    about: 'what was before the last solve, goto, reset or restore; as many steps as are kept',
    options: { ...dryRun, ...yes },
    load: async () => (await import('./commands/do/undo.ts')).undoCommand,
  },
  redo: {
    usage: '[--dry-run] [--yes]',
    about: 'what was there before the last undo',
    options: { ...dryRun, ...yes },
    load: async () => (await import('./commands/do/undo.ts')).redoCommand,
  },
  prepare: {
    usage: '',
    about: 'prepare the states of all lessons, so that goto and reset take a moment',
    options: { background: { type: 'boolean' } },
    load: async () => (await import('./commands/do/prepare.ts')).prepare,
  },
  snapshot: {
    usage: 'save|restore|drop <name> | list [--json] [--dry-run] [--yes]',
    about: 'keep the state of the lab under a name, and bring it back',
    options: { ...json, ...dryRun, ...yes },
    load: async () => (await import('./commands/do/snapshot.ts')).snapshot,
  },
  repair: {
    usage: '[--dry-run] [--yes]',
    about: 'fix what a killed program or the machine has broken; what a lesson is about stays as it is',
    options: { ...dryRun, ...yes },
    load: async () => (await import('./commands/do/repair.ts')).repair,
  },
  tour: {
    usage: '[--json]',
    about: 'watch every lesson play by itself on a lab of its own',
    options: json,
    load: async () => (await import('./commands/lab/tour.ts')).tour,
  },
  up: {
    usage: '',
    about: 'start the servers of the lab',
    options: {},
    load: async () => (await import('./commands/lab/servers.ts')).up,
  },
  down: {
    usage: '[--remove [--dry-run] [--yes]]',
    about: 'stop them; with --remove, also remove servers, data and backups of the lab',
    options: { remove: { type: 'boolean' }, ...dryRun, ...yes },
    load: async () => (await import('./commands/lab/servers.ts')).down,
  },
  status: {
    usage: '[--json] [--watch]',
    about: 'the servers, their roles and positions',
    options: { ...json, watch: { type: 'boolean' } },
    load: async () => (await import('./commands/lab/servers.ts')).status,
  },
  logs: {
    usage: '<server> [-f]',
    about: 'a server log, explained line by line',
    options: { follow: { type: 'boolean', short: 'f' } },
    load: async () => (await import('./commands/look/logs.ts')).logs,
  },
  explain: {
    usage: '[FILE] [--json] [--only trouble]',
    about: 'explain any PostgreSQL server log, from a file or stdin',
    options: { ...json, only: { type: 'string' } },
    load: async () => (await import('./commands/look/logs.ts')).explainCommand,
  },
  diff: {
    usage: '[since <lesson>|start|solution] [--json]',
    about: 'what has changed in files, roles, slots and settings since the start of the lesson',
    options: json,
    load: async () => (await import('./commands/look/diff.ts')).diff,
  },
  edit: {
    usage: '<server> <file>',
    about: 'open a file of a server in $EDITOR',
    options: {},
    load: async () => (await import('./commands/lab/programs.ts')).editCommand,
  },
  psql: {
    usage: '<server>',
    about: 'psql on a server',
    options: {},
    load: async () => (await import('./commands/lab/programs.ts')).psqlCommand,
  },
  adopt: {
    usage: '[--yes]',
    about: 'Docker: give the lab containers that you made as the tutorial makes them',
    options: yes,
    load: async () => (await import('./commands/lab/adopt.ts')).adoptCommand,
  },
  shell: {
    usage: '',
    about: "a shell in the lab, with the lab's commands",
    options: {},
    load: async () => (await import('./commands/lab/programs.ts')).shell,
  },
  secret: {
    usage: '[name]',
    about: 'a password of the lab, for you alone; without a name, which there are',
    options: {},
    load: async () => (await import('./commands/look/secret.ts')).secret,
  },
  measure: {
    usage: '[--distance MS] [--levels a,b] [--on SERVER] [--commits N] [--json]',
    about: 'what a commit costs on your servers',
    options: {
      ...json,
      distance: { type: 'string' },
      levels: { type: 'string' },
      on: { type: 'string' },
      commits: { type: 'string' },
    },
    load: async () => (await import('./commands/do/measure.ts')).measureCommand,
  },
  report: {
    usage: '[--html FILE] [--md FILE] [--json]',
    about: 'what you have learnt, to keep: report.md and report.html in the lab folder',
    options: { ...json, html: { type: 'string' }, md: { type: 'string' } },
    load: async () => (await import('./commands/look/report.ts')).report,
  },
  observe: {
    usage: '[--json]',
    about: 'everything the workshop sees, masked',
    options: json,
    load: async () => (await import('./commands/look/observe.ts')).observe,
  },
  bundle: {
    usage: 'save|load FILE [--json]',
    about: 'Docker: carry the image to a room without network',
    options: json,
    load: async () => (await import('./commands/lab/bundle.ts')).bundle,
  },
  doctor: {
    usage: '[--json] [--fix [--dry-run] [--yes]]',
    about: 'looks at this machine: what is there, what is missing; --fix closes the lab to other users and tidies up',
    options: { ...json, fix: { type: 'boolean' }, ...dryRun, ...yes },
    load: async () => (await import('./commands/look/doctor.ts')).doctor,
  },
  dev: {
    usage: 'check [lesson] | new <name>',
    about: 'for lesson authors, in the repository: prove lessons, begin a new one',
    options: {},
    load: async () => (await import('./commands/lab/dev.ts')).dev,
  },
  client: {
    usage: '<program> …',
    about: '',
    options: {},
    raw: true,
    hidden: true,
    load: async () => (await import('./commands/lab/client.ts')).client,
  },
};
