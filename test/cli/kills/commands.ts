/** The commands that the campaigns start. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listBackups } from '../../../src/lab/backup/backup-folder.ts';
import { type Break, breaks } from './breaks.ts';

export type Command = {
  readonly args: readonly string[];
  readonly longestMs: number; // a kill after a time comes within this time
  /** It puts whole states in the place of others, so that the learner's files are as they were, or in a step. */
  readonly moves: boolean;
  readonly fillsCache: boolean;
  readonly breaks?: Break; // what is broken in the lab before it
};

const deed = (...args: readonly string[]): Command => ({ args, longestMs: 8000, moves: false, fillsCache: false });
const small = (...args: readonly string[]): Command => ({ args, longestMs: 1500, moves: false, fillsCache: false });
const move = (...args: readonly string[]): Command => ({ args, longestMs: 5000, moves: true, fillsCache: false });
const quick = (...args: readonly string[]): Command => ({ ...move(...args), longestMs: 700 });

const save = (name = ''): Command => move('snapshot', 'save', name);

/** Removes the lab at the end of its kills. */
export const removal = small('down', '--remove', '--yes');
export const isRemoval = ({ args }: Command): boolean => args.includes('--remove');

const gotos = ['2', '4', '5', '8', '9', '11'].map((to) => move('goto', to, '--yes'));
const resets = [move('reset', '--yes'), move('reset', '3', '--yes'), move('reset', '8', '--yes')];
const measures = [deed('measure', '--commits', '20'), deed('measure', '--commits', '20', '--distance', '5')];
const repairs = breaks.map((one): Command => ({ ...quick('repair', '--yes'), breaks: one }));
const fill: Command = { args: ['prepare'], longestMs: 12_000, moves: true, fillsCache: true };

/** Kinds of commands, each as likely as the others. A new command needs one line here. */
const always: readonly (readonly Command[])[] = [
  gotos,
  gotos,
  [move('goto', '--end', '--yes')],
  resets,
  [move('reset', '--all', '--yes')],
  [deed('solve', '--yes')],
  [fill],
  [small('up'), small('down')],
  [small('next'), small('answer', 'writes', 'b'), small('--plain')],
];

/** Lessons at which a lab may begin. */
export const starts = [3, 5, 8, 9, 12];

/** The commands that change something and are possible on this lab, by kind. */
export function commandsAt(dir: string): readonly (readonly Command[])[] {
  const progress = join(dir, 'progress.json'); // absent after an undo to a lab that was never opened
  const lesson = existsSync(progress) ? JSON.parse(readFileSync(progress, 'utf8')).lesson : '';
  return [
    ...always,
    ...statesAt(dir),
    ...(existsSync(join(dir, 'rep/master_data/PG_VERSION')) ? [repairs, repairs] : []),
    ...(/what-it-costs/.test(lesson) ? [measures, measures] : []),
  ];
}

/** Those that engines do in ways of their own. */
export const engineCommandsAt = (dir: string): readonly (readonly Command[])[] => [
  gotos.slice(0, 3),
  resets.slice(0, 2),
  [move('reset', '--all', '--yes')],
  [small('up'), small('down')],
  ...statesAt(dir),
];

/** Undo, redo and snapshots, where there is something for them. */
function statesAt(dir: string): readonly (readonly Command[])[] {
  const backups = listBackups(dir);
  const named = backups.filter(({ kind }) => kind === 'named').map(({ about }) => about);
  const free = ['one', 'two', 'three'].filter((name) => !named.includes(name));
  const has = (kind: string) => backups.some((one) => one.kind === kind);
  return [
    ...(has('undo') ? [[move('undo', '--yes')], [move('undo', '--yes')]] : []),
    ...(has('redo') ? [[move('redo', '--yes')], [move('redo', '--yes')]] : []),
    ...(free.length > 0 ? [[save(free[0])], [save(free[0])]] : []),
    ...(named.length > 0
      ? [
          named.map((name) => move('snapshot', 'restore', name, '--yes')),
          named.map((name) => quick('snapshot', 'drop', name, '--yes')),
        ]
      : []),
  ];
}
