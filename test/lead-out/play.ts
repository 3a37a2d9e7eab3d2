/** One state: the mistakes are made, each verdict is compared with the truth, and the advice is followed. */
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../../src/check/journal.ts';
import type { Verdict } from '../../src/check/verdict.ts';
import type { TaskState } from '../../src/learner/judge.ts';
import type { Lesson } from '../../src/lesson/lesson.ts';
import type { Followed } from '../../src/lesson/mend/follow-steps.ts';
import { openLessonPlayer, solutionOf, solveTasks } from '../../src/lesson/player.ts';
import { tasksOf } from '../../src/lesson/task.ts';
import { notThere } from './cause.ts';
import type { Mutation } from './families/kind.ts';
import { answerOf, firstOpen, follow, openScreen, settled } from './learner.ts';
import type { Probe } from './probe.ts';
import type { Place } from './sessions.ts';
import { truthOf } from './truth.ts';
import type { World } from './world.ts';

export type State = {
  readonly lesson: number;
  readonly task: string | null; // the task that is open, those before it are solved; null: earlier lessons alone count
  readonly solved: boolean; // it is solved, too, before the mistakes are made
  readonly mutations: readonly (Mutation & { readonly family: string })[];
};

export type Fault = 'false pass' | 'false fail' | 'made worse' | 'unchanged' | 'hung' | 'stuck' | 'wrong cause';
type Round = { readonly answer: string; readonly seen: string; readonly steps: readonly Followed[] };
export type Outcome = {
  readonly faults: readonly { readonly kind: Fault; readonly what: string }[];
  readonly ledOut: boolean;
  readonly rounds: readonly Round[];
};

/** The start of a lesson: a copy of the lab's state, and what the learner has answered until then. */
export type Start = { readonly lesson: Lesson; readonly snapshot: string; readonly journal: Journal };

const mostRounds = 4;

