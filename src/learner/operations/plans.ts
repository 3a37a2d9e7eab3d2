/** What operations will do, in lines that are shown before the learner is asked. */
import { join } from 'node:path';
import {
  type Backup,
  listSteps,
  mostBytesOfSteps,
  nextBackup,
  oldBackups,
  type UndoStep,
} from '../../lab/backup/backup-folder.ts';
import { bytesOfState, freeBytes } from '../../lab/backup/room.ts';
import { bytesIn, sizeWords } from '../../lab/files/disk-usage.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Observation, ServerView } from '../../lab/observation.ts';
import { planSeen } from '../../lab/plan/plan-seen.ts';
import type { Astray } from '../../lab/repair/repair.ts';
import { actionWords } from '../../lesson/action.ts';
import { solutionOf } from '../../lesson/player.ts';
import type { TaskOfLesson } from '../../lesson/task.ts';
import { minuteOf } from '../minute.ts';
import type { OpenedLab } from '../opened-lab.ts';
import { lessonsBefore, type Move } from './operations.ts';
import { opposite } from './replace-state.ts';

/** `now`: what is there, for the names in commands; without it they are those of the plan. */
export const solvePlan = (
  { lab }: OpenedLab,
  tasks: readonly TaskOfLesson[],
  now: Observation | null = null,
): readonly string[] => [
  `keep a copy of what is there now for "repl-workshop undo": ${sizeWords(bytesOfState(lab.dir))}, and ${sizeWords(freeBytes(lab.dir))} are free`,
  'go on from where you are: where a task fails by a mistake, do what its verdict says ("repl-workshop check"); else:',
  ...tasks.flatMap((one) => [
    `${one.words.title}:`,
    ...solutionOf(one).map((action) => `  ${actionWords(action, planSeen(lab.plan, now))}`),
  ]),
];

/** What is seen of the servers before an operation; the screen, which draws its plan in an instant, has none. */
export type SeenBefore = { readonly now?: Observation; readonly astray?: readonly Astray[] };

export async function seenBefore(lab: Lab): Promise<SeenBefore> {
  const faults = await lab.repairer?.faults();
  return { now: await lab.observe(), astray: faults?.astray ?? [] };
}

export function movePlan({ lab, lessons }: OpenedLab, { how, lesson }: Move, seen: SeenBefore = {}): readonly string[] {
  const before = lessonsBefore(lessons, lesson);
  const name = lesson === 'end' ? '--end' : (lesson?.number ?? 'all');
  const present = bytesOfServers(lab);
  return [
    ...asideLines(lab, seen, `${how} ${name}`, 'undo', present),
    before.length > 0
      ? `put the state ${lesson === 'end' ? 'after the last lesson' : `at the start of lesson ${before.length + 1}`} in their place: what the solutions of lessons 1 to ${before.length} lead to`
      : 'begin with an empty lab',
    ...changedSteps(lab.dir, present),
    how === 'goto'
      ? 'remember what you have done in other lessons; earlier tasks that you have not done count as done with help'
      : `forget the progress ${lesson ? `from lesson ${before.length + 1} on` : 'of all lessons'}`,
  ];
}

export const stepPlan = (lab: Lab, { about, at, kind }: UndoStep, seen: SeenBefore = {}): readonly string[] => [
  ...asideLines(lab, seen, `${opposite[kind]} ${about}`, opposite[kind], bytesOfServers(lab)),
  `put back what was ${kind === 'undo' ? 'before' : 'after'} "${about}" (${minuteOf(at)}): data directories, logs, progress, answers`,
];

export function restorePlan(lab: Lab, { about, at, bytes }: Backup, seen: SeenBefore): readonly string[] {
  const present = bytesOfServers(lab);
  return [
    ...asideLines(lab, seen, `snapshot restore ${about}`, 'undo', present),
    ...changedSteps(lab.dir, present),
    `copy the snapshot "${about}" of ${minuteOf(at)} (${sizeWords(bytes)}; ${sizeWords(freeBytes(lab.dir))} are free) into its place: data directories, logs, progress, answers; the snapshot stays`,
  ];
}

/** undefined: the size of Docker's volumes is not known, or this user may not look into a folder. */
const bytesOfServers = ({ dir, plan }: Lab): number | undefined =>
  plan.docker?.storage === 'volume' ? undefined : bytesIn(join(dir, 'rep'));

/** What happens to servers and files when the present state is put aside. */
function asideLines(
  { plan, dir }: Lab,
  { now, astray = [] }: SeenBefore,
  about: string,
  back: UndoStep['kind'],
  present: number | undefined,
): readonly string[] {
  const backup = nextBackup(dir, about);
  const servers = now
    ? Object.values(now.servers).map(serverNow).join(', ')
    : plan.servers.map(({ name, container }) => container ?? name).join(' and ');
  return [
    plan.engine === 'docker'
      ? `stop the containers of this lab (${servers}), and give them other names`
      : `stop the servers (${servers})`,
    ...astray.map(
      ({ pid, place }) =>
        `end process ${pid}, a server of this lab ${place === null ? 'whose data directory was moved or removed' : `in ${place}`}; "repl-workshop ${back}" does not start it again`,
    ),
    ...(plan.docker ? [`${now?.network?.there === false ? 'make' : 'leave'} the network ${plan.docker.network}`] : []),
    `move rep/ (${sizeWords(present)}), logs/, progress.json, journal.json and starts.json to ${backup}: this needs no room (${sizeWords(freeBytes(dir))} are free), and "repl-workshop ${back}" brings them back`,
  ];
}

function serverNow({ name, process, container }: ServerView): string {
  const about = [container?.name ?? name, processWords[process.state]].join(' ');
  return process.pid === undefined || container ? about : `${about} as process ${process.pid}`;
}

const processWords = {
  absent: 'is not there',
  created: 'never ran',
  starting: 'starts',
  up: 'runs',
  hung: 'hangs',
  paused: 'is paused',
  restarting: 'restarts',
  stopped: 'does not run',
  failed: 'has failed',
} as const satisfies Record<ServerView['process']['state'], string>;

/** What becomes of the steps of undo and redo when the present state is put aside. */
function changedSteps(dir: string, present = 0): readonly string[] {
  const redo = listSteps(dir, 'redo').length;
  const old = oldBackups(dir, present).filter(({ kind }) => kind !== 'redo');
  return [
    ...(redo > 0
      ? [
          `let "repl-workshop undo", not redo, bring back ${redo === 1 ? 'the step' : `the ${redo} steps`} that you have undone`,
        ]
      : []),
    ...old.map(
      ({ about, bytes }) =>
        `remove the step of undo before "${about}" (${sizeWords(bytes)}): all steps together take at most ${sizeWords(mostBytesOfSteps)}`,
    ),
  ];
}
