/**
 * tour: plays all lessons on a temporary lab. For each lesson it shows the verdicts at the start, one mistake with its
 * verdict, the solution, the verdicts at the end, and the new log lines with their notes.
 */
import logNotes from '../../../../assets/log-notes.yaml';
import lessons from '../../../../lessons/index.ts';
import { emptyJournal } from '../../../check/journal.ts';
import type { Verdict } from '../../../check/verdict.ts';
import type { Lab } from '../../../lab/lab.ts';
import { hideSecrets } from '../../../lab/secrets/secrets.ts';
import { actionWords } from '../../../lesson/action.ts';
import { hasImageFor } from '../../../lesson/authoring/prove.ts';
import { isFor } from '../../../lesson/format/fill.ts';
import { lessonsFor } from '../../../lesson/format/reader.ts';
import type { Lesson, Mistake } from '../../../lesson/lesson.ts';
import { type LessonPlayer, openLessonPlayer, solutionOf, solveTasks } from '../../../lesson/player.ts';
import { type TaskOfLesson, tasksOf, verdictOf } from '../../../lesson/task.ts';
import { type LogRecord, parseLog } from '../../../postgres/log/log.ts';
import { notesOf } from '../../../postgres/log/neighbours.ts';
import type { Note } from '../../../postgres/log/notes.ts';
import { maskedJson, maskText } from '../../../postgres/mask/mask.ts';
import { piece, wrap } from '../../../ui/layout/wrap.ts';
import { plainText } from '../../../ui/page/prose.ts';
import { verdictLines } from '../../../ui/tasks/verdict.ts';
import { flag, type Invocation, type Run } from '../../command.ts';
import { atMost, readerHere, wishOf } from '../../opening/access.ts';
import { chosenEngine, dockerWish, reach } from '../../opening/engines.ts';
import { needImage } from '../../opening/image.ts';
import { temporaryDockerLab, temporaryLab } from '../../opening/temporary-lab.ts';
import { openProgress } from '../../progress.ts';

type Explained = { readonly server: string; readonly record: LogRecord; readonly note: Note };
type Played = {
  readonly lesson: Lesson;
  readonly start: readonly Verdict[];
  readonly mistake: { readonly mistake: Mistake; readonly verdict: Verdict } | null;
  readonly end: readonly Verdict[];
  readonly log: readonly Explained[];
  readonly wrong: readonly string[];
  readonly ms: number;
};

const mostLogLines = 4; // of each lesson

export const tour: Run = async (invocation) => {
  atMost(invocation, 0, 'tour [--json]');
  const { io, options, signal } = invocation;
  const json = flag(options, 'json');
  const all: Played[] = [];
  const shownNotes = new Set<string>();
  await using lab = await openTemporaryLab(invocation);
  await using player = openLessonPlayer(lab, emptyJournal);
  if (!json)
    io.out(`A tour of all lessons, on real servers (${lab.about}), in a folder of its own that is removed at the end.`);
  using progress = openProgress(io, json);
  for (const lesson of lessonsFor(lessons, readerHere(lab.plan), lab.plan)) {
    if (signal.aborted) break;
    const at = lesson.number - 1;
    const steps = lessons.map(({ words }) => words.title);
    progress.onStep({ steps, at, now: '', share: at / lessons.length });
    const played = await play(player, lesson, shownNotes);
    progress.end();
    all.push(played);
    io.out(
      json ? hideSecrets(maskedJson(playedJson(played)), player.lab.plan) : playedText(played, player, invocation),
    );
    if (played.end.some(({ kind }) => kind !== 'pass')) break; // the next lesson needs the result of this one
  }
  const good = all.length === lessons.length && all.every(({ wrong }) => wrong.length === 0);
  io.out(json ? JSON.stringify({ schema: 1, ok: good, lessons: all.length }) : table(all));
  return good ? 0 : 1;
};