export async function play(
  world: World,
  place: Place,
  probe: Probe,
  lessons: readonly Lesson[],
  start: Start,
  state: State,
): Promise<Outcome> {
  await world.clear();
  await world.lab.restore(start.snapshot);
  await using player = openLessonPlayer(world.lab, start.journal);
  const tasks = tasksOf(start.lesson);
  const until = Math.max(
    0,
    tasks.findIndex(({ task }) => task.id === state.task),
  );
  const unsolved = await solveTasks(player, tasks.slice(0, until));
  if (unsolved) throw new Error(`${unsolved.failed.task.id} is not solved: ${JSON.stringify(unsolved.verdict)}`);
  const target = tasks[until];
  if (target && state.solved) {
    await player.act(start.lesson, solutionOf(target));
    await player.waitFor(target, ({ kind }) => kind === 'pass');
  }
  const screen = openScreen(world, lessons, start.lesson, player.journal());
  if (until > 0) screen.saw(await world.lab.observe());
  for (const mutation of state.mutations) await mutation.apply(world);

  const look = () => settled(() => world.lab.observe(), screen, start.lesson.id, state.task);

  const toTheStart = () => world.lab.restore(start.snapshot); // a reset ends no program that is not the lab's
  const faults: { kind: Fault; what: string }[] = [];
  const compare = async (states: readonly TaskState[], when: string): Promise<ReadonlySet<string>> => {
    const hold = new Set<string>();
    const shown = new Set(states.map(({ key }) => key));
    const all = [...screen.earlier().filter(({ key }) => !shown.has(key)), ...states];
    // What is asked for one task may change the answer for another: the servers themselves come first.
    const judged = [
      ...all.filter(({ task }) => /runs/.test(task.id)),
      ...all.filter(({ task }) => !/runs/.test(task.id)),
    ];
    const logs = logSizes(place);
    for (const one of judged) {
      if (one.task.kind === 'event' && one.done && one.verdict.kind === 'pass') continue; // of an earlier moment
      if (one.verdict.kind !== 'pass' && one.verdict.kind !== 'fail') continue;
      const wrong = one.verdict.kind === 'fail' ? await notThere(place, one.verdict) : undefined;
      if (wrong)
        faults.push({ kind: 'wrong cause', what: `${when} ${one.key}: ${verdictWords(one.verdict)} | ${wrong}` });
      if (one.verdict.kind === 'fail' && (await isUnasked(one.verdict, place, probe))) continue;
      const truth = await truthOf(one.key, place, probe);
      if (truth.holds) hold.add(one.key);
      if (truth.holds === undefined || truth.holds === (one.verdict.kind === 'pass')) continue;
      if (one.verdict.kind === 'fail' && isAboutLoading(one.verdict.cause)) continue;
      faults.push({
        kind: one.verdict.kind === 'pass' ? 'false pass' : 'false fail',
        what: `${when} ${one.key}: ${verdictWords(one.verdict)} | ${truth.why}`,
      });
    }
    cutLogs(logs);
    return hold;
  };

  let states = await look();
  const held = await compare(states, 'at first');
  const rounds: Round[] = [];
  while (rounds.length < mostRounds) {
    const open = firstOpen(states);
    if (!open) break;
    const answer = answerOf(open);
    const isAgain = screen.isSecondTime(open) && rounds.some((round) => round.answer === answer);
    const steps = await follow(player, open.verdict as Verdict, isAgain, toTheStart);
    rounds.push({ answer, seen: verdictWords(open.verdict as Verdict), steps });
    for (const { words, hung } of steps) if (hung && !isMeantToWait(open)) faults.push({ kind: 'hung', what: words });
    states = await look();
    const next = firstOpen(states);
    if (next && answerOf(next) === answer && !screen.isSecondTime(next))
      faults.push({ kind: 'unchanged', what: answer });
  }
  const ledOut = firstOpen(states) === undefined;
  if (ledOut && rounds.length > 0) await compare(states, 'after the advice');
  if (!ledOut) {
    faults.push({ kind: 'stuck', what: rounds.at(-1)?.answer ?? '' });
    // A reset leads back to the start of the lesson, where not all holds yet.
    const wasReset = rounds.some(({ steps }) => steps.some(({ words }) => words === 'repl-workshop reset'));
    for (const key of wasReset ? [] : held) {
      const now = await truthOf(key, place, probe);
      if (now.holds === false) faults.push({ kind: 'made worse', what: `${key} held before the advice: ${now.why}` });
    }
  }
  return { faults, ledOut, rounds };
}

/** A task is not judged because a server gives no answer, and it gives none. */
async function isUnasked({ cause, at }: Extract<Verdict, { kind: 'fail' }>, place: Place, probe: Probe) {
  if (!/^(no-answer|master-down|slave-not-streaming)$/.test(cause)) return false;
  const key = at?.server === 'slave' ? 'start-and-read-the-logs/runs-as-standby' : 'two-servers/master-runs';
  return (await truthOf(key, place, probe)).holds !== true;
}

/** Lesson 11 asks for a commit that waits. */
const isMeantToWait = ({ verdict }: TaskState): boolean =>
  verdict.kind === 'fail' && /^(no-commit-waits|not-cancelled|terminated-instead)$/.test(verdict.cause);

/** What is in effect holds, and what is written is another thing. */
const isAboutLoading = (cause: string): boolean =>
  /not-loaded|reload-refused|refused-at-reload|no-line-yet|command-line|conf-error/.test(cause);

const verdictWords = (verdict: { kind: string }): string => {
  const one = verdict as Verdict;
  if (one.kind === 'unknown') return `unknown: ${one.problem.what}`;
  return one.kind === 'pass' ? `pass: ${one.seen}` : `${one.cause}: ${one.seen}`;
};

/** Clients of the truth leave lines in the logs, which are cut off again: servers append. */
function logSizes(place: Place): ReadonlyMap<string, number> {
  const folders = Object.values(place.servers).map(({ data }) => join(data, 'log'));
  const files = [join(place.servers.master.data, '..', '..', 'logs'), ...folders].flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return []; // no such folder
    }
  });
  return new Map(files.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path).length]));
}

function cutLogs(sizes: ReadonlyMap<string, number>): void {
  for (const [path, size] of sizes) if (statSync(path, { throwIfNoEntry: false })?.isFile()) truncateSync(path, size);
}