async function openTemporaryLab(invocation: Invocation): Promise<Lab> {
  const wish = wishOf(invocation);
  if (chosenEngine(invocation.options) !== 'docker') return temporaryLab(wish, invocation.program);
  const docker = await dockerWish(invocation, wish);
  const lab = await temporaryDockerLab({ ...wish, docker }, await reach(invocation), invocation.program);
  await needImage(invocation, lab);
  return lab;
}

async function play(player: LessonPlayer, lesson: Lesson, shownNotes: Set<string>): Promise<Played> {
  const begin = performance.now();
  const tasks = tasksOf(lesson);
  const start = await verdicts(player, tasks);
  const mistake = await playMistake(player, lesson, tasks);
  const before = await logLengths(player);
  const unsolved = await solveTasks(player, tasks);
  const end = await verdicts(player, tasks);
  const log = await explainNew(player, before, shownNotes);
  for (const { note } of log) shownNotes.add(note.id);
  const wrong = [
    ...(start.some(({ kind }) => kind === 'pass') ? ['something passes before anything was done'] : []),
    ...(mistake && !isCaught(mistake)
      ? [`the mistake "${mistake.mistake.id}" was not caught as ${mistake.mistake.caught.cause}`]
      : []),
    ...(unsolved ? [`the solution of "${unsolved.failed.words.title}" does not pass`] : []),
    ...(end.some(({ kind }) => kind !== 'pass') ? ['something does not pass at the end'] : []),
  ];
  return { lesson, start, mistake, end, log, wrong, ms: performance.now() - begin };
}

const isCaught = ({ mistake, verdict }: NonNullable<Played['mistake']>): boolean =>
  verdict.kind === 'fail' && verdict.cause === mistake.caught.cause;

async function verdicts(player: LessonPlayer, tasks: readonly TaskOfLesson[]): Promise<readonly Verdict[]> {
  const seen = await player.look();
  return tasks.map((task) => verdictOf(task, seen));
}

/**
 * Plays the first mistake of the lesson, from the state in which a learner makes it, and restores the state before.
 * Resolves with null where the lesson has no mistake for this lab.
 */
async function playMistake(
  player: LessonPlayer,
  lesson: Lesson,
  tasks: readonly TaskOfLesson[],
): Promise<Played['mistake']> {
  const reader = readerHere(player.lab.plan);
  const possible = lesson.mistakes.filter(({ actions, only }) => actions.length > 0 && isFor(only, reader));
  const images = await Promise.all(possible.map((one) => hasImageFor(player.lab, one)));
  const mistake = possible.find((_, at) => images[at]);
  const index = tasks.findIndex(({ task }) => task.id === mistake?.caught.task);
  const task = tasks[index];
  if (!mistake || !task) return null;
  const journal = player.journal();
  const snapshot = await player.lab.snapshot(`tour ${lesson.id}`);
  await solveTasks(player, tasks.slice(0, index));
  await player.act(lesson, mistake.actions);
  const verdict = await player.waitFor(task, (now) => now.kind === 'fail' && now.cause === mistake.caught.cause);
  await player.act(lesson, mistake.undo ?? []);
  await player.act(lesson, mistake.undo ?? []);
  await player.forget(journal);
  await player.lab.restore(snapshot);
  return { mistake, verdict };
}

const logLengths = async ({ lab }: LessonPlayer): Promise<ReadonlyMap<string, number>> => {
  const lengths = await Promise.all(
    lab.plan.servers.map(async ({ name }) => [name, (await lab.server(name).log()).length] as const),
  );
  return new Map(lengths);
};

/**
 * Returns log records with notes that the servers wrote during the solution. A note appears once in a tour, and trouble
 * comes before good and good before normal.
 */
async function explainNew(
  player: LessonPlayer,
  before: ReadonlyMap<string, number>,
  shownNotes: ReadonlySet<string>,
): Promise<readonly Explained[]> {
  const found: Explained[] = [];
  for (const { name } of player.lab.plan.servers) {
    const text = (await player.lab.server(name).log()).slice(before.get(name) ?? 0);
    const records = parseLog(text);
    const meanings = notesOf(records, logNotes);
    for (const [at, record] of records.entries()) {
      const note = meanings[at];
      if (note && !shownNotes.has(note.id) && !found.some((known) => known.note.id === note.id))
        found.push({ server: name, record, note });
    }
  }
  const weight = { trouble: 0, good: 1, normal: 2 };
  return found.sort((a, b) => weight[a.note.severity] - weight[b.note.severity]).slice(0, mostLogLines);
}

function playedText(
  { lesson, start, mistake, end, log, wrong }: Played,
  player: LessonPlayer,
  { io }: Invocation,
): string {
  const { plan } = player.lab;
  const width = Math.min(io.columns, 120);
  const tasks = tasksOf(lesson);
  const marks = (given: readonly Verdict[]) =>
    tasks.map(({ words }, at) => `    ${given[at]?.kind === 'pass' ? '✔' : '✖'} ${words.title}`);
  const words = (actions: readonly string[]) => actions.map((line) => `    $ ${maskText(line)}`);
  const title = `── ${lesson.number}. ${lesson.words.title} `;
  return [
    '',
    title + '─'.repeat(Math.max(4, width - title.length)),
    '  At the start:',
    ...marks(start),
    ...(mistake
      ? [
          `  A mistake: ${mistake.mistake.story}`,
          ...words(mistake.mistake.actions.map((action) => actionWords(action, plan))),
          ...linesOf(verdictLines(mistake.verdict, plan, width - 4, { typed: true })).map((line) => `    ${line}`),
        ]
      : []),
    '  The solution:',
    ...words(tasks.flatMap(solutionOf).map((action) => actionWords(action, plan))),
    '  At the end:',
    ...marks(end),
    ...log.flatMap(({ server, record, note }) => [
      `  ${server} wrote: ${record.level ?? ''}  ${maskText(record.message.split('\n')[0] ?? '')}`,
      ...linesOf(wrap([piece(note.means)], width - 6)).map((line, at) => `    ${at === 0 ? '╰ ' : '  '}${line}`),
    ]),
    ...wrong.map((line) => `  WRONG: ${line}`),
  ].join('\n');
}

const linesOf = (lines: Parameters<typeof plainText>[0]): readonly string[] => plainText(lines).split('\n');

const playedJson = ({ lesson, start, mistake, end, log, wrong, ms }: Played) => ({
  schema: 1,
  lesson: lesson.id,
  start: start.map(({ kind }) => kind),
  mistake: mistake && { id: mistake.mistake.id, wanted: mistake.mistake.caught.cause, verdict: mistake.verdict },
  end: end.map(({ kind }) => kind),
  log: log.map(({ server, record, note }) => ({
    server,
    message: record.message,
    note: note.id,
    severity: note.severity,
  })),
  wrong,
  ms: Math.round(ms),
});

function table(all: readonly Played[]): string {
  const rows = all.map(({ lesson, mistake, end, wrong, ms }) => {
    const passed = `${end.filter(({ kind }) => kind === 'pass').length}/${end.length}`;
    return ` ${wrong.length === 0 ? '✔' : '✖'} ${String(lesson.number).padStart(2)}  ${lesson.words.title.padEnd(36)} ${passed.padStart(5)}   ${(mistake?.mistake.caught.cause ?? '').padEnd(30)} ${(ms / 1000).toFixed(1).padStart(5)} s`;
  });
  const total = all.reduce((sum, { ms }) => sum + ms, 0);
  return [
    '',
    `      lesson                               tasks   the mistake was told as         time`,
    ...rows,
    `${' '.repeat(80)}${(total / 1000).toFixed(1).padStart(5)} s`,
  ].join('\n');
}
